"""What the arrays of the metrics hold, and the one check that labels are labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]

MIN_POSITIVES = 5
"""Below this many positives an interval is "not estimable": its ends would be an artefact of a handful of films."""


def checked_labels(labels: npt.ArrayLike) -> FloatArray:
    """Give labels as float64 of {0, 1, NaN}; NaN = nobody read the film for this finding.

    Raises ValueError for any other value: scores handed in as labels would otherwise give plausible numbers.
    """
    array = np.asarray(labels, dtype=np.float64)
    if not np.all((array == 0) | (array == 1) | np.isnan(array)):
        raise ValueError("Labels must be 0, 1 or NaN (unread); were scores given in their place?")
    return array


def judged(labels: FloatArray, scores: FloatArray) -> FloatArray:
    """Give the labels that scores of the same shape can be set against: NaN also where there is no score (NaN)."""
    return np.where(np.isnan(scores), np.nan, labels)


def ratio(part: float, whole: float) -> float:
    """Divide part by whole; NaN where the whole is 0.

    >>> ratio(1, 4), ratio(0, 0)
    (0.25, nan)
    """
    return part / whole if whole else float("nan")


def ratios(part: npt.ArrayLike, whole: npt.ArrayLike, *, above: float = 0.0) -> FloatArray:
    """Divide element by element, broadcast; NaN where the whole is not above `above`."""
    parts, wholes = np.broadcast_arrays(np.asarray(part, dtype=np.float64), whole)
    shares: FloatArray = np.divide(parts, wholes, out=np.full(parts.shape, np.nan), where=wholes > above)
    return shares


def mean_of_defined(values: FloatArray, axis: int) -> FloatArray:
    """Average values along an axis, NaN left out; NaN where nothing is defined.

    >>> mean_of_defined(np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]]), axis=1).tolist()
    [2.0, nan]
    """
    defined = ~np.isnan(values)
    return ratios(np.where(defined, values, 0.0).sum(axis=axis), defined.sum(axis=axis))
