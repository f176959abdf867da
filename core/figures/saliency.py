"""A film with what readers drew on it and, where there is one, a map of where a model looked."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from core.annotations import Annotation
from core.figures.theme import HEAT, laid_out
from core.geometry import Box, FloatArray, map_to_film

_READER_DASHES = ("solid", "dash", "dot", "dashdot")
_READER_COLOURS = ("#56b4e9", "#f0e442", "#00c896", "#ff9ecf")
_LONGEST_SIDE = 1024
_MAP_SIDE = 160
_FOOT = 44
"""Pixels below a film for the scale of its map, or for the readers' names."""


def film_figure(
    film: np.ndarray,
    annotations: Sequence[Annotation] = (),
    *,
    readers: Sequence[str] = (),
    crop: Box | None = None,
    saliency: FloatArray | None = None,
    scale_maximum: float = 1.0,
    opacity: float = 0.6,
    crop_px: int | None = None,
    width_px: int = 250,
    has_legend: bool = True,
) -> go.Figure:
    """A film in its own pixels, edges from 0 to width and height, top row on top.

    film : (H, W) uint8.  annotations : drawn as outlines, each reader in a colour and dash of their own; `readers`
    fixes which, so that several figures agree.  crop : what the model sees; the rest is veiled.
    saliency : (g, g) raw map, drawn from 0 to `scale_maximum` inside the crop and nowhere else.
    width_px : how wide the figure will about be, from which its height follows.
    """
    height, width = film.shape
    figure = go.Figure()
    figure.add_layout_image(_film_image(film, height, width))
    if saliency is not None:
        _add_map(figure, map_to_film(saliency, height, width, crop_px=crop_px), scale_maximum, opacity)
    if crop is not None:
        _veil_outside(figure, crop, height, width)
    _add_outlines(figure, annotations, readers or sorted({annotation.reader for annotation in annotations}))
    film_height = int(min(max(width_px * height / width, 0.6 * width_px), 1.4 * width_px))
    laid_out(figure, height=film_height + _FOOT, dragmode="pan", showlegend=has_legend)
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": _FOOT},
        legend={"orientation": "h", "yanchor": "top", "y": -0.02, "xanchor": "left", "x": 0},
    )
    figure.update_xaxes(visible=False, range=[0, width], constrain="domain")
    figure.update_yaxes(visible=False, range=[height, 0], scaleanchor="x", constrain="domain", constraintoward="top")
    return figure


def _film_image(film: np.ndarray, height: int, width: int) -> dict[str, object]:
    picture = Image.fromarray(film)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return {
        "source": "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode(),
        "xref": "x",
        "yref": "y",
        "x": 0,
        "y": 0,
        "sizex": width,
        "sizey": height,
        "sizing": "stretch",
        "layer": "below",
    }


def _add_map(figure: go.Figure, values: FloatArray, scale_maximum: float, opacity: float) -> None:
    """values : (H, W) of the film, NaN outside the crop; every few pixels are drawn, each at its own centre."""
    step = max(1, max(values.shape) // _MAP_SIDE)
    rows, columns = (np.arange(step // 2, length, step) for length in values.shape)
    figure.add_heatmap(
        z=values[np.ix_(rows, columns)],
        x=(columns + 0.5).astype(np.float32),
        y=(rows + 0.5).astype(np.float32),
        zmin=0,
        zmax=scale_maximum,
        colorscale=[list(stop) for stop in HEAT],
        opacity=opacity,
        hoverongaps=False,
        hovertemplate="%{z:.3g}<extra></extra>",
        colorbar={
            "orientation": "h",
            "thickness": 8,
            "len": 0.9,
            "y": -0.02,
            "yanchor": "top",
            "tickformat": ".2g",
            "nticks": 4,
            "outlinewidth": 0,
        },
    )


def _veil_outside(figure: go.Figure, crop: Box, height: int, width: int) -> None:
    bottom, right = crop.top + crop.height, crop.left + crop.width
    strips = (
        (0, 0, width, crop.top),
        (0, bottom, width, height),
        (0, crop.top, crop.left, bottom),
        (right, crop.top, width, bottom),
    )
    for x0, y0, x1, y1 in strips:
        if x1 - x0 > 0.5 and y1 - y0 > 0.5:
            figure.add_shape(
                type="rect", x0=x0, y0=y0, x1=x1, y1=y1, line={"width": 0}, fillcolor="rgba(90, 110, 135, 0.55)"
            )
    if crop.height < height - 0.5 or crop.width < width - 0.5:
        line = {"color": "#ffffff", "width": 1.5, "dash": "dash"}
        figure.add_shape(type="rect", x0=crop.left, y0=crop.top, x1=right, y1=bottom, line=line)


def _add_outlines(figure: go.Figure, annotations: Sequence[Annotation], readers: Sequence[str]) -> None:
    shown: set[str] = set()
    for annotation in annotations:
        rank = list(readers).index(annotation.reader)
        for ring in annotation.outlines():
            figure.add_scatter(
                x=ring[:, 0],
                y=ring[:, 1],
                mode="lines",
                line={
                    "color": _READER_COLOURS[rank % len(_READER_COLOURS)],
                    "dash": _READER_DASHES[rank % len(_READER_DASHES)],
                    "width": 2.5,
                },
                name=annotation.reader,
                legendgroup=annotation.reader,
                showlegend=annotation.reader not in shown,
                hoverinfo="text",
                hovertext=f"{annotation.finding}, {annotation.reader}",
            )
            shown.add(annotation.reader)
