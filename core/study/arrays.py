"""The .npy files of a study: memory-mapped reading and the checks on what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from core.errors import StudyError
from core.files import reading
from core.geometry import FloatArray
from core.study.folder import AGAIN

UNIT_TOLERANCE = 1e-3
"""How far from 1 the length of a row may be that is declared normalised (half precision leaves about 5e-4)."""

SCORE_RANGES = {"probability": (0.0, 1.0), "similarity": (-1.0, 1.0), "margin": (-2.0, 2.0)}
"""Smallest and largest value of the bounded score kinds."""

RANGE_TOLERANCE = 1e-5

SCORE_DTYPES = ("float32", "float64")
"""What scores are stored as: float64 where they came so and single precision would change one."""

_NPY = b"\x93NUMPY"
_OTHER_KINDS = (
    (b"PK", "an archive, as .npz files and those of torch.save are"),
    (b"\x80", "a pickle"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PAR1", "a Parquet table"),
)


def open_array(path: Path, *, remedy: str = AGAIN) -> FloatArray:
    """Open a .npy file, memory-mapped and read-only. Raises StudyError where it is no whole array, whatever else it is.

    remedy : what to do where it is another kind of file.
    """
    with reading(path, "is not a whole .npy array", remedy=remedy):
        with path.open("rb") as stream:
            found = stream.read(len(_NPY))
        if found != _NPY:
            raise ValueError(_kind_of(found))
        array: FloatArray = np.load(path, mmap_mode="r", allow_pickle=False)
        if array.dtype.hasobject or array.dtype.fields is not None:
            raise ValueError(f"it holds {array.dtype}, not numbers")
    return array


def _kind_of(head: bytes) -> str:
    """What a file that is no .npy array is, by its first bytes."""
    found = next((words for signs, words in _OTHER_KINDS if head.startswith(signs)), None)
    if found is None and head and head.isascii() and "".join(head.decode().split()).isprintable():
        found = "text, such as a CSV table"
    return "it is empty" if not head else f"it is {found}" if found else "it does not begin as one"


def shape_problems(
    path: Path,
    array: FloatArray,
    shape: tuple[int, ...],
    meaning: str,
    dtype: str = "float32",
    allowed: Sequence[str] = ("float32",),
) -> Iterator[StudyError]:
    """Another dtype than the manifest says or the format allows, or another shape than `shape`, which is `meaning`."""
    if array.dtype != np.dtype(dtype if dtype in allowed else allowed[0]):
        asked = dtype if dtype in allowed else " or ".join(allowed)
        yield StudyError(f"{path}: holds {array.dtype}; the format asks for {asked}.", remedy=AGAIN)
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
