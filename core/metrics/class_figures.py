"""Every figure of one class, once: what it is called, how it and its interval are computed, and where it is shown.

A figure is a function of the cells of a class, or of its films in the order of their scores, and one line of
CLASS_FIGURES; tables, reports, exports and the threshold deck ask the registry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

import numpy as np

from core.metrics import cells
from core.metrics.arrays import BoolArray, FloatArray, checked_labels, ratio
from core.metrics.auroc_interval import auroc_interval
from core.metrics.average_precision_interval import average_precision_interval
from core.metrics.bootstrap import resampled_aurocs
from core.metrics.cells import OfCells
from core.metrics.classification import Confusion
from core.metrics.count_intervals import f1_interval, share_interval, share_sums
from core.metrics.cumulative import CumulativeCounts
from core.metrics.intervals import Interval
from core.metrics.patients import Patients
from core.metrics.ranking import auroc_of, average_precision_of

Place = Literal["table", "groups", "report", "comparison", "csv", "latex", "html", "deck"]
PLACES: Final[tuple[Place, ...]] = ("table", "groups", "report", "comparison", "csv", "latex", "html", "deck")
"""The table of classes; groups of films; the report as text and JSON; settings in pairs; files; moving thresholds."""


@dataclass(frozen=True, eq=False)
class ClassFilms:
    """The films of one class. labels {0, 1, NaN = unread}, scores, decisions : (n_films,), with whose films they are.

    scores : None where only decisions are asked about.
    """

    labels: FloatArray
    decisions: BoolArray
    patients: Patients
    scores: FloatArray | None = None

    @cached_property
    def positive(self) -> BoolArray:
        """Which films are labelled positive."""
        return np.asarray(checked_labels(self.labels) == 1)

    @cached_property
    def negative(self) -> BoolArray:
        """Which films are labelled negative."""
        return np.asarray(checked_labels(self.labels) == 0)

    @cached_property
    def predicted(self) -> BoolArray:
        """Which of the films that were read are decided positive."""
        return ~np.isnan(self.labels) & self.decisions

    @property
    def known_scores(self) -> FloatArray:
        """The scores, where a figure of ranking is asked about."""
        if self.scores is None:
            raise ValueError("A figure of ranking needs scores, and these films came with decisions alone.")
        return self.scores

    def share_interval(self, hits: BoolArray, trials: BoolArray) -> Interval:
        """Wilson's 95 % interval of a share of films, those of one patient counted together."""
        sums = share_sums(hits, trials, self.patients)
        return share_interval(sums, int(sums.trials))


@dataclass(frozen=True)
class ClassFigure:
    """One figure of a class.

    name : its key in JSON and CSV.  title, help : as shown, and what it means.  digits : after the point.
    of_decisions, of_ranking : one of them computes it, NaN where it is undefined.
    interval : 95 %, in closed form; None where there is none.
    resampled : of a ranking, over resamples: labels and scores (n_films,), weights (n_resamples, n_films). Without
        it settings are not compared by a figure of ranking.
    needs_negatives : whether a difference between settings is based on the rarer kind of film, not on the positives.
    is_zero_as_published : whether arXiv 2506.14136 takes it as 0 where it is undefined.
    is_steady : whether it stays as it is where a class is more frequent, so that groups can be compared by it.
    places : where it is shown, if its evidence is there.
    """

    name: str
    title: str
    help: str
    digits: int = 3
    of_decisions: OfCells | None = None
    of_ranking: Callable[[CumulativeCounts], float] | None = None
    interval: Callable[[ClassFilms], Interval] | None = None
    resampled: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] | None = None
    needs_negatives: bool = False
    is_zero_as_published: bool = False
    is_steady: bool = False
    places: tuple[Place, ...] = PLACES

    def of(self, confusion: Confusion | None, counts: CumulativeCounts) -> float:
        """Compute the figure; NaN where it rests on decisions and none could be made."""
        if self.of_ranking is not None:
            return self.of_ranking(counts)
        return math.nan if confusion is None or self.of_decisions is None else float(self.of_decisions(confusion))

    def of_cells(self, counts: cells.Cells) -> float:
        """Compute the figure from decisions alone; NaN where it follows from scores."""
        return math.nan if self.of_decisions is None else float(self.of_decisions(counts))

    def fewest(self, n_positive: int, n_negative: int) -> int:
        """How many films a difference of the figure between settings is based on."""
        return min(n_positive, n_negative) if self.needs_negatives else n_positive


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
        """A figure of the class; NaN where it is undefined."""
        return self.values.get(figure.name, math.nan)

    @property
    def precision(self) -> float:
        """Share of the predicted that is positive."""
        return self.value(PRECISION)

    @property
    def recall(self) -> float:
        """Share of the positives that is predicted."""
        return self.value(RECALL)

    @property
    def specificity(self) -> float:
        """Share of the negatives that is not predicted."""
        return self.value(SPECIFICITY)

    @property
    def f1(self) -> float:
        """2 tp / (2 tp + fp + fn)."""
        return self.value(F1)

    @property
    def auroc(self) -> float:
        """Area under the ROC curve of the scores, whatever the threshold; NaN with one kind of film only."""
        return self.value(AUROC)

    @property
    def average_precision(self) -> float:
        """Mean precision at the positives, whatever the threshold; NaN without positives."""
        return self.value(AVERAGE_PRECISION)

    @property
    def n_predicted(self) -> int | None:
        """Films decided positive; None where no decision could be made."""
        return None if self.confusion is None else self.confusion.n_predicted

    @property
    def over_prediction(self) -> float:
        """Predicted / true positives; 1 is balance, NaN without positives or without decisions."""
        return math.nan if self.n_predicted is None else ratio(self.n_predicted, self.n_positive)


def precision_interval(films: ClassFilms) -> Interval:
    """The 95 % interval of precision; it is based on the predictions."""
    return films.share_interval(films.positive & films.decisions, films.predicted)


def recall_interval(films: ClassFilms) -> Interval:
    """The 95 % interval of recall; it is based on the positives."""
    return films.share_interval(films.positive & films.decisions, films.positive)


def specificity_interval(films: ClassFilms) -> Interval:
    """The 95 % interval of specificity; it is based on the negatives."""
    return films.share_interval(films.negative & ~films.decisions, films.negative)


def interval_of_f1(films: ClassFilms) -> Interval:
    """The 95 % interval of F1; it is based on the positives."""
    positive = films.positive
    sums = share_sums(positive & films.decisions, positive | films.predicted, films.patients)
    return f1_interval(sums, int(np.count_nonzero(positive)))


def _interval_of_auroc(films: ClassFilms) -> Interval:
    return auroc_interval(films.labels, films.known_scores, films.patients)


def _interval_of_average_precision(films: ClassFilms) -> Interval:
    return average_precision_interval(films.labels, films.known_scores, films.patients)


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
    resampled=resampled_aurocs,
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
    """The intervals of the figures of one class that follow from decisions, by name.

    labels (n_films,) of {0, 1, NaN = unread}, decisions (n_films,). f1, recall are based on the positives, specificity
    on the negatives, precision on the predictions.
    """
    films = ClassFilms(checked_labels(labels), decisions, patients)
    return {figure.name: figure.interval(films) for figure in CLASS_FIGURES if figure.of_decisions and figure.interval}
