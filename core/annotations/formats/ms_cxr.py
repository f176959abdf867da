"""The boxes of MS-CXR: `MS_CXR_Local_Alignment_v1.*.csv`, phrases of reports with boxes on films of MIMIC-CXR.

A row has dicom_id, category_name, label_text, x, y, w, h, image_width and image_height; a phrase with several boxes has
several rows. Source: Boecking et al., ECCV 2022; PhysioNet, MS-CXR.
"""

from __future__ import annotations

from pathlib import Path

from core.annotations.annotation import Annotation
from core.annotations.formats.base import AnnotationFormat, canvas
from core.annotations.formats.csv_files import has_columns, numbers_in
from core.text_tables import read_text_table

_BOX = ("x", "y", "w", "h")
_SIZE = ("image_height", "image_width")


def read_ms_cxr(path: Path, reader: str) -> list[Annotation]:
    """Read one box per row, in pixels of the film, whose size stands beside it.

    Raises StudyError where it is no such table, or a row is no box on a film.
    """
    table = read_text_table(path, prose=True)
    boxes = []
    for line, cells in table.rows():
        where = f"{path}: line {line}"
        height, width = (int(side) for side in numbers_in(cells, _SIZE, where))
        film = canvas(where, cells["dicom_id"], height, width, reader)
        boxes.append(film.shape(cells["category_name"], "box", numbers_in(cells, _BOX, where)))
    return boxes


def is_ms_cxr(path: Path) -> bool:
    """Tell whether a file begins with the header of MS-CXR."""
    return has_columns(path, "dicom_id", "category_name", *_BOX, *_SIZE)


FORMAT = AnnotationFormat("ms-cxr", "MS-CXR's Local_Alignment CSV", is_ms_cxr, read_ms_cxr)
