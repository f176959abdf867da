"""The tables below a collection's folder, told apart by their columns and not by where they lie."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from core.datasets.collections.tables import columns_of, is_table
from core.errors import DatasetError

_DEPTH: Final = 2
_MOST_FOLDERS: Final = 100
"""Folders with more folders in them are those of films by patient, and hold no table."""

Recognise = Callable[[Sequence[str]], str | None]


@dataclass(frozen=True)
class FoundTables:
    """Files that may be tables, below a folder or beside one table.

    folder : what their paths are told from.
    paths : of those that may be the table that is looked for.
    beside : of those that may go with it, such as official lists of films.
    """

    folder: Path
    paths: tuple[Path, ...]
    beside: tuple[Path, ...]

    @cached_property
    def _columns(self) -> dict[Path, tuple[str, ...]]:
        return {path: columns_of(path) for path in dict.fromkeys((*self.paths, *self.beside))}

    def like(self, recognise: Recognise) -> tuple[Path, ...]:
        """List the tables whose columns are recognised."""
        return tuple(path for path in self.paths if recognise(self._columns[path]))

    def also(self, recognise: Recognise) -> tuple[Path, ...]:
        """List the tables, those beside too, whose columns are recognised."""
        return tuple(path for path in self._columns if recognise(self._columns[path]))

    def columns(self, path: Path) -> tuple[str, ...]:
        """Give the column names of one of them, as they stand."""
        return self._columns[path]

    def only(self, paths: Sequence[Path], what: str) -> Path | None:
        """Give the one of the paths, None where there is none; DatasetError where there are several."""
        if len(paths) > 1:
            message = f"{paths[0]} and {paths[1]} are both {what}."
            raise DatasetError(message, remedy="Keep the one that is meant, and move the other elsewhere.")
        return paths[0] if paths else None

    def named(self, *names: str) -> Path | None:
        """Find the file of one of these names, packed or not; DatasetError where there are several."""
        wanted = [name.lower() for name in names]
        fitting = [path for path in self.beside if _plain(path) in wanted]
        return self.only(fitting, f"called {names[0]}")


def tables_below(root: Path) -> FoundTables:
    """Find tables in a folder and two folders down; DatasetError where there is no such folder."""
    if not root.is_dir():
        raise DatasetError(f"{root}: there is no such folder.", remedy="Name the collection's folder with --root.")
    paths = tuple(sorted(_walk(root, 0)))
    return FoundTables(root, paths, paths)


def table_alone(path: Path) -> FoundTables:
    """Take one table, with what lies in its folder beside it."""
    beside = tuple(sorted(other for other in path.parent.iterdir() if is_table(other.name) and other.is_file()))
    return FoundTables(path.parent, (path,), beside)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        listed = list(entries)
    folders = [entry for entry in listed if entry.is_dir(follow_symlinks=False)]
    yield from (Path(entry.path) for entry in listed if is_table(entry.name) and entry.is_file())
    if depth < _DEPTH and len(folders) <= _MOST_FOLDERS:
        for entry in folders:
            yield from _walk(Path(entry.path), depth + 1)


def _plain(path: Path) -> str:
    name = path.name.lower()
    return name.removesuffix(".gz").removesuffix(".zip")
