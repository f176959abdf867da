"""From the cells of published tables to what was said: codes of `core.labels.readings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import DatasetError
from core.labels.readings import NEGATIVE, NOT_LOOKED_AT, NOT_MENTIONED, POSITIVE, UNCERTAIN, Int8Array, Readings

REPORTS: Final = "reports"
RADIOLOGISTS: Final = "radiologists"
PUBLISHED: Final = "published"
"""Names of sources: labels mined from reports, labels of readers, and the only ones that there are."""

CHEXPERT_CODES: Final = {"1": POSITIVE, "0": NEGATIVE, "-1": UNCERTAIN, "": NOT_MENTIONED}
"""Irvin et al., AAAI 2019: positive, negative, uncertain, and blank for what a report does not mention."""

READ_CODES: Final = {"1": POSITIVE, "0": NEGATIVE, "": NOT_LOOKED_AT}
"""Of readers, who say yes or no."""


@dataclass(frozen=True, eq=False)
class Said:
    """What one source says.

    rows : (n,) of the films.
    codes : (n, C).
    readers : their names, one for each row, or one for all.
    """

    source: str
    rows: npt.NDArray[np.int64]
    codes: Int8Array
    readers: Sequence[str] | str = ""


def readings_of(classes: Sequence[str], said: Sequence[Said]) -> Readings:
    """Join what several sources say, in their order."""
    sources = np.concatenate([np.full(len(part.rows), part.source) for part in said])
    readers = [
        np.full(len(part.rows), part.readers) if isinstance(part.readers, str) else np.asarray(part.readers, dtype=str)
        for part in said
    ]
    rows = np.concatenate([part.rows for part in said]).astype(np.int64)
    codes = np.concatenate([part.codes for part in said])
    return Readings(tuple(classes), rows, sources, np.concatenate(readers), codes)


def codes_in(path: Path, frame: pd.DataFrame, classes: Sequence[str], codes: Mapping[str, int]) -> Int8Array:
    """Read the codes in columns of text, (n, C); whole numbers may have ".0". A column that is not there is blank.

    Raises DatasetError for a cell that is none of `codes`.
    """
    found: Int8Array = np.full((len(frame), len(classes)), NOT_LOOKED_AT, dtype=np.int8)
    for column, name in enumerate(classes):
        if name in frame:
            found[:, column] = _column(path, frame[name], codes)
    return found


def codes_of_numbers(frame: pd.DataFrame, classes: Sequence[str], path: Path) -> Int8Array:
    """Read CheXpert's codes in columns of numbers, NaN for what is not mentioned; DatasetError for other numbers."""
    numbers = frame[list(classes)].to_numpy(dtype=np.float64)
    wrong = ~(np.isnan(numbers) | np.isin(numbers, (1, 0, -1)))
    if wrong.any():
        row, column = map(int, np.argwhere(wrong)[0])
        raise _no_code(path, classes[column], row, f"{numbers[row, column]:g}")
    return np.where(np.isnan(numbers), NOT_MENTIONED, np.nan_to_num(numbers)).astype(np.int8)


def codes_of_lists(lists: Sequence[Sequence[str]], classes: Sequence[str], absent: int = NEGATIVE) -> Int8Array:
    """Make codes from lists of findings, one a film, (n, C): positive where a finding is in it; others passed over."""
    columns = {name: column for column, name in enumerate(classes)}
    codes: Int8Array = np.full((len(lists), len(classes)), absent, dtype=np.int8)
    for row, names in enumerate(lists):
        for name in names:
            if name in columns:
                codes[row, columns[name]] = POSITIVE
    return codes


def _column(path: Path, cells: pd.Series, codes: Mapping[str, int]) -> Int8Array:
    places, values = pd.factorize(cells)
    known = [codes.get(str(value).strip().removesuffix(".0")) for value in values]
    if None in known:
        row = int(np.argmax(places == known.index(None)))
        raise _no_code(path, str(cells.name), row, str(cells.iloc[row]))
    return np.array(known, dtype=np.int8)[places]


def _no_code(path: Path, name: str, row: int, value: str) -> DatasetError:
    return DatasetError(
        f"{path}: {name} of row {row + 1:,} is {value!r}, which is no label of this table.",
        remedy="Use the table as its makers publish it.",
    )
