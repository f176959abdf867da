"""What labels say that cannot be, and one spelling for what they say in several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from core.findings import NO_FINDING
from core.geometry import FloatArray
from core.study.table_checks import counted

_NO_DISEASE: Final = ("support devices",)
"""Classes that may stand beside No Finding: CheXpert's rule, in which a tube is no disease."""

_SEXES: Final = {"f": "F", "female": "F", "m": "M", "male": "M", "o": "O", "other": "O"}
"""DICOM's three letters, and the words for them."""


def both_said(classes: Sequence[str], labels: FloatArray, image_ids: Sequence[str] = ()) -> tuple[str, ...]:
    """Say how many films are labelled No Finding and a finding, both, and which; nothing where none is.

    labels : (n, C) of {0, 1, NaN}, columns as `classes`. image_ids : of its rows; without them none is named. Support
    Devices are no finding here.
    """
    plain = [" ".join(name.casefold().replace("_", " ").split()) for name in classes]
    if (name := NO_FINDING.casefold()) not in plain:
        return ()
    others = [index for index, other in enumerate(plain) if other != name and other not in _NO_DISEASE]
    both = (labels[:, plain.index(name)] == 1) & (labels[:, others] == 1).any(axis=1)
    rows = [int(row) for row in np.flatnonzero(both)]
    if not rows:
        return ()
    if len(image_ids):
        films = counted([str(image_ids[row]) for row in rows], "film", "films")
    else:
        films = f"{len(rows):,} of {len(labels):,} films are"
    return (f"{films} labelled No Finding and a finding, both; both labels are kept.",)


def one_spelling(sexes: pd.Series) -> pd.Series:
    """Write F, M and O for these letters and their words in any case; anything else stays as it is."""

    spelt = {
        value: _SEXES[value.strip().casefold()]
        for value in sexes.dropna().unique()
        if isinstance(value, str) and value.strip().casefold() in _SEXES
    }
    return sexes.replace(spelt)
