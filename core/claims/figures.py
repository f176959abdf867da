"""The figures that claims compare: a registry, and which choices each of them leaves open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np

from core.errors import CoreError
from core.metrics import cells, over_classes
from core.metrics.arrays import FloatArray, ratios
from core.metrics.cells import Cells, Numbers, OfCells
from core.metrics.evidence import DecisionCounts
from core.metrics.ranking import film_coverage, film_ranking_precision
from core.registries import find_by_name
from core.saliency.localization.metrics import METRICS

Kind = Literal["classes", "films", "areas", "ranking", "distances", "maps"]
"""From decisions class by class; from decisions film by film; areas under curves; rankings within films; distances
between classes; maps against masks."""
CHANCE_AREA: Final = 0.5
MAPS: Final = "map_"
"""What the names of figures of maps begin with."""


@dataclass(frozen=True)
class ClaimFigure:
    """One figure.

    of_cells : of a class's decisions, which is then averaged.
    of_films : of decisions film by film.
    of_ranking : (labels, scores) -> (n_films,), which is averaged over films.
    by_chance : (labels) -> (n_films,), the same of a ranking that knows nothing.
    as_published : what stands for an undefined film where the paper counts it.
    counts_films : whether it is a share of films, so that one without a hit still has an interval.
    """

    name: str
    title: str
    kind: Kind
    digits: int = 3
    of_cells: OfCells | None = None
    of_films: Callable[[DecisionCounts], Numbers] | None = None
    of_ranking: Callable[[FloatArray, FloatArray], FloatArray] | None = None
    by_chance: Callable[[FloatArray], FloatArray] | None = None
    as_published: float = 0.0
    counts_films: bool = False

    @property
    def is_decided(self) -> bool:
        """Tell whether it follows from decisions, so that cut rules are open to it."""
        return self.kind in ("classes", "films")

    @property
    def is_averaged(self) -> bool:
        """Tell whether it is averaged over classes."""
        return self.kind in ("classes", "areas")


def predicted_over_true(counts: Cells) -> Numbers:
    """Divide the films that are called by those that are positive; NaN without positives."""
    return cells.share(counts.tp + counts.fp, counts.tp + counts.fn)


def chance_ranking_precision(labels: FloatArray) -> FloatArray:
    """Compute what a random order of a film's labels gives as ranking precision on average; NaN without a positive.

    labels : (n_films, n_classes) of {0, 1, NaN}. Of m read labels, p positive: H(m) / m (1 - q) + q, where H is the
    harmonic number and q = (p - 1) / (m - 1) the chance that another label is positive too.

    >>> round(float(chance_ranking_precision(np.eye(14))[0]), 3)
    0.232
    """
    positive, read = (labels == 1).sum(axis=1), (~np.isnan(labels)).sum(axis=1)
    harmonic = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, labels.shape[1] + 1))])
    others = np.where(read > 1, (positive - 1) / np.maximum(read - 1, 1), 1.0)
    mean = ratios(harmonic[read], read) * (1 - others) + others
    return np.where(positive > 0, mean, np.nan)


def chance_coverage(labels: FloatArray) -> FloatArray:
    """Compute how far down a random order of m labels the last of p positives stands on average: p (m + 1) / (p + 1).

    labels : (n_films, n_classes) of {0, 1, NaN}. NaN for a film without a positive label.

    >>> float(chance_coverage(np.eye(14))[0])
    7.5
    """
    positive, read = (labels == 1).sum(axis=1), (~np.isnan(labels)).sum(axis=1)
    return np.where(positive > 0, positive * (read + 1) / (positive + 1), np.nan)


FIGURES: Final[tuple[ClaimFigure, ...]] = (
    ClaimFigure("f1", "F1", "classes", of_cells=cells.f1),
    ClaimFigure("precision", "Precision", "classes", of_cells=cells.precision),
    ClaimFigure("recall", "Recall", "classes", of_cells=cells.recall),
    ClaimFigure("specificity", "Specificity", "classes", of_cells=cells.specificity),
    ClaimFigure("over_prediction", "Predicted over labelled", "classes", 2, of_cells=predicted_over_true),
    ClaimFigure("exact_match", "Exact match", "films", of_films=over_classes.exact_match, counts_films=True),
    ClaimFigure("hamming", "Hamming loss", "films", of_films=over_classes.hamming),
    ClaimFigure("cardinality", "Predicted labels per film", "films", 2, of_films=over_classes.cardinality),
    ClaimFigure("auroc", "AUROC", "areas"),
    ClaimFigure(
        "lrap",
        "LRAP",
        "ranking",
        of_ranking=film_ranking_precision,
        by_chance=chance_ranking_precision,
        as_published=1.0,
    ),
    ClaimFigure("coverage_error", "Coverage error", "ranking", 2, of_ranking=film_coverage, by_chance=chance_coverage),
    ClaimFigure("inter", "Inter-class distance", "distances"),
    ClaimFigure("intra", "Intra-class distance", "distances"),
    ClaimFigure("ratio", "Inter / intra", "distances"),
    *(ClaimFigure(f"{MAPS}{metric.name}", metric.title, "maps") for metric in METRICS),
)
"""Every figure that a claim may be about. To add one, write its line."""


@cache
def figure_named(name: str) -> ClaimFigure:
    """Find a figure; CoreError where there is none of the name.

    >>> figure_named("f1").title
    'F1'
    """
    return find_by_name(FIGURES, name, "figure of a claim", CoreError)
