"""Reading label tables: what was said of every film, one row a film, or one a film and reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.errors import StudyError
from core.geometry import FloatArray
from core.intake.columns import labels_alone, with_our_names
from core.intake.splits import Division, division_note, settled_splits
from core.intake.tables import read_rows, require_ids
from core.labels.convention import Asked, Convention
from core.labels.readings import NOT_MENTIONED, UNCERTAIN, UNNAMED, Int8Array, Readings
from core.study.contents import label_frame
from core.study.label_notes import one_case, one_spelling, unplaced
from core.study.table_checks import counted, id_problems, split_problems

METADATA: Final = ("patient_id", "split", "view", "age", "sex", "reader", "source")
"""Columns of a label table that are no classes."""

AS_THE_TABLE_SAYS: Final = Asked()
_OF_READINGS: Final = ("reader", "source")
_MOST_BLANK: Final = 0.5


@dataclass(frozen=True, eq=False)
class LabelTable:
    """Labels, checked.

    images : one row a film: image_id, patient_id, split, and what else is known of it.
    readings : what was said, by row of `images`.
    notes : sentences on what the table lacks and what stands in for it.
    film_names : what the films' files are called, by row of `images`.
    is_own_layout : whether the table is in the product's own layout, and not a collection's.
    """

    path: Path
    images: pd.DataFrame
    readings: Readings
    convention: Convention
    notes: tuple[str, ...]
    film_names: tuple[str, ...]
    is_own_layout: bool = True

    @property
    def classes(self) -> tuple[str, ...]:
        """Give the columns, in order."""
        return self.readings.classes

    @property
    def image_ids(self) -> list[str]:
        """Give the ids, in row order."""
        ids: list[str] = self.images["image_id"].tolist()
        return ids

    @cached_property
    def values(self) -> FloatArray:
        """Give (n, C) labels of {0, 1, NaN}, columns as `classes`: the readings under the convention."""
        return self.readings.resolve(len(self.images), self.convention).astype(np.float64)

    @property
    def labels(self) -> pd.DataFrame:
        """Give image_id and one column per class of {0, 1, missing}."""
        return label_frame(self.image_ids, self.classes, self.values)

    @property
    def is_plain(self) -> bool:
        """Tell whether 0 and 1 by one reader without a name are all that was said, of every film."""
        names = (*self.readings.source_names, *self.readings.readers.tolist())
        return self.is_own_layout and set(names) <= {UNNAMED, ""} and bool(np.isin(self.readings.codes, (0, 1)).all())


def read_labels(path: Path, asked: Asked = AS_THE_TABLE_SAYS, division: Division | None = None) -> LabelTable:
    """Read the label table in a file.

    asked : how blanks, -1 and several readers are read, where the table alone does not tell.
    division : of the films by patient, where the table names no splits.
    Raises StudyError, which names the first thing that is wrong with it, or what cannot be told.
    """
    frame, cut = read_rows(path)
    frame, named = with_our_names(path, frame, METADATA)
    frame, beside = labels_alone(path, frame)
    classes = tuple(name for name in frame.columns[1:] if name not in METADATA)
    _require_rows(path, frame)
    if not classes:
        raise StudyError(
            f"{path}: has no class column.", remedy="A label table has one row per film and one column per class."
        )
    codes = np.column_stack([_codes(path, frame, name, asked) for name in classes])
    films, first = _films(path, frame)
    sources, readers = (_texts(frame, name, default) for name, default in (("source", UNNAMED), ("reader", "")))
    readings = Readings(classes, films, sources, readers, codes)
    if asked.blank is None:
        _require_few_blanks(path, readings, asked.source)
    convention, reader_notes = _convention(path, readings, asked)
    images, notes = _images(path, frame.iloc[first].reset_index(drop=True))
    images, split_notes = settled_splits(images, division)
    said = (*cut, *named, *beside, *reader_notes, *notes, *split_notes)
    table = LabelTable(path, images, readings, convention, said, tuple(images["image_id"]))
    return table if division is None else with_notes(table, division_note(images, classes, table.values, division.seed))


def with_notes(table: LabelTable, *notes: str) -> LabelTable:
    """Add sentences to a table's own."""
    return replace(table, notes=(*table.notes, *notes))


def _require_rows(path: Path, frame: pd.DataFrame) -> None:
    """One row a film, or one a film, source and reader where the table names any."""
    keys = [name for name in _OF_READINGS if name in frame]
    if not keys:
        require_ids(path, frame)
        return
    for problem in id_problems(str(path), frame["image_id"].drop_duplicates(), "Give every row an image_id."):
        raise problem
    repeated = frame.duplicated(["image_id", *keys]).to_numpy()
    if repeated.any():
        row = frame.iloc[int(np.argmax(repeated))]
        who = ", ".join(f"{name} {row[name]!r}" for name in keys)
        message = f"{path}: {row['image_id']!r} stands in more than one row of {who}."
        raise StudyError(message, remedy="Give one row for every film and reader.")


def _codes(path: Path, frame: pd.DataFrame, name: str, asked: Asked) -> Int8Array:
    """What is said of a class: 1, 0, -1 where that is allowed, and -2 where the cell is blank."""
    numbers = pd.to_numeric(frame[name], errors="coerce")
    allowed = (0, 1) if asked.uncertain is None else (0, 1, UNCERTAIN)
    wrong = frame[name].notna() & ~numbers.isin(allowed)
    if wrong.any():
        row = int(np.argmax(wrong))
        value, image = frame[name].iloc[row], frame["image_id"].iloc[row]
        raise StudyError(
            f"{path}: {name} of {image!r} is {value}; a label is 0, 1 or blank.",
            remedy=_uncertain_remedy(name) if numbers.iloc[row] == UNCERTAIN else _label_remedy(name),
        )
    return np.asarray(numbers.astype("Float64").fillna(NOT_MENTIONED).astype("int8"), dtype=np.int8)


def _uncertain_remedy(name: str) -> str:
    return (
        'Where -1 means "uncertain", as labelers of reports write it, say what that counts as: --uncertain "left out", '
        f"--uncertain positive or --uncertain negative; or take {name!r} out of the table if it is no class."
    )


def _label_remedy(name: str) -> str:
    return (
        "Write 0 or 1, leave the cell blank where nobody labelled the film for it, or take "
        f"{name!r} out of the table if it is no class."
    )


def _require_few_blanks(path: Path, readings: Readings, source: str | None) -> None:
    """StudyError where a class is blank in more than half of its rows: what that means cannot be told."""
    chosen = readings.sources == (readings.source_names[0] if source is None else source)
    blank = (readings.codes[chosen] == NOT_MENTIONED).sum(axis=0)
    n_rows = int(chosen.sum())
    mostly = [name for name, n in zip(readings.classes, blank, strict=True) if n > _MOST_BLANK * n_rows]
    if mostly:
        n_first = int(blank[readings.classes.index(mostly[0])])
        others = f", and so are {len(mostly) - 1:,} other classes" if len(mostly) > 1 else ""
        raise StudyError(
            f"{path}: {mostly[0]} is blank in {n_first:,} of {n_rows:,} rows{others}; whether that means absent or "
            "that nobody looked cannot be told, and turns every figure.",
            remedy='Add --blank negative where a finding that is not mentioned is absent, or --blank "not looked at" '
            "where nobody looked for it.",
        )


def _convention(path: Path, readings: Readings, asked: Asked) -> tuple[Convention, tuple[str, ...]]:
    """How the table is read, and a note on what nobody asked for. StudyError for a source or reader it has not."""
    several = [source for source in readings.source_names if len(readings.reader_names(source)) > 1]
    convention = asked.over(Convention(readers="majority" if several else "any"))
    readings.resolve(0 if not len(readings.films) else int(readings.films.max()) + 1, convention)
    if asked.readers is not None or not several:
        return convention, ()
    n_readers = len(readings.reader_names(several[0]))
    note = f"{path.name}: {n_readers:,} readers; a film counts as what most of them say, or as --readers has it."
    return convention, (note,)


def _films(path: Path, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The film of every row, and the first row of every film. StudyError where its rows say different things of it."""
    films, ids = pd.factorize(frame["image_id"])
    first = np.unique(films, return_index=True)[1]
    for name in METADATA:
        if name in frame and name not in _OF_READINGS and len(ids) < len(frame):
            cells = frame[name].astype(object).where(frame[name].notna(), None)
            differs = cells.to_numpy() != cells.iloc[first].to_numpy()[films]
            if differs.any():
                message = (
                    f"{path}: {name} of {frame['image_id'].iloc[int(np.argmax(differs))]!r} differs between its rows."
                )
                raise StudyError(message, remedy=f"Write the same {name} in all rows of a film.")
    return films.astype(np.int64), first


def _texts(frame: pd.DataFrame, name: str, default: str) -> np.ndarray:
    cells: Sequence[str] = [default] * len(frame)
    if name in frame:
        cells = [default if pd.isna(cell) else str(cell).strip() for cell in frame[name]]
    return np.array(cells, dtype=np.str_)


def _images(path: Path, frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns that are no classes, and sentences on those that are missing; split only where the table has it."""
    known = [name for name in frame.columns if name in METADATA and name not in _OF_READINGS]
    images = frame[["image_id", *known]].copy()
    notes = []
    if "patient_id" not in images:
        images["patient_id"] = images["image_id"]
        notes.append("The labels name no patients: every film counts as a patient of its own.")
    for name in ("patient_id", "split"):
        empty = frame["image_id"][images[name].isna()].tolist() if name in images else []
        if empty:
            remedy = f"Fill {name} in for every film, or take the column out."
            raise StudyError(f"{path}: {counted(empty, 'film', 'films')} without {name}.", remedy=remedy)
    images["patient_id"] = images["patient_id"].map(str)
    if "split" in images:
        images["split"] = images["split"].map(lambda split: str(split).strip().lower())
        for problem in split_problems(str(path), images, "Write train, val or test."):
            raise problem
    for name in ("view", "age", "sex"):
        if name in images:
            images[name] = _tidy(one_case(one_spelling(images[name]) if name == "sex" else images[name]))
    return images, (*notes, *unplaced(images))


def _tidy(column: pd.Series) -> pd.Series:
    """Numbers where all cells are numbers (whole ones where all are whole), text otherwise."""
    numbers = pd.to_numeric(column, errors="coerce").astype("Float64")
    if column.isna().all() or (numbers.isna() & column.notna()).any():
        return column.map(str, na_action="ignore").astype("string")
    return numbers.astype("Int64") if (numbers.dropna() % 1 == 0).all() else numbers
