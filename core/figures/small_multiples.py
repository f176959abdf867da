"""Small figures, one per class, the settings together: the grid, and what stands in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.theme import GREY, as_written, laid_out, setting_style, unknown_settings
from core.metrics.arrays import MIN_POSITIVES, FloatArray
from core.metrics.intervals import Interval
from core.settings.titles import setting_title
from core.thresholds.curves import ClassCurves, Curves
from core.words import number_words

ROW_PX: Final = 190
HEAD_PX: Final = 70
PAIR: Final = 2
BREAK: Final = "\N{LINE SEPARATOR}"
"""Where a title may go on to a second line."""
_PAIR_TITLE_PX: Final = 44
_PAIR_FOOT_PX: Final = 46
_READINGS: Final[Mapping[str, str]] = {
    "exploratory": " (exploratory)",
    "optimistic": " (on the films of the fit: optimistic)",
    "unfrozen": " (not locked)",
}


_HANDLE: Final = "handle"
"""Traces that nobody sees, and that a pointer takes."""


@dataclass(frozen=True)
class Place:
    """One small figure of the grid, both from 1."""

    row: int
    column: int


@dataclass(frozen=True, eq=False)
class Point:
    """Where the threshold of a class stands, with its intervals; either may be None where none is drawn."""

    x: float
    y: float
    x_interval: Interval | None = None
    y_interval: Interval | None = None
    words: str = ""
    finding: str = ""


def cells(curves: Curves, columns: int) -> list[tuple[Place, dict[str, ClassCurves]]]:
    """List every class that can be drawn at all: its place, and its curves by the settings that it can be drawn of."""
    found = []
    for number, finding in enumerate(curves.classes):
        every = {setting: classes[finding] for setting, classes in curves.by_setting.items()}
        rows = {setting: one for setting, one in every.items() if one.point.n_positive}
        if rows:
            found.append((Place(number // columns + 1, number % columns + 1), rows))
    return found


def grid(curves: Curves, columns: int, lacks: Callable[[ClassCurves], str]) -> go.Figure:
    """Draw the empty grid, titled by class and number of positives; what cannot be drawn says why."""
    settings = curves.by_setting.values()
    n_positive = {name: max((one[name].point.n_positive for one in settings), default=0) for name in curves.classes}
    few = {name: ", too few" if 0 < n < MIN_POSITIVES else "" for name, n in n_positive.items()}
    figure = subplots([f"{as_written(name)}{BREAK}(n = {n}){few[name]}" for name, n in n_positive.items()], columns)
    for number, name in enumerate(curves.classes):
        reasons = [lacks(classes[name]) for classes in curves.by_setting.values()]
        if reasons and all(reasons):
            say(figure, Place(number // columns + 1, number % columns + 1), reasons[0])
    return figure


def subplots(titles: list[str], columns: int) -> go.Figure:
    """Make the empty grid. A title is one line, or where only two figures stand side by side, as on a phone, two."""
    titles = [title.replace(BREAK, "<br>" if columns == PAIR else " ") for title in titles]
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


def finished(figure: go.Figure, curves: Curves, columns: int, x_title: str, y_title: str, *, unit: bool) -> go.Figure:
    n_rows = max(math.ceil(len(curves.classes) / columns), 1)
    laid_out(figure, height=HEAD_PX + ROW_PX * n_rows)
    figure.data = sorted(figure.data, key=lambda trace: trace.meta == _HANDLE)  # the last, for the pointer
    figure.update_layout(legend={"y": 1 + 34 / (ROW_PX * n_rows)}, margin={"t": HEAD_PX - 10})
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


def as_pair(figure: go.Figure) -> go.Figure:
    """Lay out one row of two small figures, its legend left to `legend_html`."""
    margin = {"t": _PAIR_TITLE_PX, "b": 8}
    return figure.update_layout(showlegend=False, height=ROW_PX + _PAIR_FOOT_PX, margin=margin)


def legend_html(figures: Sequence[go.Figure]) -> str:
    """Write each series of some figures once: a piece of its line, and its name."""
    shown = {trace.name: trace.line for figure in figures for trace in figure.data if trace.showlegend}
    parts = {name: _sample(drawn.color, drawn.dash) for name, drawn in shown.items()}
    style = "display:inline-block;margin-right:1.2em"
    return "".join(f'<span style="{style}">{sample} {escape(name)}</span>' for name, sample in parts.items())


def _sample(colour: str, dash: str) -> str:
    """A piece of line, as a border: pages let no drawing through."""
    kind = {"dot": "dotted", "solid": "solid"}.get(dash, "dashed")
    return f'<span style="display:inline-block;width:30px;border-top:3px {kind} {colour};vertical-align:middle"></span>'


def line(
    figure: go.Figure,
    place: Place,
    curves: Curves,
    setting: str,
    x: FloatArray,
    y: FloatArray,
    words: str,
    hover: list[str] | None = None,
    ends: list[Interval] | None = None,
) -> None:
    """Draw one setting's curve; the legend names each setting once."""
    style = setting_style(setting, unknown_settings(tuple(curves.by_setting)))
    figure.add_scatter(
        x=np.asarray(x, dtype=np.float32),
        y=np.asarray(y, dtype=np.float32),
        error_y=None if ends is None else bars(list(y), ends, style.colour),
        mode="lines" if ends is None else "lines+markers",
        marker={"size": 4, "color": style.colour},
        line={"color": style.colour, "dash": style.dash, "width": 2},
        name=series(curves, setting),
        legendgroup=setting,
        showlegend=_is_new(figure, series(curves, setting)),
        text=hover,
        hovertemplate=f"{setting_title(setting)}, {words}<br>(%{{x:.3f}}, %{{y:.3f}})%{{text}}<extra></extra>"
        if hover
        else f"{setting_title(setting)}, {words}<br>(%{{x:.3f}}, %{{y:.3f}})<extra></extra>",
        row=place.row,
        col=place.column,
    )


def mark(figure: go.Figure, place: Place, curves: Curves, setting: str, point: Point) -> None:
    """Mark the current point with its intervals, and setting and class for who clicks it; nothing where undefined."""
    if math.isnan(point.x) or math.isnan(point.y):
        return
    style = setting_style(setting, unknown_settings(tuple(curves.by_setting)))
    about = {
        "x": [point.x],
        "y": [point.y],
        "mode": "markers",
        "legendgroup": setting,
        "showlegend": False,
        "hoverinfo": "text",
        "hovertext": f"<b>{setting_title(setting)}</b><br>{point.words}",
        "customdata": [[setting, point.finding]],
        "row": place.row,
        "col": place.column,
    }
    figure.add_scatter(
        error_x=None if point.x_interval is None else bars([point.x], [point.x_interval], style.colour),
        error_y=None if point.y_interval is None else bars([point.y], [point.y_interval], style.colour),
        marker={"color": style.colour, "symbol": style.symbol, "size": 9, "line": {"width": 1.5, "color": GREY}},
        unselected={"marker": {"opacity": 1}},
        **about,
    )
    # within 3 pixels a pointer takes the smallest thing, and of equals the last: without it, the curve
    figure.add_scatter(marker={"size": 4, "opacity": 0}, unselected={"marker": {"opacity": 0}}, meta=_HANDLE, **about)


def upright(figure: go.Figure, place: Place, curves: Curves, setting: str, x: float) -> None:
    """Draw a line where the current threshold is."""
    style = setting_style(setting, unknown_settings(tuple(curves.by_setting)))
    figure.add_scatter(
        x=[x, x],
        y=[0, 1],
        mode="lines",
        line={"color": style.colour, "width": 1, "dash": style.dash},
        legendgroup=setting,
        showlegend=False,
        hoverinfo="text",
        hovertext=f"{setting_title(setting)}: threshold, a probability of {number_words(x)}",
        row=place.row,
        col=place.column,
    )


def reference(figure: go.Figure, place: Place, x: list[float] | FloatArray, y: list[float] | FloatArray) -> None:
    figure.add_scatter(
        x=x, y=y, mode="lines", line=dashed(), hoverinfo="skip", showlegend=False, row=place.row, col=place.column
    )


def say(figure: go.Figure, place: Place, words: str) -> None:
    """Write words in the middle of a small figure that holds nothing else.

    An invisible trace goes with them: the browser makes no axes where there is no trace, and would put words that
    refer to them into the first figure.
    """
    figure.add_scatter(x=[None], y=[None], showlegend=False, hoverinfo="skip", row=place.row, col=place.column)
    figure.update_xaxes(showticklabels=False, row=place.row, col=place.column)
    figure.update_yaxes(showticklabels=False, row=place.row, col=place.column)
    axes = figure.get_subplot(place.row, place.column)
    x, y = (axis.plotly_name.replace("axis", "") for axis in (axes.xaxis, axes.yaxis))
    figure.add_annotation(text=words, x=0.5, y=0.5, xref=f"{x} domain", yref=f"{y} domain", showarrow=False)


def bars(values: list[float], intervals: list[Interval], colour: str) -> dict[str, object]:
    """Make error bars from values to the ends of their intervals; none where there is no interval."""
    plus = [max(i.high - v, 0) if i.is_estimable else 0 for v, i in zip(values, intervals, strict=True)]
    minus = [max(v - i.low, 0) if i.is_estimable else 0 for v, i in zip(values, intervals, strict=True)]
    return {"type": "data", "array": plus, "arrayminus": minus, "thickness": 1.5, "width": 3, "color": colour}


def dashed() -> dict[str, object]:
    return {"color": GREY, "width": 1, "dash": "dash"}


def series(curves: Curves, setting: str) -> str:
    return setting_title(setting) + _READINGS.get(curves.readings[setting], "")


def _is_new(figure: go.Figure, name: str) -> bool:
    return all(trace.name != name for trace in figure.data)
