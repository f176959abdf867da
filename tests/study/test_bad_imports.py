"""Tables, films, masks and embeddings that are wrong: one sentence with a remedy, exit code 2, nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.building.importing import ImportSources, import_study
from core.errors import StudyError
from tests.study.damage import refused
from tests.study.test_import import IDS, LABELS, SCORES, import_arguments, imported, write_films, write_tables


def _with(frame: pd.DataFrame, column: str, row: int, value: object) -> pd.DataFrame:
    changed = frame.astype({column: object})
    changed.loc[row, column] = value
    return changed


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (_with(LABELS, "Edema", 1, -1), "Edema of 'b.png' is -1; a label is 0, 1 or blank"),
        (_with(LABELS, "Edema", 1, 0.5), "Edema of 'b.png' is 0.5"),
        (_with(LABELS, "Edema", 1, "yes"), "Edema of 'b.png' is yes"),
        (_with(LABELS, "Edema", 1, "inf"), "Edema of 'b.png' is inf"),
        (LABELS.assign(follow_up=[0, 1, 2, 3]), "follow_up of 'c.png' is 2"),
        (_with(LABELS, "image_id", 1, "a.png"), "1 image_id ('a.png') is in more than one row"),
        (_with(LABELS, "image_id", 1, None), "without an image_id: 1"),
        (
            LABELS.rename(columns={"image_id": "Scan"}),
            "begins with the columns ['Scan', 'Edema'",
        ),
        (LABELS[["Edema", "image_id", "Mass"]], "begins with the columns ['Edema'"),
        (LABELS.rename(columns={"Mass": "Edema"}), "more than one column 'Edema'"),
        (LABELS.rename(columns={"Mass": ""}), "begins with the columns"),
        (LABELS[["image_id"]], "no class column"),
        (LABELS[["image_id"]].assign(split="test"), "no class column"),
        (LABELS.iloc[:0], "no row"),
        (LABELS.assign(split="dev"), "split 'dev' is none of train, val, test"),
        (LABELS.assign(split=["test", None, "test", "test"]), "1 film ('b.png') is without split"),
        (LABELS.assign(patient_id=[1, None, 2, 3]), "1 film ('b.png') is without patient_id"),
        (
            LABELS.assign(patient_id=[1, 2, 1, 3], split=["train", "val", "test", "test"]),
            "1 patient ('1') is in more than one split ('1': train and test)",
        ),
    ],
)
def test_bad_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str], labels: pd.DataFrame, words: str) -> None:
    line = refused(write_tables(tmp_path, labels), tmp_path, capsys)
    assert words in line
    assert "labels.csv" in line


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        (_with(SCORES, "Edema", 1, None), "Edema of b.png is nan"),
        (_with(SCORES, "Edema", 1, "NaN"), "Edema of b.png is nan"),
        (_with(SCORES, "Edema", 1, "-inf"), "Edema of b.png is -inf"),
        (_with(SCORES, "Edema", 1, "high"), "Edema of b.png is 'high', which is no number"),
        (_with(SCORES, "Edema", 1, 1.25), "Edema of b.png is 1.25; a probability is from 0 to 1 (1 in all)"),
        (_with(SCORES, "Mass", 3, -0.5), "Mass of d.png is -0.5; a probability"),
        (SCORES.drop(columns="Mass"), "1 class column ('Mass') is missing"),
        (SCORES.iloc[:2], "2 labelled films ('c.png', 'd.png') are missing"),
        (SCORES.assign(image_id=["1", "2", "3", "4"]), "are missing; its image_ids look like '1'"),
        (_with(SCORES, "image_id", 1, "a.png"), "in more than one row"),
    ],
)
def test_bad_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str], scores: pd.DataFrame, words: str) -> None:
    line = refused(write_tables(tmp_path, scores=scores), tmp_path, capsys)
    assert words in line
    assert "scores.csv" in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a CSV"),
        (b"image_id,Edema\na.png,0,1,2\n", "labels.csv"),
        (b"image_id Edema Mass\na.png 0 1\n", "begins with the columns ['image_id Edema Mass']"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff", "labels.csv"),
    ],
)
def test_files_that_are_no_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    arguments = write_tables(tmp_path)
    (tmp_path / "labels.csv").write_bytes(content)
    assert words in refused(arguments, tmp_path, capsys)
    (tmp_path / "labels.parquet").write_bytes(content)
    assert "not a whole Parquet table" in refused(import_arguments(tmp_path, "labels.parquet"), tmp_path, capsys)


@pytest.mark.parametrize("option", ["--labels", "--images", "--masks", "--scores", "--embeddings"])
def test_files_that_are_absent(tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    absent = str(tmp_path / "absent")
    value = f"other={absent}" if option in ("--scores", "--embeddings") else absent
    assert absent in refused([*write_tables(tmp_path), option, value], tmp_path, capsys)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--scores", "densenet.csv"], "is not NAME=FILE"),
        (["--scores", "densenet=x.csv"], "names the same thing twice"),
        (["--scores", "../up=SCORES"], "'../up' is no name for a setting"),
        (["--embeddings", "=x.npy"], "'=x.npy' is not NAME=FILE"),
        (["--score-kind", "percent"], "'percent' is not a kind of score"),
        (["--score-kind", "other=logit"], "'other', which has no scores"),
    ],
)
def test_bad_options(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str) -> None:
    tables = write_tables(tmp_path)
    options = [option.replace("SCORES", str(tmp_path / "scores.csv")) for option in options]
    assert words in refused([*tables, *options], tmp_path, capsys)


def _not_a_film(films: Path) -> None:
    write_films(films, *IDS[:3])
    (films / "d.png").write_bytes(b"not a film")


def _printing_colours(films: Path) -> None:
    write_films(films, *IDS[:3])
    write_films(films, "d.jpg", mode="CMYK")


def _postscript(films: Path) -> None:
    write_films(films, *IDS[:3])
    (films / "d.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n%%EndComments\nshowpage\n")


def _cut_off(films: Path) -> None:
    write_films(films, *IDS)
    for name in ("c.png", "d.png"):
        content = (films / name).read_bytes()
        (films / name).write_bytes(content[: len(content) * 2 // 3])


def _one_flipped_bit(films: Path) -> None:
    write_films(films, *IDS)
    content = bytearray((films / "d.png").read_bytes())
    content[content.index(b"IDAT") + 12] ^= 1
    (films / "d.png").write_bytes(content)


def _link_that_leaves(films: Path) -> None:
    write_films(films, *IDS[:3])
    write_films(films.parent, "secret.png")
    (films / "d.png").symlink_to(films.parent / "secret.png")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda films: write_films(films, "x.png"), "holds none of the 4 films, such as 'a.png'"),
        (lambda films: write_films(films, *IDS, "deep/a.png"), "image 'a.png' fits 'a.png' and 'deep/a.png'"),
        (lambda films: write_films(films, "a.jpg", "a.jpeg"), "image 'a.png' fits 'a.jpeg' and 'a.jpg'"),
        (_link_that_leaves, "'d.png' leaves the folder"),
    ],
)
def test_bad_films(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], object], words: str
) -> None:
    make(tmp_path / "films")
    assert words in refused([*write_tables(tmp_path), "--images", str(tmp_path / "films")], tmp_path, capsys)


@pytest.mark.parametrize(
    ("damage", "left_out"),
    [
        (_not_a_film, {"d.png": "it is neither a PNG nor a JPEG"}),
        (_postscript, {"d.png": "it is neither a PNG nor a JPEG"}),
        (_printing_colours, {"d.png": "it is of printing colours (CMYK), whose greys depend on a profile"}),
        (_cut_off, {"c.png": "it is cut off", "d.png": "it is cut off"}),
        (_one_flipped_bit, {"d.png": "it is damaged: one of its checksums is wrong"}),
    ],
)
def test_films_that_cannot_be_read_are_left_out_and_said_why(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], object],
    left_out: dict[str, str],
) -> None:
    damage(tmp_path / "films")
    study = imported([*write_tables(tmp_path), "--images", str(tmp_path / "films")])
    named = ", ".join(f"{name!r} ({why})" for name, why in left_out.items())
    note = f"films: {len(left_out)} of 4 films cannot be read and are left out: {named}."
    assert note in capsys.readouterr().out
    assert note in study.manifest.notice
    stored = {name: study.film_path(name) is not None for name in IDS}
    assert stored == {name: name not in left_out for name in IDS}
    assert study.labels.shape == (4, 2)


def test_no_film_that_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films = write_films(tmp_path / "films", *IDS)
    for name in IDS[:2]:
        (films / name).write_bytes(b"<html>")
        (films / IDS[2 + IDS.index(name)]).write_bytes((films / "c.png").read_bytes()[:-20])
    before = sorted(path.name for path in tmp_path.iterdir())
    from core.__main__ import main

    assert main([*write_tables(tmp_path), "--images", str(films)]) == 2
    assert "4 of 4 films cannot be read and are left out: 'a.png' (it is neither" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "labels.csv", "scores.csv"])


@pytest.mark.parametrize("image_id", ["../a.png", "/a.png", "..\\a.png"])
def test_ids_that_climb(tmp_path: Path, capsys: pytest.CaptureFixture[str], image_id: str) -> None:
    films = write_films(tmp_path / "films", *IDS)
    write_films(tmp_path, "a.png")
    tables = write_tables(tmp_path, *(_with(table, "image_id", 0, image_id) for table in (LABELS, SCORES)))
    assert "leaves the folder" in refused([*tables, "--images", str(films)], tmp_path, capsys)


def test_two_ids_of_one_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = write_tables(tmp_path, *(_with(table, "image_id", 1, "a.dcm") for table in (LABELS, SCORES)))
    line = refused([*tables, "--images", str(write_films(tmp_path / "films", *IDS))], tmp_path, capsys)
    assert "'a.png' fits the images 'a.png' and 'a.dcm'" in line


def _masks(folder: Path, **image: Any) -> list[str]:
    content = {
        "images": [{"id": 1, "file_name": "a.png", "height": 40, "width": 30, **image}],
        "categories": [{"id": 1, "name": "Edema"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}],
    }
    (folder / "masks.json").write_text(json.dumps(content))
    return ["--masks", str(folder / "masks.json")]


def test_masks_of_another_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films = write_films(tmp_path / "films", *IDS)
    arguments = [*write_tables(tmp_path), "--images", str(films), *_masks(tmp_path, height=400, width=320)]
    assert "was drawn on 400 x 320 pixels, but the film has 40 x 30" in refused(arguments, tmp_path, capsys)


def test_masks_of_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*write_tables(tmp_path), *_masks(tmp_path, file_name="z.png")]
    assert "none of its 1 films is in the labels, such as 'z.png'" in refused(arguments, tmp_path, capsys)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((3, 6)), "shape (3, 6); 4 rows"),
        (np.zeros(4), "shape (4,)"),
        (np.zeros((4, 0)), "shape (4, 0)"),
        (np.zeros((4, 6), dtype=int), "holds int64"),
        (np.full((4, 6), np.nan), "column 0 of row 0 is nan"),
        (np.full((4, 6), 1e300), "column 0 of row 0 is inf"),
        (np.array([[None]]), "not a whole .npy array"),
    ],
)
def test_bad_embeddings(tmp_path: Path, capsys: pytest.CaptureFixture[str], array: np.ndarray, words: str) -> None:
    np.save(tmp_path / "rows.npy", array, allow_pickle=True)
    arguments = [*write_tables(tmp_path), "--embeddings", f"raw={tmp_path / 'rows.npy'}"]
    assert words in refused(arguments, tmp_path, capsys)
    (tmp_path / "rows.npy").write_bytes((tmp_path / "rows.npy").read_bytes()[:60])
    assert "not a whole .npy array" in refused(arguments, tmp_path, capsys)


def test_the_app_gets_the_same_error(tmp_path: Path) -> None:
    write_tables(tmp_path, scores=_with(SCORES, "Edema", 1, 1.25))
    sources = ImportSources(tmp_path / "labels.csv", {"densenet": tmp_path / "scores.csv"})
    with pytest.raises(StudyError, match=r"Edema of b\.png is 1\.25") as error:
        import_study(tmp_path / "study", "Small", sources)
    assert "--score-kind" in error.value.remedy
    assert not (tmp_path / "study").exists()
