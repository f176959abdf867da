"""What every public collection keeps to: its tables are its alone, it is described without films and loaded with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.datasets.collections.base import Collection
from core.datasets.collections.dataset import CollectionDataset
from core.datasets.collections.registry import COLLECTIONS, collection_named, recognise
from core.datasets.collections.tables import columns_of, is_table
from core.datasets.registry import load_dataset
from core.errors import CoreError, DatasetError
from core.files import sha256_of
from core.paths import PROJECT
from tests.datasets.collection_files import FILM_PX, WRITERS

every = pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)


def _tables(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and is_table(path.name))


def _labels_of(root: Path) -> list[Path]:
    """The tables below a root that are taken for some collection's labels."""
    return [path for path in _tables(root) if recognise(columns_of(path))]


def test_every_collection_has_a_layout_to_be_tried_on() -> None:
    assert sorted(WRITERS) == sorted(collection.name for collection in COLLECTIONS)


@every
def test_its_tables_are_recognised_as_its_own_and_no_other_s(collection: Collection, tmp_path: Path) -> None:
    root = WRITERS[collection.name](tmp_path)
    taken = {path.name: recognise(columns_of(path)) for path in _labels_of(root)}
    owner = "chexpert" if collection.name == "chexlocalize" else collection.name
    assert taken
    assert {found[0].name for found in taken.values() if found} == {owner}
    assert all(found and found[1].startswith("its ") for found in taken.values())
    for path in _labels_of(root):
        fitting = [other.name for other in COLLECTIONS if other.recognise(columns_of(path))]
        assert fitting == [owner]


@every
def test_one_table_alone_is_read(collection: Collection, tmp_path: Path) -> None:
    root = WRITERS[collection.name](tmp_path)
    for path in _labels_of(root):
        owner, _ = recognise(columns_of(path)) or (collection, "")
        table = owner.read_table(path)
        assert table.images["image_id"].is_unique
        assert table.images["patient_id"].notna().all()
        labels = table.readings.resolve(len(table.images), owner.convention)
        assert (~np.isnan(labels)).any()


@every
def test_it_is_described_before_its_films_are_there(
    collection: Collection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = WRITERS[collection.name](tmp_path / "all")
    with_films = load_dataset(collection.name, root)
    for path in root.rglob("*"):
        if path.is_file() and not is_table(path.name):
            path.unlink()
    assert main(["describe", collection.name, "--root", str(root), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n_films"] == len(with_films.images)
    assert sorted(found["missing_files"]) == sorted(with_films.images["image_id"])
    counts = (with_films.labels == 1).sum(axis=0)
    assert found["per_class"] == dict(zip(with_films.card.classes, counts.tolist(), strict=True))
    assert sum(found["splits"].values()) == found["n_films"]
    with pytest.raises(DatasetError, match="holds no film of the"):
        load_dataset(collection.name, root)


@every
def test_loaded_it_keeps_the_contract(collection: Collection, tmp_path: Path) -> None:
    root = WRITERS[collection.name](tmp_path)
    dataset = CollectionDataset(collection, root)
    images, labels, readings = dataset.images, dataset.labels, dataset.readings
    assert labels.shape == (len(images), len(dataset.card.classes))
    assert set(np.unique(labels[~np.isnan(labels)])) <= {0.0, 1.0}
    assert images["image_id"].is_unique
    assert images["split"].isin(("train", "val", "test")).all()
    assert "file" not in images
    assert images.groupby("patient_id")["split"].nunique().max() == 1
    assert np.array_equal(readings.resolve(len(images), dataset.convention), labels, equal_nan=True)
    for row in range(len(images)):
        assert dataset.film(row).shape == (FILM_PX, FILM_PX)
        assert all(mark.image_id == images["image_id"].iloc[row] for mark in dataset.annotations(row))


@every
def test_it_says_what_it_was_read_from(collection: Collection, tmp_path: Path) -> None:
    root = WRITERS[collection.name](tmp_path)
    card = load_dataset(collection.name, root).card
    tables = card.origin["tables"]
    assert isinstance(tables, dict)
    assert tables
    assert all(digest == sha256_of(root / name) for name, digest in tables.items())
    assert card.origin["source"] == collection.title
    first = collection.read_root(root).readings.source_names[0]
    assert card.origin["convention"] == {**collection.convention.to_json(), "source": first}
    assert set(card.origin["split"]) == {"rule", "seed"}  # type: ignore[call-overload]
    assert json.loads(json.dumps(card.origin)) == card.origin
    assert card.licence == collection.terms


@every
def test_a_film_without_a_file_is_left_out_and_named(collection: Collection, tmp_path: Path) -> None:
    root = WRITERS[collection.name](tmp_path)
    whole = CollectionDataset(collection, root)
    gone = whole.images["image_id"].iloc[0]
    whole.film_file(0).unlink()
    dataset = CollectionDataset(collection, root)
    assert dataset.images["image_id"].tolist() == whole.images["image_id"].tolist()[1:]
    assert np.array_equal(dataset.labels, whole.labels[1:], equal_nan=True)
    assert dataset.images["split"].tolist() == whole.images["split"].tolist()[1:]
    assert gone in dataset.card.notice
    assert "without a file" in dataset.card.notice


@every
def test_a_damaged_table_gets_a_sentence(collection: Collection, tmp_path: Path) -> None:
    root = WRITERS[collection.name](tmp_path)
    for path in _labels_of(root):
        whole = path.read_bytes()
        header = whole.index(b"\n") + 1 if whole.count(b"\n") > 1 else 0
        end = len(whole) - 10 if path.suffix == ".gz" else header + (len(whole) - header) // 2
        path.write_bytes(whole[:end] + b"\xff\x00,,," * (path.suffix != ".gz"))
        with pytest.raises(CoreError):
            load_dataset(collection.name, root).card  # noqa: B018
        path.write_bytes(whole)
    shutil.rmtree(root)
    root.mkdir()
    with pytest.raises(DatasetError, match="holds no table of"):
        load_dataset(collection.name, root)


@every
def test_the_guide_lists_it_and_says_where_it_was_not_tried_on_real_tables(collection: Collection) -> None:
    guide = (PROJECT / "README.md").read_text(encoding="utf-8")
    lines = [line for line in guide.splitlines() if f"`{collection.name}`" in line and line.startswith("|")]
    assert len(lines) == 1
    assert ("read from code alone" in lines[0]) is not collection.seen


def test_options_are_taken_and_refused_in_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = WRITERS["chexpert"](tmp_path)

    def edema(*more: str) -> int:
        assert main(["describe", "chexpert", "--root", str(root), "--json", *more]) == 0
        return int(json.loads(capsys.readouterr().out)["per_class"]["Edema"])

    assert [edema(), edema("--uncertain", "positive"), edema("--uncertain", "negative")] == [1, 3, 1]
    assert edema("--uncertain", "positive", "--views", "frontal") == 2
    refused = {
        ("--blank", "maybe"): "--blank: 'maybe'",
        ("--classes", "Edema,Nodule"): "'Nodule' is no finding of CheXpert",
        ("--split-seed", "-1"): "--split-seed: '-1' is no seed",
        ("--readers", "few"): "'few' is no rule",
        ("--label-source", "x"): "no labels of the source 'x'",
        ("--labels", "x"): "takes no --labels",
        ("--split", "r2gen"): "--split: 'r2gen' is not known",
    }
    for arguments, said in refused.items():
        assert main(["describe", "chexpert", f"--root={root}", "=".join(arguments)]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("brax", {}, ["not mentioned counts as negative. One that is uncertain is left out."]),
        (
            "brax",
            {"blank": "not looked at", "uncertain": "positive"},
            ["counts as not looked at", "counts as positive"],
        ),
        ("vinbig", {}, ["Of several readers of a film, the rule is 'majority'."]),
        ("rsna", {}, []),
    ],
)
def test_the_notice_says_how_labels_are_read(
    name: str, options: dict[str, str], said: list[str], tmp_path: Path
) -> None:
    notice = load_dataset(name, WRITERS[name](tmp_path), **options).card.notice
    assert all(words in notice for words in said)
    assert ("mentioned" in notice or "the rule is" in notice) == bool(said)


def test_views_that_nobody_knows_are_not_chosen_by(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="do not say which films are frontal"):
        load_dataset("vinbig", WRITERS["vinbig"](tmp_path), views="frontal")


@pytest.mark.parametrize(
    ("name", "table", "old", "new"),
    [
        ("padchest-gr", "grounded_reports_20240819.json", '"ImageID": "2_a.png"', '"Image": "2_a.png"'),
        ("padchest-gr", "grounded_reports_20240819.json", '"findings": [', '"findings": [3, '),
        (
            "chestx-det",
            "ChestX_Det_train.json",
            '"file_name": "2.png", "syms": []',
            '"file_name": "2.png", "syms": [3]',
        ),
    ],
)
def test_what_nobody_foresaw_in_a_file_is_one_sentence(
    name: str, table: str, old: str, new: str, tmp_path: Path
) -> None:
    path = WRITERS[name](tmp_path) / table
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(DatasetError, match="is not as its makers publish it"):
        collection_named(name).read_root(tmp_path)


def test_a_split_by_patient_is_the_same_for_any_order_and_another_for_another_seed(tmp_path: Path) -> None:
    root = WRITERS["brax"](tmp_path)
    first = load_dataset("brax", root).images.set_index("image_id")["split"]
    path = root / "master_spreadsheet_update.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n")
    again = load_dataset("brax", root).images.set_index("image_id")["split"]
    pd.testing.assert_series_equal(first.sort_index(), again.sort_index())
    others = [load_dataset("brax", root, split_seed=str(seed)) for seed in range(1, 5)]
    assert any((other.images.set_index("image_id")["split"].loc[first.index] != first).any() for other in others)
    assert [other.card.origin["split"]["seed"] for other in others] == [1, 2, 3, 4]  # type: ignore[index]


def test_patients_in_two_official_splits_are_refused_with_a_way_out(tmp_path: Path) -> None:
    root = WRITERS["covidx"](tmp_path)
    path = root / "labels" / "test_COVIDx9B.txt"
    path.write_text(path.read_text() + "3 t2b.png negative rsna\n")
    with pytest.raises(DatasetError, match=r"1 patient .* more than one split.*--split patient"):
        load_dataset("covidx", root)
    assert load_dataset("covidx", root, split="patient").images["split"].isin(("train", "val", "test")).all()


def test_two_versions_of_the_films_are_not_guessed_between(tmp_path: Path) -> None:
    root = WRITERS["chexpert"](tmp_path)
    shutil.copytree(root / "CheXpert-v1.0-small" / "train", root / "CheXpert-v1.0" / "train")
    with pytest.raises(DatasetError, match=r"train/patient0000\d/study\d/view1_frontal' fits"):
        load_dataset("chexpert", root)
    assert collection_named("chexpert").read_root(root).images["image_id"].is_unique
