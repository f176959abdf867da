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
from core.metrics.resampling import Resamples


@dataclass(frozen=True, eq=False)
class Resampled:
    """Figures over the resamples, NaN where a resample leaves one undefined. Definitions as under the sound protocol.

    overall : (n_resamples,) of every figure over classes that has an interval, by name.
    of_class : (n_resamples, n_classes) of every figure of a class that can be resampled, by name.
    """

    overall: Mapping[str, FloatArray]
    of_class: Mapping[str, FloatArray]


def resample(labels: FloatArray, scores: FloatArray, decisions: BoolArray, resamples: Resamples) -> Resampled:
    """Compute all figures of one setting over resamples of its patients; arrays (n_films, n_classes).

    Counts and means over films are those of each resample; areas of many films are to the first order (`first_order`).
    """
    counts = resample_decisions(labels, decisions, resamples.sums)
    of_class: dict[str, FloatArray] = {}
    for figure in class_figures():
        if figure.of_decisions is not None:
            of_class[figure.name] = np.stack([np.asarray(figure.of_decisions(one)) for one in counts.classes], axis=1)
        elif figure.resampled is not None:
            of_class[figure.name] = figure.resampled(labels, scores, resamples)
    aurocs: list[Numbers] = [*of_class[AUROC.name].T]
    evidence = Evidence(counts, Ranking(labels, scores, aurocs, resamples.totals))
    return Resampled(overall=overall_resampled(evidence), of_class=of_class)


def overall_resampled(evidence: Evidence) -> dict[str, FloatArray]:
    """Compute the figures over classes that have an interval and whose evidence, of resamples, is there."""
    return {
        figure.name: np.asarray(figure.of(evidence))
        for figure in overall_figures()
        if figure.has_interval and figure.is_in(evidence)
    }
