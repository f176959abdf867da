"""What a study gives to the label budget: films at length 1, labels, and the direction of each class's prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.patients import number_patients
from core.settings import registry
from core.settings.zero_shot import margin_directions, unit_rows
from core.study import layout
from core.words import count_words

if TYPE_CHECKING:
    from core.study import Study

MOST_DIMENSIONS: Final = 128
"""That are kept: what is wider would not follow a hand."""
MOST_FILMS: Final = 10_000
"""Of a split: the browser holds them all, and adapts and judges anew at every step of a hand."""
SPLITS: Final = ("train", "val", "test")
_WORDS: Final = {"train": "train", "val": "validation", "test": "test"}


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
    embeddings, rows = study.image_embeddings(encoder), {split: budget_rows(study, split) for split in SPLITS}
    units = {split: unit_rows(embeddings[own], "image embedding").astype(np.float64) for split, own in rows.items()}
    texts = _texts(study, encoder, embeddings.shape[1])
    basis = _basis(units["train"], texts)
    turned = units if basis is None else {split: own @ basis for split, own in units.items()}
    kept = 1.0 if basis is None else float((turned["train"] ** 2).sum() / (units["train"] ** 2).sum())
    ids = study.image_ids
    return BudgetFilms(
        study.classes,
        {split: own.astype(np.float32) for split, own in turned.items()},
        {split: np.asarray(study.labels[own], np.float64) for split, own in rows.items()},
        (texts if basis is None else texts @ basis).astype(np.float32),
        study.patient_ids(rows["train"]),
        [ids[row] for row in rows["train"]],
        kept,
    )


def budget_rows(study: Study, split: str) -> IntArray:
    """List the films of a split that are learnt from or judged by, ascending: all, or MOST_FILMS of whole patients that
    a fixed seed draws.
    """
    rows = study.rows(split)
    if len(rows) <= MOST_FILMS:
        return rows
    patients = number_patients(study.patient_numbers(rows), len(rows))
    place = np.random.default_rng(0).permutation(patients.n)[patients.of_film]
    order = np.argsort(place, kind="stable")
    ends = np.flatnonzero(place[order[:MOST_FILMS]] != place[order[1 : MOST_FILMS + 1]])
    return np.sort(rows[order[: ends[-1] + 1 if ends.size else MOST_FILMS]])


def part_words(study: Study) -> str:
    """Say of how many films of each split the label budget is; "" where of all."""
    numbers = [(_WORDS[split], len(budget_rows(study, split)), len(study.rows(split))) for split in SPLITS]
    parts = [f"{count_words(own)} of {count_words(every)} {words}" for words, own, every in numbers if own < every]
    return f"Of random patients' films only: {', '.join(parts)}." if parts else ""


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
