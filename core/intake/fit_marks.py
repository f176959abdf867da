"""Marks of annotation tools fitted to a study's films: names that tools add to, films that were made smaller."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.annotations.annotation import Annotation, annotation_from_mask, canonical

Size = tuple[int, int]

_LABEL_STUDIO = re.compile(r"^[0-9a-f]{8}-(?=.)")
_ROBOFLOW = re.compile(r"^(?P<stem>.+?)(?:_(?P<ending>png|jpg|jpeg|dcm|dicom))?\.rf\.[0-9A-Za-z]{6,64}\.[A-Za-z]+$")


def plain_name(name: str) -> str:
    """Take off what tools add to a film's name.

    Label Studio puts eight hexadecimal digits and "-" before it; Roboflow writes "film_png.rf.<hash>.jpg" for
    "film.png". Folders go with what is taken off; other names stay as they are.
    """
    last = name.rsplit("/", 1)[-1]
    plain = _LABEL_STUDIO.sub("", last)
    if found := _ROBOFLOW.match(plain):
        plain = found["stem"] + (f".{found['ending']}" if found["ending"] else "")
    return name if plain == last else plain


def scaled_to_films(
    annotations: Sequence[Annotation], sizes: Mapping[str, Size], file_name: str
) -> tuple[list[Annotation], tuple[str, ...]]:
    """Scale the marks that were drawn on a film of another size and the same shape, and say so.

    sizes : (height, width) of the films, by id. Marks on a film of another shape, or of no known size, stay as they
    are. Two sizes are of one shape where one is the other, scaled and rounded to whole pixels.
    """
    fitted, changed = [], []
    for entry in annotations:
        drawn_on = (entry.height_px, entry.width_px)
        size = sizes.get(entry.image_id, drawn_on)
        if size != drawn_on and _is_same_shape(drawn_on, size):
            changed.append(f"{drawn_on[0]} x {drawn_on[1]} for {size[0]} x {size[1]}")
            entry = _scaled(entry, size)
        fitted.append(entry)
    if not changed:
        return fitted, ()
    words = "mark was" if len(changed) == 1 else "marks were"
    where = f"on films of another size and the same shape ({changed[0]})"
    return fitted, (f"{file_name}: {len(changed):,} {words} drawn {where} and scaled to the study's.",)


def _is_same_shape(first: Size, second: Size) -> bool:
    """Whether scaling the larger to one side of the smaller gives its other side, to a pixel of rounding."""
    (height, width), large = sorted((first, second), key=lambda size: size[0] * size[1])
    return abs(large[0] * width / large[1] - height) < 1 or abs(large[1] * height / large[0] - width) < 1


def _scaled(entry: Annotation, size: Size) -> Annotation:
    """The mark on a film of another size: corners are scaled, and of a mask each pixel is the one that it lies on."""
    if entry.kind == "rle":
        rows, columns = (
            np.minimum(((np.arange(new) + 0.5) * old / new).astype(int), old - 1)
            for new, old in zip(size, (entry.height_px, entry.width_px), strict=True)
        )
        mask = entry.mask()[rows[:, None], columns[None, :]]
        return annotation_from_mask(entry.image_id, entry.finding, entry.reader, mask)
    down, across = size[0] / entry.height_px, size[1] / entry.width_px
    shape: Any = json.loads(entry.geometry)
    if entry.kind == "box":
        scaled = [value * factor for value, factor in zip(shape, (across, down, across, down), strict=True)]
    else:
        scaled = [[value * (down if place % 2 else across) for place, value in enumerate(ring)] for ring in shape]
    return replace(entry, height_px=size[0], width_px=size[1], geometry=canonical(scaled))
