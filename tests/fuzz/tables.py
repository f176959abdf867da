"""Label and score tables with cells, rows, headers, quotes, encodings and types changed."""

from __future__ import annotations

import codecs
import csv
import io
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.building.importing import ImportSources, import_study
from core.study import open_study
from tests.fuzz.mutators import changed_bytes, something_else

CLASSES = ("Edema", "Mass", "Pleural Effusion")
CELLS = (
    "", " ", "0", "1", "2", "-1", "0.5", "1.0", "1e0", "1e400", "nan", "NaN", "inf", "-inf", "0,5", "1_0", "0x1",
    "\uff11", "yes", "True", "1" * 400, "\ud83d\ude00", "é", "'", '"', '""', '"1"', "a;b", "\t", "1\u00a0",
    "None", "NA", "=1", "\u2212 1",
)  # fmt: skip


def table_case(folder: Path, rng: random.Random) -> str:
    """One pair of tables, one of them changed; imported, and compared with what plain readers make of the files."""
    labels, scores = _tables(rng)
    paths = {"labels": folder / "labels.csv", "scores": folder / "scores.csv"}
    labels.to_csv(paths["labels"], index=False)
    scores.to_csv(paths["scores"], index=False, float_format=rng.choice((None, "%.17g", "%.4f")))
    which = rng.choice(("labels", "scores"))
    if rng.random() < 0.2:
        paths[which] = folder / f"{which}.parquet"
        _write_parquet(labels if which == "labels" else scores, paths[which], rng)
    else:
        _change_text(paths[which], rng)
    import_study(folder / "study", "fuzz", ImportSources(paths["labels"], {"model": paths["scores"]}))
    _compare(folder / "study", paths["labels"], paths["scores"])
    return "right"


def _tables(rng: random.Random) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = [f"film{number}" for number in range(rng.choice((1, 4, 30)))]
    labels = pd.DataFrame({"image_id": ids, **{name: [rng.randrange(2) for _ in ids] for name in CLASSES}})
    scores = pd.DataFrame({"image_id": ids, **{name: [rng.random() for _ in ids] for name in CLASSES}})
    if rng.random() < 0.5:
        labels.insert(1, "patient_id", ids)
        labels.insert(2, "split", [rng.choice(("train", "val", "test")) for _ in ids])
    return labels, scores


def _change_text(path: Path, rng: random.Random) -> None:
    text = path.read_text()
    lines = [line.split(",") for line in text.splitlines()]
    row, deed = rng.choice(lines), rng.randrange(12)
    if deed <= 3:
        row[rng.randrange(len(row))] = rng.choice(CELLS)
    elif deed == 4:
        del row[rng.randrange(len(row))]
    elif deed == 5:
        row.insert(rng.randrange(len(row) + 1), rng.choice(CELLS))
    elif deed == 6:
        lines.insert(rng.randrange(len(lines) + 1), list(rng.choice(lines)))
    elif deed == 7:
        lines.remove(row)
    elif deed == 8:
        lines = lines[:1]
    elif deed == 9:
        something_else(path, rng)
        return
    ending = rng.choice(("\n", "\r\n"))
    separator = rng.choice((",",) * 15 + (";", "\t"))
    content = (separator.join(cells) for cells in lines)
    text = ending.join(content) + ending * (rng.random() < 0.9)
    if deed == 10:
        path.write_bytes(changed_bytes(text.encode(), rng))
    else:
        path.write_bytes(text.encode(rng.choice(("utf-8",) * 15 + ("utf-8-sig", "utf-16", "cp1252")), errors="replace"))


def _write_parquet(frame: pd.DataFrame, path: Path, rng: random.Random) -> None:
    name = rng.choice(list(frame.columns))
    column = frame[name].tolist()
    others = (
        pa.array([[value] for value in column]),
        pa.array([{"a": value} for value in column]),
        pa.array([str(value).encode() for value in column]),
        pa.array(pd.to_datetime(["2020"] * len(column))),
        pa.array([None] * len(column)),
        pa.array([str(value) for value in column]).dictionary_encode(),
        pa.array([str(value) for value in column], pa.large_string()),
        pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xed\xa0\x80"], pa.binary()).buffers()),
        pa.array(column),
    )
    chosen = rng.choice(others)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if len(chosen) == table.num_rows:
        table = table.set_column(table.schema.get_field_index(name), name, chosen)
    pq.write_table(table, path)
    if rng.random() < 0.3:
        path.write_bytes(changed_bytes(path.read_bytes(), rng))


def _plain(path: Path) -> dict[str, list[str]]:
    """The cells of a table by its column, "" = blank; rows that are not as long as the header are no table."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return {
            name: ["" if value is None or value != value else str(value) for value in table.column(name).to_pylist()]
            for name in table.schema.names
        }
    raw = path.read_bytes()
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = raw.decode("utf-16" if is_wide else "utf-8-sig")
    head = next(line for line in text.splitlines() if line.strip())
    sign = "," if "," in head else max(";\t|", key=head.count)
    if '"' in text:
        frame = pd.read_csv(
            io.StringIO(text), sep=sign, dtype=str, keep_default_na=False, skipinitialspace=True, index_col=False
        )
        rows = [list(frame.columns), *frame.to_numpy().tolist()]
        assert all(len(row) == len(rows[0]) for row in csv.reader(io.StringIO(text), delimiter=sign) if row)
    else:
        rows = [line.split(sign) for line in text.splitlines() if line]
    width = len(rows[0])
    for row in rows:
        assert len(row) >= width, "a short row was read"
        assert not any(cell.strip() for cell in row[width:]), "a long row was read"
    return {name.strip(): [row[place].strip() for row in rows[1:]] for place, name in enumerate(rows[0])}


def _compare(root: Path, labels: Path, scores: Path) -> None:
    study = open_study(root)
    drawn, scored = _plain(labels), _plain(scores)
    assert study.image_ids == drawn["image_id"]
    rows = [scored["image_id"].index(image_id) for image_id in study.image_ids]
    for place, name in enumerate(study.classes):
        expected = [np.nan if cell == "" else float(cell) for cell in drawn[name]]
        np.testing.assert_array_equal(study.labels[:, place], expected)
        np.testing.assert_array_equal(study.scores("model")[:, place], [float(scored[name][row]) for row in rows])
