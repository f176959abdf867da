"""Other files in the place of tables and arrays: a sentence that says what they are, and what to do."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from core.errors import DatasetError
from core.intake.film_files import read_grey
from core.report.report import compute_report
from core.study import open_study
from tests.study.damage import refused
from tests.study.test_import import IDS, LABELS, SCORES, import_arguments, imported, write_tables

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3)


def _npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, e=ROWS)


def _torch(path: Path) -> None:
    import torch

    torch.save(torch.from_numpy(ROWS), path)


def _pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(ROWS))


def _header(descr: str, shape: str = "(4, 3)") -> Callable[[Path], None]:
    """A .npy file whose header says something of its own."""

    def write(path: Path) -> None:
        text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
        text += b" " * (-(len(text) + 11) % 64) + b"\n"
        path.write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + ROWS.tobytes())

    return write


def _objects(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.array([[None]]), allow_pickle=True)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (_npz, "it is an archive"),
        (_torch, "it is an archive"),
        (_pickle, "it is a pickle"),
        (_objects, "Python objects"),
        (_header("'<f4'", "(4, 10000000000000)"), "mmap length"),
        (_header("'<f4'", "(4, -3)"), "whole .npy array"),
        (_header("'<f4'", "(4, 3.5)"), "whole .npy array"),
        (_header("'<q9'"), "whole .npy array"),
        (_header("[('a', '<f4')]", "(12,)"), "not numbers"),
        (_header("('<f4', (2, (3,)))"), "whole .npy array"),
        (_header("{'a': 1}"), "whole .npy array"),
        (_header("1" * 400), "whole .npy array"),
        (lambda path: path.write_text("a,b\n1,2\n") and None, "it is text, such as a CSV table"),
        (lambda path: path.write_bytes(b"") and None, "it is empty"),
        (os.mkfifo, "named pipe"),
        (lambda path: path.mkdir(), "a folder"),
    ],
)
def test_embeddings_that_are_no_array(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], write: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "e.npy"
    arguments = [*write_tables(tmp_path), "--embeddings", f"frozen={path}"]
    write(path)
    if path.is_fifo():
        from core.__main__ import main

        assert main(arguments) == 2
        line = capsys.readouterr().err
    else:
        line = refused(arguments, tmp_path, capsys)
    assert words in line
    assert "e.npy" in line


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pa.table({"image_id": IDS, "Edema": [[0], [1], [0], [1]]}), "'Edema' holds list<"),
        (pa.table({"image_id": [b"a", b"b", b"c", b"d"], "Edema": [0, 1, 0, 1]}), "'image_id' holds binary"),
        (pa.table({"image_id": IDS, "Edema": pd.to_datetime(["2020"] * 4)}), "holds timestamp"),
        (pa.table({"image_id": pa.array([], pa.string()), "Edema": pa.array([], pa.int8())}), "has no row"),
    ],
)
def test_parquet_columns_that_are_no_cells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: pa.Table, words: str
) -> None:
    write_tables(tmp_path)
    pq.write_table(table, tmp_path / "labels.parquet")
    assert words in refused(import_arguments(tmp_path, "labels.parquet"), tmp_path, capsys)


def test_text_that_is_none_in_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half of a sign, as some writers leave it in a name."""
    write_tables(tmp_path)
    raw = pa.array([b"\xed\xa0\x80", b"b", b"c", b"d"], pa.binary())
    ids = pa.Array.from_buffers(pa.string(), 4, raw.buffers())
    pq.write_table(pa.table({"image_id": ids, "Edema": [0, 1, 0, 1]}), tmp_path / "labels.parquet")
    assert "labels.parquet: " in refused(import_arguments(tmp_path, "labels.parquet"), tmp_path, capsys)


@pytest.mark.parametrize("which", ["labels.csv", "scores.csv"])
def test_tables_of_a_header_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str) -> None:
    arguments = write_tables(tmp_path)
    header = (tmp_path / which).read_text().splitlines()[0]
    (tmp_path / which).write_text(f"{header}\n")
    assert f"{which}: has no row" in refused(arguments, tmp_path, capsys)


def test_remedies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commas = SCORES.assign(Edema=["0,1", "0,9", "0,5", "0,25"])
    assert "points, not commas" in refused(write_tables(tmp_path, scores=commas), tmp_path, capsys)
    blank = SCORES.assign(Edema=[0.1, None, 0.5, 0.25])
    assert "take the film out of all tables" in refused(write_tables(tmp_path, scores=blank), tmp_path, capsys)
    paths = [f"train\\p{number}\\v.png" for number in range(4)]
    arguments = write_tables(tmp_path, LABELS.assign(image_id=paths), SCORES.assign(image_id=paths))
    (tmp_path / "films").mkdir()
    line = refused([*arguments, "--images", str(tmp_path / "films")], tmp_path, capsys)
    assert "is a path of Windows" in line
    assert "trust" not in line


def test_scores_that_single_precision_cannot_tell_apart(tmp_path: Path) -> None:
    """Figures are scikit-learn's on the table; what single precision holds takes no more room than before."""
    rng = np.random.default_rng(3)
    ids = [f"film-{number}" for number in range(80)]
    labels = pd.DataFrame({"image_id": ids, "Edema": rng.integers(0, 2, 80)})
    close = 1 - 10.0 ** -(9 + 3 * rng.random(80) + labels["Edema"])
    scores = pd.DataFrame({"image_id": ids, "Edema": close})
    assert len(np.unique(close.astype(np.float32))) < 80
    arguments = write_tables(tmp_path, labels, scores)
    scores.to_csv(tmp_path / "scores.csv", index=False, float_format="%.17g")
    study = imported(arguments)
    np.testing.assert_array_equal(study.scores("densenet")[:, 0], close)
    assert study.manifest.files["settings/densenet/scores.npy"].dtype == "float64"
    found = compute_report(study, "all").settings["densenet"].per_class["Edema"].auroc
    assert found == pytest.approx(roc_auc_score(labels["Edema"], close), abs=1e-12)
    half = SCORES.assign(Edema=[0.5, 0.25, 0.125, 0.75])
    study = imported([*write_tables(tmp_path, scores=half), "--replace"])
    assert open_study(study.root).scores("densenet").dtype == np.float32


def test_a_table_that_may_be_cut_off_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write_tables(tmp_path)
    (tmp_path / "labels.csv").write_text((tmp_path / "labels.csv").read_text().rstrip())
    assert "labels.csv: its last line has no end" in imported(arguments).manifest.notice
    assert "its last line has no end" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_pipe_in_the_place_of_a_film(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    from core.__main__ import main

    arguments = [*write_tables(tmp_path), "--images", str(tmp_path / "films")]
    (tmp_path / "films").mkdir()
    os.mkfifo(tmp_path / "films" / name)
    assert main(arguments) == 2
    assert "named pipe" in capsys.readouterr().err
    with pytest.raises(DatasetError, match="named pipe"):
        read_grey(tmp_path / "films" / name)
