"""CheXlocalize JSON, both forms of its ground truth: contours as radiologists drew them, and masks encoded as runs.

One object per film, by names such as "patient64541_study1_view1_frontal" (CheXpert's path, joined by underscores):
gt_annotations: {film: {"img_size": [height, width], finding: [[[x, y], ...], ...]}}, one list of points a contour;
gt_segmentations: {film: {finding: {"size": [height, width], "counts": text}}}, all findings, most of them empty.
CheXlocalize calls Lung Opacity "Airspace Opacity". It fills contours with Pillow, which counts every pixel that a line
touches; here they are filled as COCO does it, so the two forms differ along edges.
Source: rajpurkarlab/cheXlocalize, README and annotation_to_segmentation.py; Saporta et al., Nature MI 2022.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.annotations.annotation import REMEDY, Annotation
from core.annotations.formats.base import AnnotationFormat, canvas
from core.annotations.formats.json_files import json_object, packed_runs, read_json
from core.errors import StudyError

SIZE = "img_size"


def read_chexlocalize(path: Path, reader: str) -> list[Annotation]:
    """One annotation per film and finding: a polygon of all its contours, or a run-length encoded mask.

    Films without a finding give none; encoded masks that are all zeros are annotations without a pixel.
    Raises StudyError where the file has neither form, or a contour or mask is damaged.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not all(isinstance(film, dict) for film in content.values()):
        message = f"{path}: does not hold an object of findings for every film."
        raise StudyError(message, remedy="Use gt_annotations or gt_segmentations of CheXlocalize as published.")
    return [mark for image_id, film in content.items() for mark in _from_film(path, image_id, film, reader)]


def is_chexlocalize(path: Path) -> bool:
    """Whether a file is a JSON object of objects, one of which has contours with `img_size`, or runs."""
    content = json_object(path)
    films = list(content.values())
    return all(isinstance(film, dict) for film in films) and any(SIZE in film or _has_runs(film) for film in films)


FORMAT = AnnotationFormat(
    "chexlocalize", "CheXlocalize JSON (gt_annotations or gt_segmentations)", is_chexlocalize, read_chexlocalize
)


def _from_film(path: Path, image_id: str, findings: Mapping[str, Any], reader: str) -> Iterator[Annotation]:
    for finding, drawn in findings.items():
        if finding == SIZE or not drawn:
            continue
        where, is_runs = f"{path}: {finding} of {image_id!r}", isinstance(drawn, dict)
        height, width = _size(drawn.get("size") if is_runs else findings.get(SIZE), where)
        film = canvas(where, image_id, height, width, reader)
        if is_runs:
            yield film.shape(finding, "rle", packed_runs(drawn, height, width, where))
        else:
            yield film.shape(finding, "polygon", _rings(drawn, where))


def _size(size: Any, where: str) -> tuple[int, int]:
    if isinstance(size, list) and len(size) == 2 and all(type(length) is int for length in size):
        return size[0], size[1]
    raise StudyError(f"{where}: its size is {size!r}; [height, width] was expected.", remedy=REMEDY)


def _rings(contours: Any, where: str) -> list[list[Any]]:
    """[[[x, y], ...], ...] as [[x, y, x, y, ...], ...]."""
    lists = isinstance(contours, list) and all(isinstance(contour, list) for contour in contours)
    if not lists or not all(isinstance(point, list) and len(point) == 2 for ring in contours for point in ring):
        raise StudyError(f"{where}: its contours are not lists of points [x, y].", remedy=REMEDY)
    return [[value for point in contour for value in point] for contour in contours]


def _has_runs(film: Mapping[str, Any]) -> bool:
    return any(isinstance(drawn, dict) and {"size", "counts"} <= set(drawn) for drawn in film.values())
