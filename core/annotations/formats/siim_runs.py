"""The masks of SIIM-ACR's pneumothorax challenge: `train-rle.csv`, run lengths on films of 1024 x 1024.

A cell holds pairs: how many pixels to pass over since the last run, how many are in the mask; column by column, from
the top left. So they are COCO's counts without the last. A film may have several rows: its mask is their union.
Source: the challenge's description of its data and its mask_functions.py.
"""

from __future__ import annotations

from pathlib import Path

from core.annotations.annotation import REMEDY, Annotation
from core.annotations.formats.base import AnnotationFormat, Canvas, canvas
from core.annotations.formats.csv_files import has_columns
from core.errors import StudyError
from core.text_tables import read_text_table

FINDING = "Pneumothorax"
NOTHING = ("", "-1")
"""Cells of films without a pneumothorax."""

_FILM_PX = 1024


def read_siim_runs(path: Path, reader: str) -> list[Annotation]:
    """Read one mask per film that has a region, the union of its rows.

    Raises StudyError where it is no such table, or runs are no pairs or leave the film.
    """
    table = read_text_table(path)
    rows: dict[str, list[list[int]]] = {}
    for line, cells in table.rows():
        if cells["EncodedPixels"] not in NOTHING:
            counts = _counts(cells["EncodedPixels"], f"{path}: line {line}")
            rows.setdefault(cells["ImageId"], []).append(counts)
    films = {name: canvas(f"{path}: {name}", name, _FILM_PX, _FILM_PX, reader) for name in rows}
    return [_union(films[name], regions) for name, regions in rows.items()]


def is_siim_runs(path: Path) -> bool:
    """Tell whether a file begins with the header of the challenge's masks."""
    return has_columns(path, "ImageId", "EncodedPixels")


FORMAT = AnnotationFormat("siim-runs", "SIIM-ACR's train-rle CSV, masks in 1024 px", is_siim_runs, read_siim_runs)


def _counts(text: str, where: str) -> list[int]:
    """COCO's counts of a cell's runs."""
    try:
        numbers = [int(number) for number in text.split()]
    except ValueError:
        numbers = [-1]
    rest = _FILM_PX * _FILM_PX - sum(numbers)
    if len(numbers) % 2 or min(numbers) < 0 or rest < 0:
        message = f"{where}: {text[:40]!r} are no run lengths on {_FILM_PX} x {_FILM_PX} pixels."
        raise StudyError(message, remedy=REMEDY)
    return [*numbers, rest]


def _union(film: Canvas, regions: list[list[int]]) -> Annotation:
    from pycocotools import mask as coco

    height, width = film.size
    runs = [coco.frPyObjects({"size": [height, width], "counts": counts}, height, width) for counts in regions]
    counts = coco.merge(runs)["counts"].decode("ascii")
    return film.shape(FINDING, "rle", {"size": [height, width], "counts": counts})
