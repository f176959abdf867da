"""The causal matrix of a setting, and beside it what films that happen to show a finding would suggest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray, ratios
from core.metrics.bootstrap import patient_weights
from core.metrics.intervals import Interval, not_estimable
from core.study.read import Study
from core.twins.effects import FindingEffects

N_RESAMPLES: Final = 1000


@dataclass(frozen=True, eq=False)
class Estimates:
    """Means with 95 % intervals over resamples of the patients, (F, C); NaN where undefined.

    n : (F,) films that a row stands on; intervals are NaN below 5.
    resampled : (R, F, C).
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    n: IntArray
    resampled: FloatArray

    def interval(self, cause: int, column: int) -> Interval:
        """Give the interval of one cell."""
        low, high = float(self.low[cause, column]), float(self.high[cause, column])
        n = int(self.n[cause])
        return not_estimable(n) if np.isnan(low) else Interval(low, high, n, is_estimable=True)


@dataclass(frozen=True, eq=False)
class CausalMatrix:
    """What findings do to the scores of a setting, in standard deviations of each score over the split's films.

    effect : mean over films of the score with the finding minus the score without it, everything else the same.
    together : mean score of the films that show it minus that of those that do not, whatever else they show: what
        co-occurrence would suggest. NaN for a cause that is no class.
    spread : (C,) the standard deviations, in the score's own unit.
    """

    setting: str
    causes: tuple[str, ...]
    classes: tuple[str, ...]
    effect: Estimates
    together: Estimates
    spread: FloatArray

    def cell(self, cause: str, finding: str) -> tuple[int, int]:
        """Give row and column of a cause and a class."""
        return self.causes.index(cause), self.classes.index(finding)


def causal_matrix(
    study: Study, effects: FindingEffects, setting: str, *, n_resamples: int = N_RESAMPLES, seed: int = 0
) -> CausalMatrix:
    """Compute the matrix of one setting. Films of a patient are resampled together, the same for both halves."""
    rows = np.array([study.row_of(image_id) for image_id in effects.image_ids])
    split = str(study.images["split"].iloc[rows[0]])
    spread = np.std(np.asarray(study.scores(setting)[study.rows(split)], dtype=np.float64), axis=0)
    spread = np.where(spread > 0, spread, np.nan)
    weights = patient_weights(study.patient_ids(rows), n_resamples, np.random.default_rng(seed))
    scaled = effects.by_setting[setting] / spread
    scores = np.asarray(study.scores(setting)[rows], dtype=np.float64) / spread
    shows = _shows(study, effects.causes, rows)
    return CausalMatrix(
        setting,
        effects.causes,
        effects.classes,
        _estimated(weights, _mean_effects, scaled),
        _estimated(weights, _apart, scores, shows),
        spread,
    )


def _shows(study: Study, causes: tuple[str, ...], rows: IntArray) -> FloatArray:
    """(n, F) labels; NaN where a cause is no class of the study."""
    labels = study.labels[rows]
    columns = [
        labels[:, study.classes.index(name)] if name in study.classes else np.full(len(rows), np.nan) for name in causes
    ]
    return np.stack(columns, axis=1)


def _estimated(weights: FloatArray, means: Callable[..., tuple[FloatArray, IntArray]], *data: FloatArray) -> Estimates:
    """Means under equal weights and under every resample."""
    value, n = means(np.ones((1, weights.shape[1])), *data)
    resampled, _ = means(weights.astype(np.float64), *data)
    low, high = np.full(value[0].shape, np.nan), np.full(value[0].shape, np.nan)
    there = (n >= MIN_POSITIVES)[:, None] & ~np.isnan(value[0])
    if there.any():
        low[there], high[there] = np.nanquantile(resampled[:, there], [0.025, 0.975], axis=0)
    return Estimates(value[0], low, high, n, resampled)


def _mean_effects(weights: FloatArray, effects: FloatArray) -> tuple[FloatArray, IntArray]:
    """(R, F, C) means of effects (n, F, C), and the films (F,) that have one."""
    there = ~np.isnan(effects)
    total = np.einsum("rn,nfc->rfc", weights, np.where(there, effects, 0.0), optimize=True)
    count = np.einsum("rn,nfc->rfc", weights, there.astype(np.float64), optimize=True)
    return ratios(total, count), there.any(axis=2).sum(axis=0)


def _apart(weights: FloatArray, scores: FloatArray, shows: FloatArray) -> tuple[FloatArray, IntArray]:
    """(R, F, C) mean scores of films that show a finding minus those that do not, and the fewer of them (F,)."""
    means, numbers = [], []
    for is_member in (shows == 1, shows == 0):
        of = is_member.astype(np.float64)
        total = np.stack([weights * of[:, cause] @ scores for cause in range(of.shape[1])], axis=1)
        means.append(ratios(total, (weights @ of)[:, :, None]))
        numbers.append(is_member.sum(axis=0))
    return means[0] - means[1], np.minimum(*numbers)
