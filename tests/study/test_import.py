"""Importing small tables: joining, finding films, masks and embeddings, and what is said about what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.__main__ import main
from core.study import Study, check_study, open_study

IDS = ["a.png", "b.png", "c.png", "d.png"]
LABELS = pd.DataFrame({"image_id": IDS, "Edema": [0, 1, None, 1], "Mass": [1, 0, 0, 0]}).astype(
    {"Edema": "Int8", "Mass": "Int8"}
)
SCORES = pd.DataFrame({"image_id": IDS, "Edema": [0.1, 0.9, 0.5, 0.25], "Mass": [0.75, 0.5, 0.125, 0.0]})


def write_tables(folder: Path, labels: pd.DataFrame = LABELS, scores: pd.DataFrame = SCORES) -> list[str]:
    """The two tables as CSV, and the arguments that import them."""
    labels.to_csv(folder / "labels.csv", index=False)
    scores.to_csv(folder / "scores.csv", index=False)
    return import_arguments(folder)


def import_arguments(folder: Path, labels: str = "labels.csv", scores: str = "scores.csv") -> list[str]:
    """The command line of an import."""
    tables = ["--labels", str(folder / labels), "--scores", f"densenet={folder / scores}"]
    return ["import", "--out", str(folder / "study"), "--name", "Small", *tables]


def write_films(folder: Path, *names: str, mode: str = "L", size: tuple[int, int] = (30, 40)) -> Path:
    """Films 30 wide and 40 high."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, size).save(folder / name)
    return folder


def imported(arguments: list[str]) -> Study:
    """The study that a command makes; nothing is wrong with it."""
    assert main(arguments) == 0
    root = Path(arguments[arguments.index("--out") + 1])
    assert check_study(root) == []
    return open_study(root)


def test_labels_and_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = imported(write_tables(tmp_path))
    assert study.name == "Small"
    assert study.image_ids == IDS
    assert study.classes == ("Edema", "Mass")
    np.testing.assert_array_equal(study.labels, [[0, 1], [1, 0], [np.nan, 0], [1, 0]])
    np.testing.assert_array_equal(study.scores("densenet"), SCORES[["Edema", "Mass"]].to_numpy())
    assert study.settings == ("densenet",)
    assert study.manifest.settings["densenet"].score_kind == "probability"
    assert not study.manifest.synthetic
    printed = capsys.readouterr().out
    for words in ("name no patients: every film counts as a patient", "name no splits: all films count as test"):
        assert words in printed
        assert words in study.manifest.notice
    assert study.splits() == {"test": 4}
    assert study.images["patient_id"].tolist() == IDS


def test_scores_join_by_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shuffled rows and columns join; rows and columns too many are left out, and named with how many they are."""
    extra = pd.DataFrame({"image_id": ["x.png", "y.png"], "Edema": 0.5, "Mass": 0.5})
    shuffled = pd.concat([SCORES, extra]).sample(frac=1, random_state=3)[["image_id", "Mass", "Edema"]]
    others = shuffled.assign(Hernia=0.5, **{"View Position": "PA", "Patient ID": "3"})
    study = imported(write_tables(tmp_path, scores=others))
    np.testing.assert_array_equal(study.scores("densenet"), SCORES[["Edema", "Mass"]].to_numpy())
    printed = capsys.readouterr().out
    assert "scores.csv, read for scores: 2 rows (" in printed
    assert "'x.png'" in printed
    assert "scores.csv, read for scores: 1 column ('Hernia') is left out" in printed
    assert "'Hernia'" in study.manifest.notice


def test_parquet_is_csv(tmp_path: Path) -> None:
    """The same study from either kind of table, but for the names of the files it was read from."""
    labels = LABELS.assign(patient_id=[1, 1, 2, 3], age=[50, 60, None, 70], Mass=LABELS["Mass"] == 1)
    write_tables(tmp_path, labels.assign(Mass=LABELS["Mass"]))
    labels.to_parquet(tmp_path / "labels.parquet")
    SCORES.to_parquet(tmp_path / "scores.parquet")
    one = imported(import_arguments(tmp_path))
    two = imported([*import_arguments(tmp_path, "labels.parquet", "scores.parquet"), "--replace"])
    pd.testing.assert_frame_equal(one.images, two.images)
    np.testing.assert_array_equal(one.labels, two.labels)
    np.testing.assert_array_equal(np.array(one.scores("densenet")), two.scores("densenet"))


def test_metadata_is_kept(tmp_path: Path) -> None:
    labels = LABELS.assign(
        patient_id=["007", "007", "8", "9"], split=["train", "Train", "val", "test"], view=["PA", "AP", None, "PA"]
    ).assign(age=[50, None, 61, 70], sex=["F", "M", "F", None])
    images = imported(write_tables(tmp_path, labels)).images
    assert images["patient_id"].tolist() == ["007", "007", "8", "9"]
    assert images["split"].tolist() == ["train", "train", "val", "test"]
    assert images["view"].isna().tolist() == [False, False, True, False]
    assert images["age"].dtype == "Int64"
    assert images["age"].dropna().tolist() == [50, 61, 70]
    assert images["sex"].iloc[0] == "F"


def test_ages_that_are_no_whole_numbers(tmp_path: Path) -> None:
    assert imported(write_tables(tmp_path, LABELS.assign(age=[50.5, 1, 2, 3]))).images["age"].iloc[0] == 50.5
    arguments = [*write_tables(tmp_path, LABELS.assign(age=["050Y", "001Y", None, "3M"])), "--replace"]
    assert imported(arguments).images["age"].iloc[0] == "050Y"


def test_ids_keep_their_zeros(tmp_path: Path) -> None:
    ids = ["0001", "0002", "1e3", "NA"]
    study = imported(write_tables(tmp_path, LABELS.assign(image_id=ids), SCORES.assign(image_id=ids)))
    assert study.image_ids == ids


def test_tables_as_spreadsheets_write_them(tmp_path: Path) -> None:
    """A byte-order mark, spaces after commas, quotes, and Windows line ends."""
    write_tables(tmp_path)
    text = '\ufeffimage_id, Edema, Mass\r\na.png, 0, 1\r\n"b.png", 1, 0\r\nc.png, , 0\r\nd.png, 1.0, 0\r\n'
    (tmp_path / "labels.csv").write_bytes(text.encode())
    study = imported(import_arguments(tmp_path))
    np.testing.assert_array_equal(study.labels, [[0, 1], [1, 0], [np.nan, 0], [1, 0]])


def test_score_kinds(tmp_path: Path) -> None:
    """One for all, or one for each."""
    write_tables(tmp_path)
    (SCORES.set_index("image_id") * 9 - 4).to_csv(tmp_path / "logits.csv")
    arguments = [*import_arguments(tmp_path), "--score-kind", "logit"]
    assert imported(arguments).manifest.settings["densenet"].score_kind == "logit"
    arguments = [*import_arguments(tmp_path), "--scores", f"probe={tmp_path / 'logits.csv'}"]
    kinds = imported([*arguments, "--score-kind", "similarity", "probe=logit", "--replace"]).manifest.settings
    assert {name: entry.score_kind for name, entry in kinds.items()} == {"densenet": "similarity", "probe": "logit"}


def test_settings_are_in_the_order_of_the_house_then_in_that_of_the_command(tmp_path: Path) -> None:
    scores = [f"{name}={tmp_path / 'scores.csv'}" for name in ("chexnet", "fine_tune", "zero_shot")]
    arguments = write_tables(tmp_path) + [part for one in scores for part in ("--scores", one)]
    assert imported(arguments).settings == ("zero_shot", "fine_tune", "densenet", "chexnet")


def test_films_are_found_by_name_ending_and_stem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And stored by their ids, not by where they lay."""
    films = write_films(tmp_path / "films", "a.png", "deep/b.jpg", "c.png.jpeg", "unused.png")
    study = imported([*write_tables(tmp_path), "--images", str(films)])
    assert study.images["file"].tolist()[:3] == ["images/a.png", "images/b.jpg", "images/c.jpg"]
    assert study.film_path("d.png") is None
    assert "films: 1 film ('d.png') is missing." in capsys.readouterr().out
    for image_id, name in zip(IDS[:3], ("a.png", "deep/b.jpg", "c.png.jpeg"), strict=True):
        path = study.film_path(image_id)
        assert path is not None
        assert path.read_bytes() == (films / name).read_bytes()
    assert study.images["height_px"].tolist()[:3] == [40, 40, 40]
    assert study.images["width_px"].tolist()[:3] == [30, 30, 30]
    assert study.images["width_px"].isna().iloc[3]
    assert not study.has("images/unused.png")


def test_ids_with_folders(tmp_path: Path) -> None:
    """p1/view.png and p2/view.png are two films."""
    ids = ["p1/view.png", "p2/view.png", "p3/view", "p4/view.dcm"]
    films = write_films(tmp_path / "films", *(f"p{number}/view.png" for number in (1, 2, 3, 4)))
    tables = write_tables(tmp_path, LABELS.assign(image_id=ids), SCORES.assign(image_id=ids))
    study = imported([*tables, "--images", str(films)])
    assert study.images["file"].tolist() == [f"images/p{number}/view.png" for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_films_of_every_kind_that_is_shown(tmp_path: Path, mode: str) -> None:
    films = write_films(tmp_path / "films", *IDS, mode=mode)
    study = imported([*write_tables(tmp_path), "--images", str(films)])
    assert len(study.images["file"].dropna()) == 4


def test_masks_join_films(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By file name or stem; findings that are no class and films without labels are named; sizes are filled in."""
    images = [{"id": n, "file_name": name, "height": 40, "width": 30} for n, name in enumerate(["b.jpg", "a.png", "z"])]
    boxes = [(0, 1), (1, 2), (1, 1), (2, 1)]
    annotations = [
        {"id": n, "image_id": image, "category_id": category, "bbox": [1, 2, 3, 4]}
        for n, (image, category) in enumerate(boxes)
    ]
    categories = [{"id": 1, "name": "Edema"}, {"id": 2, "name": "Node"}]
    masks = tmp_path / "masks.json"
    masks.write_text(json.dumps({"images": images, "categories": categories, "annotations": annotations}))
    study = imported([*write_tables(tmp_path), "--masks", str(masks)])
    assert study.annotated_ids() == ("a.png", "b.png")
    assert [entry.finding for entry in study.annotations("a.png")] == ["Node", "Edema"]
    assert study.annotations("b.png")[0].mask()[2:6, 1:4].all()
    assert study.images["height_px"].tolist()[:2] == [40, 40]
    printed = capsys.readouterr().out
    assert "masks.json: 1 film ('z') is left out" in printed
    assert "masks.json: 1 finding ('Node') is drawn, but no class" in printed


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_embeddings(tmp_path: Path, dtype: type) -> None:
    """Rows in the order of the labels; whether they have length 1 is looked at, not asked."""
    rows = np.random.default_rng(0).normal(size=(4, 6))
    np.save(tmp_path / "raw.npy", rows.astype(dtype))
    np.save(tmp_path / "unit.npy", (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(dtype))
    named = [f"{name}={tmp_path / name}.npy" for name in ("raw", "unit")]
    study = imported([*write_tables(tmp_path), "--embeddings", *named])
    assert {name: entry.normalised for name, entry in study.manifest.encoders.items()} == {"raw": False, "unit": True}
    np.testing.assert_array_equal(study.image_embeddings("raw"), rows.astype(dtype).astype(np.float32))


def test_embeddings_alone(tmp_path: Path) -> None:
    write_tables(tmp_path)
    np.save(tmp_path / "raw.npy", np.eye(4))
    arguments = [*import_arguments(tmp_path)[:-2], "--embeddings", f"raw={tmp_path / 'raw.npy'}"]
    study = imported(arguments)
    assert study.settings == ()
    assert study.encoders == ("raw",)


def test_where_it_came_from_is_kept_without_folders(tmp_path: Path) -> None:
    study = imported(write_tables(tmp_path))
    assert str(tmp_path) not in (study.root / "manifest.json").read_text()
    assert study.manifest.dataset["files"]["labels"]["name"] == "labels.csv"
    assert len(study.manifest.dataset["files"]["scores densenet"]["sha256"]) == 64


def test_a_study_is_replaced_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(write_tables(tmp_path))
    assert main(import_arguments(tmp_path)) == 2
    assert "already there" in capsys.readouterr().err
    assert main([*import_arguments(tmp_path), "--replace"]) == 0


def test_help_says_what_order_embeddings_are_in(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["import", "--help"])
    assert "one row for every row of the label table, in its order" in " ".join(capsys.readouterr().out.split())
