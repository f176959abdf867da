"""Which films train, validate and test, where a table does not say so: by patient, from a seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from core.datasets.collections.base import DIVIDED
from core.datasets.collections.splits import SHARES, VAL_SHARE, drawn_by_patient, shares_words
from core.errors import StudyError, printable
from core.findings import SPLITS
from core.geometry import FloatArray

OPTION: Final = "--split-by-patient SEED"
SHARES_OPTION: Final = "--shares TRAIN:VAL:TEST"
_MOST_CLASSES: Final = 20


@dataclass(frozen=True)
class Division:
    """How films without a split are divided by patient.

    seed : that it is drawn from.
    shares : of the patients, by split, adding up to 1.
    """

    seed: int
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)


def shares_in(text: str) -> dict[str, float]:
    """Read shares of train, val and test: three numbers with colons between, of any sum.

    >>> shares_in("0:1:1")
    {'train': 0.0, 'val': 0.5, 'test': 0.5}

    Raises StudyError for anything else.
    """
    try:
        numbers = [float(part) for part in text.split(":")]
    except ValueError:
        numbers = []
    if len(numbers) != len(SPLITS) or not all(0 <= number < math.inf for number in numbers) or not sum(numbers):
        message = f"--shares {printable(text, 40)!r} is not three numbers with colons between."
        raise StudyError(message, remedy="Write what train, val and test get, as in 0:1:1 or 70:10:20.")
    return {split: number / sum(numbers) for split, number in zip(SPLITS, numbers, strict=True)}


def settled_splits(images: pd.DataFrame, division: Division | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give the image table a split for every film, and sentences on what was not known.

    images : patient_id, and split where it is known: train, val, test, `DIVIDED`, or missing.
    division : of the films without a split, by patient; where only val is missing, it is taken from train. None leaves
        them test and train.
    Raises StudyError where films are to be divided and every film has its split, val too, or a patient has films with
    and without one, and for shares where val is taken from train.
    """
    given = images["split"].astype("string") if "split" in images else pd.Series(pd.NA, images.index, dtype="string")
    split = given.replace(DIVIDED, "train") if (given == "val").any() else given
    if division is None:
        settled = split.fillna("test").replace(DIVIDED, "train")
        return images.assign(split=settled.astype(object)), _unsettled_notes(split, settled)
    is_open, fractions = _to_divide(split, division.shares)
    patients = images["patient_id"].astype(str)
    both = sorted(set(patients[is_open]) & set(patients[~is_open]))
    if both:
        message = f"The patient {both[0]!r} has films with a split and films without one."
        raise StudyError(message, remedy=f"Give all films of a patient one split, or leave out {OPTION}.")
    drawn = drawn_by_patient(patients[is_open], fractions, division.seed)
    settled = split.mask(is_open, drawn.reindex(split.index).astype("string"))
    is_usual = fractions == SHARES
    shares = (
        f"Nobody named splits: {shares_words()}; {SHARES_OPTION} gives other shares, 0:1:1 where nothing is trained."
    )
    return images.assign(split=settled.astype(object)), ((shares,) if is_usual else ())


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


def _to_divide(split: pd.Series, shares: Mapping[str, float]) -> tuple[pd.Series, Mapping[str, float]]:
    """Which films are divided, and into what."""
    if split.isna().any():
        return split.isna(), shares
    if (split == "val").any():
        message = "The table says which films validate already."
        raise StudyError(message, remedy=f"Leave out {OPTION}, or take the column split out of the table.")
    of_train = split == (DIVIDED if (split == DIVIDED).any() else "train")
    if not of_train.any():
        return pd.Series(True, split.index), shares
    if shares != SHARES:
        message = "The table says which films train, and only val is taken from them, an eighth of the patients."
        raise StudyError(message, remedy=f"Leave out {SHARES_OPTION}, or take the column split out of the table.")
    return of_train, {"train": 1 - VAL_SHARE, "val": VAL_SHARE}


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
