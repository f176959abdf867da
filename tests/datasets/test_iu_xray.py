"""IU-Xray as a dataset, on its published layouts in small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.datasets.iu_xray.dataset import IuXrayDataset
from core.datasets.iu_xray.splits import paper_split
from core.datasets.registry import load_dataset
from core.errors import DatasetError, StudyError
from core.findings import CLASSES, NO_FINDING
from tests.datasets.iu_xray_files import (
    UIDS,
    film_names,
    write_annotation,
    write_films,
    write_kaggle,
    write_labels,
    write_reports,
    write_tables,
)


def test_only_frontal_films_that_have_a_file_are_there_and_the_others_are_named(tmp_path: Path) -> None:
    dataset = IuXrayDataset(write_kaggle(tmp_path, films=UIDS[:-2]))
    images = dataset.images
    assert images["image_id"].tolist() == [film_names(uid)[0] for uid in UIDS[:-2]]
    assert images["patient_id"].tolist() == [str(uid) for uid in UIDS[:-2]]
    assert set(images["view"]) == {"Frontal"}
    assert dataset.labels.shape == (len(images), 14)
    assert dataset.labels[1, [CLASSES.index("Cardiomegaly"), CLASSES.index("Atelectasis")]].tolist() == [1, 1]
    assert dataset.film(2).shape == (images["height_px"].iloc[2], images["width_px"].iloc[2])
    assert dataset.film(2).dtype == np.uint8
    assert dataset.annotations(0) == ()
    assert "2 frontal films ('23_IM-0023-1001', '24_IM-0024-1001') are without a file" in dataset.card.notice
    assert "CC BY-NC-ND 4.0" in dataset.card.licence


def test_the_paper_s_split_is_drawn_from_all_patients_whatever_files_are_there(tmp_path: Path) -> None:
    expected = paper_split(map(str, UIDS))
    dataset = IuXrayDataset(write_kaggle(tmp_path, films=UIDS[5:]))
    assert dataset.images["split"].tolist() == [expected[str(uid)] for uid in UIDS[5:]]
    assert "24 patients have a frontal film, in the paper 3,689" in dataset.card.notice
    assert paper_split(["10", "9", "2", "1"]) == paper_split(["1", "2", "9", "10"])
    with pytest.raises(DatasetError, match="four are the least"):
        paper_split(["1"])


def test_films_of_openi_s_archive_are_found_under_the_tables_names(tmp_path: Path) -> None:
    names = [f"CXR{'1_' if uid == 1 else ''}{film_names(uid)[0]}.png" for uid in UIDS]
    dataset = IuXrayDataset(write_films(write_tables(tmp_path), names))
    assert len(dataset.images) == len(UIDS)


def test_openi_s_reports_need_the_views_and_say_so(tmp_path: Path) -> None:
    write_films(write_reports(tmp_path), [f"CXR{film_names(2)[0]}.png"])
    with pytest.raises(DatasetError, match=r"Place indiana_projections\.csv"):
        _ = IuXrayDataset(tmp_path).images
    (write_tables(tmp_path) / "indiana_reports.csv").unlink()
    dataset = IuXrayDataset(tmp_path)
    assert dataset.images["image_id"].tolist() == ["2_IM-0002-1001"]
    assert dataset.labels[0, CLASSES.index("Cardiomegaly")] == 1


def test_r2gen_s_layout_has_its_own_split_and_takes_0_png_as_frontal(tmp_path: Path) -> None:
    names = [f"CXR{uid}_IM-{uid:04d}/{number}.png" for uid in UIDS for number in (0, 1)]
    write_films(write_annotation(tmp_path) / "images", names)
    labels = write_labels(tmp_path / "labels.csv", {"uid": UIDS}, [[1] + [0] * 13] * len(UIDS))
    dataset = IuXrayDataset(tmp_path, str(labels))
    assert dataset.images["image_id"].iloc[0] == "1_IM-0001_0"
    assert dataset.images["split"].value_counts().to_dict() == {"train": 12, "val": 6, "test": 6}
    assert dataset.labels[:, 0].all()
    assert dataset.card.origin["split"] == "r2gen"
    assert "0.png" in dataset.card.notice
    with pytest.raises(DatasetError, match="no labels can be derived"):
        _ = IuXrayDataset(tmp_path).labels
    with pytest.raises(DatasetError, match=r"indiana_projections\.csv"):
        _ = IuXrayDataset(tmp_path, split="paper").images


def test_r2gen_s_films_beside_the_tables_take_their_coding_and_views(tmp_path: Path) -> None:
    write_films(write_annotation(write_tables(tmp_path)) / "images", [f"CXR{uid}_IM-{uid:04d}/0.png" for uid in UIDS])
    projections = tmp_path / "indiana_projections.csv"
    projections.write_text(
        projections.read_text().replace("2_IM-0002-1001.dcm.png,Frontal", "2_IM-0002-1001.png,Lateral", 1)
    )
    dataset = IuXrayDataset(tmp_path)
    assert "2" not in dataset.images["patient_id"].tolist()
    assert len(dataset.images) == len(UIDS) - 1
    assert dataset.labels[0, CLASSES.index(NO_FINDING)] == 1


def test_r2gen_s_split_of_the_tables_films_leaves_other_patients_out(tmp_path: Path) -> None:
    write_annotation(write_kaggle(tmp_path), UIDS[:10])
    dataset = IuXrayDataset(tmp_path, split="r2gen")
    assert dataset.images["patient_id"].tolist() == [str(uid) for uid in UIDS[:10]]
    (tmp_path / "annotation.json").unlink()
    with pytest.raises(DatasetError, match=r"annotation\.json"):
        _ = IuXrayDataset(tmp_path, split="r2gen").images


def test_the_card_records_the_label_source(tmp_path: Path) -> None:
    root = write_kaggle(tmp_path / "root")
    derived = IuXrayDataset(root).card.origin["labels"]
    assert derived == {"source": "derived from OpenI's expert coding", "rules_version": 1}
    table = write_labels(tmp_path / "mine.csv", {"uid": UIDS[:-1]}, [[0] * 14] * (len(UIDS) - 1))
    dataset = IuXrayDataset(root, str(table))
    origin = dataset.card.origin["labels"]
    assert isinstance(origin, dict)
    assert (origin["source"], origin["file"], len(origin["sha256"])) == ("table", "mine.csv", 64)
    assert np.isnan(dataset.labels[-1]).all()
    assert "1 films are in no row of the labels" in dataset.card.notice


def test_without_any_film_a_sentence_says_what_to_place_where(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="none of its 24 frontal films has a file"):
        _ = IuXrayDataset(write_tables(tmp_path)).images


def test_a_film_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    root = write_tables(tmp_path / "root")
    film = write_films(tmp_path / "elsewhere", ["film.png"]) / "film.png"
    (root / f"{film_names(1)[0]}.png").symlink_to(film)
    with pytest.raises(StudyError, match="leaves the folder"):
        _ = IuXrayDataset(root).images


def test_the_registry_takes_options_where_a_dataset_has_them(tmp_path: Path) -> None:
    root = write_annotation(write_kaggle(tmp_path))
    assert load_dataset("iu-xray", root, split="r2gen").card.origin["split"] == "r2gen"
    with pytest.raises(DatasetError, match="takes no --labels"):
        load_dataset("phantom", labels="derived")
    with pytest.raises(DatasetError, match="There is no split 'other'"):
        load_dataset("iu-xray", root, split="other")
    with pytest.raises(DatasetError, match="--root"):
        load_dataset("iu-xray")
