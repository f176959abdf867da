"""The saliency table as a part of a study, so that it ships finished: smaller than the one that is kept beside it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
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
_KEPT_BITS: Final = 12
"""Of the 23 after the point of a figure: it is off by at most an eight-thousandth of itself."""
_SWEEP: Final = tuple(f"{round(100 * level):02d}" for level in LEVELS)
_LIKE_OTSU: Final = "chexlocalize_is_otsu"


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
    """Write a table as a parquet file, small enough to travel: figures to three and a half digits; overlaps at the
    levels of the sweep, Otsu's level and a map's maximum for the layer that a method takes by itself alone.

    key : of the films, scores and models that it is of.
    """
    rows = _shortened(results.rows)
    kinds: dict[str, int] = {}
    films = {
        name: [done.marks, kinds.setdefault(_without_marks(done), len(kinds))] for name, done in results.films.items()
    }
    shared = [json.loads(kind) for kind in kinds]
    said = {"version": VERSION, "key": key, "notes": results.notes, "done": shared, "films": films}
    table = pa.Table.from_pandas(rows, preserve_index=False)
    buffer = io.BytesIO()
    metadata = {**(table.schema.metadata or {}), b"saliency": json.dumps(said).encode()}
    figures = [field.name for field in table.schema if field.type == pa.float32()]
    pq.write_table(
        table.replace_schema_metadata(metadata),
        buffer,
        compression="zstd",
        compression_level=15,
        use_dictionary=[name for name in table.column_names if name not in figures],
        use_byte_stream_split=figures,
    )
    return buffer.getvalue()


def _without_marks(done: FilmResult) -> str:
    """What was computed of a film, as JSON: most films have it in common."""
    return json.dumps({**done.to_json(), "marks": ""})


def _films(said: Mapping[str, Any]) -> dict[str, FilmResult]:
    return {
        name: FilmResult.from_json({**said["done"][rank], "marks": marks})
        for name, (marks, rank) in said["films"].items()
    }


def _shortened(rows: pd.DataFrame) -> pd.DataFrame:
    sweep, is_usual = [f"iou_{level}" for level in _SWEEP], rows["is_default"].astype(bool)
    short = rows.drop(columns=["dice_otsu", *(f"dice_{level}" for level in _SWEEP)])
    short[sweep] = short[sweep].round(_DIGITS)
    usual_only = [*sweep, "level_otsu", "raw_maximum"]
    short[usual_only] = short[usual_only].where(is_usual, axis=0)
    short[_LIKE_OTSU] = short["chexlocalize_iou"] == short["iou_otsu"]
    short["chexlocalize_iou"] = short["chexlocalize_iou"].mask(short[_LIKE_OTSU])
    figures = [name for name in short.select_dtypes("float64").columns if name not in sweep]
    return short.assign(
        **{name: _rounded(short[name].to_numpy()) for name in figures},
        **{name: short[name].to_numpy(np.float32) for name in sweep},
    )


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """The nearest numbers in float32 with `_KEPT_BITS` bits after the point; 0 and NaN stay what they are."""
    mantissas, exponents = np.frexp(values)
    steps = 2.0 ** (_KEPT_BITS + 1)
    return np.ldexp(np.round(mantissas * steps) / steps, exponents).astype(np.float32)


def _unpacked(rows: pd.DataFrame) -> pd.DataFrame:
    exact = rows.astype(dict.fromkeys(rows.select_dtypes("float32").columns, np.float64))
    exact["chexlocalize_iou"] = exact["chexlocalize_iou"].mask(exact.pop(_LIKE_OTSU), exact["iou_otsu"])
    exact["dice_otsu"] = 2 * exact["iou_otsu"] / (1 + exact["iou_otsu"])
    dice = {f"dice_{level}": 2 * exact[f"iou_{level}"] / (1 + exact[f"iou_{level}"]) for level in _SWEEP}
    return pd.concat([exact, pd.DataFrame(dice, index=exact.index)], axis=1)
