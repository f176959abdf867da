"""How edited prompts move the scores of films with a class, and of films without it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import BLUE, GREY, ORANGE, as_written, laid_out, say_undefined
from core.metrics.arrays import FloatArray

_N_BINS = 40


def moves_figure(finding: str, positive: FloatArray, negative: FloatArray) -> go.Figure:
    """The share of films of either group by the change of their score; a group without films is named.

    positive, negative : edited less stored scores of the films with the class and without it.
    """
    groups = ((f"With {as_written(finding)}", positive, ORANGE), (f"Without {as_written(finding)}", negative, BLUE))
    edges = _edges(np.concatenate([positive, negative]))
    figure = go.Figure()
    for title, moved, colour in groups:
        if len(moved):
            shares = np.histogram(moved, edges)[0] / len(moved)
            figure.add_scatter(
                x=np.repeat(edges, 2)[1:-1],
                y=np.repeat(shares, 2),
                name=f"{title} ({len(moved):,})",
                mode="lines",
                fill="tozeroy",
                line={"color": colour, "width": 2, "dash": "solid" if colour == ORANGE else "dot"},
                hovertemplate="moved by about %{x:.4f}: %{y:.1%} of them<extra></extra>",
            )
    laid_out(figure, height=260)
    figure.update_xaxes(title="Change of the score, edited less stored")
    figure.update_yaxes(title="Share of the films", tickformat=".0%", rangemode="tozero")
    figure.add_vline(x=0, line={"color": GREY, "dash": "dash", "width": 1})
    say_undefined(figure, [f"{title}: no film" for title, moved, _ in groups if not len(moved)])
    return figure


def _edges(moved: FloatArray) -> FloatArray:
    """Bins over all changes and 0; a hair wide where nothing moved."""
    low, high = (min(0.0, float(moved.min())), max(0.0, float(moved.max()))) if len(moved) else (0.0, 0.0)
    pad = max((high - low) / _N_BINS, 1e-6)
    return np.linspace(low - pad, high + pad, _N_BINS + 1)
