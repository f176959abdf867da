"""Every figure of one class, once: what it is called, how it and its interval are computed, and where it is shown.

A figure is a function of the cells of a class, or of its films in the order of their scores, and one line of
CLASS_FIGURES; tables, reports, exports and the threshold deck ask the registry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from core.metrics import cells
from core.metrics.arrays import BoolArray, FloatArray, checked_labels, ratio
from core.metrics.auroc_interval import interval_of_placements
from core.metrics.average_precision_interval import average_precision_interval
from core.metrics.class_figure import ClassFigure, ClassFilms, Place
from core.metrics.classification import Confusion
from core.metrics.count_intervals import f1_interval, share_sums
from core.metrics.first_order import resampled_areas
from core.metrics.intervals import Interval
from core.metrics.patients import Patients
from core.metrics.placements import placements
from core.metrics.ranking import auroc_of, average_precision_of


@dataclass(frozen=True)
class ClassMetrics:
    """One class of one setting, over the films of the split that were read for it. Undefined is NaN.

    confusion : the counts; None where no decision could be made (no threshold, and none can be had without looking).
    threshold : a film is positive where its score is at least this; NaN where the class has none (then it is never
        predicted). Under the paper's protocol the cut is "above", not "at least".
    values : of CLASS_FIGURES, by name; precision, recall and F1 are 0 where undefined under the paper's protocol.
    intervals : 95 %, by the name of the figure, in closed form with films of one patient counted together; empty
        unless they were asked for.
    """

    finding: str
    n_read: int
    n_positive: int
    confusion: Confusion | None
    threshold: float
    values: Mapping[str, float]
    intervals: Mapping[str, Interval] = field(default_factory=dict)

    def value(self, figure: ClassFigure) -> float:
        """Give a figure of the class; NaN where it is undefined."""
        return self.values.get(figure.name, math.nan)

    @property
    def precision(self) -> float:
        """Compute the share of the predicted that is positive."""
        return self.value(PRECISION)

    @property
    def recall(self) -> float:
        """Compute the share of the positives that is predicted."""
        return self.value(RECALL)

    @property
    def specificity(self) -> float:
        """Compute the share of the negatives that is not predicted."""
        return self.value(SPECIFICITY)

    @property
    def f1(self) -> float:
        """Compute 2 tp / (2 tp + fp + fn)."""
        return self.value(F1)

    @property
    def auroc(self) -> float:
        """Give the area under the ROC curve of the scores, whatever the threshold; NaN with one kind of film only."""
        return self.value(AUROC)

    @property
    def average_precision(self) -> float:
        """Compute the mean precision at the positives, whatever the threshold; NaN without positives."""
        return self.value(AVERAGE_PRECISION)

    @property
    def n_predicted(self) -> int | None:
        """Count the films decided positive; None where no decision could be made."""
        return None if self.confusion is None else self.confusion.n_predicted

    @property
    def over_prediction(self) -> float:
        """Divide predicted by true positives; 1 is balance, NaN without positives or without decisions."""
        return math.nan if self.n_predicted is None else ratio(self.n_predicted, self.n_positive)


def precision_interval(films: ClassFilms) -> Interval:
    """Compute the 95 % interval of precision; it stands on the predictions."""
    return films.share_interval(films.positive & films.decisions, films.predicted)


def recall_interval(films: ClassFilms) -> Interval:
    """Compute the 95 % interval of recall; it stands on the positives."""
    return films.share_interval(films.positive & films.decisions, films.positive)


def specificity_interval(films: ClassFilms) -> Interval:
    """Compute the 95 % interval of specificity; it stands on the negatives."""
    return films.share_interval(films.negative & ~films.decisions, films.negative)


def interval_of_f1(films: ClassFilms) -> Interval:
    """Compute the 95 % interval of F1; it stands on the positives."""
    positive = films.positive
    sums = share_sums(positive & films.decisions, positive | films.predicted, films.patients)
    return f1_interval(sums, int(np.count_nonzero(positive)))


def _interval_of_auroc(films: ClassFilms) -> Interval:
    return interval_of_placements(films.labels, *placements(films.labels, *films.ranked), films.patients)


def _interval_of_average_precision(films: ClassFilms) -> Interval:
    return average_precision_interval(films.labels, average_precision_of(films.ranked[0]), films.patients)


PRECISION: Final = ClassFigure(
    "precision",
    "Precision",
    "Share of the predicted films that are positive",
    of_decisions=cells.precision,
    interval=precision_interval,
    is_zero_as_published=True,
    places=("table", "groups", "report", "csv", "latex", "html", "deck"),
)
RECALL: Final = ClassFigure(
    "recall",
    "Recall",
    "Share of the positive films that are predicted (sensitivity)",
    of_decisions=cells.recall,
    interval=recall_interval,
    is_zero_as_published=True,
    is_steady=True,
    places=("table", "groups", "report", "csv", "latex", "html", "deck"),
)
SPECIFICITY: Final = ClassFigure(
    "specificity",
    "Specificity",
    "Share of the negative films that are not predicted",
    of_decisions=cells.specificity,
    interval=specificity_interval,
    is_steady=True,
    places=("table", "groups", "report", "csv", "html", "deck"),
)
F1: Final = ClassFigure(
    "f1",
    "F1",
    "Harmonic mean of precision and recall",
    of_decisions=cells.f1,
    interval=interval_of_f1,
    is_zero_as_published=True,
)
AUROC: Final = ClassFigure(
    "auroc",
    "AUROC",
    "Chance that a positive film scores above a negative one",
    of_ranking=auroc_of,
    interval=_interval_of_auroc,
    resampled=resampled_areas,
    needs_negatives=True,
    is_steady=True,
)
AVERAGE_PRECISION: Final = ClassFigure(
    "average_precision",
    "AP",
    "Average precision: mean precision at the positive films",
    of_ranking=average_precision_of,
    interval=_interval_of_average_precision,
    places=("table", "report", "csv"),
)

CLASS_FIGURES: tuple[ClassFigure, ...] = (PRECISION, RECALL, SPECIFICITY, F1, AUROC, AVERAGE_PRECISION)
"""Every figure of a class, in the order of reports and files. To add one, write its line."""


def class_figures() -> tuple[ClassFigure, ...]:
    """List every figure of a class."""
    return CLASS_FIGURES


def class_figures_in(place: Place) -> tuple[ClassFigure, ...]:
    """Choose the figures that are shown in a place, in the registry's order."""
    return tuple(figure for figure in CLASS_FIGURES if place in figure.places)


def steady_figures() -> tuple[ClassFigure, ...]:
    """Choose the figures by which groups of films can be compared, in the registry's order."""
    return tuple(figure for figure in class_figures_in("groups") if figure.is_steady and figure.interval)


def class_intervals(labels: FloatArray, decisions: BoolArray, patients: Patients) -> dict[str, Interval]:
    """Compute the intervals of the figures of one class that follow from decisions, by name.

    labels (n_films,) of {0, 1, NaN = unread}, decisions (n_films,). f1, recall are based on the positives, specificity
    on the negatives, precision on the predictions.

    >>> from core.metrics.patients import number_patients
    >>> labels, decisions = np.ones(10), np.arange(10) < 5
    >>> recall = class_intervals(labels, decisions, number_patients(None, 10))["recall"]
    >>> round(recall.low, 2), round(recall.high, 2)
    (0.24, 0.76)
    """
    films = ClassFilms(checked_labels(labels), decisions, patients)
    return {figure.name: figure.interval(films) for figure in CLASS_FIGURES if figure.of_decisions and figure.interval}
