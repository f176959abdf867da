"""What a study gives to the label budget: films at length 1, labels, and the direction of each class's prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import FloatArray
from core.settings import registry
from core.settings.zero_shot import margin_directions, unit_rows
from core.study import layout

if TYPE_CHECKING:
    from core.study import Study

MOST_DIMENSIONS: Final = 128
"""That are kept: what is wider would not follow a hand."""
SPLITS: Final = ("train", "val", "test")


@dataclass(frozen=True, eq=False)
class BudgetFilms:
    """The films of a study in one space.

    films, labels : by split, (n, d) float32 of length 1 (less what was cut off) and (n, C) of {0, 1, NaN}.
    texts : (C, d), the zero-shot direction of each class; 0 where the study holds no prompts.
    patients : of the train films. image_ids : of the train films.
    kept : share of the train films' length that d dimensions keep, 0..1; 1 where nothing was cut off.
    """

    classes: Sequence[str]
    films: Mapping[str, FloatArray]
    labels: Mapping[str, FloatArray]
    texts: FloatArray
    patients: Sequence[str]
    image_ids: Sequence[str]
    kept: float

    @property
    def has_texts(self) -> bool:
        """Tell whether prompts say where to begin."""
        return bool(self.texts.any())


def why_not(study: Study) -> str | None:
    """Say in a sentence why a study has no label budget; None where it has one."""
    if not encoders(study):
        return "This study holds no image embeddings of a frozen encoder, so nothing can be adapted here."
    for split, words in (("train", "to learn from"), ("test", "to judge by")):
        rows = study.rows(split)
        if not len(rows):
            return f"This study holds no {split} films {words}."
        if not np.isfinite(study.labels[rows]).any():
            return f"No {split} film of this study is labelled."
    return None


def encoders(study: Study) -> tuple[str, ...]:
    """List the encoders with embeddings that no setting trained with the study's labels, those with prompts first."""
    here = [
        name
        for name in study.encoders
        if study.has(layout.image_embeddings_part(name))
        and not ((known := registry.known_encoder(name)) is not None and known.is_trained)
    ]
    return tuple(sorted(here, key=lambda name: not study.has(layout.text_embeddings_part(name))))


def budget_films(study: Study, encoder: str) -> BudgetFilms:
    """Give the films of a study in an encoder's space, in MOST_DIMENSIONS at most.

    Wider embeddings are turned onto the directions of the prompts and the strongest of the train films. Raises
    StudyError where an embedding has length 0.
    """
    units = unit_rows(study.image_embeddings(encoder), "image embedding").astype(np.float64)
    train, texts = units[study.rows("train")], _texts(study, encoder, units.shape[1])
    basis = _basis(train, texts)
    turned = units if basis is None else units @ basis
    rows = {split: study.rows(split) for split in SPLITS}
    kept = 1.0 if basis is None else float((turned[rows["train"]] ** 2).sum() / (train**2).sum())
    ids = study.image_ids
    return BudgetFilms(
        study.classes,
        {split: turned[own].astype(np.float32) for split, own in rows.items()},
        {split: np.asarray(study.labels[own], np.float64) for split, own in rows.items()},
        (texts if basis is None else texts @ basis).astype(np.float32),
        study.patient_ids(rows["train"]),
        [ids[row] for row in rows["train"]],
        kept,
    )


def _texts(study: Study, encoder: str, width: int) -> FloatArray:
    """Zero-shot directions (C, d); zeros where the encoder has no prompts for a class, or none at all."""
    prompts, classes = study.manifest.prompts, study.classes
    both = {role: {prompt.finding for prompt in prompts if prompt.role == role} for role in ("present", "absent")}
    if not study.has(layout.text_embeddings_part(encoder)) or not set(classes) <= both["present"] & both["absent"]:
        return np.zeros((len(classes), width))
    return np.asarray(margin_directions(study.text_embeddings(encoder), prompts, classes), np.float64)


def _basis(train: FloatArray, texts: FloatArray) -> FloatArray | None:
    """Orthonormal directions (d, MOST_DIMENSIONS); None where the space is narrow enough as it is."""
    if train.shape[1] <= MOST_DIMENSIONS:
        return None
    _, strongest = np.linalg.eigh(train.T @ train)
    own = texts[np.linalg.norm(texts, axis=1) > 0]
    spanned, _ = np.linalg.qr(np.append(own.T, strongest[:, ::-1][:, : MOST_DIMENSIONS - len(own)], axis=1))
    return np.asarray(spanned)
