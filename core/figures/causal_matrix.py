"""The causal matrix as two figures of one scale: what findings do, and what films that show them would suggest."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import as_written, laid_out
from core.metrics.arrays import FloatArray
from core.twins.matrix import CausalMatrix, Estimates
from core.words import difference_words, number_words, signed_words

_COLOURS = ((0.0, "#1f5fa8"), (0.5, "#77818d"), (1.0, "#b45a06"))
"""Dark enough for white numbers, on a light ground and on a dark one."""

_ROW_PX, _HEAD_PX = 30, 150


def scale_of(matrix: CausalMatrix) -> float:
    """Give the size of an effect that has the full colour in both figures: the largest of either, 1 where all are 0."""
    values = np.abs(np.concatenate([matrix.effect.value.ravel(), matrix.together.value.ravel()]))
    largest = float(np.nanmax(values, initial=0.0))
    return largest or 1.0


def causal_figure(matrix: CausalMatrix, found: Estimates) -> go.Figure:
    """Draw one half: causes down, scores across, standard deviations in the cells, intervals on hover."""
    scale = scale_of(matrix)
    figure = go.Figure(
        go.Heatmap(
            z=found.value,
            x=[as_written(name) for name in matrix.classes],
            y=[as_written(name) for name in matrix.causes],
            text=_texts(found.value),
            customdata=_hovers(matrix, found),
            texttemplate="%{text}",
            textfont={"size": 10, "color": "#ffffff"},
            hovertemplate="%{customdata}<extra></extra>",
            colorscale=_COLOURS,
            zmin=-scale,
            zmax=scale,
            xgap=1,
            ygap=1,
            showscale=False,
        )
    )
    figure = laid_out(figure, height=_HEAD_PX + _ROW_PX * len(matrix.causes))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(tickangle=-60, side="bottom", showgrid=False)
    return figure


def _texts(values: FloatArray) -> list[list[str]]:
    return [["" if math.isnan(value) else number_words(float(value), 1) for value in row] for row in values]


def _hovers(matrix: CausalMatrix, found: Estimates) -> list[list[str]]:
    return [
        [
            f"{as_written(cause)} on the score of {as_written(finding)}<br>"
            f"{difference_words(float(found.value[row, column]), found.interval(row, column), 2)} SD, "
            f"{int(found.n[row]):,} films"
            if not math.isnan(found.value[row, column])
            else f"{as_written(cause)}, {as_written(finding)}: {signed_words(math.nan)}"
            for column, finding in enumerate(matrix.classes)
        ]
        for row, cause in enumerate(matrix.causes)
    ]
