"""What a folder of one's own holds, before its films are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.datasets.description import Description, describe_films, describe_loaded
from core.datasets.folder import LABEL_FILES, FolderDataset
from core.intake.films import find_films, left_out_note
from core.intake.labels import AS_THE_TABLE_SAYS, read_labels
from core.labels.convention import Asked


def describe_folder(root: Path, asked: Asked = AS_THE_TABLE_SAYS) -> Description:
    """Describe a folder by its label table, films there or not.

    asked : how the table is read. DatasetError without the folder or the table.
    """
    tables = [root / name for name in LABEL_FILES if (root / name).is_file()]
    if not tables:
        return describe_loaded(FolderDataset(root))  # which says what is missing
    table = read_labels(tables[0], asked)
    found = find_films(root, table.image_ids)
    missing = tuple(image_id for image_id in table.image_ids if image_id not in {**found, **found.left_out})
    described = describe_films(root.resolve().name, table.images, table.values, table.classes, missing)
    return replace(described, notes=left_out_note(found.left_out, len(table.image_ids)))
