"""A scene as what is sent of it: where films lie, how they look, and which are selected, each apart from the others.

What does not change is not sent again: see `pages.shared.components.registering`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import FloatArray
from pages.embedding_space.scatter.scene import STOPS, DrawnColours, DrawnGroup, Mark, Scene
from pages.shared.components import pack

_STEPS: Final = 65535
"""Coordinates are sent in so many steps of the longer side: finer than a pixel up to a magnification of 60."""


@dataclass(frozen=True)
class Packed:
    """Three blocks of bytes for `unpack` of bytes.js; types.d.ts of this folder says what is in each."""

    layout: bytes
    look: bytes
    selection: bytes


def packed(scene: Scene) -> Packed:
    """Pack a scene; the look names the layout that it belongs to."""
    low, span = _frame(scene.points)
    steps = [_steps(points, low, span) for points in scene.points]
    token = hashlib.blake2b(b"".join(part.tobytes() for part in steps), digest_size=12).hexdigest()
    extent = np.round((_high(scene.points) - low) / span * _STEPS)
    layout = {
        "token": token,
        "n": len(scene.points[0]),
        "view_key": scene.view_key,
        "extent": [int(side) for side in extent],
        "points": [{"dims": part.shape[1], "values": part} for part in steps],
    }
    look = {
        "of": token,
        "films": scene.films,
        "height": scene.height,
        "min_width": scene.min_width,
        "about": f"Coloured by {scene.colours[0].title}." if len(scene.panels) == 1 else "",
        "colours": [_colours_json(colours) for colours in scene.colours],
        "panels": [vars(panel) for panel in scene.panels],
        "marks": [_mark_json(mark, low, span) for mark in scene.marks],
        "legend": None if scene.legend is None else [_group_json(group) for group in scene.legend],
    }
    selection = {"of": scene.row, "seq": scene.seq, "n": len(scene.points[0]), "bits": _bits(scene)}
    selection["within"] = scene.within
    return Packed(pack(layout), pack(look), pack(selection))


def _frame(points: tuple[FloatArray, ...]) -> tuple[FloatArray, float]:
    """The lowest corner of all maps, and the longest side: one scale for all, and for both directions."""
    low = np.min([part.min(axis=0) for part in points], axis=0)
    return low, float(np.max(_high(points) - low)) or 1.0


def _high(points: tuple[FloatArray, ...]) -> FloatArray:
    return np.asarray(np.max([part.max(axis=0) for part in points], axis=0))


def _steps(points: FloatArray, low: FloatArray, span: float) -> npt.NDArray[np.uint16]:
    return np.round((np.asarray(points, np.float64) - low) / span * _STEPS).astype("<u2")


def _bits(scene: Scene) -> npt.NDArray[np.uint8] | None:
    """One bit per film, the first film in the lowest bit; None where none is picked."""
    if scene.picked is None:
        return None
    flags = np.zeros(len(scene.points[0]), dtype=np.uint8)
    flags[np.asarray(scene.picked, dtype=np.int64)] = 1
    return np.packbits(flags, bitorder="little")


def _colours_json(colours: DrawnColours) -> dict[str, Any]:
    if colours.groups or colours.values.dtype == np.uint16:
        groups = [_group_json(group) for group in colours.groups]
        shown = {"kind": "groups", "title": colours.title, "groups": groups, "shares": colours.has_shares}
        return {**shown, "values": colours.values}
    ends = {"low": colours.low, "high": colours.high, "undefined": colours.n_undefined}
    return {"kind": "scale", "title": colours.title, "stops": list(STOPS), "values": colours.values, **ends}


def _group_json(group: DrawnGroup) -> dict[str, Any]:
    drawn = {"title": group.title, "name": group.name, "colour": group.colour, "shape": group.shape}
    return {**drawn, "ground": group.is_ground, "foremost": group.is_foremost}


def _mark_json(mark: Mark, low: FloatArray, span: float) -> dict[str, Any]:
    def placed(spot: tuple[float, float]) -> list[float]:
        return [float(value) for value in np.round((np.asarray(spot) - low[:2]) / span * _STEPS, 1)]

    x, y = placed(mark.start)
    end = {} if mark.end is None else dict(zip(("x2", "y2"), placed(mark.end), strict=True))
    return {"label": mark.label, "panel": mark.panel, "x": x, "y": y, **end}
