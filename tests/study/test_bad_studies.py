"""A study that is wrong gives one sentence and a remedy, on opening and in the command line, and stays as it is."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.__main__ import main
from core.errors import StudyError
from core.study import check_study, open_study
from tests.study.damage import Damage, damaged_copy, edit_array, edit_manifest, edit_table, set_cell, tree

SCORES = "settings/linear_probe/scores.npy"
EMBEDDINGS = "encoders/fine_tuned/image_embeddings.npy"


@dataclass(frozen=True)
class Case:
    """What is done to a study, and words that the message must have."""

    name: str
    damage: Damage
    words: str
    relist: bool = True


def _cut(part: str, n_bytes: int) -> Damage:
    return lambda root: (root / part).write_bytes((root / part).read_bytes()[:-n_bytes]) and None


def _manifest(**changes: Any) -> Damage:
    return lambda root: edit_manifest(root, lambda manifest: manifest.update(changes))


def _table(part: str, change: Any) -> Damage:
    return lambda root: edit_table(root, part, change)


def _array(part: str, change: Any) -> Damage:
    return lambda root: edit_array(root, part, change)


def _cell(part: str, column: str, row: int, value: object) -> Damage:
    return _table(part, lambda table: set_cell(table, column, row, value))


def _shuffled(table: pa.Table) -> pa.Table:
    return table.take(list(reversed(range(table.num_rows))))


def _put(row: int, column: int, value: float) -> Any:
    def change(array: np.ndarray) -> None:
        array[row, column] = value

    return change


def _climbing(root: Path) -> None:
    (root.parent / "outside.json").write_text("{}")
    edit_manifest(root, lambda manifest: manifest["files"].update({"../outside.json": {"sha256": "0", "n_bytes": 2}}))


def _link(root: Path) -> None:
    outside = root.parent / "outside.npy"
    (root / SCORES).rename(outside)
    (root / SCORES).symlink_to(outside)


def _linked_folder(root: Path) -> None:
    (root / "images").rename(root.parent / "films")
    (root / "images").symlink_to(root.parent / "films")


def _rename_setting(root: Path) -> None:
    edit_manifest(root, lambda manifest: manifest["settings"].update({"../up": manifest["settings"]["zero_shot"]}))


def _unknown_encoder(root: Path) -> None:
    edit_manifest(root, lambda manifest: manifest["settings"]["zero_shot"].update(encoder="other"))


def _score_kind(kind: str) -> Damage:
    return lambda root: edit_manifest(root, lambda content: content["settings"]["linear_probe"].update(score_kind=kind))


def _list_twice(root: Path) -> None:
    edit_manifest(root, lambda manifest: manifest["files"].pop(SCORES))


def _relabel(table: pa.Table) -> pa.Table:
    return table.set_column(1, "Enlarged Cardiomediastinum", pa.array([0.5] * table.num_rows))


CASES = (
    Case("truncated array", _cut(SCORES, 40), r"scores\.npy has 760 bytes; the manifest says 800", relist=False),
    Case("truncated array, listed so", _cut(SCORES, 40), r"scores\.npy: is not a whole \.npy array"),
    Case("array cut in its header", _cut(SCORES, 790), "not a whole"),
    Case("empty array", _cut(SCORES, 800), "not a whole"),
    Case("pickled array", lambda root: np.save(root / SCORES, np.array([None]), allow_pickle=True), "not a whole"),
    Case("truncated table", _cut("labels.parquet", 10), r"labels\.parquet: is not a whole Parquet"),
    Case("missing file", lambda root: (root / SCORES).unlink(), r"linear_probe/scores\.npy is missing"),
    Case("missing film", lambda root: (root / "images/golden-03.png").unlink(), r"golden-03\.png is missing"),
    Case("shuffled labels", _table("labels.parquet", _shuffled), "row 0 is 'golden-11', 'golden-00' was expected"),
    Case("labels of other films", _cell("labels.parquet", "image_id", 2, "other"), r"'golden-02'\) is missing"),
    Case("labels cut short", _table("labels.parquet", lambda table: table.slice(0, 7)), "5 images .* are missing"),
    Case("a label row twice", _table("labels.parquet", lambda t: pa.concat_tables([t, t.slice(3, 1)])), "13 rows"),
    Case("duplicate ids", _cell("images.parquet", "image_id", 1, "golden-00"), r"'golden-00'\) is in more than one"),
    Case("an empty id", _cell("images.parquet", "image_id", 1, None), "without an image_id: 1"),
    Case("missing class", _table("labels.parquet", lambda table: table.drop(["Edema"])), "no column 'Edema'"),
    Case("extra class", _table("labels.parquet", lambda t: t.append_column("X", t.column(1))), "'X', which is no"),
    Case("class twice", _table("labels.parquet", lambda t: t.append_column("Edema", t.column(5))), "more than one col"),
    Case("labels of another type", _table("labels.parquet", _relabel), "holds double; the format asks for int8"),
    Case("a label of 2", _cell("labels.parquet", "Edema", 3, 2), "Edema of 'golden-03' is 2"),
    Case("a label of -1", _cell("labels.parquet", "Edema", 3, -1), "Edema of 'golden-03' is -1"),
    Case("NaN score", _array(SCORES, _put(3, 4, np.nan)), "Edema of golden-03 is nan"),
    Case("infinite score", _array(SCORES, _put(3, 4, np.inf)), "Edema of golden-03 is inf"),
    Case("scores too wide", _array(SCORES, lambda scores: scores[:, :13].copy()), "12 x 13; 12 x 14 were expected"),
    Case("scores too few", _array(SCORES, lambda scores: scores[:11].copy()), "11 x 14; 12 x 14 were expected"),
    Case("scores flat", _array(SCORES, lambda scores: scores.ravel()), "is 168; 12 x 14"),
    Case("scores of float64", _array(SCORES, lambda scores: scores.astype(float)), "float64; the format asks for"),
    Case("scores of integers", _array(SCORES, lambda scores: scores.astype(int)), "int64"),
    Case("logits called probabilities", _score_kind("probability"), "a probability is from 0 to 1"),
    Case("logits called similarities", _score_kind("similarity"), "a similarity is from -1 to 1"),
    Case("unknown score kind", _score_kind("percent"), "one of similarity, margin, logit, probability"),
    Case("NaN embedding", _array(EMBEDDINGS, _put(5, 2, np.nan)), "column 2 of row 5 is nan"),
    Case("row not of length 1", _array(EMBEDDINGS, _put(5, 2, 9.0)), "row 5 has length 9"),
    Case("embeddings too few", _array(EMBEDDINGS, lambda rows: rows[1:].copy()), "11 x 8; 12 x 8"),
    Case("prompts too few", _manifest(prompts=[]), r"text_embeddings\.npy: is 42 x 8; 0 x 8"),
    Case("flat projection", _array("encoders/frozen/umap_2d.npy", lambda rows: rows[:, :1].copy()), "12 x 1; 12 x 2"),
    Case("patient in two splits", _cell("images.parquet", "split", 0, "test"), r"'patient-00': test and train"),
    Case("unknown split", _cell("images.parquet", "split", 0, "dev"), "split 'dev' is none of train, val, test"),
    Case("no split", _cell("images.parquet", "split", 0, None), "split of image 'golden-00' is empty"),
    Case("no patient", _cell("images.parquet", "patient_id", 0, None), "patient_id of image 'golden-00' is empty"),
    Case("no height", _cell("images.parquet", "height_px", 0, 0), "height_px must be positive"),
    Case("images without a column", _table("images.parquet", lambda table: table.drop(["view"])), "no column 'view'"),
    Case("no images", _table("images.parquet", lambda table: table.slice(0, 0)), "has no row"),
    Case("film that climbs", _cell("images.parquet", "file", 0, "../../film.png"), "leaves the folder"),
    Case("film that is no film", _cell("images.parquet", "file", 0, "manifest.json"), "not a PNG or JPEG"),
    Case("film that is not listed", _cell("images.parquet", "file", 0, "images/other.png"), "not in the manifest"),
    Case("masks of other films", _cell("masks.parquet", "image_id", 0, "other"), r"'other'\) is not in images"),
    Case("masks of another size", _cell("masks.parquet", "height_px", 0, 128), "for 128 x 48 pixels"),
    Case("masks of no kind", _cell("masks.parquet", "kind", 0, "circle"), "'circle' is none of"),
    Case("masks without a column", _table("masks.parquet", lambda table: table.drop(["reader"])), "no column 'reader'"),
    Case("newer version", _manifest(schema_version=3), "schema version 3; this software reads versions up to 2"),
    Case("newer version, other fields", _manifest(schema_version=9, classes=None, x=1), "schema version 9"),
    Case("no version", _manifest(schema_version=0), "0 is not a schema version"),
    Case("version in words", _manifest(schema_version="one"), "'schema_version' must be a whole number"),
    Case("unknown field", _manifest(colour="red"), "unknown fields: colour"),
    Case("field of a newer version", _manifest(convention={"blank": "negative"}), "unknown fields: convention"),
    Case("no classes", _manifest(classes=[]), "'classes' must be a list of different texts"),
    Case("files as a list", _manifest(files=[]), "'files' must be an object", relist=False),
    Case("manifest path that climbs", _climbing, "'../outside.json' leaves the folder", relist=False),
    Case("relative films elsewhere", _manifest(images_root="../films"), "no absolute path"),
    Case("linked file", _link, r"'settings/linear_probe/scores\.npy' is a link", relist=False),
    Case("linked folder", _linked_folder, "'images' is a link", relist=False),
    Case("setting named to climb", _rename_setting, "'../up' is no name for a setting"),
    Case("setting of no encoder", _unknown_encoder, "names the encoder 'other'"),
    Case("scores that are not listed", _list_twice, r"lists no settings/linear_probe/scores\.npy"),
    Case("no JSON", lambda root: (root / "manifest.json").write_text("{") and None, "is not JSON", relist=False),
    Case("no object", lambda root: (root / "manifest.json").write_text("[]") and None, "not a JSON", relist=False),
    Case("no text", lambda root: (root / "manifest.json").write_bytes(b"\xff\xfe{") and None, "read", relist=False),
    Case("no manifest", lambda root: (root / "manifest.json").unlink(), "has no manifest.json", relist=False),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_studies(tmp_path: Path, capsys: pytest.CaptureFixture[str], case: Case) -> None:
    root = damaged_copy(tmp_path, case.damage, relist=case.relist)
    before = tree(tmp_path)

    with pytest.raises(StudyError, match=case.words) as error:
        open_study(root)
    _is_a_sentence_and_a_remedy(error.value)

    for command in (["check", str(root)], ["report", str(root), "--split", "all"]):
        assert main(command) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert error.value.message in printed.err.splitlines()[0]
        assert error.value.remedy in printed.err
    assert any(problem.message == error.value.message for problem in check_study(root))
    assert tree(tmp_path) == before


def test_a_folder_that_is_no_study(tmp_path: Path) -> None:
    for path, words in ((tmp_path, "is not a study"), (tmp_path / "absent", "no such folder")):
        with pytest.raises(StudyError, match=words) as error:
            open_study(path)
        _is_a_sentence_and_a_remedy(error.value)


def test_a_study_that_is_half_written(tmp_path: Path) -> None:
    """Even with everything in place: only the rename says that it is whole."""
    root = damaged_copy(tmp_path, lambda root: None, relist=False)
    scratch = root.rename(tmp_path / "study.writing.partial")
    with pytest.raises(StudyError, match="not written to its end"):
        open_study(scratch)


def test_one_line_from_the_command_line(tmp_path: Path) -> None:
    """In a process of its own: exit code 2, one line on stderr, no traceback."""
    root = damaged_copy(tmp_path, _array(SCORES, _put(3, 4, np.nan)), relist=True)
    command = [sys.executable, "-m", "core", "check", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Edema of golden-03 is nan" in done.stderr


def test_check_finds_what_opening_does_not_look_at(tmp_path: Path) -> None:
    """Bytes changed in place, files that were put in, and damaged geometry."""

    def flip(root: Path) -> None:
        content = bytearray((root / "images/golden-03.png").read_bytes())
        content[-20] ^= 1
        (root / "images/golden-03.png").write_bytes(bytes(content))
        (root / "extra.txt").write_text("more")
        (root / ".DS_Store").write_text("ignored")

    root = damaged_copy(tmp_path, flip, relist=False)
    open_study(root)
    assert [problem.message.split(": ", 1)[1] for problem in check_study(root)] == [
        "images/golden-03.png has changed since the study was written.",
        "extra.txt is not in the manifest.",
    ]


def test_check_reads_every_geometry(tmp_path: Path) -> None:
    root = damaged_copy(tmp_path, _cell("masks.parquet", "geometry", 1, "[[1,2]]"), relist=True)
    study = open_study(root)
    (problem,) = check_study(root)
    assert "annotation" in problem.message
    with pytest.raises(StudyError, match="at least three points"):
        [entry.mask() for entry in study.annotations()]


def test_check_goes_on_after_a_problem(tmp_path: Path) -> None:
    def damage(root: Path) -> None:
        edit_array(root, SCORES, _put(3, 4, np.nan))
        edit_array(root, EMBEDDINGS, _put(5, 2, 9.0))
        edit_table(root, "images.parquet", lambda table: set_cell(table, "split", 0, "test"))

    messages = " ".join(problem.message for problem in check_study(damaged_copy(tmp_path, damage, relist=True)))
    assert all(words in messages for words in ("is nan", "has length", "more than one split"))


@pytest.mark.parametrize("name", ["Con/..", "", ".hidden", "a b", "a/b", "x" * 65, "dot."])
def test_names_that_are_no_folders(tmp_path: Path, name: str) -> None:
    def damage(root: Path) -> None:
        edit_manifest(root, lambda manifest: manifest["encoders"].update({name: manifest["encoders"]["frozen"]}))

    with pytest.raises(StudyError, match="no name for an encoder"):
        open_study(damaged_copy(tmp_path, damage, relist=True))


def test_manifest_constants_are_not_json(tmp_path: Path) -> None:
    root = damaged_copy(tmp_path, _manifest(seeds={"numpy": float("nan")}), relist=True)
    assert "NaN" in (root / "manifest.json").read_text()
    with pytest.raises(StudyError, match="NaN is not allowed"):
        open_study(root)


def test_deeply_nested_manifest(tmp_path: Path) -> None:
    root = damaged_copy(tmp_path, _manifest(), relist=True)
    (root / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(StudyError, match="is not JSON"):
        open_study(root)


def _is_a_sentence_and_a_remedy(error: StudyError) -> None:
    assert error.message.endswith(".")
    assert "\n" not in error.message
    assert error.remedy.endswith(".")
    assert "\n" not in error.remedy
