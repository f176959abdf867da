"""A study with some of its parts new and every other file as it was, byte for byte."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from core.errors import StudyError
from core.files import sha256_of
from core.geometry import FloatArray
from core.study.folder import read_manifest, stored_files
from core.study.manifest import MANIFEST, SCHEMA_VERSION, FileEntry, Manifest
from core.study.open import open_study, steady
from core.study.read import Study
from core.study.tables import write_table
from core.study.write import write_folder, writing_alone

Part: TypeAlias = pa.Table | FloatArray | bytes | Path
"""What a part is written from: a table, an array, bytes, or a file to copy."""


def rewrite_study(study: Study, parts: Mapping[str, Part], **changes: Any) -> Study:
    """Put a study in its own place with new parts (tables, arrays, other files) and changed fields of the manifest.

    It is of the newest version then. Files that stay keep the hashes that the manifest has of them, so that damage
    from before can still be found. What was read lazily from the old study must be read before; afterwards it may be
    gone.
    Raises StudyError, and leaves what is there, where it cannot be written, would not open, or is not what was
    read: inside `changing` it always is.
    """

    def fill(scratch: Path) -> Manifest:
        stored, _ = stored_files(study.root)
        for part in stored:
            if part not in parts and part != MANIFEST:
                _share(study.root / part, scratch / part)
        files = dict(study.manifest.files)
        for part, content in parts.items():
            files[part] = _write(content, scratch / part)
        return replace(study.manifest, schema_version=SCHEMA_VERSION, **changes, files=dict(sorted(files.items())))

    with writing_alone(study.root):
        if read_manifest(study.root) != study.manifest:
            message = f"{study.root}: another program has changed the study since it was read."
            raise StudyError(message, remedy="Do the same again with the study as it is now.")
        return open_study(write_folder(study.root, fill, replace=True))


def migrate_study(root: Path) -> tuple[int, Study]:
    """Bring a study to the newest version of the format, in its own place; give the version that it had, and the study.

    One that is of that version stays untouched. Raises StudyError as `rewrite_study` does.
    """
    with changing(root) as study:
        before = study.manifest.schema_version
        return before, study if before == SCHEMA_VERSION else rewrite_study(study, {})


@contextmanager
def changing(root: Path) -> Iterator[Study]:
    """Give the study in a folder, open as it is now, and keep every other writer out until it has been changed.

    Raises StudyError as `open_study` and `writing_alone` do.
    """
    root = Path(root).resolve()
    steady(root, read_manifest)
    with writing_alone(root):
        yield open_study(root)


def _write(content: Part, path: Path) -> FileEntry:
    """Writes one part; arrays are stored as float32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape, dtype = None, None
    if isinstance(content, np.ndarray):
        np.save(path, np.ascontiguousarray(content, dtype=np.float32), allow_pickle=False)
        shape, dtype = tuple(content.shape), "float32"
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, Path):
        shutil.copyfile(content, path)
    else:
        write_table(content, path)
    return FileEntry(sha256_of(path), path.stat().st_size, shape, dtype)


def _share(source: Path, target: Path) -> None:
    """The same file under another name, without copying where the disk allows; the old name goes when all is done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
