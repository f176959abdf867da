"""The specification curve: every variant's effect in order, with its interval, and below it the choices behind each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.claims.effects import CONTRADICTS, HOLDS, UNTOLD
from core.claims.ledger import ClaimResult
from core.claims.verdict import choices_words, effect_words
from core.figures.theme import BLUE, GREY, ORANGE, TEAL, as_written, laid_out, say_undefined
from core.metrics.arrays import FloatArray, IntArray

MOST_COLUMNS: Final = 240
"""Columns of the matrix; where there are more variants, a cell is the share of its variants with the option."""
_CURVE_PX, _ROW_PX, _FOOT_PX = 300, 17, 30
_MOST_DRAWN_ONE_BY_ONE: Final = 1_500
_LONGEST: Final = 30
_MARKS: Final = (
    (HOLDS, "Holds", TEAL, "circle"),
    (CONTRADICTS, "Contradicts", ORANGE, "x"),
    (UNTOLD, "Cannot be told", GREY, "circle-open"),
)


def specification_curve(result: ClaimResult, chosen: int | None = None, *, with_words: bool = True) -> go.Figure:
    """Draw the effects of all variants in order with 95 % intervals, and the matrix of their choices.

    chosen : a variant to mark. The published one is marked where there is one. `customdata` of a point is its variant.
    with_words : whether a point says its choices when it is pointed at. Variants without an effect are left out.
    """
    order = np.argsort(result.effect, kind="stable")
    order = order[~np.isnan(result.effect[order])]
    rows = matrix_rows(result)
    height = _CURVE_PX + _ROW_PX * len(rows) + _FOOT_PX
    share = _CURVE_PX / (height - _FOOT_PX)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.02, row_heights=[share, 1 - share])
    _band(figure, result, order)
    _points(figure, result, order, with_words=with_words)
    _rings(figure, result, order, chosen)
    _matrix(figure, result, order, rows)
    laid_out(figure, height=height, dragmode="pan", legend={"y": 1.0})
    figure.add_hline(y=0, line={"color": GREY, "width": 1}, row=1, col=1)
    figure.update_yaxes(title={"text": "Effect", "font": {"size": 11}}, row=1, col=1)
    figure.update_yaxes(autorange="reversed", tickfont={"size": 10}, showgrid=False, dtick=1, row=2, col=1)
    figure.update_xaxes(showgrid=False, showticklabels=False, fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    if not len(order):
        say_undefined(figure, ["No variant has an effect."])
    return figure


def matrix_rows(result: ClaimResult) -> list[tuple[int, int, str]]:
    """List the rows of the matrix: place of the axis, place of the option, and what it is called; axes of one option
    have none. An option is called by its axis too where another has the same words.
    """
    rows = [
        (place, code, axis.title, _short(option.words))
        for place, axis in enumerate(result.axes)
        if len(axis.options) > 1
        for code, option in enumerate(axis.options)
    ]
    often = Counter(words for *_, words in rows)
    return [
        (place, code, as_written(words if often[words] == 1 else f"{title}: {words} ({code + 1})"))
        for place, code, title, words in rows
    ]


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def curve_words(result: ClaimResult) -> str:
    """Say what the figure shows, for those who cannot see it."""
    counts = f"{result.n_holding} hold, {result.n_contradicting} contradict"
    return f"Effects of {len(result.codes)} variants in order: {counts}"


def _band(figure: go.Figure, result: ClaimResult, order: IntArray) -> None:
    """Intervals as a band."""
    places = np.arange(len(order))
    line = {"width": 0.5, "color": GREY}
    for values, fill in ((result.low[order], None), (result.high[order], "tonexty")):
        figure.add_scatter(
            x=places,
            y=values,
            mode="lines",
            line=line,
            fill=fill,
            fillcolor="rgba(130,145,161,0.25)",
            hoverinfo="skip",
            showlegend=False,
            row=1,
            col=1,
        )


def _points(figure: go.Figure, result: ClaimResult, order: IntArray, *, with_words: bool) -> None:
    kind = go.Scatter if len(order) <= _MOST_DRAWN_ONE_BY_ONE else go.Scattergl
    for verdict, name, colour, symbol in _MARKS:
        here = np.flatnonzero(result.verdict[order] == verdict)
        variants = order[here]
        figure.add_trace(
            kind(
                x=here,
                y=result.effect[variants],
                mode="markers",
                name=f"{name} ({len(here):,})",
                marker={"color": colour, "symbol": symbol, "size": 6},
                customdata=variants,
                hoverinfo="text" if with_words else "skip",
                hovertext=[_words(result, int(one)) for one in variants] if with_words else None,
            ),
            row=1,
            col=1,
        )


def _words(result: ClaimResult, variant: int) -> str:
    open_axes = {axis.title for axis in result.axes if len(axis.options) > 1}
    said = [as_written(words) for title, words in choices_words(result, variant).items() if title in open_axes]
    return "<br>".join([effect_words(result, variant), *said])


def _rings(figure: go.Figure, result: ClaimResult, order: IntArray, chosen: int | None) -> None:
    """The published variant, and the chosen one."""
    for variant, name, symbol in (
        (result.published, "As published", "diamond-open"),
        (chosen, "Chosen", "square-open"),
    ):
        if variant is None:
            continue
        place = np.flatnonzero(order == variant)
        if place.size:
            figure.add_scatter(
                x=place,
                y=[result.effect[variant]],
                mode="markers",
                name=name,
                marker={"symbol": symbol, "size": 15, "color": BLUE, "line": {"width": 3, "color": BLUE}},
                customdata=[variant],
                hoverinfo="skip",
                row=1,
                col=1,
            )


def _matrix(figure: go.Figure, result: ClaimResult, order: IntArray, rows: Sequence[tuple[int, int, str]]) -> None:
    if not rows or not len(order):
        return
    shares, middles = binned(np.stack([result.codes[order, place] == code for place, code, _ in rows]))
    figure.add_heatmap(
        z=np.where(shares > 0, shares, np.nan),
        x=middles,
        y=[words for *_, words in rows],
        zmin=0,
        zmax=1,
        colorscale=[[0, "rgba(58,134,212,0.12)"], [1, "rgba(58,134,212,1)"]],
        showscale=False,
        ygap=2,
        hovertemplate="%{y}: %{z:.0%} of the variants here<extra></extra>",
        row=2,
        col=1,
    )


def binned(is_on: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Divide (rows, V) marks into at most MOST_COLUMNS columns: the share of each that is on, and the columns' middles.

    >>> shares, middles = binned(np.array([[True, False]]))
    >>> shares.tolist(), middles.tolist()
    ([[1.0, 0.0]], [0.0, 1.0])
    """
    n_columns = min(is_on.shape[1], MOST_COLUMNS)
    parts = np.array_split(np.arange(is_on.shape[1]), n_columns)
    shares = np.stack([is_on[:, part].mean(axis=1) for part in parts], axis=1)
    return shares, np.array([part.mean() for part in parts])
