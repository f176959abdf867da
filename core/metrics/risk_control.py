"""Which of several cuts may be promised: tests of many at once, and losses kept low in expectation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

import numpy as np

from core.metrics.arrays import FloatArray, IntArray

Procedure = Literal["bonferroni", "fixed-sequence"]


def bonferroni(p_values: FloatArray, risk: float) -> IntArray:
    """Find those that are shown where each is tested at its part of the risk, whatever their order."""
    return np.flatnonzero(p_values <= risk / max(len(p_values), 1))


def fixed_sequence(p_values: FloatArray, risk: float) -> IntArray:
    """Find those that are shown where they are tested one after another, each at the whole risk, until one fails.

    Their order must be set before any film is seen. Source: Bauer, Statistics in Medicine 1991.
    """
    failed = np.flatnonzero(p_values > risk)
    return np.arange(failed[0] if failed.size else len(p_values))


PROCEDURES: Final[Mapping[Procedure, Callable[[FloatArray, float], IntArray]]] = {
    "bonferroni": bonferroni,
    "fixed-sequence": fixed_sequence,
}


def learn_then_test(p_values: FloatArray, risk: float, procedure: Procedure) -> IntArray:
    """Find the cuts that may be promised: the chance that any of them breaks its promise is at most the risk.

    p_values : (n_cuts,) of the hypothesis that a cut breaks its promise.
    Returns (m,) their places, ascending; empty where none may be.
    Source: Angelopoulos, Bates, Candes, Jordan, Lei, "Learn then Test", Annals of Applied Statistics 2025.

    >>> p_values = np.array([0.01, 0.04, 0.2, 0.01])
    >>> [learn_then_test(p_values, 0.05, name).tolist() for name in PROCEDURES]
    [[0, 3], [0, 1]]
    """
    return PROCEDURES[procedure](np.asarray(p_values, dtype=np.float64), risk)


def conformal_risk(losses: FloatArray, n: int, worst: float, level: float) -> int:
    """Find the boldest of some cuts whose loss on the next patient is at most a level in expectation; -1 where none is.

    losses : (n_cuts,) mean over n exchangeable patients, rising from the most careful cut to the boldest.
    worst : the largest loss that one patient can have.
    Source: Angelopoulos, Bates, Fisch, Lei, Schuster, "Conformal risk control", ICLR 2024.

    >>> conformal_risk(np.array([0.0, 0.05, 0.1]), 99, 1.0, 0.06)
    1
    """
    bounds = (n * np.asarray(losses, dtype=np.float64) + worst) / (n + 1)
    return int(np.searchsorted(bounds, level + 1e-12, side="right")) - 1
