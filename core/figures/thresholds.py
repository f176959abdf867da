"""The scores of one class, positives above and negatives below, with the threshold on them."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import GREY, ORANGE, laid_out
from core.metrics.threshold_counts import ThresholdCounts

_BINS = 40


def score_strip_figure(counts: ThresholdCounts, threshold: float, low: float, high: float) -> go.Figure:
    """Two small histograms of a class's scores, each to its own height, and the threshold as a line.

    low, high : ends of the score axis, the same as the slider's.  threshold : NaN draws no line.
    """
    edges = np.linspace(low, high, _BINS + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    positives = -np.diff(np.r_[counts.true_positives])
    negatives = -np.diff(np.r_[counts.false_positives])
    figure = go.Figure()
    for numbers, sign, colour, name in ((positives, 1, ORANGE, "positive"), (negatives, -1, GREY, "negative")):
        heights, _ = np.histogram(counts.scores, bins=edges, weights=numbers)
        figure.add_bar(
            x=centres,
            y=sign * heights / max(heights.max(), 1),
            width=(high - low) / _BINS,
            marker={"color": colour, "line": {"width": 0}},
            name=name,
            hoverinfo="text",
            hovertext=[f"{int(number):,} {name}" for number in heights],
        )
    if not math.isnan(threshold):
        figure.add_vline(x=min(max(threshold, low), high), line={"color": "#3a86d4", "width": 3})
    laid_out(figure, height=70, barmode="overlay", showlegend=False, bargap=0)
    figure.update_layout(margin={"l": 6, "r": 6, "t": 0, "b": 0})
    figure.update_xaxes(range=[low, high], visible=False, fixedrange=True)
    figure.update_yaxes(range=[-1.05, 1.05], visible=False, fixedrange=True)
    return figure
