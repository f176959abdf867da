"""Joining drawn masks to the films of an import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from core.annotations import Annotation
from core.coco import read_coco
from core.errors import StudyError
from core.study.import_films import match_names
from core.study.table_checks import counted


def join_masks(
    path: Path, images: pd.DataFrame, classes: Sequence[str]
) -> tuple[pd.DataFrame, list[Annotation], tuple[str, ...]]:
    """The image table with sizes filled in from the masks, the annotations by their films' ids, and notes."""
    drawn = read_coco(path)
    names = list(dict.fromkeys(annotation.image_id for annotation in drawn))
    matches = match_names(images["image_id"].tolist(), names, str(path))
    ids = {name: image_id for image_id, name in matches.items()}
    strange = [name for name in names if name not in ids]
    if names and len(strange) == len(names):
        message = f"{path}: none of its {len(names):,} films is in the labels, such as {names[0]!r}."
        raise StudyError(message, remedy="The file_name of a COCO image must be the film's image_id or file name.")
    joined = [replace(entry, image_id=ids[entry.image_id]) for entry in drawn if entry.image_id in ids]
    others = list(dict.fromkeys(entry.finding for entry in joined if entry.finding not in classes))
    notes = [
        *(
            [f"{path.name}: {counted(strange, 'film', 'films')} left out, for the labels have no such film."]
            * bool(strange)
        ),
        *([f"{path.name}: {counted(others, 'finding', 'findings')} drawn, but no class of the labels."] * bool(others)),
    ]
    return _with_sizes(path, images, joined), joined, tuple(notes)


def _with_sizes(path: Path, images: pd.DataFrame, annotations: Sequence[Annotation]) -> pd.DataFrame:
    """Sizes of the films as the masks have them, where the films themselves did not give them."""
    sizes: dict[str, tuple[int, int]] = {}
    if "height_px" in images:
        known = images[images["height_px"].notna()]
        lengths = zip(known["height_px"], known["width_px"], strict=True)
        sizes = {image_id: (int(h), int(w)) for image_id, (h, w) in zip(known["image_id"], lengths, strict=True)}
    for entry in annotations:
        drawn_on = (entry.height_px, entry.width_px)
        height, width = sizes.setdefault(entry.image_id, drawn_on)
        if (height, width) != drawn_on:
            raise StudyError(
                f"{path}: {entry.finding} of {entry.image_id!r} was drawn on {drawn_on[0]} x {drawn_on[1]} pixels, "
                f"but the film has {height} x {width}.",
                remedy="Give the films in the size that the masks were drawn on, or scale the masks.",
            )
    pairs = [sizes.get(image_id, (None, None)) for image_id in images["image_id"]]
    lengths_px = {"height_px": [height for height, _ in pairs], "width_px": [width for _, width in pairs]}
    return images.assign(**{name: pd.array(values, dtype="Int32") for name, values in lengths_px.items()})
