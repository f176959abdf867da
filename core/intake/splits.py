"""Which films train, validate and test, where a table does not say so: by patient, from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from core.datasets.collections.base import DIVIDED
from core.datasets.collections.splits import SHARES, VAL_SHARE, drawn_by_patient
from core.errors import StudyError
from core.findings import SPLITS
from core.geometry import FloatArray

OPTION: Final = "--split-by-patient SEED"
_MOST_CLASSES: Final = 20


def settled_splits(images: pd.DataFrame, seed: int | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give the image table a split for every film, and sentences on what was not known.

    images : patient_id, and split where it is known: train, val, test, `DIVIDED`, or missing.
    seed : divides the films without a split by patient, and takes val from train where there is none; None leaves
        them test and train.
    Raises StudyError where a seed is given and every film has its split, val too, or a patient has films with and
    without one.
    """
    given = images["split"].astype("string") if "split" in images else pd.Series(pd.NA, images.index, dtype="string")
    split = given.replace(DIVIDED, "train") if (given == "val").any() else given
    if seed is None:
        settled = split.fillna("test").replace(DIVIDED, "train")
        return images.assign(split=settled.astype(object)), _unsettled_notes(split, settled)
    is_open, fractions = _to_divide(split)
    patients = images["patient_id"].astype(str)
    both = sorted(set(patients[is_open]) & set(patients[~is_open]))
    if both:
        message = f"The patient {both[0]!r} has films with a split and films without one."
        raise StudyError(message, remedy=f"Give all films of a patient one split, or leave out {OPTION}.")
    drawn = drawn_by_patient(patients[is_open], fractions, seed)
    settled = split.mask(is_open, drawn.reindex(split.index).astype("string"))
    return images.assign(split=settled.astype(object)), ()


def division_note(images: pd.DataFrame, classes: Sequence[str], labels: FloatArray, seed: int) -> str:
    """Say what each split and class got of a division; labels (n, C) of {0, 1, NaN}."""
    rows = {split: (images["split"] == split).to_numpy() for split in SPLITS}
    films = ", ".join(
        f"{split} {int(chosen.sum()):,} films of {images['patient_id'][chosen].nunique():,} patients"
        for split, chosen in rows.items()
    )
    counts = [
        f"{name} {' / '.join(str(int((labels[chosen, column] == 1).sum())) for chosen in rows.values())}"
        for column, name in enumerate(classes)
    ]
    more = f", and {len(counts) - _MOST_CLASSES} more classes" if len(counts) > _MOST_CLASSES else ""
    shown = ", ".join(counts[:_MOST_CLASSES]) + more
    return f"Divided by patient with seed {seed}: {films}. Positive films in {' / '.join(SPLITS)}: {shown}."


def _to_divide(split: pd.Series) -> tuple[pd.Series, Mapping[str, float]]:
    """Which films are divided, and into what."""
    of_train = {"train": 1 - VAL_SHARE, "val": VAL_SHARE}
    if split.isna().any():
        return split.isna(), SHARES
    if (split == DIVIDED).any():
        return split == DIVIDED, of_train
    if (split == "val").any():
        message = "The table says which films validate already."
        raise StudyError(message, remedy=f"Leave out {OPTION}, or take the column split out of the table.")
    if (split == "train").any():
        return split == "train", of_train
    return pd.Series(True, split.index), SHARES


def _unsettled_notes(split: pd.Series, settled: pd.Series) -> tuple[str, ...]:
    """What stands in for splits that nobody named, and how to get them."""
    if split.isna().all():
        lost = "all films count as test, so none are left to fit thresholds on"
        return (f"The labels name no splits: {lost}; {OPTION} divides them by patient.",)
    n_open = int(split.isna().sum())
    named = (f"{n_open:,} films have no split and count as test.",) if n_open else ()
    if (settled == "val").any():
        return named
    how = "takes some of train" if (settled == "train").any() else "divides them by patient"
    return (*named, f"No film is in val, so none are left to fit thresholds on; {OPTION} {how}.")
