"""NIH ChestX-ray14's boxes: the CSV `BBox_List_2017`.

Its header is `Image Index,Finding Label,Bbox [x,y,w,h],,,`: the brackets hold commas, so it has nine columns over rows
of six values; copies have six columns, or quote the brackets. Positions are pixels of the published films, which are
1024 x 1024 (the file does not say so). It says "Infiltrate" where the labels of ChestX-ray14 say "Infiltration".
Source: BBox_List_2017.csv and its read-me, NIH Clinical Center; Wang et al., CVPR 2017.
"""

from __future__ import annotations

import csv
from pathlib import Path

from core.annotations.annotation import REMEDY, Annotation
from core.annotations.formats.base import AnnotationFormat, canvas
from core.annotations.formats.csv_files import first_line, whole_text
from core.errors import StudyError
from core.files import reading

FILM_PX = 1024
_HEADER = "imageindex,findinglabel,bbox[x,y,w,h]"
_N_VALUES = 6


def read_nih_boxes(path: Path, reader: str) -> list[Annotation]:
    """Read one box per row, on a film of 1024 x 1024.

    Raises StudyError where the header is another one, or a row is no film, finding and four numbers.
    """
    with reading(path, "is not CSV", remedy="Save the table as CSV in UTF-8."):
        rows = list(csv.reader(whole_text(path).splitlines(), strict=True))
    if not rows or not _is_header(",".join(rows[0])):
        message = f"{path}: does not begin with the columns Image Index, Finding Label, Bbox [x, y, w, h]."
        raise StudyError(message, remedy="Use BBox_List_2017.csv as published, or a table with its header.")
    return [_from_row(path, line, row, reader) for line, row in enumerate(rows[1:], start=2) if any(row)]


def is_nih_boxes(path: Path) -> bool:
    """Tell whether a file begins with the header of BBox_List_2017."""
    return _is_header(first_line(path))


FORMAT = AnnotationFormat("nih-boxes", "NIH's BBox_List_2017 CSV, boxes in 1024 px", is_nih_boxes, read_nih_boxes)


def _is_header(line: str) -> bool:
    return "".join(line.split()).replace('"', "").lower().startswith(_HEADER)


def _from_row(path: Path, line: int, row: list[str], reader: str) -> Annotation:
    values = [value.strip() for value in row]
    try:
        box = [float(value) for value in values[2:_N_VALUES]]
    except ValueError:
        box = []
    if len(box) != 4 or any(values[_N_VALUES:]):
        message = f"{path}: line {line} is no film, finding, x, y, width and height."
        raise StudyError(message, remedy=REMEDY)
    return canvas(f"{path}: line {line}", values[0], FILM_PX, FILM_PX, reader).shape(values[1], "box", box)
