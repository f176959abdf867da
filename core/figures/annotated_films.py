"""How far apart the settings are on every film that readers drew on."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.figures.theme import GREY, as_written, laid_out, setting_style, unknown_settings
from core.settings.titles import setting_title

_ROW_PX = 22


def disagreement_figure(table: pd.DataFrame, settings: tuple[str, ...], *, title: str) -> go.Figure:
    """One line per film and finding, from its lowest to its highest setting; the greatest distance on top.

    table : rows in the order to draw, with image_id, finding, one column per setting (NaN = undefined, left out), and
    `chance` where it is known.  title : of the axis.  A point carries [image_id, finding] as its customdata.
    """
    names = [as_written(f"{row.image_id}, {row.finding}") for row in table.itertuples()]
    figure = go.Figure()
    values = table[list(settings)]
    for name, low, high in zip(names, values.min(axis=1), values.max(axis=1), strict=True):
        if low < high:
            line = {"color": GREY, "width": 1}
            figure.add_scatter(
                x=[low, high], y=[name, name], mode="lines", line=line, showlegend=False, hoverinfo="skip"
            )
    points = table[["image_id", "finding"]].to_numpy()
    if "chance" in table:
        marker = {"symbol": "line-ns-open", "size": 11, "color": GREY, "line": {"width": 2}}
        figure.add_scatter(
            x=table["chance"], y=names, mode="markers", marker=marker, name="Chance", customdata=points,
            hovertemplate="%{y}<br>chance %{x:.3f}<extra></extra>",
        )  # fmt: skip
    for setting in settings:
        style = setting_style(setting, unknown_settings(settings))
        figure.add_scatter(
            x=values[setting],
            y=names,
            mode="markers",
            marker={"color": style.colour, "symbol": style.symbol, "size": 9},
            cliponaxis=False,
            name=setting_title(setting),
            customdata=points,
            hovertemplate="%{y}<br>%{x:.3f}<extra>" + setting_title(setting) + "</extra>",
        )
    laid_out(figure, height=90 + _ROW_PX * max(len(names), 1))
    figure.update_xaxes(title=title, rangemode="tozero")
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], tickvals=names, tickfont={"size": 11})
    return figure
