"""One class's figures in every group of films, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.small_multiples import bars, dashed
from core.figures.theme import BLUE, GREY, as_written, laid_out
from core.metrics.class_figure import ClassFigure
from core.metrics.class_figures import ClassMetrics, steady_figures
from core.report.subgroups import Subgroup
from core.words import interval_words, number_words

_ROW_PX: Final = 34
_HEAD_PX: Final = 90


def subgroup_figure(groups: Sequence[Subgroup], finding: str, every: ClassMetrics) -> go.Figure:
    """Draw recall, specificity and AUROC side by side, one row per group; dashed: all films together.

    every : the class over all films of the split. Hollow: the group has fewer than 5 films on the side that the figure
        stands on, so that it has no interval. Undefined figures are left out.
    """
    figure = make_subplots(rows=1, cols=len(steady_figures()), shared_yaxes=True, horizontal_spacing=0.04)
    titles = [f"{as_written(group.title)} (n = {group.per_class[finding].n_positive})" for group in groups]
    for column, compared in enumerate(steady_figures(), 1):
        values = [group.per_class[finding].value(compared) for group in groups]
        intervals = [group.per_class[finding].intervals[compared.name] for group in groups]
        figure.add_scatter(
            x=values,
            y=titles,
            error_x=bars(values, intervals, BLUE),
            mode="markers",
            marker={
                "color": BLUE,
                "size": 10,
                "symbol": ["diamond" if one.is_estimable else "diamond-open" for one in intervals],
            },
            showlegend=False,
            hoverinfo="text",
            hovertext=[_words(group, finding, compared) for group in groups],
            row=1,
            col=column,
        )
        overall = every.value(compared)
        if not math.isnan(overall):
            figure.add_vline(x=overall, line=dashed(), row=1, col=column)
        figure.update_xaxes(
            title=compared.title, range=[-0.03, 1.03], tickvals=[0, 0.5, 1], row=1, col=column, gridcolor=GREY + "55"
        )
    laid_out(figure, height=_HEAD_PX + _ROW_PX * max(len(groups), 1))
    figure.update_yaxes(categoryorder="array", categoryarray=titles[::-1])
    return figure


def _words(group: Subgroup, finding: str, figure: ClassFigure) -> str:
    metrics = group.per_class[finding]
    value, interval = metrics.value(figure), metrics.intervals[figure.name]
    said = f"{figure.title} {number_words(value, figure.digits)}<br>95 %: {interval_words(interval, figure.digits)}"
    return f"<b>{as_written(group.title)}</b><br>{said}"
