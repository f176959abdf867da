"""Zero-shot: how much more a film resembles prompts that say a finding is there than prompts that deny it.

Nothing is trained. Loads no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import SaliencyError, StudyError
from core.findings import NO_FINDING
from core.models.arrays import Float32Array, FloatArray
from core.settings.base import FROZEN, Setting, SettingOptions, Style
from core.settings.steps import BuildStep, StepResult
from core.study import layout
from core.study.manifest import Prompt, Role

if TYPE_CHECKING:
    import torch

    from core.saliency.tower.targets import Target
    from core.study.read import Study

_NAME: Final = "zero_shot"

PRESENT: Final[tuple[str, ...]] = ("{}", "chest x-ray with {}", "findings consistent with {}")
ABSENT: Final[tuple[str, ...]] = ("no {}", "chest x-ray without {}", "no evidence of {}")
"""Templates; {} is the finding's phrase. The pair "{}" / "no {}" is CheXzero's (Tiu et al. 2022)."""

PHRASES: Final = MappingProxyType(
    {
        "Enlarged Cardiomediastinum": "enlarged cardiomediastinum",
        "Cardiomegaly": "cardiomegaly",
        "Lung Opacity": "lung opacity",
        "Lung Lesion": "lung lesion",
        "Edema": "pulmonary edema",
        "Consolidation": "consolidation",
        "Pneumonia": "pneumonia",
        "Atelectasis": "atelectasis",
        "Pneumothorax": "pneumothorax",
        "Pleural Effusion": "pleural effusion",
        "Pleural Other": "pleural thickening",
        "Fracture": "rib fracture",
        "Support Devices": "support devices",
    }
)
"""How a report calls each finding; a class that is not here is called by its own name in lower case."""

NORMAL: Final[tuple[str, ...]] = ("normal chest x-ray", "no acute cardiopulmonary abnormality", "the lungs are clear")
ABNORMAL: Final[tuple[str, ...]] = (
    "abnormal chest x-ray",
    "acute cardiopulmonary abnormality",
    "the lungs are not clear",
)


def prompts_for(classes: Sequence[str]) -> tuple[Prompt, ...]:
    """List the prompts of a study, in the order of its text embeddings: all bare names, then each class's pairs."""
    names = tuple(Prompt(name, "name", name) for name in classes)
    pairs: list[Prompt] = []
    for name in classes:
        phrase = PHRASES.get(name, name.lower())
        present = NORMAL if name == NO_FINDING else tuple(template.format(phrase) for template in PRESENT)
        absent = ABNORMAL if name == NO_FINDING else tuple(template.format(phrase) for template in ABSENT)
        pairs += [Prompt(name, "present", text) for text in present]
        pairs += [Prompt(name, "absent", text) for text in absent]
    return names + tuple(pairs)


def margin_directions(text_embeddings: FloatArray, prompts: Sequence[Prompt], classes: Sequence[str]) -> Float32Array:
    """Compute (C, d): a unit image embedding's dot product with row c is the margin of class c.

    Each side of a class is an ensemble: the mean of its unit prompt vectors, brought back to length 1.
    Raises StudyError where a class lacks a present or an absent prompt.
    """
    present = prompt_ensembles(text_embeddings, prompts, classes, "present")
    return present - prompt_ensembles(text_embeddings, prompts, classes, "absent")


def zero_shot_margins(
    image_embeddings: FloatArray, text_embeddings: FloatArray, prompts: Sequence[Prompt], classes: Sequence[str]
) -> Float32Array:
    """Compute (n, C) margins in -2..2: cosine to a class's present prompts minus cosine to its absent prompts.

    image_embeddings : (n, d); their length does not matter.
    text_embeddings : (len(prompts), d).
    Raises StudyError where a class lacks a prompt or an embedding has length 0.
    """
    directions = margin_directions(text_embeddings, prompts, classes)
    return (unit_rows(image_embeddings, "image embedding") @ directions.T).astype(np.float32)


def name_directions(text_embeddings: FloatArray, prompts: Sequence[Prompt], classes: Sequence[str]) -> Float32Array:
    """Compute (C, d): the un-normalised text embedding of each class's bare name. StudyError where a class has none."""
    return np.stack([text_embeddings[_rows(prompts, name, "name")[0]] for name in classes]).astype(np.float32)


def name_logits(
    image_embeddings: FloatArray, text_embeddings: FloatArray, prompts: Sequence[Prompt], classes: Sequence[str]
) -> FloatArray:
    """Compute (n, C) un-normalised dot products of films and bare class names:
    the zero-shot logits of arXiv 2506.14136.

    StudyError where a class has no prompt that is its name.
    """
    logits: FloatArray = np.asarray(image_embeddings) @ name_directions(text_embeddings, prompts, classes).T
    return logits


def unit_rows(vectors: FloatArray, what: str) -> Float32Array:
    """Divide the rows, each by its length. StudyError where a row has length 0 or is not finite."""
    rows = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    bad = np.flatnonzero(~(np.isfinite(lengths[:, 0]) & (lengths[:, 0] > 0)))
    if len(bad):
        raise StudyError(
            f"Row {bad[0]} of {len(rows):,} {what}s has length {lengths[bad[0], 0]}; it has no direction.",
            remedy="Encode the films and prompts again.",
        )
    units: Float32Array = (rows / lengths).astype(np.float32)
    return units


def prompt_ensembles(
    text_embeddings: FloatArray, prompts: Sequence[Prompt], classes: Sequence[str], role: Role
) -> Float32Array:
    """Compute (C, d): the mean of the unit vectors of a class's prompts of a role, brought back to length 1.

    Raises StudyError where a class lacks one.
    """
    units = unit_rows(text_embeddings, "text embedding")
    means = np.stack([units[_rows(prompts, name, role)].mean(axis=0) for name in classes])
    return unit_rows(means, "prompt ensemble")


def _rows(prompts: Sequence[Prompt], finding: str, role: Role) -> list[int]:
    rows = [row for row, prompt in enumerate(prompts) if prompt.finding == finding and prompt.role == role]
    if not rows:
        raise StudyError(
            f"There is no prompt of the role {role!r} for {finding}.",
            remedy="Build the study again; it needs a name, a present and an absent prompt for every class.",
        )
    return rows


def _build(step: BuildStep, options: SettingOptions) -> StepResult:
    return StepResult(zero_shot_margins(step.embeddings, step.texts, step.prompts, step.classes))


def _target(study: Study, device: torch.device) -> Target:
    from core.saliency.tower.targets import text_target

    prompts, classes, entry = study.manifest.prompts, study.classes, study.manifest.settings[_NAME]
    encoder = entry.encoder or FROZEN.name
    if not prompts or not study.has(layout.text_embeddings_part(encoder)):
        raise SaliencyError(
            f"The study {study.name} does not hold the prompts and text embeddings of its zero-shot scores.",
            remedy="Build the study with `python -m core build`, which keeps them, to see saliency maps.",
        )
    embeddings = np.asarray(study.text_embeddings(encoder))
    if entry.score_kind == "margin":
        return text_target(margin_directions(embeddings, prompts, classes), "margin", device)
    names = name_directions(embeddings, prompts, classes)
    if entry.score_kind == "similarity":
        return text_target(unit_rows(names, "text embedding"), "similarity", device)
    return text_target(names, "logit", device)


def _paper_scores(
    image_embeddings: FloatArray, text_embeddings: FloatArray, prompts: Sequence[Prompt], classes: Sequence[str]
) -> FloatArray | None:
    """The paper's prompts are the bare class names."""
    if not set(classes) <= {prompt.finding for prompt in prompts if prompt.role == "name"}:
        return None
    return name_logits(image_embeddings, text_embeddings, prompts, classes)


SETTING: Final = Setting(
    name=_NAME,
    title="Zero-shot",
    style=Style("#d0761b", "dot", "circle"),
    description="Cosine to the prompts that say a finding is there, minus cosine to those that say it is not.",
    score_kind="margin",
    options=SettingOptions(),
    build=_build,
    is_usual=True,
    needs_text=True,
    learns=False,
    target=_target,
    paper_scores=_paper_scores,
)
