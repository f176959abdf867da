"""Curves of every class with the current threshold on each: small multiples, the settings together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from core.figures.small_multiples import (
    BREAK,
    HEAD_PX,
    PAIR,
    ROW_PX,
    Place,
    Point,
    as_pair,
    bars,
    cells,
    dashed,
    finished,
    grid,
    legend_html,
    line,
    mark,
    reference,
    say,
    series,
    subplots,
    upright,
)
from core.figures.theme import BLUE, GREY, laid_out, setting_style, unknown_settings
from core.metrics.intervals import Interval, not_estimable, wilson
from core.settings.titles import setting_title
from core.thresholds.curves import ClassCurves, Curves
from core.thresholds.spread import Spread
from core.words import interval_words, number_words, split_words, threshold_words


def roc_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """Draw ROC curves: positives found against negatives called positive; the diagonal is chance."""
    figure = grid(curves, columns, _needs_both)
    for place, rows in cells(curves, columns):
        reference(figure, place, [0, 1], [0, 1])
        for setting, one in rows.items():
            line(
                figure,
                place,
                curves,
                setting,
                one.steps.false_positive_rate,
                one.steps.recall,
                f"AUROC {number_words(one.auroc)}",
            )
            flipped = _mirrored(one.intervals["specificity"])
            point = Point(
                1 - one.point.specificity, one.point.recall, flipped, one.intervals["recall"], _counts(one), one.finding
            )
            mark(figure, place, curves, setting, point)
    return finished(figure, curves, columns, "1 - specificity", "Recall", unit=True)


def precision_recall_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """Draw precision against recall; the level line is the prevalence."""
    figure = grid(curves, columns, _needs_positive)
    for place, rows in cells(curves, columns):
        prevalence = _prevalence(rows)
        reference(figure, place, [0, 1], [prevalence, prevalence])
        for setting, one in rows.items():
            words = f"AP {number_words(one.average_precision)}"
            line(figure, place, curves, setting, one.steps.recall, one.steps.precision, words)
            point = Point(
                one.point.recall,
                one.point.precision,
                one.intervals["recall"],
                one.intervals["precision"],
                _counts(one),
                one.finding,
            )
            mark(figure, place, curves, setting, point)
    return finished(figure, curves, columns, "Recall", "Precision", unit=True)


def f1_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """Draw F1 against the threshold, the threshold as the share of films at or above it, which all settings share."""
    figure = grid(curves, columns, _needs_positive)
    for place, rows in cells(curves, columns):
        prevalence = _prevalence(rows)
        reference(figure, place, [prevalence, prevalence], [0, 1])
        for setting, one in rows.items():
            hover = [f"threshold {threshold_words(value)}" for value in one.steps.thresholds]
            line(figure, place, curves, setting, one.steps.predicted, one.steps.f1, "F1", hover)
            share = _predicted(one)
            point = Point(share, one.point.f1, None, one.intervals["f1"], _counts(one), one.finding)
            mark(figure, place, curves, setting, point)
    return finished(figure, curves, columns, "Share of films called positive", "F1", unit=True)


def calibration_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """Draw the observed share against predicted probability, in ten groups;
    on the diagonal probabilities mean what they say.
    """
    figure = grid(curves, columns, _needs_probabilities)
    for place, rows in cells(curves, columns):
        reference(figure, place, [0, 1], [0, 1])
        for setting, one in rows.items():
            if one.calibration is None:
                continue
            groups = one.calibration.groups
            words = f"ECE {number_words(one.calibration.ece)}, Brier {number_words(one.calibration.brier)}"
            ends = [wilson(int(k), int(n)) for k, n in zip(groups.n_positive, groups.n, strict=True)]
            hover = [f"{k} positive of {n} films" for k, n in zip(groups.n_positive, groups.n, strict=True)]
            line(figure, place, curves, setting, groups.predicted, groups.observed, words, hover, ends=ends)
            if not math.isnan(one.calibration.threshold):
                upright(figure, place, curves, setting, one.calibration.threshold)
    _say_sources(figure, curves)
    return finished(figure, curves, columns, "Predicted probability", "Observed share", unit=True)


def decision_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """Draw the net benefit per film against the probability from which one would act;
    dashed: calling all films, or none.
    """
    figure = grid(curves, columns, _needs_probabilities)
    for place, rows in cells(curves, columns):
        prevalence = _prevalence(rows)
        reference(figure, place, [0, 1], [0, 0])
        calibrated = {setting: (one, one.calibration) for setting, one in rows.items() if one.calibration}
        for _, made in list(calibrated.values())[:1]:
            shown = made.treat_all >= -0.3 * prevalence
            reference(figure, place, made.probabilities[shown], made.treat_all[shown])
        for setting, (one, made) in calibrated.items():
            floor = np.maximum(made.benefit, -0.3 * prevalence)
            line(figure, place, curves, setting, made.probabilities, floor, "net benefit")
            point = Point(made.threshold, made.benefit_at, words=_counts(one), finding=one.finding)
            mark(figure, place, curves, setting, point)
        figure.update_yaxes(
            range=[-0.32 * max(prevalence, 0.01), 1.1 * max(prevalence, 0.01)], row=place.row, col=place.column
        )
    _say_sources(figure, curves)
    return finished(figure, curves, columns, "Threshold probability", "Net benefit", unit=False)


def prevalence_figure(curves: Curves, columns: int = 4) -> go.Figure:
    """Draw the share of films predicted against share read as positive,
    every class of every setting; on the line they agree.
    """
    del columns
    figure = go.Figure()
    figure.add_scatter(x=[1e-4, 1], y=[1e-4, 1], mode="lines", line=dashed(), hoverinfo="skip", showlegend=False)
    others = unknown_settings(tuple(curves.by_setting))
    for setting, classes in curves.by_setting.items():
        rows = [one for one in classes.values() if one.point.n_positive]
        style = setting_style(setting, others)
        shares = [max(_predicted(one), 1e-4) for one in rows]
        figure.add_scatter(
            x=[one.point.n_positive / one.point.n_read for one in rows],
            y=shares,
            error_y=bars(shares, [one.intervals["predicted"] for one in rows], style.colour),
            mode="markers",
            marker={"color": style.colour, "symbol": style.symbol, "size": 10},
            name=series(curves, setting),
            hoverinfo="text",
            hovertext=[f"<b>{one.finding}</b>, {setting_title(setting)}<br>{_counts(one)}" for one in rows],
            customdata=[[setting, one.finding] for one in rows],
            unselected={"marker": {"opacity": 0.5}},
        )
    laid_out(figure, height=460)
    ticks = [1e-4, 1e-3, 0.01, 0.1, 1]
    axis = {
        "type": "log",
        "range": [-4.1, 0.1],
        "tickvals": ticks,
        "ticktext": ["none", "0.1 %", "1 %", "10 %", "100 %"],
    }
    figure.update_xaxes(title="Share of films labelled positive", **axis)
    figure.update_yaxes(title="Share of films predicted", **axis)
    return figure


Draw = Callable[..., go.Figure]

CURVES: Final[tuple[tuple[str, str, Draw], ...]] = (
    ("roc", "ROC", roc_curves),
    ("precision-recall", "Precision and recall", precision_recall_curves),
    ("f1", "F1 against the threshold", f1_curves),
    ("calibration", "Calibration", calibration_curves),
    ("decision", "Decision curve", decision_curves),
    ("prevalence", "Predicted against true prevalence", prevalence_figure),
)
"""Name, title, and what draws it from (curves, columns). To add a figure, write its function and a line here."""

WITH_PROBABILITIES: Final = ("calibration", "decision")
"""Those that need scores as probabilities."""


def pairs_of(name: str, curves: Curves) -> tuple[str, list[go.Figure]]:
    """Draw a kind of curve of all classes, two to a figure,
    so that a page can set as many side by side as it has room for.

    Returns the legend as HTML, and the figures. Curves of all classes in one picture stay one figure.
    """
    draw = next(draw for kind, _, draw in CURVES if kind == name)
    if draw is prevalence_figure:
        return "", [draw(curves)]
    figures = [draw(curves.only(*pair), PAIR) for pair in _pairs(curves.classes)]
    legend = legend_html(figures)
    return legend, [as_pair(figure) for figure in figures]


def spread_pairs(spreads: Mapping[str, Spread]) -> list[go.Figure]:
    """Draw `spread_figure` of all classes, two to a figure."""
    pairs = _pairs(tuple(spreads))
    return [as_pair(spread_figure({name: spreads[name] for name in pair}, PAIR)) for pair in pairs]


def _pairs(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + PAIR] for start in range(0, len(names), PAIR)]


def alt_of(name: str, curves: Curves) -> str:
    """Write a sentence for those who cannot see the figure."""
    title = next(title for kind, title, _ in CURVES if kind == name)
    settings = ", ".join(setting_title(setting) for setting in curves.by_setting)
    films = f"{split_words(curves.split)} films"
    return f"{title} of {len(curves.classes)} classes on {films}, with the current thresholds: {settings}"


def spread_figure(spreads: Mapping[str, Spread], columns: int = 4) -> go.Figure:
    """Draw where each class's threshold falls when it is fitted again on resampled patients;
    the bar is the middle 95 %.
    """
    titles = [f"{name}{BREAK}(n = {one.n_positive})" for name, one in spreads.items()]
    figure = subplots(titles, columns)
    for number, one in enumerate(spreads.values()):
        place = Place(number // columns + 1, number % columns + 1)
        known = one.thresholds[~np.isnan(one.thresholds)]
        if not one.is_estimable:
            words = interval_words(not_estimable(one.n_positive)) if one.n_positive else "no positive film"
            say(figure, place, words)
            continue
        figure.add_histogram(
            x=known.astype(np.float32), nbinsx=40, marker={"color": BLUE}, row=place.row, col=place.column
        )
        band = {"fillcolor": GREY, "opacity": 0.2, "line_width": 0, "row": place.row, "col": place.column}
        figure.add_vrect(x0=one.low, x1=one.high, **band)
    n_rows = math.ceil(len(spreads) / columns)
    laid_out(figure, height=HEAD_PX + ROW_PX * max(n_rows, 1), showlegend=False)
    figure.update_layout(margin={"t": 30})
    figure.update_yaxes(showticklabels=False)
    return figure


def _say_sources(figure: go.Figure, curves: Curves) -> None:
    """Adds to the legend where each setting's probabilities come from."""
    for setting, classes in curves.by_setting.items():
        words = dict.fromkeys(one.calibration.words for one in classes.values() if one.calibration)
        named = {"legendgroup": setting, "showlegend": True}
        figure.for_each_trace(lambda trace, words=words: trace.update(name=f"{trace.name}: {', '.join(words)}"), named)


def _needs_positive(one: ClassCurves) -> str:
    return "never trained" if not one.is_trained else "" if one.point.n_positive else "no positive film"


def _needs_both(one: ClassCurves) -> str:
    return _needs_positive(one) or ("" if one.point.n_positive < one.point.n_read else "no negative film")


def _needs_probabilities(one: ClassCurves) -> str:
    return _needs_positive(one) or ("" if one.calibration else "no probabilities")


def _mirrored(interval: Interval) -> Interval:
    return Interval(1 - interval.high, 1 - interval.low, interval.n, interval.is_estimable)


def _prevalence(rows: Mapping[str, ClassCurves]) -> float:
    one = next(iter(rows.values()))
    return one.point.n_positive / one.point.n_read


def _predicted(one: ClassCurves) -> float:
    return one.point.n_predicted / one.point.n_read


def _counts(one: ClassCurves) -> str:
    at = "film by film" if math.isnan(one.threshold) else f"threshold {threshold_words(one.threshold)}"
    point = one.point
    return (
        f"{at}: predicted {point.n_predicted:,}, right {point.tp:,}, missed {point.fn:,}, labelled {point.n_positive:,}"
    )
