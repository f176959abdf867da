"""Which pairs of classes lie apart, as a matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import SEQUENTIAL, as_written, laid_out, say_undefined
from core.metrics.separation.null import PairSeparation
from core.words import number_words, range_words

ALPHA = 0.05


def pair_figure(classes: Sequence[str], pairs: PairSeparation) -> go.Figure:
    """Inter over intra of every pair, classes with any defined pair only; pairs no further apart than shuffled labels
    would be (p of 0.05 and more) are in brackets, undefined pairs are clear.

    classes : (C,) in the order of the pairs' (C, C) arrays.
    """
    held = np.flatnonzero(np.isfinite(pairs.ratio).any(axis=1)).tolist()
    names = [as_written(classes[index]) for index in held]
    ratio, p_value = pairs.ratio[np.ix_(held, held)], pairs.p_value[np.ix_(held, held)]
    words = [[_words(pairs, classes, row, column) for column in held] for row in held]
    heat = go.Heatmap(
        z=ratio[::-1],
        x=names,
        y=names[::-1],
        colorscale=[list(stop) for stop in SEQUENTIAL],
        xgap=1,
        ygap=1,
        hoverinfo="text",
        hovertext=words[::-1],
        texttemplate="%{text}",
        text=[[_number(*cell) for cell in zip(*rows, strict=True)] for rows in zip(ratio, p_value, strict=True)][::-1],
        showscale=False,  # the numbers stand in the cells, and a phone has no room for it
    )
    figure = laid_out(go.Figure(heat), height=190 + 30 * len(names))
    figure.update_xaxes(tickangle=-90, showgrid=False, tickfont={"size": 11}, dtick=1)
    figure.update_yaxes(showgrid=False, tickfont={"size": 11}, dtick=1)
    if not names:
        say_undefined(figure, ["No pair of classes has 5 films on either side."])
    return figure


def _number(ratio: float, p_value: float) -> str:
    if math.isnan(ratio):
        return ""
    said = number_words(ratio, 2)
    return said if p_value < ALPHA else f"({said})"


def _words(pairs: PairSeparation, classes: Sequence[str], row: int, column: int) -> str:
    names = f"{as_written(classes[row])}, {as_written(classes[column])}"
    if math.isnan(pairs.ratio[row, column]):
        return f"{names}: undefined"
    low, high, p_value = (values[row, column] for values in (pairs.low, pairs.high, pairs.p_value))
    return (
        f"{names}<br>ratio {number_words(pairs.ratio[row, column])}"
        f"<br>shuffled labels {range_words(low, high)}, p = {number_words(p_value)}"
    )
