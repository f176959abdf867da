"""Figures of the overview: how uneven the classes are, and how many labels are predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import BLUE, GREY, laid_out, setting_style, unknown_settings
from core.findings import NO_FINDING
from core.metrics.arrays import IntArray
from core.metrics.summary import Overall
from core.titles import setting_title


def class_counts_figure(classes: Sequence[str], counts: Mapping[str, IntArray]) -> go.Figure:
    """Positive films of every class, the most frequent on top, the number on each bar.

    counts : by split, (n_classes,) positive films; the bar is their sum, the hover gives the splits.
    """
    totals = np.sum(list(counts.values()), axis=0)
    order = np.argsort(totals, kind="stable")
    hover = [
        f"<b>{classes[i]}</b><br>" + "<br>".join(f"{split}: {numbers[i]:,}" for split, numbers in counts.items())
        for i in order
    ]
    bar = go.Bar(
        x=totals[order],
        y=[classes[i] for i in order],
        orientation="h",
        marker={"color": [GREY if classes[i] == NO_FINDING else BLUE for i in order]},
        text=[f"{totals[i]:,}" for i in order],
        textposition="outside",
        cliponaxis=False,
        hovertext=hover,
        hoverinfo="text",
    )
    figure = laid_out(go.Figure(bar), height=60 + 24 * len(classes), showlegend=False, bargap=0.28)
    figure.update_xaxes(title="Films", range=[0, max(1.0, float(totals.max())) * 1.16])
    return figure


def label_counts_figure(overall: Mapping[str, Overall], n_films: int) -> go.Figure:
    """Mean number of labels a film: as read, and as each setting predicts.

    overall : by setting; one without decisions is left out.
    """
    others = unknown_settings(tuple(overall))
    truth = next((figures.n_true_labels for figures in overall.values()), 0)
    rows = [("Read", truth, GREY)] + [
        (setting_title(name), figures.n_predicted_labels, setting_style(name, others).colour)
        for name, figures in overall.items()
        if figures.n_predicted_labels is not None
    ]
    rows.reverse()
    means = [number / max(n_films, 1) for _, number, _ in rows]
    texts = [
        f"{mean:.2f}" if name == "Read" or not truth else f"{mean:.2f}  ({number / truth:.1f} x)"
        for (name, number, _), mean in zip(rows, means, strict=True)
    ]
    bar = go.Bar(
        x=means,
        y=[name for name, _, _ in rows],
        orientation="h",
        marker={"color": [colour for _, _, colour in rows]},
        text=texts,
        textposition="outside",
        cliponaxis=False,
        hoverinfo="text",
        hovertext=[f"{name}: {number:,} labels on {n_films:,} films" for name, number, _ in rows],
    )
    figure = laid_out(go.Figure(bar), height=70 + 38 * len(rows), showlegend=False, bargap=0.35)
    figure.update_xaxes(title="Labels a film", range=[0, max(means, default=1.0) * 1.3 or 1.0])
    return figure
