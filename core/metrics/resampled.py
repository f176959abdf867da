"""Every figure of a setting over resamples of its patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.cells import Numbers
from core.metrics.class_figures import AUROC, class_figures
from core.metrics.evidence import Evidence, Ranking, resample_decisions
from core.metrics.overall_figures import overall_figures


@dataclass(frozen=True, eq=False)
class Resampled:
    """Figures over the resamples, NaN where a resample leaves one undefined. Definitions as under the sound protocol.

    overall : (n_resamples,) of every figure over classes that has an interval, by name.
    of_class : (n_resamples, n_classes) of every figure of a class that can be resampled, by name.
    """

    overall: Mapping[str, FloatArray]
    of_class: Mapping[str, FloatArray]


def resample(labels: FloatArray, scores: FloatArray, decisions: BoolArray, weights: FloatArray) -> Resampled:
    """Compute all figures of one setting under the weights of `patient_weights`; arrays (n_films, n_classes)."""
    counts = resample_decisions(labels, decisions, lambda marks: _sums(marks, weights))
    of_class: dict[str, list[FloatArray]] = {}
    for figure in class_figures():
        if figure.of_decisions is not None:
            of_class[figure.name] = [np.asarray(figure.of_decisions(cells)) for cells in counts.classes]
        elif (resampled := figure.resampled) is not None:
            columns = zip(labels.T, scores.T, strict=True)
            of_class[figure.name] = [resampled(*pair, weights) for pair in columns]
    aurocs: list[Numbers] = [*of_class[AUROC.name]]
    evidence = Evidence(counts, Ranking(labels, scores, aurocs, weights))
    return Resampled(
        overall=overall_resampled(evidence),
        of_class={name: np.stack(values, axis=1) for name, values in of_class.items()},
    )


def overall_resampled(evidence: Evidence) -> dict[str, FloatArray]:
    """Compute the figures over classes that have an interval and whose evidence, of resamples, is there."""
    return {
        figure.name: np.asarray(figure.of(evidence))
        for figure in overall_figures()
        if figure.has_interval and figure.is_in(evidence)
    }


def _sums(marks: BoolArray, weights: FloatArray) -> FloatArray:
    """(n_resamples, m) sums of marks (n_films, m); whole numbers below 2**24, exact in single precision."""
    return np.asarray(weights @ marks.astype(weights.dtype), dtype=np.float64)
