"""A scene as one block of bytes: Streamlit sends bytes as they are, a tenth of what the same numbers take as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import FloatArray
from pages.embedding_space.scatter.scene import STOPS, DrawnColours, DrawnGroup, Mark, Scene

_STEPS = 65535
"""Coordinates are sent in so many steps of the longer side: finer than a pixel up to a magnification of 60."""


def pack(scene: Scene) -> bytes:
    """The length of a JSON header (uint32), the header, then the arrays.

    The header's `arrays` lists of each its name, its type, where it begins behind the header, and its length. All is
    little-endian.
    """
    low, span = _frame(scene.points)
    arrays: dict[str, npt.NDArray[Any]] = {
        f"points:{place}": _steps(points, low, span) for place, points in enumerate(scene.points)
    }
    arrays |= {f"colours:{place}": colours.values for place, colours in enumerate(scene.colours)}
    if len(scene.selected):
        arrays["selection"] = _bits(scene)
    extent = np.round((_high(scene.points) - low) / span * _STEPS)
    header = {
        "n": len(scene.points[0]),
        "seq": scene.seq,
        "chosen": -1 if scene.chosen is None else scene.chosen,
        "films": scene.films,
        "view_key": scene.view_key,
        "height": scene.height,
        "min_width": scene.min_width,
        "extent": [int(side) for side in extent],
        "points": [{"dims": points.shape[1]} for points in scene.points],
        "colours": [_colours_json(colours) for colours in scene.colours],
        "panels": [vars(panel) for panel in scene.panels],
        "marks": [_mark_json(mark, low, span) for mark in scene.marks],
        "legend": None if scene.legend is None else [_group_json(group) for group in scene.legend],
        "about": f"Coloured by {scene.colours[0].title}." if len(scene.panels) == 1 else "",
    }
    return _joined(header, arrays)


def _frame(points: tuple[FloatArray, ...]) -> tuple[FloatArray, float]:
    """The lowest corner of all maps, and the longest side: one scale for all, and for both directions."""
    low = np.min([part.min(axis=0) for part in points], axis=0)
    return low, float(np.max(_high(points) - low)) or 1.0


def _high(points: tuple[FloatArray, ...]) -> FloatArray:
    return np.asarray(np.max([part.max(axis=0) for part in points], axis=0))


def _steps(points: FloatArray, low: FloatArray, span: float) -> npt.NDArray[np.uint16]:
    return np.round((np.asarray(points, np.float64) - low) / span * _STEPS).astype("<u2")


def _bits(scene: Scene) -> npt.NDArray[np.uint8]:
    flags = np.zeros(len(scene.points[0]), dtype=np.uint8)
    flags[np.asarray(scene.selected, dtype=np.int64)] = 1
    return np.packbits(flags, bitorder="little")


def _colours_json(colours: DrawnColours) -> dict[str, Any]:
    if colours.groups or colours.values.dtype == np.uint16:
        groups = [_group_json(group) for group in colours.groups]
        return {"kind": "groups", "title": colours.title, "groups": groups, "shares": colours.has_shares}
    ends = {"low": colours.low, "high": colours.high, "undefined": colours.n_undefined}
    return {"kind": "scale", "title": colours.title, "stops": list(STOPS), **ends}


def _group_json(group: DrawnGroup) -> dict[str, Any]:
    return {"title": group.title, "colour": group.colour, "shape": group.shape, "ground": group.is_ground}


def _mark_json(mark: Mark, low: FloatArray, span: float) -> dict[str, Any]:
    def placed(spot: tuple[float, float]) -> list[float]:
        return [float(value) for value in np.round((np.asarray(spot) - low[:2]) / span * _STEPS, 1)]

    x, y = placed(mark.start)
    end = {} if mark.end is None else dict(zip(("x2", "y2"), placed(mark.end), strict=True))
    return {"label": mark.label, "panel": mark.panel, "x": x, "y": y, **end}


def _joined(header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Each array begins a multiple of 4 bytes behind the header, whose own length is one too."""
    listed: list[list[str | int]] = []
    blocks: list[bytes] = []
    start = 0
    for name, array in arrays.items():
        blocks.append(array.tobytes().ljust(_whole(array.nbytes), b"\0"))
        listed.append([name, array.dtype.name, start, array.size])
        start += len(blocks[-1])
    text = json.dumps({**header, "arrays": listed}).encode("ascii")
    text = text.ljust(_whole(len(text)))
    return len(text).to_bytes(4, "little") + text + b"".join(blocks)


def _whole(number: int) -> int:
    """The next multiple of 4."""
    return -(-number // 4) * 4
