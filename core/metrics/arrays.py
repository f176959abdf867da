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
    """Labels as float64 of {0, 1, NaN}; NaN = nobody read the film for this finding.

    Raises ValueError for any other value: scores handed in as labels would otherwise give plausible numbers.
    """
    array = np.asarray(labels, dtype=np.float64)
    if not np.all((array == 0) | (array == 1) | np.isnan(array)):
        raise ValueError("Labels must be 0, 1 or NaN (unread); were scores given in their place?")
    return array


def ratio(part: float, whole: float) -> float:
    """part / whole; NaN where the whole is 0."""
    return part / whole if whole else float("nan")
