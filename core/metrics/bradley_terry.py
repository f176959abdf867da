"""Bradley-Terry: how strong things are that were compared in pairs, and how small a difference so many votes can tell.

The one of strength a is preferred to the one of strength b in a / (a + b) of comparisons; a draw is half a win of each.
Sources: Bradley and Terry, Biometrika 39, 1952; Ford, American Mathematical Monthly 64, 1957 (when there is a maximum).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray

_MOST_STEPS: Final = 200
_LARGEST_STEP: Final = 1.0
_EXACT: Final = 1e-10
_LARGEST_LOG: Final = 6.0
_N_STEPS: Final = 6001
"""Ratios that are tried: to 400, each a thousandth above the one before."""


def log_strengths(wins: FloatArray, *, draws: float = 0.0) -> FloatArray:
    """Compute the strengths of greatest likelihood, as natural logarithms.

    wins : (..., K, K), how often the row was preferred to the column; halves where neither was. The diagonal is not
        read.
    draws : comparisons that each has drawn besides with one of strength 1. With any there is always a maximum, which
        they pull towards 1.
    Returns (..., K). Their mean is 0 where `draws` is. All of them are NaN where there is no maximum: some were never
    preferred to the others, or never compared with them.

    >>> np.exp(np.diff(log_strengths(np.array([[0.0, 1.0], [3.0, 0.0]])))).round(3).tolist()
    [3.0]
    """
    found = np.array(wins, dtype=np.float64)
    k = found.shape[-1]
    found[..., np.arange(k), np.arange(k)] = 0.0
    flat = found.reshape(-1, k, k)
    logs = np.full((len(flat), k), np.nan)
    has_maximum = np.ones(len(flat), bool) if draws > 0 else _is_connected(flat > 0)
    if has_maximum.any():
        logs[has_maximum] = _climbed(flat[has_maximum], draws)
    return logs.reshape(found.shape[:-1])


def smallest_ratio(votes_a_pair: float, n_contenders: int, *, power: float = 0.8, level: float = 0.95) -> float:
    """Compute the smallest ratio of two strengths that all-play-all tells from 1 with a power; infinite where none is.

    votes_a_pair : independent votes on each pair; of readers who always agree, the films count once.
    The logarithm of the ratio has variance 2 / K times 1 / (votes p q), p = ratio / (1 + ratio): the inverse of
    Fisher's information of K contenders of about the same strength, and of two of any.

    >>> round(smallest_ratio(45, 2), 1), round(smallest_ratio(15, 2), 1)
    (2.4, 4.9)
    """
    if votes_a_pair <= 0:
        return math.inf
    at_null, at_ratio = NormalDist().inv_cdf(0.5 + level / 2), NormalDist().inv_cdf(power)
    logs = np.linspace(0, _LARGEST_LOG, _N_STEPS)
    spread = 2 * math.sqrt(2 / n_contenders / votes_a_pair)
    told = logs >= spread * (at_null + at_ratio * np.cosh(logs / 2))
    return float(np.exp(logs[np.argmax(told)])) if told.any() else math.inf


def _climbed(wins: FloatArray, draws: float) -> FloatArray:
    """(n, K) by Newton's steps, each of at most `_LARGEST_STEP`."""
    k = wins.shape[-1]
    played, logs = wins + wins.swapaxes(-1, -2), np.zeros(wins.shape[:-1])
    level = np.ones((k, k)) if draws == 0 else np.zeros((k, k))
    for _ in range(_MOST_STEPS):
        expected = 1 / (1 + np.exp(logs[:, None, :] - logs[:, :, None]))
        alone = 1 / (1 + np.exp(-logs))
        slope = (wins - played * expected).sum(axis=-1) + draws * (0.5 - alone)
        weights = played * expected * (1 - expected)
        curve = -weights + level
        curve[:, np.arange(k), np.arange(k)] += weights.sum(axis=-1) + draws * alone * (1 - alone)
        step = np.linalg.solve(curve, slope[..., None])[..., 0]
        longest = np.abs(step).max(axis=-1, keepdims=True)
        logs += step * np.minimum(1, _LARGEST_STEP / np.maximum(longest, _EXACT))
        if longest.max() < _EXACT:
            break
    return logs


def _is_connected(beaten: BoolArray) -> BoolArray:
    """(n,) whether everyone is preferred to everyone by some chain."""
    k = beaten.shape[-1]
    reached: FloatArray = beaten + np.eye(k)
    for _ in range(max(1, math.ceil(math.log2(max(k, 2))))):
        reached = np.minimum(reached @ reached, 1.0)
    connected: BoolArray = np.asarray((reached > 0).all(axis=(-1, -2)))
    return connected
