"""A user's label table: the paper's 14-column form, or what CheXbert writes; by film or by study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from core.datasets.base import FloatArray
from core.datasets.iu_xray.labels import with_no_finding
from core.datasets.iu_xray.names import film_id, r2gen_film_id, uid_of
from core.errors import DatasetError
from core.files import sha256_of
from core.findings import CLASSES, NO_FINDING
from core.text_tables import read_text_table

_FORM = f"Give one row per film or per study, keyed by filename or uid, and the columns {', '.join(CLASSES)}."
_CHEXBERT_COLUMNS = ("Report Impression", "label_key")
"""Columns that CheXbert's labeller writes, or the scripts around it; what a table's blanks mean follows from them."""


@dataclass(frozen=True, eq=False)
class LabelTable:
    """labels : (n, 14) of {0, 1, NaN} by `keys`, which are film_ids or uids. NaN = nobody read it.

    chexbert : CheXbert's own column that the table has, such as "Report Impression"; its blanks (not mentioned) then
    count as 0. None in other tables, whose blanks were read by nobody.
    n_uncertain : cells of -1, which count as positive.
    n_both : rows with a finding and No Finding.
    """

    path: Path
    by: Literal["film", "uid"]
    chexbert: str | None
    n_uncertain: int
    n_both: int
    keys: tuple[str, ...]
    labels: FloatArray

    @property
    def origin(self) -> dict[str, object]:
        """Say what a study records of where its labels come from."""
        source = "CheXbert-style table" if self.chexbert else "table"
        return {"source": source, "file": self.path.name, "sha256": sha256_of(self.path)}

    def rows_of(self, film_ids: Sequence[str], uids: Sequence[str]) -> FloatArray:
        """Give the labels (n_films, 14); NaN for a film that the table does not have.

        Raises DatasetError where it has none of them.
        """
        rows = {key: row for row, key in enumerate(self.keys)}
        found = [rows.get(key) for key in (film_ids if self.by == "film" else uids)]
        if not any(row is not None for row in found):
            raise DatasetError(
                f"{self.path}: none of its {len(rows):,} rows, such as {self.keys[0]!r}, belongs to a film here, "
                f"such as {film_ids[0]!r}.",
                remedy="Key the table by the films' file names, or by uid.",
            )
        missing = np.full(len(CLASSES), np.nan)
        return np.array([missing if row is None else self.labels[row] for row in found])

    def notes(self) -> tuple[str, ...]:
        """Say what the table's codes were read as, and what contradicts itself."""
        form = "1 is positive, 0 absent; blank counts as unlabelled"
        if self.chexbert:
            form = f"CheXbert's form (it has a column {self.chexbert!r}): blank (not mentioned) counts as absent"
        minus = f"; -1 (uncertain) counts as positive, cells: {self.n_uncertain:,}" if self.n_uncertain else ""
        both = f"{self.path.name}: rows with No Finding and a finding, both kept: {self.n_both:,}."
        return (f"{self.path.name}: {form}{minus}.", *([both] if self.n_both else []))


_KEYS: tuple[tuple[str, Literal["film", "uid"]], ...] = (
    ("filename", "film"),
    ("image_id", "film"),
    ("uid", "uid"),
    ("id", "uid"),
    ("study_id", "uid"),
)
"""Columns that say whose a row is, the finest first."""


def read_label_table(path: Path) -> LabelTable:
    """Read the table in a CSV file. DatasetError names what is missing, twice there, or no label."""
    frame = read_text_table(path, prose=True, remedy=_FORM, error=DatasetError).frame
    missing = [name for name in CLASSES if name not in frame.columns and name != NO_FINDING]
    if missing or frame.empty:
        raise DatasetError(f"{path}: has no {f'column {missing[0]!r}' if missing else 'row'}.", remedy=_FORM)
    by, keys = _keys(path, frame)
    labels = np.column_stack([_column(path, frame, name) for name in CLASSES])
    uncertain = labels == -1
    labels = np.where(uncertain, 1.0, labels)
    chexbert = next((name for name in _CHEXBERT_COLUMNS if name in frame.columns), None)
    if chexbert:
        labels = np.nan_to_num(labels)
    if NO_FINDING not in frame.columns:
        labels[:, -1] = np.where((labels[:, :-1] == 1).any(axis=1), 0.0, labels[:, :-1].sum(axis=1))
    n_both = int(((labels[:, :-1] == 1).any(axis=1) & (labels[:, -1] == 1)).sum())
    return LabelTable(path, by, chexbert, int(uncertain.sum()), n_both, keys, with_no_finding(labels))


def _keys(path: Path, frame: pd.DataFrame) -> tuple[Literal["film", "uid"], tuple[str, ...]]:
    for name, by in _KEYS:
        if name in frame.columns:
            read: Callable[[str], str | None] = _film if by == "film" else uid_of
            keys = [read(text) for text in frame[name]]
            if None in keys:
                row = keys.index(None)
                what = f"row {row + 1} has the {name} {frame[name].iloc[row]!r}, which names no {by} of IU-Xray"
                raise DatasetError(f"{path}: {what}.", remedy=_FORM)
            twice = pd.Series(keys)[pd.Series(keys).duplicated()]
            if len(twice):
                raise DatasetError(f"{path}: {name} {twice.iloc[0]!r} stands in more than one row.", remedy=_FORM)
            return by, tuple(key for key in keys if key is not None)
    raise DatasetError(f"{path}: has no column filename, image_id, uid or id.", remedy=_FORM)


def _film(name: str) -> str | None:
    """A film in any spelling: that of the tables, of OpenI, or R2Gen's path."""
    return r2gen_film_id(name.strip()) or film_id(name.strip())


def _column(path: Path, frame: pd.DataFrame, name: str) -> FloatArray:
    """(n,) of {-1, 0, 1, NaN}."""
    if name not in frame.columns:  # No Finding, which follows from the others
        return np.full(len(frame), np.nan)
    text = frame[name].str.strip()
    numbers = pd.to_numeric(text, errors="coerce")
    wrong = ~numbers.isin((-1, 0, 1)) & (text != "")
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise DatasetError(
            f"{path}: {name} in row {row + 1} is {text.iloc[row]!r}; a label is 0, 1, blank, or -1 for uncertain.",
            remedy="Correct the cell, or leave it blank where nobody labelled the film for it.",
        )
    return numbers.to_numpy(dtype=np.float64)
