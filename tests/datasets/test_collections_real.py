"""Label tables as published, read with no script: counts as a few lines of pandas make them."""

from __future__ import annotations

import ast
import gzip
import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.annotations.formats import read_annotations
from core.datasets.collections.base import CollectionTable
from core.datasets.collections.padchest import SAY_NOTHING
from core.datasets.collections.registry import collection_named, recognise
from core.datasets.collections.tables import columns_of
from core.labels.convention import Convention
from core.labels.readings import NEGATIVE, NOT_MENTIONED, POSITIVE, UNCERTAIN
from tests import real_tables as real

Counts = dict[str, int]


def _nih(path: Path) -> Counts:
    findings = pd.read_csv(path)["Finding Labels"].str.get_dummies("|")
    return findings.sum().to_dict()


def _nih_google(path: Path) -> Counts:
    frame = pd.read_csv(path)
    return {name: int((frame[name] == "YES").sum()) for name in frame.columns[-5:-1]}


def _chexpert(path: Path) -> Counts:
    return (pd.read_csv(path).iloc[:, 5:] == 1).sum().to_dict()


def _vinbig_majority(path: Path) -> Counts:
    votes = pd.read_csv(path).drop_duplicates(["image_id", "class_name", "rad_id"])
    counts = votes.groupby(["image_id", "class_name"]).size()
    return (counts >= 2).groupby("class_name").sum().rename({"No finding": "No Finding"}).to_dict()


def _rsna(path: Path) -> Counts:
    return {"Pneumonia": int(pd.read_csv(path).groupby("patientId")["Target"].max().sum())}


def _siim(path: Path) -> Counts:
    frame = pd.read_csv(path)
    return {"Pneumothorax": frame["ImageId"][frame[" EncodedPixels"].str.strip() != "-1"].nunique()}


def _padchest(path: Path) -> Counts:
    cells = pd.read_csv(path, usecols=["Labels"])["Labels"].value_counts()
    names = [(name, n) for cell, n in cells.items() for name in {label.strip() for label in ast.literal_eval(cell)}]
    counts = pd.DataFrame(names, columns=["name", "n"]).groupby("name")["n"].sum()
    return counts.drop([name for name in SAY_NOTHING if name in counts]).to_dict()


TABLES: tuple[tuple[str, str, Callable[[Path], Counts], int], ...] = (
    ("nih", real.NIH, _nih, 112_120),
    ("nih-google", real.NIH_GOOGLE, _nih_google, 4_376),
    ("chexpert", real.CHEXPERT, _chexpert, 223_414),
    ("padchest", real.PADCHEST, _padchest, 160_861),
    ("vinbig", real.VINBIG, _vinbig_majority, 15_000),
    ("rsna", real.RSNA, _rsna, 26_684),
    ("siim-acr", real.SIIM, _siim, 12_047),
)


@pytest.fixture(scope="module")
def read(published_tables: Path) -> Callable[[str], CollectionTable]:
    """Reads the real table of a collection, once."""
    files = {name: file for name, file, _, _ in TABLES}
    tables: dict[str, CollectionTable] = {}

    def reader(name: str) -> CollectionTable:
        if name not in tables:
            tables[name] = collection_named(name).read_table(published_tables / files[name])
        return tables[name]

    return reader


@pytest.mark.parametrize(("name", "file", "count", "n_films"), TABLES, ids=[entry[0] for entry in TABLES])
def test_a_real_table_is_recognised_and_its_counts_are_those_of_pandas(
    name: str,
    file: str,
    count: Callable[[Path], Counts],
    n_films: int,
    published_tables: Path,
    read: Callable[[str], CollectionTable],
) -> None:
    found = recognise(columns_of(published_tables / file))
    assert found is not None
    assert found[0].name == name
    table = read(name)
    assert len(table.images) == n_films
    assert table.images["image_id"].is_unique
    codes, counted = table.readings.codes, count(published_tables / file)
    if name == "padchest":  # 190 classes: by code, which is what resolving them gives where one reader read a film
        positives = (codes == POSITIVE).sum(axis=0)
    else:
        positives = (table.readings.resolve(n_films, found[0].convention) == 1).sum(axis=0)
    assert dict(zip(table.readings.classes, positives.tolist(), strict=True)) == counted


def test_padchest_s_nodule_is_no_pseudonodule(published_tables: Path, read: Callable[[str], CollectionTable]) -> None:
    table = read("padchest")
    cells = pd.read_csv(published_tables / real.PADCHEST, usecols=["ImageID", "Labels"]).set_index("ImageID")["Labels"]
    cells = cells.loc[table.images["image_id"]].fillna("").reset_index(drop=True)
    positive = pd.Series(table.readings.codes[:, table.readings.classes.index("nodule")] == POSITIVE)
    assert positive.sum() == cells.str.contains(r"' ?nodule'").sum() > 3_000
    assert cells[positive].str.contains(r"' ?nodule'").all()
    only_pseudo = cells.str.contains("pseudonodule") & ~cells.str.contains(r"' ?nodule'")
    assert only_pseudo.sum() > 2_000
    assert not positive[only_pseudo].any()
    assert set(table.readings.readers) == {"Physician", "RNN"}
    assert (table.readings.readers == "Physician").sum() == 39_053


def test_padchest_makes_classes_of_what_is_frequent(read: Callable[[str], CollectionTable]) -> None:
    usual = collection_named("padchest").usual_classes(read("padchest"))
    assert 30 < len(usual) < 50
    assert {"normal", "nodule", "pleural effusion", "pneumonia"} <= set(usual)
    assert "Chilaiditi sign" not in usual


def test_vinbig_any_majority_and_one_reader(published_tables: Path, read: Callable[[str], CollectionTable]) -> None:
    table, frame = read("vinbig"), pd.read_csv(published_tables / real.VINBIG)
    assert len(table.readings.films) == 45_000

    def positives(finding: str, readers: str) -> int:
        labels = table.readings.resolve(15_000, Convention(readers=readers))
        return int((labels[:, table.readings.classes.index(finding)] == 1).sum())

    assert [positives("Nodule/Mass", rule) for rule in ("any", "majority", "2 of n")] == [826, 405, 405]
    assert [positives("Pneumothorax", rule) for rule in ("any", "majority")] == [96, 58]
    alone = frame[(frame["rad_id"] == "R9") & (frame["class_name"] == "Nodule/Mass")]["image_id"].nunique()
    assert positives("Nodule/Mass", "one R9") == alone


def test_chexpert_s_four_things_said_are_kept_apart(
    published_tables: Path, read: Callable[[str], CollectionTable]
) -> None:
    table, frame = read("chexpert"), pd.read_csv(published_tables / real.CHEXPERT, usecols=["Sex", "Frontal/Lateral"])
    column = table.readings.codes[:, table.readings.classes.index("Atelectasis")]
    counts = [int((column == code).sum()) for code in (POSITIVE, NEGATIVE, UNCERTAIN, NOT_MENTIONED)]
    assert counts == [33_376, 1_328, 33_739, 154_971]
    assert table.images["patient_id"].nunique() == 64_540
    assert set(table.images["split"]) == {"train"}
    assert (table.images["view"] == "Lateral").tolist() == (frame["Frontal/Lateral"] == "Lateral").tolist()
    assert (table.images["sex"] == "F").fillna(False).tolist() == (frame["Sex"] == "Female").tolist()


def test_siim_s_masks_are_the_union_of_their_rows(published_tables: Path) -> None:
    """Against runs that are laid down pixel by pixel, as the challenge's own function does it."""
    frame = pd.read_csv(published_tables / real.SIIM)
    frame = frame[frame[" EncodedPixels"].str.strip() != "-1"]
    several = frame["ImageId"].value_counts()
    assert (several > 1).sum() == 624
    masks = {mark.image_id: mark for mark in read_annotations(published_tables / real.SIIM)}
    assert len(masks) == 2_669
    for image_id in [*several.index[:5], several.index[-1]]:
        united = np.zeros(1024 * 1024, dtype=bool)
        for cell in frame[" EncodedPixels"][frame["ImageId"] == image_id]:
            position, numbers = 0, [int(number) for number in cell.split()]
            for skipped, length in zip(numbers[::2], numbers[1::2], strict=True):
                united[position + skipped : position + skipped + length] = True
                position += skipped + length
        assert np.array_equal(masks[image_id].mask(), united.reshape(1024, 1024).T)


def test_rsna_s_and_nih_s_boxes_are_all_there(published_tables: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(published_tables / real.RSNA) as archive:
        archive.extractall(tmp_path)
    path = tmp_path / "stage_2_train_labels.csv"
    frame = pd.read_csv(path).dropna()
    boxes = read_annotations(path)
    assert len(boxes) == len(frame) == 9_555
    areas = sorted(int(box.mask().sum()) for box in boxes[:50])
    assert areas == sorted((frame["width"] * frame["height"]).astype(int)[:50])
    assert len(read_annotations(published_tables / real.NIH_BOXES)) == 984


def test_official_lists_and_images_of_2017_go_with_the_real_table(published_tables: Path, tmp_path: Path) -> None:
    """The table as NIH publishes it, unpacked, with lists of its own: train and val part by patient."""
    text = gzip.decompress((published_tables / real.NIH).read_bytes())
    ids = pd.read_csv(io.BytesIO(text))["Image Index"]
    (tmp_path / "Data_Entry_2017.csv").write_bytes(text)
    (tmp_path / "train_val_list.txt").write_text("\n".join(ids[:86_524]))
    (tmp_path / "test_list.txt").write_text("\n".join(ids[86_524:]))
    shutil.copy(published_tables / real.NIH_BOXES, tmp_path / "BBox_List_2017.csv.gz")
    table = collection_named("nih").read_root(tmp_path)
    assert table.images["split"].value_counts().to_dict() == {"train and val": 86_524, "test": 25_596}
    assert [path.name for path in table.tables] == ["Data_Entry_2017.csv", "train_val_list.txt", "test_list.txt"]
