"""The boxes of RSNA's pneumonia challenge: `stage_2_train_labels.csv`, in pixels of its films, which are 1024 x 1024.

Source: Shih et al., Radiology: AI 2019; the challenge's description of its data (the file does not tell the size).
"""

from __future__ import annotations

from pathlib import Path

from core.annotations.annotation import Annotation
from core.annotations.formats.base import AnnotationFormat, canvas
from core.annotations.formats.csv_files import has_columns, numbers_in
from core.text_tables import read_text_table

FINDING = "Pneumonia"
_FILM_PX = 1024
_BOX = ("x", "y", "width", "height")


def read_rsna_boxes(path: Path, reader: str) -> list[Annotation]:
    """Read one box per row with Target 1; rows without a box are films without an opacity.

    Raises StudyError where it is no such table, or a row is no box.
    """
    table = read_text_table(path)
    boxes = []
    for line, cells in table.rows():
        if any(cells[name] for name in _BOX):
            where = f"{path}: line {line}"
            film = canvas(where, cells["patientId"], _FILM_PX, _FILM_PX, reader)
            boxes.append(film.shape(FINDING, "box", numbers_in(cells, _BOX, where)))
    return boxes


def is_rsna_boxes(path: Path) -> bool:
    """Tell whether a file begins with the header of the challenge's labels."""
    return has_columns(path, "patientId", *_BOX, "Target")


FORMAT = AnnotationFormat(
    "rsna-boxes", "RSNA's stage_2_train_labels CSV, boxes in 1024 px", is_rsna_boxes, read_rsna_boxes
)
