"""What the labels of an import mean: blanks, -1, several readers, splits, and tables of collections as published."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.datasets.collections import registry
from core.datasets.collections.splits import SHARES
from core.labels.convention import Convention
from core.labels.readings import Readings
from core.study import open_study
from tests.study.damage import refused
from tests.study.test_import import IDS, LABELS, SCORES, import_arguments, imported, write_films, write_tables

nan = np.nan
MOSTLY_BLANK = LABELS.assign(Edema=pd.array([1, None, None, None], dtype="Int8"))
UNCERTAIN = LABELS.assign(Mass=pd.array([1, 0, -1, 0], dtype="Int8"))


def _edema(arguments: list[str]) -> list[float]:
    return [float(value) for value in imported([*arguments, "--replace"]).labels[:, 0]]


def test_a_class_that_is_mostly_blank_is_not_guessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write_tables(tmp_path, MOSTLY_BLANK)
    line = refused(arguments, tmp_path, capsys)
    assert "Edema is blank in 3 of 4 rows; whether that means absent or that nobody looked cannot be told" in line
    assert "--blank negative" in line
    np.testing.assert_array_equal(_edema([*arguments, "--blank", "negative"]), [1, 0, 0, 0])
    np.testing.assert_array_equal(_edema([*arguments, "--blank", "not looked at"]), [1, nan, nan, nan])
    study = open_study(tmp_path / "study")
    assert study.readings is not None
    assert study.readings.codes[:, 0].tolist() == [1, -2, -2, -2]
    assert study.convention == Convention("not looked at")


def test_half_of_a_class_may_be_blank(tmp_path: Path) -> None:
    half = LABELS.assign(Edema=pd.array([1, None, None, 0], dtype="Int8"))
    np.testing.assert_array_equal(_edema(write_tables(tmp_path, half)), [1, nan, nan, 0])


def test_where_nothing_is_blank_nothing_is_said(tmp_path: Path) -> None:
    """0 and 1 mean what they say: no readings, no convention, and the fingerprint of version 1."""
    study = imported(write_tables(tmp_path, LABELS.assign(Edema=[0, 1, 1, 0])))
    assert (study.readings, study.convention) == (None, None)
    assert sorted(study.manifest.files) == ["images.parquet", "labels.parquet", "settings/densenet/scores.npy"]


def test_minus_one_needs_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write_tables(tmp_path, UNCERTAIN)
    line = refused(arguments, tmp_path, capsys)
    assert "Mass of 'c.png' is -1; a label is 0, 1 or blank" in line
    assert '--uncertain "left out"' in line
    for counts_as, expected in (("positive", 1), ("negative", 0), ("left out", nan)):
        study = imported([*arguments, "--uncertain", counts_as, "--replace"])
        np.testing.assert_array_equal(study.labels[:, 1], [1, 0, expected, 0])
        assert study.readings is not None
        assert study.readings.codes[2, 1] == -1
    printed = capsys.readouterr().out
    assert "an uncertain finding counts as present (U-Ones)" in printed
    assert "an uncertain finding is left out (U-Ignore)" in printed


@pytest.mark.parametrize("option", [["--blank", "maybe"], ["--uncertain", "maybe"], ["--split-by-patient", "x"]])
def test_options_that_are_none(tmp_path: Path, option: list[str]) -> None:
    with pytest.raises(SystemExit):
        main([*write_tables(tmp_path), *option])


READ = pd.DataFrame(
    {
        "image_id": ["a.png", "a.png", "a.png", "b.png", "b.png", "c.png", "d.png"],
        "patient_id": ["1", "1", "1", "2", "2", "3", "4"],
        "reader": ["R1", "R2", "R3", "R1", "R2", "R1", "R1"],
        "Edema": [1, 0, 0, 1, 0, 1, 0],
        "Mass": [1, 1, 0, 0, 0, 1, 0],
    }
)


def test_several_rows_of_a_film_are_readings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write_tables(tmp_path, READ)
    study = imported(arguments)
    assert "3 readers; a film counts as what most of them say" in capsys.readouterr().out
    assert study.image_ids == IDS
    np.testing.assert_array_equal(study.labels, [[0, 1], [nan, 0], [1, 1], [0, 0]])
    assert study.convention == Convention(readers="majority")
    assert study.readings is not None
    assert study.readings.reader_names("labels") == ("R1", "R2", "R3")
    for rule, expected in (("any", [1, 1, 1, 0]), ("all", [0, 0, 1, 0]), ("one R2", [0, 0, nan, nan])):
        np.testing.assert_array_equal(_edema([*arguments, "--readers", rule]), expected)
    capsys.readouterr()
    assert "is no rule" in refused([*arguments, "--readers", "most", "--replace"], tmp_path, capsys)
    assert "'R9' is no reader" in refused([*arguments, "--readers", "one R9", "--replace"], tmp_path, capsys)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (READ.assign(reader="R1"), "'a.png' stands in more than one row of reader 'R1'"),
        (READ.assign(patient_id=list("1123456")), "patient_id of 'a.png' differs between its rows"),
        (READ.drop(columns="reader"), "2 image_ids ('a.png', 'b.png') are in more than one row"),
    ],
)
def test_readings_that_do_not_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: pd.DataFrame, words: str
) -> None:
    assert words in refused(write_tables(tmp_path, table), tmp_path, capsys)


def test_labels_of_two_sources(tmp_path: Path) -> None:
    """The first is taken where none is named; a film that it does not have is unlabelled."""
    first = LABELS.iloc[:2].assign(source="radiologists", Edema=[1, 0])
    table = pd.concat([first, LABELS.assign(source="reports", Edema=[0, 1, 1, 1])])
    arguments = write_tables(tmp_path, table)
    np.testing.assert_array_equal(_edema(arguments), [1, 0, nan, nan])
    np.testing.assert_array_equal(_edema([*arguments, "--label-source", "reports"]), [0, 1, 1, 1])


@pytest.mark.parametrize("name", ["labels.csv.gz", "labels.csv.zip", "labels.json", "labels.jsonl", "labels.jsonl.gz"])
def test_packed_tables_and_json_lines_are_tables(tmp_path: Path, name: str) -> None:
    text = (tmp_path / "labels.csv").read_text() if write_tables(tmp_path) else ""
    lines = "\n".join(
        json.dumps({key: None if pd.isna(cell) else cell for key, cell in row.items()})
        for row in LABELS.astype(object).to_dict("records")
    )
    content = lines if "json" in name else text
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("inner.csv", content)
    else:
        (tmp_path / name).write_bytes(gzip.compress(content.encode()) if name.endswith("gz") else content.encode())
    study = imported(import_arguments(tmp_path, labels=name))
    np.testing.assert_array_equal(study.labels, [[0, 1], [1, 0], [nan, 0], [1, 0]])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"image_id": "a.png", "Edema": 1}\n[1]\n', "line 2 is no JSON object of plain cells (it begins with '[1]')"),
        ('{"image_id": "a.png", "Edema": {"a": 1}}\n', "line 1 is no JSON object of plain cells"),
        ('{"Edema": 1}\n{"image_id": "a.png"}\n', "begins with the columns ['Edema', 'image_id']"),
        ("", "labels.json: is not a table of JSON lines"),
    ],
)
def test_json_that_is_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, words: str) -> None:
    write_tables(tmp_path)
    (tmp_path / "labels.json").write_text(content)
    assert words in refused(import_arguments(tmp_path, labels="labels.json"), tmp_path, capsys)


def _room(images: pd.DataFrame) -> SimpleNamespace:
    """A collection whose makers count blanks as absent; its table is known by its column Film."""
    codes = np.array([[1, -2], [-2, 0], [0, -1], [-2, -2]], dtype=np.int8)
    readings = Readings(("Edema", "Mass"), np.arange(4), np.full(4, "reports"), np.full(4, ""), codes)
    return SimpleNamespace(
        name="room",
        title="Reading Room 9",
        convention=Convention(blank="negative"),
        usual_classes=lambda table: table.readings.classes,
        recognise=lambda columns: "its column Film" if "Film" in columns else None,
        read_table=lambda path: SimpleNamespace(images=images, readings=readings, notes=("One of 5 left out.",)),
    )


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments that import the room's own table, without scores."""
    images = pd.DataFrame(
        {
            "image_id": ["f1", "f2", "f3", "f4"],
            "patient_id": ["p1", "p2", "p3", "p4"],
            "split": ["train", "train", None, "test"],
            "file": ["a/b.png", None, None, None],
        }
    )
    monkeypatch.setattr(registry, "COLLECTIONS", (_room(images),))
    (tmp_path / "room.csv").write_text("Film,Edema\nf1,1\n")
    return ["import", "--out", str(tmp_path / "study"), "--name", "Room", "--labels", str(tmp_path / "room.csv")]


def test_a_collection_is_known_by_its_columns(room: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    study = imported(room)
    printed = capsys.readouterr().out
    for words in ("room.csv: taken for Reading Room 9, by its column Film.", "One of 5 left out."):
        assert words in printed
        assert words in study.manifest.notice
    assert "1 films have no split and count as test." in printed
    assert "a finding that is not mentioned counts as absent" in printed
    np.testing.assert_array_equal(study.labels, [[1, 0], [0, 0], [0, nan], [0, 0]])
    assert study.convention == Convention(blank="negative")
    assert study.splits() == {"train": 2, "test": 2}
    assert study.images["file"].isna().all()
    other = imported([*room, "--blank", "not looked at", "--uncertain", "positive", "--replace"])
    np.testing.assert_array_equal(other.labels, [[1, nan], [nan, 0], [0, 1], [nan, nan]])
    assert other.convention == Convention("not looked at", "positive")


def test_a_collections_films_are_found_by_their_files(room: list[str], tmp_path: Path) -> None:
    """And stored by their ids, as the folders that they lay in may be called after patients."""
    films = write_films(tmp_path / "films", "a/b.png", "f4.png")
    study = imported([*room, "--images", str(films)])
    assert study.images["file"].fillna("").tolist() == ["images/f1.png", "", "", "images/f4.png"]


def test_films_of_a_collection_without_scores_are_left_out(
    room: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SCORES.assign(image_id=["f3", "f1", "x", "y"]).iloc[:2].to_csv(tmp_path / "scores.csv", index=False)
    study = imported([*room, "--scores", f"net={tmp_path / 'scores.csv'}"])
    assert "room.csv: 2 of 4 films have no scores and are left out." in capsys.readouterr().out
    assert study.image_ids == ["f1", "f3"]
    np.testing.assert_array_equal(study.labels, [[1, 0], [0, nan]])
    np.testing.assert_array_equal(study.scores("net")[:, 0], [0.9, 0.1])


def test_a_table_of_no_collection_is_told_so_at_once(
    room: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it is read: its second line is no line of a table."""
    (tmp_path / "room.csv").write_text('Scan,Edema\n"no end')
    line = refused(room, tmp_path, capsys)
    assert "begins with the columns ['Scan', 'Edema'], and has those of no collection" in line
    assert "The first column must be image_id" in line
    assert "Reading Room 9" in line


def _many(n_patients: int) -> pd.DataFrame:
    """Two films a patient; every third patient has edema."""
    rows = np.repeat(np.arange(n_patients), 2)
    return pd.DataFrame(
        {
            "image_id": [f"f{row:03d}" for row in range(len(rows))],
            "patient_id": rows,
            "Edema": (rows % 3 == 0).astype(int),
        }
    )


def _import_many(folder: Path, table: pd.DataFrame, *more: str) -> list[str]:
    table.to_csv(folder / "many.csv", index=False)
    fixed = ["import", "--out", str(folder / "study"), "--name", "Many", "--replace"]
    return [*fixed, "--labels", str(folder / "many.csv"), *more]


def test_films_are_divided_by_patient(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = _many(100)
    study = imported(_import_many(tmp_path, table, "--split-by-patient", "7"))
    assert study.splits() == {"train": 140, "val": 20, "test": 40}
    assert study.images.groupby("patient_id")["split"].nunique().max() == 1
    assert study.manifest.seeds == {"split": 7}
    assert study.manifest.protocol["split"]["shares"] == SHARES
    counts = [int(study.labels[study.rows(split), 0].sum()) for split in ("train", "val", "test")]
    assert sum(counts) == 68
    printed = capsys.readouterr().out
    assert "with seed 7: train 140 films of 70 patients, val 20 films of 10 patients, test 40 films of 20" in printed
    assert f"Positive films in train / val / test: Edema {' / '.join(map(str, counts))}." in printed
    splits = dict(zip(study.image_ids, study.images["split"], strict=True))
    turned = imported(_import_many(tmp_path, table[::-1], "--split-by-patient", "7"))
    assert dict(zip(turned.image_ids, turned.images["split"], strict=True)) == splits
    other = imported(_import_many(tmp_path, table, "--split-by-patient", "8"))
    assert dict(zip(other.image_ids, other.images["split"], strict=True)) != splits


def test_films_that_train_nothing_are_all_divided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    divided = ["--split-by-patient", "7"]
    study = imported(_import_many(tmp_path, _many(100), *divided, "--shares", "0:1:1"))
    assert study.splits() == {"val": 100, "test": 100}
    assert study.manifest.protocol["split"]["shares"] == {"train": 0, "val": 0.5, "test": 0.5}
    assert "--shares" not in capsys.readouterr().out
    imported(_import_many(tmp_path, _many(100), *divided))
    assert "train 70%, val 10%, test 20%; --shares TRAIN:VAL:TEST gives other shares" in capsys.readouterr().out
    for wrong in ("0:1", "1:1:x", "-1:1:1", "0:0:0", "nan:1:1"):
        line = refused(_import_many(tmp_path, _many(100), *divided, f"--shares={wrong}"), tmp_path, capsys)
        assert f"--shares {wrong!r} is not three numbers" in line
    line = refused(_import_many(tmp_path, _many(100), "--shares", "0:1:1"), tmp_path, capsys)
    assert "nothing divides them" in line
    table = _many(100).assign(split="train")
    assert "only val is taken from them" in refused(
        _import_many(tmp_path, table, *divided, "--shares", "0:1:1"), tmp_path, capsys
    )


def test_val_is_taken_from_train_where_it_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = _many(100)
    table = table.assign(split=np.where(table["patient_id"] < 80, "train", "test"))
    imported(_import_many(tmp_path, table))
    assert "No film is in val, so none are left to fit thresholds on; --split-by-patient SEED takes some of train" in (
        capsys.readouterr().out
    )
    study = imported(_import_many(tmp_path, table, "--split-by-patient", "7"))
    assert study.splits() == {"train": 140, "val": 20, "test": 40}  # 1 of 8 of 80 patients
    assert set(study.images["patient_id"][study.rows("test")]) == {str(number) for number in range(80, 100)}


def test_a_table_with_val_is_not_divided_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = _many(3).assign(split=["train", "train", "val", "val", "test", "test"])
    assert "says which films validate already" in refused(
        _import_many(tmp_path, table, "--split-by-patient", "7"), tmp_path, capsys
    )


def test_embeddings_belong_to_the_settings_that_they_are_named_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write_tables(tmp_path)
    arguments += ["--scores", f"probe={tmp_path / 'scores.csv'}"]
    for name in ("one", "two"):
        np.save(tmp_path / f"{name}.npy", np.ones((4, 3), np.float32))
    one, two = ([f"{name}={tmp_path / name}.npy"] for name in ("one", "two"))
    only = imported([*arguments, "--embeddings", *one])
    assert [entry.encoder for entry in only.manifest.settings.values()] == ["one", "one"]
    both = imported([*arguments, "--embeddings", *one, *two, "--encoder", "probe=two", "--replace"])
    assert {name: entry.encoder for name, entry in both.manifest.settings.items()} == {"densenet": None, "probe": "two"}
    assert "No encoder is named for densenet" in capsys.readouterr().out
    for wrong, words in (("probe=three", "there is no 'three'"), ("other=one", "there is no 'other'")):
        line = refused([*arguments, "--embeddings", *one, "--encoder", wrong, "--replace"], tmp_path, capsys)
        assert words in line


def test_labels_alone_and_films_with_marks_alone_are_studies(tmp_path: Path) -> None:
    write_tables(tmp_path)
    labels = imported(import_arguments(tmp_path)[:-2])
    assert (labels.settings, labels.encoders) == ((), ())
    films = write_films(tmp_path / "films", *IDS)
    marks = {
        "images": [{"id": 1, "file_name": "a.png", "height": 40, "width": 30}],
        "categories": [{"id": 1, "name": "Edema"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}],
    }
    (tmp_path / "masks.json").write_text(json.dumps(marks))
    more = ["--images", str(films), "--masks", str(tmp_path / "masks.json"), "--replace"]
    study = imported([*import_arguments(tmp_path)[:-2], *more])
    assert study.annotated_ids() == ("a.png",)
    assert study.settings == ()
