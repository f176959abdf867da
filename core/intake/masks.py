"""Joining drawn marks to the films of a study."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats import read_annotations
from core.errors import StudyError
from core.files import digest, sha256_of
from core.intake.films import match_names
from core.intake.fit_marks import plain_name, scaled_to_films
from core.study.table_checks import counted


def join_masks(
    path: Path, images: pd.DataFrame, classes: Sequence[str]
) -> tuple[pd.DataFrame, list[Annotation], tuple[str, ...]]:
    """Give the image table with sizes filled in from the marks, the annotations by their films' ids, and notes.

    path : a file or folder in any format of `core.annotations.formats`.
    """
    marks = fit_to_films(path, read_annotations(path), images)
    joined, strange, notes = marks.annotations, marks.strange, marks.notes
    if strange and not joined:
        message = f"{path}: none of its {len(strange):,} films is in the labels, such as {strange[0]!r}."
        raise StudyError(message, remedy="The marks must name each film by its image_id or file name.")
    if strange:
        notes += (f"{path.name}: {counted(strange, 'film', 'films')} left out, for the labels have no such film.",)
    notes += other_findings(path, joined, classes)
    return with_sizes(path, images, joined), joined, notes


@dataclass(frozen=True)
class FittedMarks:
    """Marks by the ids of a study's films, in their pixels.

    strange : names of films that the study does not have.
    """

    annotations: list[Annotation]
    strange: list[str]
    notes: tuple[str, ...]


def fit_to_films(path: Path, drawn: Sequence[Annotation], images: pd.DataFrame) -> FittedMarks:
    """Join marks to films by name, scale those drawn on a film of another size, leave out those without a pixel.

    Raises StudyError where a film fits several names, or a mark was drawn on a film of another shape.
    """
    there, notes = without_empty(path, drawn)
    joined, strange, name_notes = by_film(path, there, images["image_id"].tolist())
    fitted, size_notes = scaled_to_films(joined, known_sizes(images), path.name)
    kept, lost_notes = without_empty(path, fitted) if size_notes else (fitted, ())
    with_sizes(path, images, kept)
    return FittedMarks(kept, strange, (*notes, *name_notes, *size_notes, *lost_notes))


def without_empty(path: Path, drawn: Sequence[Annotation]) -> tuple[list[Annotation], tuple[str, ...]]:
    """Keep the annotations that hold a pixel of their film, and a note on how many do not."""
    kept = [annotation for annotation in drawn if _has_pixels(annotation)]
    empty = [annotation for annotation in drawn if not _has_pixels(annotation)]
    if not empty:
        return kept, ()
    one, more = "mark holds no pixel of its film and is", "marks hold no pixel of their films and are"
    said = f"{path.name}: {len(empty):,} {one if len(empty) == 1 else more} left out."
    return kept, (f"{said} The first is {empty[0].finding} of {empty[0].image_id!r}.",)


def by_film(
    path: Path, drawn: Sequence[Annotation], image_ids: Sequence[str]
) -> tuple[list[Annotation], list[str], tuple[str, ...]]:
    """Keep the annotations whose film is among the ids, with its id; the names of films that are not; and notes.

    Names match as those of films do (`match_names`). CheXlocalize's match ids that are CheXpert's paths:
    "patient1_study1_view1_frontal" is ".../patient1/study1/view1_frontal.jpg". What matches no id is tried without what
    tools add to names (`plain_name`).
    """
    names = list(dict.fromkeys(annotation.image_id for annotation in drawn))
    ids = {name: image_id for image_id, name in match_names(image_ids, names, str(path)).items()}
    joined_paths = {image_id: "_".join(PurePosixPath(image_id).parts[-3:]) for image_id in image_ids if "/" in image_id}
    n_same = Counter(joined_paths.values())
    by_path = {text: image_id for image_id, text in joined_paths.items() if n_same[text] == 1}
    left = [name for name in names if name not in ids]
    ids |= {name: by_path[text] for text, name in match_names(list(by_path), left, str(path)).items()}
    by_plain, note = _by_plain_names(path, [name for name in names if name not in ids], image_ids)
    ids |= by_plain
    joined = [replace(entry, image_id=ids[entry.image_id]) for entry in drawn if entry.image_id in ids]
    return joined, [name for name in names if name not in ids], note


def _by_plain_names(
    path: Path, names: Sequence[str], image_ids: Sequence[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Ids by the names that tools added to, and a note; StudyError where two names are of one film."""
    named: dict[str, list[str]] = {}
    for name in names:
        if (plain := plain_name(name)) != name:
            named.setdefault(plain, []).append(name)
    found = match_names(image_ids, named, str(path))
    for image_id, plain in found.items():
        if len(named[plain]) > 1:
            message = f"{path}: {named[plain][0]!r} and {named[plain][1]!r} are both of the film {image_id!r}."
            raise StudyError(message, remedy="Export each film once, without versions that were turned or changed.")
    ids = {named[plain][0]: image_id for image_id, plain in found.items()}
    if not ids:
        return {}, ()
    example = next(iter(ids))
    many = "film was" if len(ids) == 1 else "films were"
    note = f"{path.name}: {len(ids):,} {many} found by name without what a tool added, such as {example!r}."
    return ids, (note,)


def other_findings(path: Path, joined: Sequence[Annotation], classes: Sequence[str]) -> tuple[str, ...]:
    """Write a note on the findings that are no class; they are kept."""
    others = list(dict.fromkeys(entry.finding for entry in joined if entry.finding not in classes))
    return (f"{path.name}: {counted(others, 'finding', 'findings')} drawn, but no class of the labels.",) * bool(others)


def with_sizes(path: Path, images: pd.DataFrame, annotations: Sequence[Annotation]) -> pd.DataFrame:
    """Fill in the sizes of films as the marks have them, where the films themselves did not give them.

    Raises StudyError where a mark was drawn on another size than its film has.
    """
    sizes = known_sizes(images)
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


def known_sizes(images: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """List (height, width) by image_id, of the films that have one."""
    if "height_px" not in images:
        return {}
    known = images[images["height_px"].notna()]
    lengths = zip(known["height_px"], known["width_px"], strict=True)
    return {image_id: (int(h), int(w)) for image_id, (h, w) in zip(known["image_id"], lengths, strict=True)}


def source_hash(path: Path) -> str:
    """Compute the SHA-256 of a file; of a folder, that of the names and hashes of the files below it."""
    if not path.is_dir():
        return sha256_of(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    listing = "".join(f"{sha256_of(file)}  {file.relative_to(path).as_posix()}\n" for file in files)
    return digest(listing)


def _has_pixels(annotation: Annotation) -> bool:
    if annotation.kind == "box":
        return bool(annotation.mask().any())
    from pycocotools import mask as coco

    shape = json.loads(annotation.geometry)
    size = (annotation.height_px, annotation.width_px)
    return int(coco.area(shape if annotation.kind == "rle" else coco.merge(coco.frPyObjects(shape, *size)))) > 0
