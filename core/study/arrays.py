"""The .npy files of a study: memory-mapped reading and the checks on what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from core.errors import StudyError
from core.geometry import FloatArray
from core.study.folder import AGAIN

UNIT_TOLERANCE = 1e-3
"""How far from 1 the length of a row may be that is declared normalised (half precision leaves about 5e-4)."""

SCORE_RANGES = {"probability": (0.0, 1.0), "similarity": (-1.0, 1.0), "margin": (-2.0, 2.0)}
"""Smallest and largest value of the bounded score kinds."""

RANGE_TOLERANCE = 1e-5


def open_array(path: Path) -> FloatArray:
    """A .npy file, memory-mapped and read-only; StudyError where it is not one, pickled or cut short."""
    try:
        array: FloatArray = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise StudyError(f"{path}: is not a whole .npy array ({error}).", remedy=AGAIN) from error
    return array


def shape_problems(path: Path, array: FloatArray, shape: tuple[int, ...], meaning: str) -> Iterator[StudyError]:
    """Another dtype than float32, or another shape than `shape`, which is `meaning`."""
    if array.dtype != np.float32:
        yield StudyError(f"{path}: holds {array.dtype}; the format asks for float32.", remedy=AGAIN)
    if array.shape != shape:
        found, expected = _by(array.shape), _by(shape)
        yield StudyError(f"{path}: is {found}; {expected} were expected ({meaning}).", remedy=AGAIN)


def finite_problems(
    path: Path, array: FloatArray, row_names: Sequence[str], column_names: Sequence[str] | None, remedy: str = AGAIN
) -> Iterator[StudyError]:
    """The first NaN or infinite value, with how many there are."""
    fine = np.isfinite(array)
    if not fine.all():
        row, column = (int(index) for index in np.argwhere(~fine)[0])
        place = f"column {column}" if column_names is None else column_names[column]
        n_wrong = int(fine.size - np.count_nonzero(fine))
        yield StudyError(
            f"{path}: {place} of {row_names[row]} is {array[row, column]}; every value must be finite ({n_wrong} not).",
            remedy=remedy,
        )


def range_problems(
    path: Path, array: FloatArray, kind: str, row_names: Sequence[str], column_names: Sequence[str], remedy: str = AGAIN
) -> Iterator[StudyError]:
    """The first score that its kind rules out, with how many there are."""
    low, high = SCORE_RANGES.get(kind, (-np.inf, np.inf))
    outside = (array < low - RANGE_TOLERANCE) | (array > high + RANGE_TOLERANCE)
    if outside.any():
        row, column = (int(index) for index in np.argwhere(outside)[0])
        value, number = f"{array[row, column]:.6g}", int(np.count_nonzero(outside))
        yield StudyError(
            f"{path}: {column_names[column]} of {row_names[row]} is {value}; "
            f"a {kind} is from {low:g} to {high:g} ({number} in all).",
            remedy=remedy,
        )


def unit_problems(path: Path, array: FloatArray) -> Iterator[StudyError]:
    """The first row whose length is not 1."""
    lengths = np.sqrt(np.einsum("ij,ij->i", array, array, dtype=np.float64))
    wrong = np.abs(lengths - 1) > UNIT_TOLERANCE
    if wrong.any():
        row = int(np.argmax(wrong))
        message = f"{path}: row {row} has length {lengths[row]:.4f}; the manifest says that every row has length 1."
        yield StudyError(message, remedy="Build the study again with `python -m core build`, which normalises rows.")


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{length:,}" for length in shape)
