"""The saliency table on disk: what was computed of which film and which marks, and work that is not finished."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.films import films_at_hand
from core.errors import SaliencyError
from core.files import digest, forget_scratch, written
from core.locks import only_writer
from core.paths import cache_folder
from core.saliency.methods import EVERY
from core.saliency.tower.model_key import maps_key
from core.study.read import Study

VERSION: Final = 2
"""Of the columns and their meaning; tables of another version are computed again."""

UNFINISHED: Final = "films.jsonl"
"""Below a table's folder: the films that were done since it was written, a line each."""

_TABLE: Final = "table.parquet"


@dataclass(frozen=True)
class FilmResult:
    """What was computed of a film.

    marks : stands for what was drawn on it.
    settings : whose maps.
    methods : by name, whether at all layers.
    """

    marks: str
    settings: tuple[str, ...]
    methods: Mapping[str, bool]

    def missing(self, methods: Sequence[str], *, has_all_layers: bool) -> tuple[str, ...]:
        """List those of some methods that were not computed, or not at all layers where that is asked for."""
        return tuple(
            name for name in methods if not (self.methods.get(name) or (name in self.methods and not has_all_layers))
        )

    def has(self, other: FilmResult) -> bool:
        """Say whether all that another result holds is in this one."""
        layers = [name for name, has_all in other.methods.items() if has_all]
        return not (
            self.missing(tuple(other.methods), has_all_layers=False) or self.missing(layers, has_all_layers=True)
        )

    def to_json(self) -> dict[str, Any]:
        """Give JSON values as `from_json` reads it."""
        return {"marks": self.marks, "settings": list(self.settings), "methods": dict(sorted(self.methods.items()))}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> FilmResult:
        """Read what `to_json` gave."""
        return cls(told["marks"], tuple(told["settings"]), dict(told["methods"]))


Work = tuple[str, FilmResult, list[dict[str, Any]]]
"""A film, what was computed of it, and the rows that it gave."""


@dataclass(frozen=True, eq=False)
class StoredResults:
    """Rows, and by film what they came from."""

    rows: pd.DataFrame
    films: Mapping[str, FilmResult]
    notes: tuple[str, ...] = field(default=())

    def of(self, marks: Mapping[str, str]) -> StoredResults:
        """Keep what was computed, without the films whose marks are others now."""
        return self._only({name: done for name, done in self.films.items() if marks.get(name) == done.marks})

    def with_settings(self, settings: tuple[str, ...]) -> StoredResults:
        """Keep what was computed, without the films that lack one of these settings."""
        return self._only({name: done for name, done in self.films.items() if set(settings) <= set(done.settings)})

    def joined(self, works: Sequence[Work], notes: tuple[str, ...] | None = None) -> StoredResults:
        """Join with more work; what was computed of the same film and method before gives way."""
        films, rows = dict(self.films), self.rows
        for image_id, done, _ in works:
            if len(rows):
                rows = rows[(rows["image_id"] != image_id) | ~rows["method"].isin(done.methods)]
            before = films.get(image_id)
            films[image_id] = replace(done, methods={**(before.methods if before else {}), **done.methods})
        parts = [rows, pd.DataFrame([row for work in works for row in work[2]])]
        filled = [part for part in parts if len(part)]
        together = pd.concat(filled, ignore_index=True) if filled else self.rows
        return StoredResults(together, films, self.notes if notes is None else notes)

    def in_order(self, study: Study) -> StoredResults:
        """Sort the rows by film, setting and method, in the study's and the registry's order."""
        if not len(self.rows):
            return self
        methods = {method.name: rank for rank, method in enumerate(EVERY)}
        settings = {name: rank for rank, name in enumerate(study.settings)}
        keys = pd.DataFrame(
            {
                "film": [study.row_of(name) for name in self.rows["image_id"]],
                "setting": self.rows["setting"].map(settings).to_numpy(),
                "method": self.rows["method"].map(methods).to_numpy(),
            }
        )
        order = keys.sort_values(["film", "setting", "method"], kind="stable").index
        return replace(self, rows=self.rows.reset_index(drop=True).loc[order].reset_index(drop=True))

    def _only(self, films: Mapping[str, FilmResult]) -> StoredResults:
        rows = self.rows[self.rows["image_id"].isin(films)] if len(self.rows) else self.rows
        return replace(self, rows=rows.reset_index(drop=True), films=films)


class ResumeLog:
    """The films that are done, one line of JSON each, until the table is written; a line that broke off is not done."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.added: list[Work] = []
        self.is_finished = False

    def __enter__(self) -> ResumeLog:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = self._path.read_text("utf-8", errors="replace") if self._path.is_file() else ""
        self._found = [work for work in map(_work, text.splitlines()) if work is not None]
        self._file = self._path.open("ab", buffering=0)
        if text and not text.endswith("\n"):
            self._file.write(b"\n")
        return self

    def works(self, marks: Mapping[str, str], settings: tuple[str, ...]) -> list[Work]:
        """List what an interrupted run did of the marks as they are now, and of all these settings."""
        self.added += [
            (image_id, done, rows)
            for image_id, done, rows in self._found
            if marks.get(image_id) == done.marks and set(settings) <= set(done.settings)
        ]
        return list(self.added)

    def add(self, work: Work | None) -> None:
        """Write what was done of a film, in one piece, for another process may do so too; nothing where nothing was."""
        if work is None:
            return
        self.added.append(work)
        image_id, done, rows = work
        line = {"version": VERSION, "image_id": image_id, "done": done.to_json(), "rows": rows}
        self._file.write(f"{json.dumps(line, default=_plain)}\n".encode())

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self.is_finished:
            self._path.unlink(missing_ok=True)


def has_unfinished(study: Study) -> bool:
    """Say whether films were done that no table holds yet."""
    return bool(_unwritten(folder_of(study), film_marks(study)))


def forget_written(study: Study) -> None:
    """Remove the lines of a run that was killed when its table stood and only they were left."""
    folder = folder_of(study)
    if (folder / UNFINISHED).is_file():
        with only_writer(folder):
            if not _unwritten(folder, film_marks(study)):
                (folder / UNFINISHED).unlink(missing_ok=True)


def _unwritten(folder: Path, marks: Mapping[str, str]) -> list[str]:
    """The films, with the marks that they have now, of which something was done that the table lacks."""
    path = folder / UNFINISHED
    works = [work for line in _lines(path) if (work := _work(line)) is not None]
    kept = read_kept(folder).of(marks).films if works else {}
    return [
        image_id
        for image_id, done, _ in works
        if marks.get(image_id) == done.marks and not (image_id in kept and kept[image_id].has(done))
    ]


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", errors="replace").splitlines() if path.is_file() else []


def folder_of(study: Study) -> Path:
    """Say where a study's table is kept: under its films, scores and models, whatever was drawn on them."""
    about = {name: maps_key(study, name) for name in study.settings}
    return cache_folder() / "saliency" / digest(about, 16)


def stamp(study: Study) -> int:
    """Give a number that changes whenever a study's table is written; 0 where there is none."""
    try:
        return (folder_of(study) / _TABLE).stat().st_mtime_ns
    except OSError:
        return 0


def film_marks(study: Study) -> dict[str, str]:
    """Give, by film on which a reader drew a class, 16 hex digits that stand for all that was drawn of classes."""
    drawn: dict[str, list[Any]] = {}
    for entry in study.annotations():
        if entry.finding in study.classes:
            told = [entry.finding, entry.reader, entry.kind, entry.height_px, entry.width_px, entry.geometry]
            drawn.setdefault(entry.image_id, []).append(told)
    return {name: digest(told, 16) for name, told in drawn.items()}


def annotated_films(study: Study, splits: tuple[str, ...]) -> list[str]:
    """List the films at hand of these splits, else of all, on which a reader drew a class.

    SaliencyError where there are none, or where none of them is stored with the study.
    """
    drawn, at_hand = film_marks(study), films_at_hand(study)
    ids = [image_id for image_id in study.annotated_ids() if image_id in drawn and image_id in at_hand]
    chosen = _of_splits(study, ids, splits) or ids
    if drawn and not chosen:
        raise SaliencyError(
            f"Readers drew on {len(drawn):,} films of the study {study.name}, and none of them is stored with it.",
            remedy="Build the study with --films all, or import it with --images DIR.",
        )
    if not chosen:
        raise SaliencyError(
            f"Nobody drew a class of the study {study.name} on any film.",
            remedy="Add marks with `python -m core annotate STUDY FILE`, or draw them in the app.",
        )
    return chosen


def left_out_note(study: Study, splits: tuple[str, ...]) -> str | None:
    """Say in a sentence how many annotated films of these splits have no pixels here; None where all have."""
    missing = _of_splits(study, sorted(set(film_marks(study)) - films_at_hand(study)), splits)
    if not missing:
        return None
    n_films = "1 annotated film" if len(missing) == 1 else f"{len(missing):,} annotated films"
    return f"Left out: {n_films} of {' and '.join(splits)} that the study does not store (build it with --films all)."


def _of_splits(study: Study, image_ids: list[str], splits: tuple[str, ...]) -> list[str]:
    split_of = dict(zip(study.image_ids, study.images["split"], strict=True))
    return [image_id for image_id in image_ids if split_of[image_id] in splits]


def read_kept(folder: Path) -> StoredResults:
    """Read the table of a folder; empty where there is none, or one of another version."""
    nothing = StoredResults(pd.DataFrame(), {})
    try:
        stored = pq.read_table(folder / _TABLE)
        said = json.loads((stored.schema.metadata or {}).get(b"saliency", b"{}"))
        if said.get("version") != VERSION:
            return nothing
        films = {name: FilmResult.from_json(told) for name, told in said["films"].items()}
        return StoredResults(stored.to_pandas(), films, tuple(said["notes"]))
    except Exception:  # absent or damaged in whatever way: it is computed again
        return nothing


def write_kept(folder: Path, kept: StoredResults) -> None:
    """Write the table whole or not at all."""
    stored = pa.Table.from_pandas(kept.rows, preserve_index=False)
    films = {name: done.to_json() for name, done in kept.films.items()}
    said = json.dumps({"version": VERSION, "notes": kept.notes, "films": films}).encode()
    folder.mkdir(parents=True, exist_ok=True)
    forget_scratch(folder)
    with written(folder / _TABLE) as scratch:
        pq.write_table(stored.replace_schema_metadata({**(stored.schema.metadata or {}), b"saliency": said}), scratch)


def _work(line: str) -> Work | None:
    """What a line holds; None where it broke off or is of another version."""
    try:
        told = json.loads(line)
        if told.get("version") != VERSION:
            return None
        return told["image_id"], FilmResult.from_json(told["done"]), told["rows"]
    except (ValueError, KeyError, AttributeError):
        return None


def _plain(value: Any) -> Any:
    """A number of numpy's as one of Python's."""
    return value.item()
