"""What every public collection offers: how its tables are known, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from core.annotations.annotation import Annotation
from core.annotations.formats.base import AnnotationFormat
from core.datasets.collections.found import FoundTables, table_alone, tables_below
from core.errors import CoreError, DatasetError
from core.files import reason
from core.labels.convention import Convention
from core.labels.readings import POSITIVE, Readings

DIVIDED: Final = "train and val"
"""Split of the films that the makers give to train on without saying which of them validate."""


@dataclass(frozen=True, eq=False)
class CollectionTable:
    """What the tables of a collection say, films there or not.

    images : one row per film: image_id, patient_id, split (train, val, test or `DIVIDED`; null where the makers name
        none), and where the collection says it view, age, sex and file (POSIX path of its film, from the root or from
        further below, its ending aside). Without `file` a film is named after its image_id.
    readings : what was said of them, by row of `images`; the source that counts unless another is named comes first.
    tables : the files that all this was read from.
    splits : whose splits these are, in words; "" where the makers name none.
    notes : sentences on what was taken for what, left out or united.
    """

    images: pd.DataFrame
    readings: Readings
    tables: tuple[Path, ...]
    splits: str = ""
    notes: tuple[str, ...] = ()


def no_files(tables: FoundTables) -> tuple[Path, ...]:
    """Find no file of marks: the collection has none."""
    return ()


def no_marks(paths: Sequence[Path], images: pd.DataFrame) -> tuple[Annotation, ...]:
    """Read no marks."""
    return ()


@dataclass(frozen=True)
class Collection:
    """One collection, as it lies on disk.

    name : what the command line calls it. title : what pages call it.
    terms : a sentence on licence and access.
    seen : whether the code was tried on real tables of it; the README says so.
    convention : how its makers read their own labels.
    recognise : takes the column names of a table as they stand; gives the words "by what" ("its columns Image Index
        and Finding Labels") where the table is this collection's, else None.
    read : reads what was found: below a root, tables, official splits, demographics; or one table and what lies
        beside it. None where it holds nothing of this collection.
    mark_files : the files of what readers drew that were found.
    marks : what is drawn in those files, by the image_id of `images`, which has the films' sizes where they are known.
    least_share : findings that are positive on a smaller share of the films are no class unless they are named.
    """

    name: str
    title: str
    terms: str
    seen: bool
    convention: Convention
    recognise: Callable[[Sequence[str]], str | None]
    read: Callable[[FoundTables], CollectionTable | None]
    mark_files: Callable[[FoundTables], tuple[Path, ...]] = no_files
    marks: Callable[[Sequence[Path], pd.DataFrame], tuple[Annotation, ...]] = no_marks
    least_share: float = 0.0

    def read_table(self, path: Path) -> CollectionTable:
        """Read one table, with what lies in its folder. DatasetError where it is not this collection's, or damaged."""
        return self._read(table_alone(path), str(path))

    def read_root(self, root: Path) -> CollectionTable:
        """Read all that lies below a folder. DatasetError where it holds nothing of this collection, or damaged."""
        return self._read(tables_below(root), str(root))

    @contextmanager
    def guarded(self, where: str) -> Iterator[None]:
        """Guard the reading of its files: what a reader stumbles over that nobody foresaw becomes one sentence."""
        try:
            yield
        except CoreError:
            raise
        except Exception as problem:
            what = f"{type(problem).__name__}: {reason(problem)}"
            message = f"{where}: a file of {self.title} is not as its makers publish it ({what})."
            raise DatasetError(message, remedy="Fetch its tables again.") from problem

    def usual_classes(self, table: CollectionTable) -> tuple[str, ...]:
        """List the findings that are classes unless others are named: those on at least `least_share` of the readings.

        All of them where none is so frequent.
        """
        counts = (table.readings.codes == POSITIVE).sum(axis=0)
        usual = counts >= max(1, self.least_share * len(table.readings.codes)) if self.least_share else counts >= 0
        names = tuple(name for name, kept in zip(table.readings.classes, usual, strict=True) if kept)
        return names or table.readings.classes

    def _read(self, tables: FoundTables, where: str) -> CollectionTable:
        with self.guarded(where):
            found = self.read(tables)
        if found is None:
            raise DatasetError(
                f"{where}: holds no table of {self.title}.",
                remedy="Name the folder that its tables lie in, as its makers publish them.",
            )
        require_once(found.images, found.tables)
        return found


def require_once(images: pd.DataFrame, tables: Sequence[Path]) -> None:
    """Raise DatasetError where a film stands in more than one row of the tables, say of two versions of one."""
    twice = images["image_id"][images["image_id"].duplicated()]
    if len(twice):
        names = ", ".join(path.name for path in tables)
        message = f"{tables[0].parent}: the film {twice.iloc[0]!r} stands in more than one row of {names}."
        raise DatasetError(message, remedy="Keep one version of the tables below the folder.")


def marks_in_labels(
    recognise: Callable[[Sequence[str]], str | None], form: AnnotationFormat, reader: str
) -> tuple[Callable[[FoundTables], tuple[Path, ...]], Callable[[Sequence[Path], pd.DataFrame], tuple[Annotation, ...]]]:
    """Make `mark_files` and `marks` of a collection whose table of labels has the marks too; `reader` drew them."""

    def mark_files(tables: FoundTables) -> tuple[Path, ...]:
        return tables.like(recognise)

    def marks(paths: Sequence[Path], _: pd.DataFrame) -> tuple[Annotation, ...]:
        return tuple(mark for path in paths for mark in form.read(path, reader))

    return mark_files, marks


def have(*names: str) -> Callable[[Sequence[str]], str | None]:
    """Make what recognises tables that have all of these columns; it says so in words."""

    def recognise(columns: Sequence[str]) -> str | None:
        there = {name.strip() for name in columns}
        return f"its columns {', '.join(names[:-1])} and {names[-1]}" if there.issuperset(names) else None

    return recognise
