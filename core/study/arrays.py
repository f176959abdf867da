"""The .npy files of a study: memory-mapped reading and the checks on what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

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

_AT_ONCE = 8192
"""Rows whose values are looked at at a time."""

BoolArray = npt.NDArray[np.bool_]

_mapped: WeakValueDictionary[tuple[str, int, int, int], FloatArray] = WeakValueDictionary()
_mapping = Lock()

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


def shared_array(path: Path) -> FloatArray:
    """Open an array as `open_array` does, mapped once for all who hold it: each map counts as memory of its own."""
    status = path.stat()
    place = str(path), status.st_ino, status.st_size, status.st_mtime_ns
    with _mapping:
        found = _mapped.get(place)
        if found is None:
            found = _mapped[place] = open_array(path)
        return found


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
    """Find a dtype other than the manifest says or the format allows,
    or another shape than `shape`, which is `meaning`.
    """
    if array.dtype != np.dtype(dtype if dtype in allowed else allowed[0]):
        asked = dtype if dtype in allowed else " or ".join(allowed)
        yield StudyError(f"{path}: holds {array.dtype}; the format asks for {asked}.", remedy=AGAIN)
    if array.shape != shape:
        found, expected = _by(array.shape), _by(shape)
        yield StudyError(f"{path}: is {found}; {expected} were expected ({meaning}).", remedy=AGAIN)


def finite_problems(
    path: Path,
    array: FloatArray,
    row_names: Sequence[str] | None,
    column_names: Sequence[str] | None,
    remedy: str = AGAIN,
) -> Iterator[StudyError]:
    """Find the first NaN or infinite value, with how many there are. row_names, column_names : None = their numbers."""
    n_wrong, first = _wrong_values(array, lambda block: ~np.isfinite(block))
    if first is not None:
        row, column = first
        place = f"column {column}" if column_names is None else column_names[column]
        yield StudyError(
            f"{path}: {place} of {_row_name(row_names, row)} is {array[row, column]}; every value must be finite "
            f"({n_wrong} not).",
            remedy=remedy,
        )


def range_problems(
    path: Path,
    array: FloatArray,
    kind: str,
    row_names: Sequence[str] | None,
    column_names: Sequence[str],
    remedy: str = AGAIN,
) -> Iterator[StudyError]:
    """Find the first score that its kind rules out, with how many there are. row_names : None = their numbers."""
    if kind not in SCORE_RANGES:
        return
    low, high = SCORE_RANGES[kind]
    number, first = _wrong_values(
        array, lambda block: (block < low - RANGE_TOLERANCE) | (block > high + RANGE_TOLERANCE)
    )
    if first is not None:
        row, column = first
        value = f"{array[row, column]:.6g}"
        yield StudyError(
            f"{path}: {column_names[column]} of {_row_name(row_names, row)} is {value}; "
            f"a {kind} is from {low:g} to {high:g} ({number} in all).",
            remedy=remedy,
        )


def unit_problems(path: Path, array: FloatArray) -> Iterator[StudyError]:
    """Find the first row whose length is not 1."""
    _, first = _wrong_values(array, lambda block: np.abs(_lengths(block) - 1)[:, None] > UNIT_TOLERANCE)
    if first is not None:
        row, length = first[0], float(_lengths(array[first[0]][None])[0])
        message = f"{path}: row {row} has length {length:.4f}; the manifest says that every row has length 1."
        yield StudyError(message, remedy="Build the study again with `python -m core build`, which normalises rows.")


def _lengths(rows: FloatArray) -> FloatArray:
    lengths: FloatArray = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    return lengths


def _wrong_values(array: FloatArray, is_wrong: Callable[[FloatArray], BoolArray]) -> tuple[int, tuple[int, int] | None]:
    """How many values are wrong, and row and column of the first; some rows at a time, as an array may be gigabytes."""
    number, place = 0, None
    for begin in range(0, len(array), _AT_ONCE):
        wrong = is_wrong(array[begin : begin + _AT_ONCE])
        number += int(np.count_nonzero(wrong))
        if place is None and wrong.any():
            row, column = np.argwhere(wrong)[0]
            place = (begin + int(row), int(column))
    return number, place


def _row_name(row_names: Sequence[str] | None, row: int) -> str:
    return f"row {row}" if row_names is None else row_names[row]


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{length:,}" for length in shape)
