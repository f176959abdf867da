"""The map of films: UMAP points in groups, each group with its colour and its marker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import BLUE, GREY, ORANGE, PINK, TEAL, VIOLET, laid_out
from core.findings import DOMAINS, NO_FINDING
from core.metrics.arrays import FloatArray, IntArray

_COLOURS = (BLUE, ORANGE, TEAL, VIOLET, PINK, "#b8a125")
_RING = "#e5226b"
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


@dataclass(frozen=True, eq=False)
class PointGroup:
    """Films that are drawn alike. rows : of the study; is_ground : drawn small and grey, below the others."""

    title: str
    rows: IntArray
    is_ground: bool = False


def group_by_class(labels: FloatArray, rows: IntArray, class_index: int, finding: str) -> list[PointGroup]:
    """Films without, unread for and with one class; labels (n, C) of {0, 1, NaN}, rows : those to draw."""
    values = labels[rows, class_index]
    return [
        PointGroup(f"No {finding}" if finding != NO_FINDING else "Some finding", rows[values == 0], is_ground=True),
        PointGroup("Unread", rows[np.isnan(values)]),
        PointGroup(finding, rows[values == 1]),
    ]


def group_by_number(labels: FloatArray, rows: IntArray, classes: Sequence[str]) -> list[PointGroup]:
    """Films by how many findings they have; No Finding counts as none."""
    findings = np.array([name != NO_FINDING for name in classes])
    numbers = (labels[rows][:, findings] == 1).sum(axis=1)
    return [
        PointGroup("No finding", rows[numbers == 0], is_ground=True),
        PointGroup("1 finding", rows[numbers == 1]),
        PointGroup("2 findings", rows[numbers == 2]),
        PointGroup("3 or more", rows[numbers >= 3]),
    ]


def group_by_domain(labels: FloatArray, rows: IntArray, classes: Sequence[str]) -> list[PointGroup]:
    """Films by the domain of their findings; those of several domains are a group of their own."""
    belongs = np.column_stack(
        [(labels[rows][:, np.isin(np.array(classes), names)] == 1).any(axis=1) for names in DOMAINS.values()]
    )
    number = belongs.sum(axis=1)
    single = [PointGroup(domain, rows[belongs[:, i] & (number == 1)]) for i, domain in enumerate(DOMAINS)]
    ground = PointGroup("No finding of a domain", rows[number == 0], is_ground=True)
    return [ground, *single, PointGroup("Several domains", rows[number > 1])]


def map_figure(
    points: FloatArray,
    image_ids: Sequence[str],
    hover: Sequence[str],
    groups: Sequence[PointGroup],
    *,
    chosen: int | None = None,
) -> go.Figure:
    """Films as points; the image_id of each is its customdata, so that a selection is read as ids.

    points : (n, 2).  hover : (n,) what to say of a film.  chosen : row of the film to ring, if it is there.
    """
    figure = go.Figure()
    for rank, group in enumerate(groups):
        if not len(group.rows):
            continue
        style = rank - sum(other.is_ground for other in groups[:rank])
        figure.add_scattergl(
            x=np.asarray(points[group.rows, 0], dtype=np.float32),
            y=np.asarray(points[group.rows, 1], dtype=np.float32),
            mode="markers",
            name=f"{group.title} ({len(group.rows):,})",
            customdata=[image_ids[row] for row in group.rows],
            hovertext=[hover[row] for row in group.rows],
            hoverinfo="text",
            marker=_marker(group, style, len(points)),
        )
    if chosen is not None:
        _ring(figure, points[chosen], image_ids[chosen], hover[chosen])
    laid_out(figure, height=560, dragmode="pan", clickmode="event+select")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return figure


def _marker(group: PointGroup, style: int, n_points: int) -> dict[str, object]:
    small = 4 if n_points > 5000 else 5
    if group.is_ground:
        return {"color": GREY, "size": small, "opacity": 0.45, "symbol": "circle"}
    return {
        "color": _COLOURS[style % len(_COLOURS)],
        "symbol": _SYMBOLS[style % len(_SYMBOLS)],
        "size": small + 3,
        "opacity": 0.9,
    }


def _ring(figure: go.Figure, point: FloatArray, image_id: str, hover: str) -> None:
    figure.add_scattergl(
        x=point[:1],
        y=point[1:2],
        mode="markers",
        marker={"symbol": "circle-open", "size": 20, "color": _RING, "line": {"width": 4, "color": _RING}},
        name="Chosen film",
        customdata=[image_id],
        hovertext=[hover],
        hoverinfo="text",
    )
