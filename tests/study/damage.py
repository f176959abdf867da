"""Copies of the golden study with one thing wrong, and what must hold however a study is wrong."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.__main__ import main
from tests.golden.make_study_v1 import STUDY

Damage = Callable[[Path], None]


def damaged_copy(folder: Path, damage: Damage, *, relist: bool) -> Path:
    """The golden study, damaged; `relist` makes the manifest agree, as if faulty software had written it."""
    root = folder / "study"
    shutil.copytree(STUDY, root)
    damage(root)
    if relist:
        relist_files(root)
    return root


def relist_files(root: Path) -> None:
    """Size and hash of every listed file that is there as they now are."""

    def change(manifest: dict[str, Any]) -> None:
        for part, entry in manifest["files"].items():
            if (root / part).is_file():
                content = (root / part).read_bytes()
                entry |= {"n_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    edit_manifest(root, change)


def edit_manifest(root: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the manifest's JSON in place."""
    path = root / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def edit_table(root: Path, part: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Replaces a table by what `change` makes of it."""
    pq.write_table(change(pq.read_table(root / part)), root / part)


def edit_array(root: Path, part: str, change: Callable[[np.ndarray], Any]) -> None:
    """Replaces an array by what `change` returns, or by what it did to it in place."""
    array = np.load(root / part)
    changed = change(array)
    np.save(root / part, array if changed is None else changed)


def set_cell(table: pa.Table, column: str, row: int, value: object) -> pa.Table:
    """The table with one cell changed."""
    values = table.column(column).to_pylist()
    values[row] = value
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(column), pa.array(values, table.schema.field(column).type))


def tree(root: Path) -> dict[str, str]:
    """Hash of every file below a folder; links by where they lead."""
    return {
        path.relative_to(root).as_posix(): path.readlink().as_posix()
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def refused(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The line on stderr of a command that is refused and changes nothing."""
    before = tree(folder)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.endswith(".")
    assert tree(folder) == before
    return line
