"""Of 1,000 patients like these: one mark each, found, missed, falsely alarmed, or rightly left in peace."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import BLUE, GREY, ORANGE, laid_out
from core.metrics.prevalence import PATIENTS, Expected, whole_patients
from core.words import count_words

_ROWS: Final = 20
_KINDS: Final = (
    ("have it and are found", ORANGE, "square", 9),
    ("have it and are missed", ORANGE, "square-open", 9),
    ("are called positive and have it not", BLUE, "x", 8),
    ("have it not and are not called", GREY, "circle", 4),
)
"""Words, colour, marker and size of found, missed, false alarms and silent: no meaning by colour alone."""


def icon_array(expected: Expected) -> go.Figure:
    """Draw 1,000 patients as marks in columns of 20, those with the finding first; say where shares are undefined."""
    figure = go.Figure()
    if math.isnan(expected.found + expected.silent):
        figure.add_annotation(
            text="Without positive and negative films nothing can be expected.",
            x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False,
        )  # fmt: skip
        return laid_out(figure, height=120)
    first = 0
    for number, (words, colour, symbol, size) in zip(whole_patients(expected), _KINDS, strict=True):
        places = np.arange(first, first + number)
        first += number
        figure.add_scatter(
            x=places // _ROWS,
            y=-(places % _ROWS),
            mode="markers",
            name=f"{count_words(number)} {words}",
            marker={"color": colour, "symbol": symbol, "size": size, "line": {"width": 1.5, "color": colour}},
            hoverinfo="name",
        )
    laid_out(figure, height=360, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(visible=False, range=[-0.8, PATIENTS / _ROWS - 0.2])
    figure.update_yaxes(visible=False, range=[-_ROWS + 0.2, 0.8])
    return figure


def icon_words(finding: str, expected: Expected) -> str:
    """Say the same in a sentence, for who does not see the figure."""
    if math.isnan(expected.found + expected.silent):
        return f"{finding}: nothing can be expected without positive and negative films."
    said = [f"{count_words(number)} {kind[0]}" for number, kind in zip(whole_patients(expected), _KINDS, strict=True)]
    return f"{finding}, of 1,000 patients: {', '.join(said)}."
