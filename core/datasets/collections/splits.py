"""Train, val and test of a collection: its makers' where they name them, else by patient, drawn from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from core.datasets.collections.base import DIVIDED
from core.files import digest
from core.findings import SPLITS

SEED: Final = 0
SHARES: Final[Mapping[str, float]] = {"train": 0.7, "val": 0.1, "test": 0.2}
"""Of the patients, where the makers name no split: those of ChestX-ray14's paper (Wang et al., CVPR 2017)."""

VAL_SHARE: Final = 0.125
"""Of the patients that the makers give to train on without saying who validates; the same 7 to 1."""


@dataclass(frozen=True, eq=False)
class Split:
    """split : (n_films,) of train, val, test; null where the makers put a film into none.

    rule : how it came about, in words.
    seed : that it was drawn from; None where all of it is the makers'.
    """

    split: pd.Series
    rule: str
    seed: int | None


def shares_words() -> str:
    """Say the shares of the patients, where nobody names splits.

    >>> shares_words()
    'train 70%, val 10%, test 20%'
    """
    return ", ".join(f"{name} {share:.0%}" for name, share in SHARES.items())


def split_films(images: pd.DataFrame, whose: str, seed: int, *, official: bool = True) -> Split:
    """Split films, each patient whole.

    images : with patient_id and split (`CollectionTable.images`).
    whose : the makers' splits in words; "" where there are none.
    official : whether theirs are taken where there are some.
    """
    named = images["split"].astype("object")
    if not official or not named.notna().any():
        drawn = drawn_by_patient(images["patient_id"], SHARES, seed)
        return Split(drawn.astype("string"), f"by patient: {shares_words()}", seed)
    divided = (named == DIVIDED).to_numpy()
    if not divided.any():
        return Split(named.astype("string"), whose, None)
    shares = {"train": 1 - VAL_SHARE, "val": VAL_SHARE}
    drawn = drawn_by_patient(images["patient_id"].loc[divided], shares, seed)
    split = named.where(~divided, drawn.reindex(named.index))
    return Split(split.astype("string"), f"{whose}; {VAL_SHARE:.1%} of the patients to train on validate", seed)


def drawn_by_patient(patients: pd.Series, shares: Mapping[str, float], seed: int) -> pd.Series:
    """Draw a split for every patient, (n_films,), in shares of the patients that are exact to one patient.

    Patients are ranked by a hash of seed and name, so neither the order of the table nor of its films matters.
    """
    names = sorted({str(name) for name in patients}, key=lambda name: digest(f"{seed}:{name}"))
    ends = np.round(np.cumsum([shares[name] for name in SPLITS if name in shares]) * len(names)).astype(int)
    kinds = [name for name in SPLITS if name in shares]
    places = np.searchsorted(ends, np.arange(len(names)), side="right").clip(max=len(kinds) - 1)
    of_patient = {name: kinds[place] for name, place in zip(names, places, strict=True)}
    return patients.map(str).map(of_patient)


def in_several(patients: Sequence[str] | pd.Series, splits: pd.Series) -> list[str]:
    """List the patients that stand in more than one split."""
    pairs = pd.DataFrame({"patient": list(patients), "split": list(splits)}).dropna().drop_duplicates()
    return sorted(pairs["patient"][pairs["patient"].duplicated()].unique().tolist())
