"""A film of one's own among the films of the study, on the study's map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import GREY, ORANGE, VIOLET, laid_out
from core.geometry import FloatArray


def own_place_figure(
    coordinates: FloatArray, image_ids: Sequence[str], place: FloatArray, nearest: Sequence[int]
) -> go.Figure:
    """Draw the study's films as points, the nearest ones marked, and the place of the film that was looked at.

    coordinates : (n, 2).
    place : (2,).
    nearest : rows of the films nearest to it in the original space.
    """
    figure = go.Figure()
    rows = np.asarray(nearest, dtype=int)
    names = np.asarray(image_ids, dtype=object)
    every = np.arange(len(coordinates))
    for title, chosen, marker in (
        ("Films of the study", every, {"color": GREY, "size": 4, "opacity": 0.45}),
        ("Nearest films", rows, {"color": VIOLET, "size": 9, "symbol": "diamond"}),
    ):
        figure.add_scattergl(
            x=coordinates[chosen, 0],
            y=coordinates[chosen, 1],
            mode="markers",
            marker=marker,
            name=title,
            text=names[chosen],
            hovertemplate="%{text}<extra></extra>",
        )
    figure.add_scatter(
        x=[float(place[0])],
        y=[float(place[1])],
        mode="markers",
        marker={"color": ORANGE, "size": 18, "symbol": "star", "line": {"color": "#ffffff", "width": 1.5}},
        name="Your film",
        hovertemplate="Your film<extra></extra>",
    )
    laid_out(figure, height=380, dragmode="pan")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return figure
