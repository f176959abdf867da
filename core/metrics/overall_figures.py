"""Every figure over all classes, once: what it is called, how it is computed, and where it is shown.

A figure is a function of the evidence of a setting (`over_classes`) and one entry of OVERALL_FIGURES; tables, reports,
exports and the threshold deck ask the registry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.metrics import over_classes
from core.metrics.evidence import Evidence
from core.metrics.intervals import Interval
from core.metrics.overall_figure import OverallFigure, Place, Sizes


@dataclass(frozen=True)
class FigureRow:
    """Figures over all classes by name. What a row does not hold is undefined: NaN."""

    values: Mapping[str, float]

    def value(self, figure: OverallFigure) -> float:
        """Give a figure of the row; NaN where it is undefined."""
        return self.values.get(figure.name, math.nan)

    @property
    def macro_f1(self) -> float:
        """Compute the mean F1 over the classes that have a positive."""
        return self.value(MACRO_F1)

    @property
    def micro_f1(self) -> float:
        """Give the F1 of the counts summed over classes."""
        return self.value(MICRO_F1)

    @property
    def exact_match(self) -> float:
        """Compute the share of the fully read films whose label set is right."""
        return self.value(EXACT_MATCH)

    @property
    def lrap(self) -> float:
        """Give the label ranking average precision, 0..1."""
        return self.value(LRAP)

    @property
    def coverage_error(self) -> float:
        """Say how far down a film's ranking its last true label stands, 1..n_classes; lower is better."""
        return self.value(COVERAGE_ERROR)

    @property
    def macro_auroc(self) -> float:
        """Compute the mean AUROC over the classes that have both kinds of film."""
        return self.value(MACRO_AUROC)

    @property
    def inter_class_distance(self) -> float:
        """Compute the mean distance between class centres, in the units of the encoder's space."""
        return self.value(INTER_CLASS)

    @property
    def distance_ratio(self) -> float:
        """Divide the distance between classes by the distance within."""
        return self.value(DISTANCE_RATIO)

    @property
    def minutes(self) -> float:
        """Give the minutes that the setting took to make; NaN where nothing was trained or nobody noted it."""
        return self.value(MINUTES)


@dataclass(frozen=True)
class Overall(FigureRow, Sizes):
    """One setting over all classes, with what its figures are over.

    intervals : 95 %, by patient bootstrap, by the name of the figure; empty unless they were asked for.
    """

    intervals: Mapping[str, Interval] = field(default_factory=dict)

    def of_decisions(self) -> dict[str, Any]:
        """Name the figures that follow from decisions, then the films that they are of, as values."""
        values = {figure.name: self.value(figure) for figure in OVERALL_FIGURES if figure.of_decisions}
        return {**values, "n_films": self.n_films, "n_films_matched": self.n_films_matched}


def _films_matched(sizes: Sizes) -> int:
    return sizes.n_films_matched


def _films_ranked(sizes: Sizes) -> int:
    return sizes.n_films_ranked


MACRO_F1: Final = OverallFigure(
    "macro_f1",
    "Macro F1",
    "Mean F1 over the classes with a positive film",
    over=lambda sizes: f"{sizes.n_classes_f1} classes",
    of_decisions=over_classes.macro_f1,
    needs_positives=True,
)
MICRO_F1: Final = OverallFigure(
    "micro_f1",
    "Micro F1",
    "F1 of the counts of all classes together",
    over=lambda sizes: f"{sizes.n_true_labels:,} labels",
    of_decisions=over_classes.micro_f1,
    needs_positives=True,
    places=("report", "comparison", "csv", "latex", "html", "deck"),
)
EXACT_MATCH: Final = OverallFigure(
    "exact_match",
    "Exact match",
    "Share of the films labelled for every class whose labels are all right",
    over=lambda sizes: f"{sizes.n_films_matched:,} films",
    n=_films_matched,
    of_decisions=over_classes.exact_match,
)
HAMMING: Final = OverallFigure(
    "hamming",
    "Hamming loss",
    "Share of the labels that are decided wrongly",
    better="lower",
    of_decisions=over_classes.hamming,
    places=("csv", "html", "deck"),
)
CARDINALITY: Final = OverallFigure(
    "cardinality",
    "Predicted labels per film",
    "Mean number of labels that a film gets",
    better=None,
    of_decisions=over_classes.cardinality,
    has_interval=False,
    beside="true_cardinality",
    places=("csv", "html", "deck"),
)
TRUE_CARDINALITY: Final = OverallFigure(
    "true_cardinality",
    "True labels per film",
    "Mean number of labels that a film has",
    better=None,
    of_decisions=over_classes.true_cardinality,
    has_interval=False,
    places=("csv", "html"),
)
SHARE_LABELLED: Final = OverallFigure(
    "share_labelled",
    "Films with a predicted label",
    "Share of the films that get a label",
    better=None,
    of_decisions=over_classes.share_labelled,
    has_interval=False,
    beside="true_share_labelled",
    places=("csv", "html", "deck"),
)
TRUE_SHARE_LABELLED: Final = OverallFigure(
    "true_share_labelled",
    "Films with a true label",
    "Share of the films that have a label",
    better=None,
    of_decisions=over_classes.true_share_labelled,
    has_interval=False,
    places=("csv",),
)
LRAP: Final = OverallFigure(
    "lrap",
    "LRAP",
    "Label ranking average precision over the films with a positive label",
    over=lambda sizes: f"{sizes.n_films_ranked:,} films",
    n=_films_ranked,
    of_ranking=over_classes.lrap,
    places=("results", "report"),
)
COVERAGE_ERROR: Final = OverallFigure(
    "coverage_error",
    "Coverage error",
    "How far down a film's ranking its last true label stands",
    better="lower",
    digits=2,
    over=lambda sizes: f"{sizes.n_films_ranked:,} films",
    n=_films_ranked,
    of_ranking=over_classes.coverage_error,
    places=("results", "report"),
)
MACRO_AUROC: Final = OverallFigure(
    "macro_auroc",
    "Macro AUROC",
    "Mean area under the ROC curve over the classes with both kinds of film",
    over=lambda sizes: f"{sizes.n_classes_auroc} classes",
    of_ranking=over_classes.macro_auroc,
    places=("report", "comparison"),
)
INTER_CLASS: Final = OverallFigure(
    "inter_class_distance",
    "Inter-class distance",
    "Mean distance between class centres in the encoder's space",
    digits=2,
    of_setting=lambda evidence: math.nan if evidence.distances is None else evidence.distances.inter,
    has_interval=False,
    places=("results", "report"),
)
INTRA_CLASS: Final = OverallFigure(
    "intra_class_distance",
    "Intra-class distance",
    "Mean distance of a film to the centre of its class in the encoder's space",
    better="lower",
    digits=2,
    of_setting=lambda evidence: math.nan if evidence.distances is None else evidence.distances.intra,
    has_interval=False,
    places=("results", "report"),
)
DISTANCE_RATIO: Final = OverallFigure(
    "distance_ratio",
    "Inter / intra",
    "Distance between classes over distance within",
    of_setting=lambda evidence: math.nan if evidence.distances is None else evidence.distances.ratio,
    has_interval=False,
    places=("results", "report"),
)
MINUTES: Final = OverallFigure(
    "minutes",
    "Time (min)",
    "Minutes that the training took",
    better="lower",
    digits=2,
    of_setting=lambda evidence: math.nan if evidence.minutes is None else evidence.minutes,
    has_interval=False,
    is_marked=False,
    places=("results", "report"),
)

OVERALL_FIGURES: tuple[OverallFigure, ...] = (
    MACRO_F1,
    MICRO_F1,
    EXACT_MATCH,
    HAMMING,
    CARDINALITY,
    TRUE_CARDINALITY,
    SHARE_LABELLED,
    TRUE_SHARE_LABELLED,
    LRAP,
    COVERAGE_ERROR,
    MACRO_AUROC,
    INTER_CLASS,
    INTRA_CLASS,
    DISTANCE_RATIO,
    MINUTES,
)
"""Every figure over all classes, in the order of reports and files. To add one, write its line."""


def overall_figures() -> tuple[OverallFigure, ...]:
    """List every figure over all classes."""
    return OVERALL_FIGURES


def overall_figures_in(place: Place) -> tuple[OverallFigure, ...]:
    """Choose the figures that are shown in a place, in the registry's order."""
    return tuple(figure for figure in OVERALL_FIGURES if place in figure.places)


def overall_row(evidence: Evidence, sizes: Sizes) -> Overall:
    """Compute every figure; what there is no evidence for is undefined."""
    return Overall(values={figure.name: float(figure.of(evidence)) for figure in OVERALL_FIGURES}, **vars(sizes))
