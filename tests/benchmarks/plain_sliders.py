"""The alternative that the deck is measured against: 14 plain sliders in a fragment, each with one small chart.

Run by tests.benchmarks.deck: `streamlit run plain_sliders.py` with PLAIN_SLIDERS naming an .npz of labels and scores.
"""

from __future__ import annotations

import os

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.metrics.evidence import count_decisions
from core.metrics.over_classes import exact_match, macro_f1
from core.metrics.threshold_counts import ThresholdCounts


@st.cache_resource
def tables() -> tuple[np.ndarray, np.ndarray, list[ThresholdCounts]]:
    """Labels, scores, and the counts of every class."""
    with np.load(os.environ["PLAIN_SLIDERS"]) as held:
        labels, scores = held["labels"], held["scores"].astype(np.float64)
    counts = [ThresholdCounts.from_scores(f"class {c}", labels[:, c], scores[:, c]) for c in range(labels.shape[1])]
    return labels, scores, counts


def chart(counts: ThresholdCounts, threshold: float) -> go.Figure:
    """Positives up, negatives down, and the threshold."""
    figure = go.Figure()
    for numbers, sign in ((counts.true_positives, 1), (counts.false_positives, -1)):
        heights, edges = np.histogram(counts.scores, bins=40, weights=-np.diff(numbers))
        figure.add_bar(x=(edges[:-1] + edges[1:]) / 2, y=sign * heights / max(heights.max(), 1))
    figure.add_vline(x=threshold)
    margin = {"l": 6, "r": 6, "t": 0, "b": 0}
    return figure.update_layout(height=70, barmode="overlay", showlegend=False, margin=margin)


@st.fragment
def deck() -> None:
    """What a release runs again: every figure, every chart."""
    labels, scores, counts = tables()
    summary = st.empty()
    thresholds = []
    for index, count in enumerate(counts):
        low, high = float(count.scores[0]), float(count.scores[-1])
        threshold = st.slider(f"Threshold {index}", low, high, (low + high) / 2, key=f"slider-{index}")
        st.plotly_chart(chart(count, threshold), key=f"chart-{index}", config={"staticPlot": True})
        cells = count.at(threshold)
        st.write(f"precision {cells.precision:.3f}, recall {cells.recall:.3f}, F1 {cells.f1:.3f}")
        thresholds.append(threshold)
    decisions = scores >= np.array(thresholds)
    decided = count_decisions(labels, decisions)
    macro = macro_f1(decided)
    summary.markdown(f"macro F1 {macro:.6f}, exact match {exact_match(decided):.6f}")


st.title("Plain sliders")
deck()
