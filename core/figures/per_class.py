"""Figures of one class, or of all classes side by side: curves, over-prediction, co-occurrence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import (
    BLUE,
    GREY,
    SEQUENTIAL,
    as_written,
    laid_out,
    say_undefined,
    setting_style,
    unknown_settings,
)
from core.metrics.arrays import FloatArray, IntArray, ratios
from core.metrics.class_figures import ClassMetrics
from core.metrics.ranking import PrecisionRecallCurve, RocCurve
from core.settings.titles import setting_title
from core.words import number_words

_HEIGHT = 380
_SMALLEST_SHARE = 0.005
"""Shares that would read 0 % stay clear."""
_FEWEST = 0.01
"""Left end of the over-prediction axis, where classes that are never predicted are drawn."""


def roc_figure(curves: Mapping[str, RocCurve]) -> go.Figure:
    """Draw the ROC curves of one class by setting, with their areas; the diagonal is chance."""
    figure = go.Figure()
    _reference(figure, [0, 1], [0, 1], "Chance")
    others = unknown_settings(tuple(curves))
    for setting, curve in curves.items():
        if curve.is_defined:
            _line(figure, setting, others, curve.fpr, curve.tpr, f"AUROC {number_words(curve.auc)}")
    say_undefined(figure, [_missing(setting, curve) for setting, curve in curves.items() if not curve.is_defined][:1])
    return _unit_axes(figure, "False positive rate (1 - specificity)", "True positive rate (recall)")


def precision_recall_figure(curves: Mapping[str, PrecisionRecallCurve]) -> go.Figure:
    """Draw the precision-recall curves of one class by setting,
    with average precision; the level line is the prevalence.
    """
    figure = go.Figure()
    others = unknown_settings(tuple(curves))
    defined = {setting: curve for setting, curve in curves.items() if curve.is_defined}
    for curve in list(defined.values())[:1]:
        prevalence = curve.n_positive / (curve.n_positive + curve.n_negative)
        _reference(figure, [0, 1], [prevalence, prevalence], f"Prevalence {number_words(prevalence)}")
    for setting, curve in defined.items():
        recall, precision = np.r_[0.0, curve.recall], np.r_[curve.precision[:1], curve.precision]
        _line(figure, setting, others, recall, precision, f"AP {number_words(curve.average_precision)}")
    say_undefined(figure, [_missing(name, curve) for name, curve in curves.items() if not curve.is_defined][:1])
    return _unit_axes(figure, "Recall", "Precision")


def over_prediction_figure(per_class: Mapping[str, Mapping[str, ClassMetrics]]) -> go.Figure:
    """Draw predicted / read positives of every class by setting, on a log axis; 1 is balance.

    per_class : by setting, by class. A class that is never predicted is drawn hollow at the left edge; one without
    positives has no ratio and is left out.
    """
    others = unknown_settings(tuple(per_class))
    figure = go.Figure()
    for setting, classes in per_class.items():
        rows = [metrics for metrics in classes.values() if not math.isnan(metrics.over_prediction)]
        style = setting_style(setting, others)
        never = [metrics.n_predicted == 0 for metrics in rows]
        figure.add_scatter(
            x=[max(metrics.over_prediction, _FEWEST) for metrics in rows],
            y=[as_written(metrics.finding) for metrics in rows],
            mode="markers",
            name=setting_title(setting),
            marker={
                "color": style.colour,
                "size": 11,
                "symbol": [style.symbol + ("-open" if none else "") for none in never],
                "line": {"width": [2 if none else 0 for none in never], "color": style.colour},
            },
            hoverinfo="text",
            hovertext=[_ratio_words(setting, metrics) for metrics in rows],
        )
    names = [as_written(name) for name in next(iter(per_class.values()), {})]
    highest = max((max(trace.x, default=1.0) for trace in figure.data), default=1.0)
    figure.add_vline(x=1, line={"color": GREY, "width": 2, "dash": "dash"})
    laid_out(figure, height=90 + 26 * len(names))
    figure.update_xaxes(
        type="log",
        title="Predicted / labelled positives",
        range=[math.log10(_FEWEST * 0.8), math.log10(max(highest, 2.0) * 1.3)],
        tickvals=[_FEWEST, 0.05, 0.2, 1, 5, 20, 100],
        ticktext=["none", "0.05", "0.2", "1", "5", "20", "100"],
        tickangle=0,
    )
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], showgrid=True, dtick=1)
    return figure


def co_occurrence_figure(
    classes: Sequence[str], counts: IntArray, totals: IntArray, row_title: str, column_title: str
) -> go.Figure:
    """Draw, of the films of the row's class, the share that has the column's.

    counts : (n_classes, n_classes) films with both.
    totals : (n_classes, n_classes) films of the row that were read for the column; where there is none the cell stays
        empty.
    row_title, column_title : "read" or "predicted".
    Over each cell lies a mark without colour that carries the places of both classes, for who clicks it.
    """
    names = [as_written(name) for name in classes]
    shares = ratios(counts, totals)
    words = [
        [
            f"{row_title} {row}, and labelled for {column}: {totals[i, j]:,} films"
            f"<br>of these {column_title} {column}: {counts[i, j]:,}"
            for j, column in enumerate(names)
        ]
        for i, row in enumerate(names)
    ]
    heat = go.Heatmap(
        z=np.where(shares[::-1] < _SMALLEST_SHARE, np.nan, shares[::-1]),
        x=names,
        y=names[::-1],
        zmin=0,
        zmax=1,
        colorscale=[list(stop) for stop in SEQUENTIAL],
        xgap=1,
        ygap=1,
        hoverinfo="skip",
        texttemplate="%{text}",
        text=[["" if math.isnan(v) or v < _SMALLEST_SHARE else f"{100 * v:.0f}" for v in row] for row in shares[::-1]],
        colorbar={"title": {"text": "Share"}, "tickformat": ".0%", "thickness": 10, "len": 0.6},
        showscale=False,
    )
    figure = laid_out(go.Figure([heat, _handles(names, words)]), height=150 + 26 * len(classes))
    figure.update_xaxes(tickangle=-60, showgrid=False, tickfont={"size": 11}, dtick=1)
    figure.update_yaxes(showgrid=False, tickfont={"size": 11}, dtick=1)
    return figure


def _handles(names: Sequence[str], words: Sequence[Sequence[str]]) -> go.Scatter:
    """A mark for each cell of a matrix, to point at and to click: cells themselves cannot be chosen."""
    places = [(i, j) for i in range(len(names)) for j in range(len(names))]
    return go.Scatter(
        x=[names[j] for _, j in places],
        y=[names[i] for i, _ in places],
        mode="markers",
        marker={"symbol": "square", "size": 24, "opacity": 0, "color": BLUE},
        selected={"marker": {"opacity": 0.45}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
        hoverinfo="text",
        hovertext=[words[i][j] for i, j in places],
        customdata=[[i, j] for i, j in places],
    )


def _line(
    figure: go.Figure, setting: str, others: tuple[str, ...], x: FloatArray, y: FloatArray, figure_of_merit: str
) -> None:
    style = setting_style(setting, others)
    figure.add_scatter(
        x=np.asarray(x, dtype=np.float32),
        y=np.asarray(y, dtype=np.float32),
        mode="lines",
        line={"color": style.colour, "dash": style.dash, "width": 2.5, "shape": "hv"},
        name=f"{setting_title(setting)}: {figure_of_merit}",
    )


def _reference(figure: go.Figure, x: list[float], y: list[float], name: str) -> None:
    figure.add_scatter(
        x=x, y=y, mode="lines", name=name, hoverinfo="skip", line={"color": GREY, "width": 1.5, "dash": "dash"}
    )


def _unit_axes(figure: go.Figure, x_title: str, y_title: str) -> go.Figure:
    laid_out(figure, height=_HEIGHT + 30 * len(figure.data) // 2)
    figure.update_layout(legend={"orientation": "h", "yanchor": "bottom", "y": 1.02})
    figure.update_xaxes(title=x_title, range=[-0.01, 1.01])
    figure.update_yaxes(title=y_title, range=[-0.01, 1.03])
    return figure


def _missing(setting: str, curve: RocCurve | PrecisionRecallCurve) -> str:
    finding = as_written(curve.finding)
    if curve.n_positive and curve.n_negative:
        return f"No curve of {setting_title(setting)}, which was never trained on {finding}."
    return f"No curve: {curve.n_positive} positive and {curve.n_negative} negative films of {finding}."


def _ratio_words(setting: str, metrics: ClassMetrics) -> str:
    return (
        f"<b>{as_written(metrics.finding)}</b>, {setting_title(setting)}<br>"
        f"predicted {metrics.n_predicted:,}, labelled {metrics.n_positive:,}: "
        f"{number_words(metrics.over_prediction, 2)} x"
    )
