"""Maps against masks over all annotated films: computed once, kept outside the study under its fingerprint."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import CoreError, SaliencyError
from core.models.arrays import Progress, no_progress
from core.paths import cache_folder
from core.saliency.table_summary import (
    METRICS,
    LocalizationSummary,
    Metric,
    PairedDifference,
    by_disagreement,
    compare,
    summarize,
)
from core.study.read import Study

if TYPE_CHECKING:
    from core.saliency.setting_model import SettingModel

__all__ = [
    "METRICS",
    "LocalizationSummary",
    "Metric",
    "PairedDifference",
    "SaliencyTable",
    "TablePlan",
    "by_disagreement",
    "compare",
    "compute_saliency_table",
    "saliency_table",
    "summarize",
]


@dataclass(frozen=True)
class TablePlan:
    """What is computed.

    methods : names.  has_all_layers : whether every block is, or each method's own choice only.
    splits : whose films; where readers drew on none of them, the films of all splits.
    """

    methods: tuple[str, ...] = (
        "grad_cam",
        "grad_cam_plus_plus",
        "hires_cam",
        "layer_cam",
        "eigen_cam_signed",
        "chefer",
        "rollout",
        "random",
        "centre",
    )
    has_all_layers: bool = False
    splits: tuple[str, ...] = ("val", "test")


_VERSION: Final = 1
"""Of the columns and their meaning; tables of another version are computed again."""

REMEDY: Final = "Run `python -m core saliency STUDY` again: it goes on where it stopped."


@dataclass(frozen=True, eq=False)
class SaliencyTable:
    """Every map against every mask.

    rows : one row a film, finding, reader, setting, method and layer: image_id, patient_id, split, finding, reader,
        setting, method, layer, is_default (the layer that the method takes by itself), score, label, raw_maximum, the
        figures of `core.metrics.localization.Localization` (the sweep as iou_05 ... iou_95, dice_05 ... dice_95),
        chexlocalize_iou, and n_readers, readers_iou, readers_dice: how far the readers of the finding agree.
    notes : what is missing, in sentences.  fingerprint : of the study.
    """

    rows: pd.DataFrame
    fingerprint: str
    notes: tuple[str, ...] = ()

    @property
    def settings(self) -> tuple[str, ...]:
        """In the order of the study."""
        return tuple(dict.fromkeys(self.rows["setting"]))

    @property
    def methods(self) -> tuple[str, ...]:
        """In the order in which they were asked for."""
        return tuple(dict.fromkeys(self.rows["method"]))

    @property
    def findings(self) -> tuple[str, ...]:
        """Those that a reader drew, most films first."""
        return tuple(self.rows.drop_duplicates(["image_id", "finding"])["finding"].value_counts().index)

    @property
    def readers(self) -> tuple[str, ...]:
        """In alphabetical order."""
        return tuple(sorted(set(self.rows["reader"])))


def saliency_table(study: Study) -> SaliencyTable | None:
    """The table that was computed of a study; None where none was, or one of another version."""
    path = _folder(study) / "table.parquet"
    try:
        stored = pq.read_table(path)
    except (OSError, pa.ArrowInvalid):
        return None
    said = json.loads((stored.schema.metadata or {}).get(b"saliency", b"{}"))
    if said.get("version") != _VERSION:
        return None
    return SaliencyTable(stored.to_pandas(), study.fingerprint, tuple(said["notes"]))


def compute_saliency_table(
    study: Study,
    *,
    plan: TablePlan | None = None,
    progress: Progress = no_progress,
    cancelled: Callable[[], bool] = lambda: False,
) -> SaliencyTable:
    """Computes the table and keeps it; films that were done before an interruption are not done again.

    plan : by default every quick method at its own layer, on the annotated films of val and test.
    cancelled : asked before every film.
    Raises SaliencyError where it is cancelled or no film of the study has a mask of a class, CoreError where no setting
    has its model here.
    """
    from core.saliency.table_rows import film_rows

    plan = plan or TablePlan()
    ids = annotated_films(study, plan.splits)
    models, notes = _models(study)
    folder = _folder(study)
    with _Unfinished(folder / "films.jsonl", _key(study, plan, models)) as done:
        for n_done, image_id in enumerate(ids):
            progress(n_done, len(ids), "films")
            if cancelled():
                raise SaliencyError(f"Cancelled after {n_done:,} of {len(ids):,} films.", remedy=REMEDY)
            if image_id not in done.rows:
                done.add(image_id, film_rows(study, image_id, models, plan))
        rows = [row for image_id in ids for row in done.rows[image_id]]
        progress(len(ids), len(ids), "films")
    table = SaliencyTable(pd.DataFrame(rows), study.fingerprint, tuple(notes))
    _keep(table, folder)
    return table


def annotated_films(study: Study, splits: tuple[str, ...]) -> list[str]:
    """The films of these splits, else of all, on which a reader drew a class; SaliencyError where there are none."""
    drawn = {entry.image_id for entry in study.annotations() if entry.finding in study.classes}
    ids = [image_id for image_id in study.annotated_ids() if image_id in drawn]
    split_of = dict(zip(study.image_ids, study.images["split"], strict=True))
    chosen = [image_id for image_id in ids if split_of[image_id] in splits] or ids
    if not chosen:
        raise SaliencyError(
            f"Nobody drew a class of the study {study.name} on any film.",
            remedy="Add marks with `python -m core annotate STUDY FILE`, or draw them in the app.",
        )
    return chosen


def _models(study: Study) -> tuple[dict[str, SettingModel], list[str]]:
    """The settings whose model is here, and a note on every other; raises the first's error where none is."""
    from core.saliency.setting_model import load_setting_model

    models: dict[str, SettingModel] = {}
    problems: list[CoreError] = []
    for setting in study.settings:
        try:
            models[setting] = load_setting_model(study, setting)
        except CoreError as error:
            problems.append(error)
    if problems and not models:
        raise problems[0]
    return models, [problem.message for problem in problems]


def _folder(study: Study) -> Path:
    return cache_folder() / "saliency" / study.fingerprint


def _key(study: Study, plan: TablePlan, models: Mapping[str, SettingModel]) -> dict[str, Any]:
    """What unfinished work must have in common with this to be gone on with, as JSON gives it back."""
    about = {"version": _VERSION, "study": study.fingerprint, "settings": list(models), **asdict(plan)}
    key: dict[str, Any] = json.loads(json.dumps(about))
    return key


class _Unfinished:
    """The rows of the films that are done, one line of JSON a film; a line that broke off counts as not done."""

    def __init__(self, path: Path, key: dict[str, Any]) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self._path, self._key = path, key

    def __enter__(self) -> _Unfinished:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = self._path.read_text("utf-8").splitlines() if self._path.is_file() else []
        told = [line for line in map(_parsed, lines) if line is not None]
        if told and told[0] == self._key:
            self.rows = {line["image_id"]: line["rows"] for line in told[1:]}
        self._file = self._path.open("w", encoding="utf-8")
        self._write(self._key)
        for image_id, rows in self.rows.items():
            self._write({"image_id": image_id, "rows": rows})
        return self

    def add(self, image_id: str, rows: list[dict[str, Any]]) -> None:
        self.rows[image_id] = rows
        self._write({"image_id": image_id, "rows": rows})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, default=_plain) + "\n")
        self._file.flush()

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    """A number of numpy's as one of Python's."""
    return value.item()


def _keep(table: SaliencyTable, folder: Path) -> None:
    """Writes the table whole or not at all; the film-by-film lines are then not needed any more."""
    stored = pa.Table.from_pandas(table.rows, preserve_index=False)
    said = json.dumps({"version": _VERSION, "notes": table.notes}).encode()
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f"table.{os.getpid()}.partial"
    pq.write_table(stored.replace_schema_metadata({**(stored.schema.metadata or {}), b"saliency": said}), scratch)
    scratch.replace(folder / "table.parquet")
    (folder / "films.jsonl").unlink(missing_ok=True)
