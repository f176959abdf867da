"""A map of films as a picture that a report holds, however many they are."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from core.figures.theme import GREY, ORANGE
from core.geometry import FloatArray

SIDE: Final = 900
"""Pixels of the picture's longer side."""
_MARGIN: Final = 20


def map_picture(points: FloatArray, labels: FloatArray) -> Image.Image:
    """Draw films as points on white: grey, and orange squares, drawn last, where the finding is there.

    points : (n, 2), one film or more; the second axis points upwards, and both have one scale.
    labels : (n,) of {0, 1, NaN}; a film of no label is a grey ring.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (SIDE - 2 * _MARGIN) / (float((high - low).max()) or 1.0)
    size = np.ceil((high - low) * scale + 2 * _MARGIN)
    picture = Image.new("RGB", (int(size[0]), int(size[1])), "#ffffff")
    places = (points - (low + high) / 2) * scale * [1, -1] + size / 2
    radius = 5 if len(points) <= 2000 else 3 if len(points) <= 20000 else 2
    pen = ImageDraw.Draw(picture)
    for place, label in sorted(zip(places, labels, strict=True), key=lambda one: one[1] == 1):
        x, y = map(float, place)
        box = (x - radius, y - radius, x + radius, y + radius)
        if label == 1:
            pen.rectangle(box, fill=ORANGE)
        elif np.isnan(label):
            pen.ellipse(box, outline=GREY, width=2)
        else:
            pen.ellipse(box, fill=GREY)
    return picture
