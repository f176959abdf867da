"""How far two readings of the same films agree, class by class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import checked_labels, ratio


@dataclass(frozen=True)
class ClassAgreement:
    """One class over the n_read films that both readings have. kappa in [-1, 1]; NaN where undefined."""

    finding: str
    n_read: int
    n_first: int
    n_second: int
    n_both: int
    kappa: float


def cohen_kappa(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Measure the agreement of two readings of (n,) {0, 1, NaN} beyond chance: 1 is all, 0 is chance, -1 the opposite.

    Films that either has not read (NaN) are left out. NaN where both gave the same answer to every film, or none was
    read by both: chance alone then agrees on all.
    Source: Cohen, Educational and Psychological Measurement 20, 1960.

    >>> cohen_kappa([1, 1, 0, 0], [1, 0, 0, 0]), cohen_kappa([1, 1], [1, 1])
    (0.5, nan)
    """
    one, other = _read_by_both(first, second)
    if not len(one):
        return math.nan
    observed = float((one == other).mean())
    both, neither = float(one.mean() * other.mean()), float((1 - one).mean() * (1 - other).mean())
    return ratio(observed - both - neither, 1 - both - neither)


def class_agreement(classes: Sequence[str], first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[ClassAgreement, ...]:
    """Compare every class of two (n, C) label arrays with the same rows.

    >>> class_agreement(["Edema"], [[1], [0]], [[1], [1]])
    (ClassAgreement(finding='Edema', n_read=2, n_first=1, n_second=2, n_both=1, kappa=0.0),)
    """
    one, other = checked_labels(first), checked_labels(second)
    if one.shape != other.shape or one.shape[1:] != (len(classes),):
        raise ValueError(f"Labels of shapes {one.shape} and {other.shape} for {len(classes)} classes.")
    rows = []
    for column, finding in enumerate(classes):
        a, b = _read_by_both(one[:, column], other[:, column])
        counts = int(a.sum()), int(b.sum()), int((a * b).sum())
        rows.append(ClassAgreement(finding, len(a), *counts, cohen_kappa(a, b)))
    return tuple(rows)


def mean_kappa(rows: Sequence[ClassAgreement], *, at_least: int) -> float:
    """Compute the mean kappa of the classes of which the second reading has that many positives; NaN where none has."""
    kappas = [row.kappa for row in rows if row.n_second >= at_least]
    return float(np.mean(kappas)) if kappas else math.nan


def _read_by_both(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    one, other = checked_labels(first), checked_labels(second)
    if one.shape != other.shape:
        raise ValueError(f"Readings of shapes {one.shape} and {other.shape}.")
    read = ~(np.isnan(one) | np.isnan(other))
    return one[read], other[read]
