"""Curves of every class with the current threshold on each: small multiples, the settings together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.theme import BLUE, GREY, laid_out, setting_style, unknown_settings
from core.metrics.arrays import MIN_POSITIVES, FloatArray
from core.metrics.intervals import Interval, wilson
from core.thresholds.curves import ClassCurves, Curves
from core.thresholds.spread import Spread
from core.titles import setting_title

_ROW_PX: Final = 190
_HEAD_PX: Final = 70
_READINGS: Final[Mapping[str, str]] = {
    "exploratory": " (exploratory)",
    "optimistic": " (on the films of the fit: optimistic)",
}


@dataclass(frozen=True)
class _Place:
    """One small figure of the grid, both from 1."""

    row: int
    column: int


@dataclass(frozen=True, eq=False)
class _Point:
    """Where a threshold stands, with its intervals; either may be None where none is drawn."""

    x: float
    y: float
    x_interval: Interval | None = None
    y_interval: Interval | None = None
    words: str = ""


def roc_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """ROC: positives found against negatives called positive; the diagonal is chance."""
    figure = _grid(curves, columns, _needs_both)
    for place, rows in _cells(curves, columns):
        _reference(figure, place, [0, 1], [0, 1])
        for setting, one in rows.items():
            _line(
                figure,
                place,
                curves,
                setting,
                one.steps.false_positive_rate,
                one.steps.recall,
                f"AUROC {one.auroc:.3f}",
            )
            flipped = _mirrored(one.intervals["specificity"])
            point = _Point(1 - one.point.specificity, one.point.recall, flipped, one.intervals["recall"], _counts(one))
            _mark(figure, place, curves, setting, point)
    return _finished(figure, curves, columns, "1 - specificity", "Recall", unit=True)


def precision_recall_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """Precision against recall; the level line is the prevalence."""
    figure = _grid(curves, columns, _needs_positive)
    for place, rows in _cells(curves, columns):
        prevalence = _prevalence(rows)
        _reference(figure, place, [0, 1], [prevalence, prevalence])
        for setting, one in rows.items():
            words = f"AP {one.average_precision:.3f}"
            _line(figure, place, curves, setting, one.steps.recall, one.steps.precision, words)
            point = _Point(
                one.point.recall, one.point.precision, one.intervals["recall"], one.intervals["precision"], _counts(one)
            )
            _mark(figure, place, curves, setting, point)
    return _finished(figure, curves, columns, "Recall", "Precision", unit=True)


def f1_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """F1 against the threshold, the threshold as the share of films at or above it, which all settings share."""
    figure = _grid(curves, columns, _needs_positive)
    for place, rows in _cells(curves, columns):
        prevalence = _prevalence(rows)
        _reference(figure, place, [prevalence, prevalence], [0, 1])
        for setting, one in rows.items():
            hover = [f"threshold {value:.4g}" for value in one.steps.thresholds]
            _line(figure, place, curves, setting, one.steps.predicted, one.steps.f1, "F1", hover)
            share = _predicted(one)
            _mark(figure, place, curves, setting, _Point(share, one.point.f1, None, one.intervals["f1"], _counts(one)))
    return _finished(figure, curves, columns, "Share of films called positive", "F1", unit=True)


def calibration_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """Observed share against predicted probability, in ten groups; on the diagonal probabilities mean what they say."""
    figure = _grid(curves, columns, _needs_probabilities)
    for place, rows in _cells(curves, columns):
        _reference(figure, place, [0, 1], [0, 1])
        for setting, one in rows.items():
            if one.calibration is None:
                continue
            groups = one.calibration.groups
            words = f"ECE {one.calibration.ece:.3f}, Brier {one.calibration.brier:.3f}"
            ends = [wilson(int(k), int(n)) for k, n in zip(groups.n_positive, groups.n, strict=True)]
            hover = [f"{k} positive of {n} films" for k, n in zip(groups.n_positive, groups.n, strict=True)]
            _line(figure, place, curves, setting, groups.predicted, groups.observed, words, hover, ends=ends)
            if not math.isnan(one.calibration.threshold):
                _upright(figure, place, curves, setting, one.calibration.threshold)
    return _finished(figure, curves, columns, "Predicted probability", "Observed share", unit=True)


def decision_curves(curves: Curves, columns: int = 4) -> go.Figure:
    """Net benefit per film against the probability from which one would act; dashed: calling all films, or none."""
    figure = _grid(curves, columns, _needs_probabilities)
    for place, rows in _cells(curves, columns):
        prevalence = _prevalence(rows)
        _reference(figure, place, [0, 1], [0, 0])
        for number, (setting, one) in enumerate(rows.items()):
            if one.calibration is None:
                continue
            made = one.calibration
            if not number:
                shown = made.treat_all >= -0.3 * prevalence
                _reference(figure, place, made.probabilities[shown], made.treat_all[shown])
            floor = np.maximum(made.benefit, -0.3 * prevalence)
            _line(figure, place, curves, setting, made.probabilities, floor, "net benefit")
            _mark(figure, place, curves, setting, _Point(made.threshold, made.benefit_at, words=_counts(one)))
        figure.update_yaxes(
            range=[-0.32 * max(prevalence, 0.01), 1.1 * max(prevalence, 0.01)], row=place.row, col=place.column
        )
    return _finished(figure, curves, columns, "Threshold probability", "Net benefit", unit=False)


def prevalence_figure(curves: Curves, columns: int = 4) -> go.Figure:
    """Share of films predicted against share read as positive, every class of every setting; on the line they agree."""
    del columns
    figure = go.Figure()
    figure.add_scatter(x=[1e-4, 1], y=[1e-4, 1], mode="lines", line=_dashed(), hoverinfo="skip", showlegend=False)
    others = unknown_settings(tuple(curves.by_setting))
    for setting, classes in curves.by_setting.items():
        rows = [one for one in classes.values() if one.point.n_positive]
        style = setting_style(setting, others)
        shares = [max(_predicted(one), 1e-4) for one in rows]
        figure.add_scatter(
            x=[one.point.n_positive / one.point.n_read for one in rows],
            y=shares,
            error_y=_bars(shares, [one.intervals["predicted"] for one in rows], style.colour),
            mode="markers",
            marker={"color": style.colour, "symbol": style.symbol, "size": 10},
            name=_series(curves, setting),
            hoverinfo="text",
            hovertext=[f"<b>{one.finding}</b>, {setting_title(setting)}<br>{_counts(one)}" for one in rows],
        )
    laid_out(figure, height=460)
    ticks = [1e-4, 1e-3, 0.01, 0.1, 1]
    axis = {
        "type": "log",
        "range": [-4.1, 0.1],
        "tickvals": ticks,
        "ticktext": ["none", "0.1 %", "1 %", "10 %", "100 %"],
    }
    figure.update_xaxes(title="Share of films read as positive", **axis)
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


def alt_of(name: str, curves: Curves) -> str:
    """A sentence for those who cannot see the figure."""
    title = next(title for kind, title, _ in CURVES if kind == name)
    settings = ", ".join(setting_title(setting) for setting in curves.by_setting)
    return f"{title} of {len(curves.classes)} classes on {curves.split} films, with the current thresholds: {settings}"


def spread_figure(spreads: Mapping[str, Spread], columns: int = 4) -> go.Figure:
    """Where each class's threshold falls when it is fitted again on resampled patients; the bar is the middle 95 %."""
    titles = [f"{name} (n = {one.n_positive})" for name, one in spreads.items()]
    figure = _subplots(titles, columns)
    for number, one in enumerate(spreads.values()):
        place = _Place(number // columns + 1, number % columns + 1)
        known = one.thresholds[~np.isnan(one.thresholds)]
        if not one.is_estimable:
            _say(figure, place, "not estimable" if one.n_positive else "no positive film")
            continue
        figure.add_histogram(
            x=known.astype(np.float32), nbinsx=40, marker={"color": BLUE}, row=place.row, col=place.column
        )
        band = {"fillcolor": GREY, "opacity": 0.2, "line_width": 0, "row": place.row, "col": place.column}
        figure.add_vrect(x0=one.low, x1=one.high, **band)
    n_rows = math.ceil(len(spreads) / columns)
    laid_out(figure, height=_HEAD_PX + _ROW_PX * max(n_rows, 1), showlegend=False)
    figure.update_layout(margin={"t": 30})
    figure.update_yaxes(showticklabels=False)
    return figure


def _cells(curves: Curves, columns: int) -> list[tuple[_Place, dict[str, ClassCurves]]]:
    """Every class that can be drawn at all: its place, and its curves by setting."""
    found = []
    for number, finding in enumerate(curves.classes):
        rows = {setting: classes[finding] for setting, classes in curves.by_setting.items()}
        if any(one.point.n_positive for one in rows.values()):
            found.append((_Place(number // columns + 1, number % columns + 1), rows))
    return found


def _needs_positive(one: ClassCurves) -> str:
    return "" if one.point.n_positive else "no positive film"


def _needs_both(one: ClassCurves) -> str:
    return _needs_positive(one) or ("" if one.point.n_positive < one.point.n_read else "no negative film")


def _needs_probabilities(one: ClassCurves) -> str:
    return _needs_positive(one) or ("" if one.calibration else "no probabilities")


def _grid(curves: Curves, columns: int, lacks: Callable[[ClassCurves], str]) -> go.Figure:
    """The empty grid, titled by class and number of positives; what cannot be drawn says why."""
    first: Mapping[str, ClassCurves] = next(iter(curves.by_setting.values()), {})
    n_positive = {name: first[name].point.n_positive if name in first else 0 for name in curves.classes}
    few = {name: ", too few" if 0 < n < MIN_POSITIVES else "" for name, n in n_positive.items()}
    figure = _subplots([f"{name} (n = {n}){few[name]}" for name, n in n_positive.items()], columns)
    for number, name in enumerate(curves.classes):
        reasons = [lacks(classes[name]) for classes in curves.by_setting.values()]
        if reasons and all(reasons):
            _say(figure, _Place(number // columns + 1, number % columns + 1), reasons[0])
    return figure


def _subplots(titles: list[str], columns: int) -> go.Figure:
    n_rows = max(math.ceil(len(titles) / columns), 1)
    figure = make_subplots(
        rows=n_rows,
        cols=columns,
        subplot_titles=titles,
        horizontal_spacing=0.22 / columns,
        vertical_spacing=min(0.34 / n_rows, 0.3),
    )
    figure.update_annotations(font_size=12)
    return figure


def _finished(figure: go.Figure, curves: Curves, columns: int, x_title: str, y_title: str, *, unit: bool) -> go.Figure:
    n_rows = max(math.ceil(len(curves.classes) / columns), 1)
    laid_out(figure, height=_HEAD_PX + _ROW_PX * n_rows)
    figure.update_layout(legend={"y": 1 + 34 / (_ROW_PX * n_rows)}, margin={"t": _HEAD_PX - 10})
    figure.update_xaxes(range=[-0.02, 1.02], tickvals=[0, 0.5, 1], tickfont={"size": 10})
    figure.update_yaxes(tickfont={"size": 10})
    if unit:
        figure.update_yaxes(range=[-0.02, 1.05], tickvals=[0, 0.5, 1])
    for column in range(1, columns + 1):
        last = n_rows if (n_rows - 1) * columns + column <= len(curves.classes) else n_rows - 1
        if last >= 1:
            figure.update_xaxes(title={"text": x_title, "font": {"size": 11}}, row=last, col=column)
    figure.update_yaxes(title={"text": y_title, "font": {"size": 11}}, col=1)
    return figure


def _line(
    figure: go.Figure,
    place: _Place,
    curves: Curves,
    setting: str,
    x: FloatArray,
    y: FloatArray,
    words: str,
    hover: list[str] | None = None,
    ends: list[Interval] | None = None,
) -> None:
    """One setting's curve; the legend names each setting once."""
    style = setting_style(setting, unknown_settings(tuple(curves.by_setting)))
    figure.add_scatter(
        x=np.asarray(x, dtype=np.float32),
        y=np.asarray(y, dtype=np.float32),
        error_y=None if ends is None else _bars(list(y), ends, style.colour),
        mode="lines" if ends is None else "lines+markers",
        marker={"size": 4, "color": style.colour},
        line={"color": style.colour, "dash": style.dash, "width": 2},
        name=_series(curves, setting),
        legendgroup=setting,
        showlegend=_is_new(figure, _series(curves, setting)),
        text=hover,
        hovertemplate=f"{setting_title(setting)}, {words}<br>(%{{x:.3f}}, %{{y:.3f}})%{{text}}<extra></extra>"
        if hover
        else f"{setting_title(setting)}, {words}<br>(%{{x:.3f}}, %{{y:.3f}})<extra></extra>",
        row=place.row,
        col=place.column,
    )


def _mark(figure: go.Figure, place: _Place, curves: Curves, setting: str, point: _Point) -> None:
    """The current point with its intervals; nothing where it is undefined."""
    if math.isnan(point.x) or math.isnan(point.y):
        return
    style = setting_style(setting, unknown_settings(tuple(curves.by_setting)))
    figure.add_scatter(
        x=[point.x],
        y=[point.y],
        error_x=None if point.x_interval is None else _bars([point.x], [point.x_interval], style.colour),
        error_y=None if point.y_interval is None else _bars([point.y], [point.y_interval], style.colour),
        mode="markers",
        marker={"color": style.colour, "symbol": style.symbol, "size": 9, "line": {"width": 1.5, "color": GREY}},
        legendgroup=setting,
        showlegend=False,
        hoverinfo="text",
        hovertext=f"<b>{setting_title(setting)}</b><br>{point.words}",
        row=place.row,
        col=place.column,
    )


def _upright(figure: go.Figure, place: _Place, curves: Curves, setting: str, x: float) -> None:
    """A line where the current threshold is."""
    style = setting_style(setting, unknown_settings(tuple(curves.by_setting)))
    figure.add_scatter(
        x=[x, x],
        y=[0, 1],
        mode="lines",
        line={"color": style.colour, "width": 1, "dash": style.dash},
        legendgroup=setting,
        showlegend=False,
        hoverinfo="text",
        hovertext=f"{setting_title(setting)}: threshold, a probability of {x:.3f}",
        row=place.row,
        col=place.column,
    )


def _reference(figure: go.Figure, place: _Place, x: list[float] | FloatArray, y: list[float] | FloatArray) -> None:
    figure.add_scatter(
        x=x, y=y, mode="lines", line=_dashed(), hoverinfo="skip", showlegend=False, row=place.row, col=place.column
    )


def _say(figure: go.Figure, place: _Place, words: str) -> None:
    """Words in the middle of a small figure."""
    axes = figure.get_subplot(place.row, place.column)
    x, y = (axis.plotly_name.replace("axis", "") for axis in (axes.xaxis, axes.yaxis))
    figure.add_annotation(text=words, x=0.5, y=0.5, xref=f"{x} domain", yref=f"{y} domain", showarrow=False)


def _bars(values: list[float], intervals: list[Interval], colour: str) -> dict[str, object]:
    """Error bars from values to the ends of their intervals; none where there is no interval."""
    plus = [max(i.high - v, 0) if i.is_estimable else 0 for v, i in zip(values, intervals, strict=True)]
    minus = [max(v - i.low, 0) if i.is_estimable else 0 for v, i in zip(values, intervals, strict=True)]
    return {"type": "data", "array": plus, "arrayminus": minus, "thickness": 1.5, "width": 3, "color": colour}


def _mirrored(interval: Interval) -> Interval:
    return Interval(1 - interval.high, 1 - interval.low, interval.n, interval.is_estimable)


def _dashed() -> dict[str, object]:
    return {"color": GREY, "width": 1, "dash": "dash"}


def _series(curves: Curves, setting: str) -> str:
    return setting_title(setting) + _READINGS.get(curves.readings[setting], "")


def _is_new(figure: go.Figure, name: str) -> bool:
    return all(trace.name != name for trace in figure.data)


def _prevalence(rows: Mapping[str, ClassCurves]) -> float:
    one = next(iter(rows.values()))
    return one.point.n_positive / one.point.n_read


def _predicted(one: ClassCurves) -> float:
    return one.point.n_predicted / one.point.n_read


def _counts(one: ClassCurves) -> str:
    at = "film by film" if math.isnan(one.threshold) else f"threshold {one.threshold:.4g}"
    point = one.point
    return f"{at}: predicted {point.n_predicted:,}, right {point.tp:,}, missed {point.fn:,}, read {point.n_positive:,}"
