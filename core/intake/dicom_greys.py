"""From the values of a DICOM file to greys: its table of greys (VOI LUT), its window, or their whole range."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.greys import Counts, ends_of, stretched

if TYPE_CHECKING:
    from pydicom import Dataset

Values = NDArray[np.float64]
Shares = tuple[Values, tuple[str, ...]]
"""Greys in 0..1, and sentences on how they came about."""


def shares_of(dataset: Dataset, values: Values, counts: Counts) -> Shares:
    """Turn values into greys as the file says: by its first table, else its first window that tells them apart.

    values : (n,) after the modality's table or slope.
    counts : (n,) how many pixels of the film have each. Where neither a table nor a window of the file tells any two of
        those apart, the whole range is taken, as of a picture of more than 8 bits, and that is said.
    Raises ValueError where the table is damaged. Source: DICOM PS3.3, C.11.2.
    """
    on_film = counts > 0
    low, high = float(values[on_film].min()), float(values[on_film].max())
    failed = ""
    for found, note in (*_by_table(dataset, values), *_by_windows(dataset, values)):
        if low == high or np.ptp(found[on_film]) > 0:
            return found, (note,)
        failed = failed or note.split(":")[0].removesuffix(" was applied.") + " shows every value of the film alike; "
    order = np.argsort(values)
    low, high = (float(values[order[end]]) for end in ends_of(counts[order]))
    whole = stretched(values, low, high)
    start = failed or "The file has no window; "
    return whole, (f"{start}its values, {low:g} to {high:g}, were taken whole.",)


def first_number(value: Any) -> float | None:
    """Give a finite number, or the first of several; None where there is none."""
    return next(iter(_numbers(value)), None)


def _numbers(value: Any) -> list[float | None]:
    """Each number that is finite; None for another."""
    found: list[float | None] = []
    for entry in [value] if isinstance(value, int | float | str) else list(value or ()):
        try:
            number = float(entry)
        except (TypeError, ValueError):
            number = math.nan
        found.append(number if math.isfinite(number) else None)
    return found


def _by_table(dataset: Dataset, values: Values) -> Iterator[tuple[Values, str]]:
    """Greys by the file's first table. Its entries count by the bits that they hold, whatever it declares."""
    if not dataset.get("VOILUTSequence"):
        return
    item = dataset.VOILUTSequence[0]
    length, first, declared = (int(number) for number in item.LUTDescriptor)
    length = length or 2**16
    entries = _entries(item, length, is_little=dataset.original_encoding[1] is not False)
    if first >= 2**15 and values.min() < 0:
        first -= 2**16
    bits = max(1, int(entries.max()).bit_length())
    indices = np.clip(np.round(values) - first, 0, length - 1).astype(np.int64)
    said = "" if bits == declared else f" It declares {declared} bits and holds {bits}."
    yield entries[indices] / (2**bits - 1), f"The file's own table of greys (VOI LUT) was applied.{said}"


def _entries(item: Dataset, length: int, *, is_little: bool) -> NDArray[np.float64]:
    """(length,): one entry per word, or two of 8 bits in each, the first in its low byte. Source: PS3.3, C.11.1.1.1."""
    data = item.LUTData
    if isinstance(data, bytes):
        order = "<u2" if is_little else ">u2"
        words = np.frombuffer(data[: len(data) // 2 * 2], order)
    else:
        words = np.atleast_1d(np.asarray(data)).astype(np.uint16)
    if len(words) == -(-length // 2) and length > 1:
        words = words.astype("<u2").view(np.uint8)
    if not length <= len(words) <= length + 1:
        raise ValueError(f"{len(words)} entries for {length}")
    return words[:length].astype(np.float64)


def _by_windows(dataset: Dataset, values: Values) -> Iterator[tuple[Values, str]]:
    """Greys by each window of the file whose numbers make one, in its order."""
    function = str(dataset.get("VOILUTFunction") or "LINEAR").upper()
    narrowest = 1 if function == "LINEAR" else 1e-9
    centres, widths = (_numbers(dataset.get(name)) for name in ("WindowCenter", "WindowWidth"))
    for centre, width in zip(centres, widths, strict=False):
        if centre is not None and width is not None and width >= narrowest:
            shares = np.clip(_windowed(values, centre, width, function), 0, 1)
            yield shares, f"Window of the file: centre {centre:g}, width {width:g}."


def _windowed(values: Values, centre: float, width: float, function: str) -> Values:
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -700, 700))))
    if function == "LINEAR_EXACT":
        return (values - centre) / width + 0.5
    return (values - (centre - 0.5)) / (width - 1) + 0.5 if width > 1 else (values > centre - 0.5).astype(np.float64)
