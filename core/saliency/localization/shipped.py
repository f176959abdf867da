"""The saliency table as a part of a study, so that it ships finished: smaller than the one that is kept beside it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.files import reading
from core.metrics.localization import LEVELS
from core.saliency.localization.store import (
    VERSION,
    FilmResult,
    StoredResults,
    film_marks,
    folder_of,
    read_kept,
)
from core.study.read import Study
from core.study.rewrite import changing, rewrite_study

PART: Final = "saliency/masks.parquet"
_DIGITS: Final = 4
"""Of overlaps at the levels of the sweep; their Dice is made of their IoU again."""
_SWEEP: Final = tuple(f"{round(100 * level):02d}" for level in LEVELS)


def kept_results(study: Study) -> StoredResults:
    """Give what was computed of the marks as they are now: what is kept beside the study, then what it ships with."""
    marks = film_marks(study)
    return joined_with_shipped(read_kept(folder_of(study)).of(marks), shipped_results(study, PART).of(marks))


def joined_with_shipped(kept: StoredResults, shipped: StoredResults) -> StoredResults:
    """Join both; what is kept goes before, film by film and method by method."""
    if not shipped.films:
        return kept
    films = {name: _joined(kept.films.get(name), done) for name, done in shipped.films.items()}
    covered = {(name, method) for name, done in kept.films.items() for method in done.methods}
    pairs = zip(shipped.rows["image_id"], shipped.rows["method"], strict=True)
    is_new = np.array([pair not in covered for pair in pairs], dtype=bool)
    parts = [part for part in (kept.rows, shipped.rows[is_new]) if len(part)]
    rows = pd.concat(parts, ignore_index=True) if parts else kept.rows
    return StoredResults(rows, {**kept.films, **films}, kept.notes or shipped.notes)


def _joined(kept: FilmResult | None, shipped: FilmResult) -> FilmResult:
    if kept is None:
        return shipped
    return FilmResult(kept.marks, kept.settings, {**shipped.methods, **kept.methods})


def store_results(root: Path, part: str, results: StoredResults) -> Study:
    """Put a table into the study that it is of. Raises as `rewrite_study`."""
    with changing(root) as study:
        return rewrite_study(study, {part: packed(results, folder_of(study).name)})


def shipped_results(study: Study, part: str) -> StoredResults:
    """Read the table that a study ships with; empty where it has none, or one of other films, scores or models.

    Raises StudyError where it is damaged.
    """
    nothing = StoredResults(pd.DataFrame(), {})
    if not study.has(part):
        return nothing
    path = study.path(part)
    remedy = "Compute it again with `python -m core saliency STUDY --store`."
    with reading(path, "the table of maps cannot be read", remedy=remedy):
        stored = pq.read_table(path)
        said = json.loads((stored.schema.metadata or {})[b"saliency"])
        if said["version"] != VERSION or said["key"] != folder_of(study).name:
            return nothing
        return StoredResults(_unpacked(stored.to_pandas()), _films(said), tuple(said["notes"]))


def packed(results: StoredResults, key: str) -> bytes:
    """Write a table as a parquet file in float32. key : of the films, scores and models that it is of."""
    rows = results.rows.drop(columns=[f"dice_{level}" for level in _SWEEP])
    sweep = [f"iou_{level}" for level in _SWEEP]
    rows[sweep] = rows[sweep].round(_DIGITS)
    rows = rows.astype(dict.fromkeys(rows.select_dtypes("float64").columns, np.float32))
    kinds: dict[str, int] = {}
    films = {
        name: [done.marks, kinds.setdefault(_without_marks(done), len(kinds))] for name, done in results.films.items()
    }
    shared = [json.loads(kind) for kind in kinds]
    said = {"version": VERSION, "key": key, "notes": results.notes, "done": shared, "films": films}
    table = pa.Table.from_pandas(rows, preserve_index=False)
    buffer = io.BytesIO()
    metadata = {**(table.schema.metadata or {}), b"saliency": json.dumps(said).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), buffer, compression="zstd", compression_level=15)
    return buffer.getvalue()


def _without_marks(done: FilmResult) -> str:
    """What was computed of a film, as JSON: most films have it in common."""
    return json.dumps({**done.to_json(), "marks": ""})


def _films(said: Mapping[str, Any]) -> dict[str, FilmResult]:
    return {
        name: FilmResult.from_json({**said["done"][rank], "marks": marks})
        for name, (marks, rank) in said["films"].items()
    }


def _unpacked(rows: pd.DataFrame) -> pd.DataFrame:
    exact = rows.astype(dict.fromkeys(rows.select_dtypes("float32").columns, np.float64))
    dice = {f"dice_{level}": 2 * exact[f"iou_{level}"] / (1 + exact[f"iou_{level}"]) for level in _SWEEP}
    return pd.concat([exact, pd.DataFrame(dice, index=exact.index)], axis=1)
