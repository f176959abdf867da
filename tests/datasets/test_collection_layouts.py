"""What each collection's published layout says, film by film, by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.datasets.collections.dataset import CollectionDataset
from core.datasets.collections.registry import collection_named
from core.errors import DatasetError, StudyError
from tests.datasets.collection_files import CHEXPERT, FILM_PX, WRITERS, codes, films, lines, nih

NAN = float("nan")


def _loaded(name: str, root: Path, **options: str) -> CollectionDataset:
    return CollectionDataset(collection_named(name), WRITERS[name](root), **options)


def _column(dataset: CollectionDataset, finding: str) -> list[float]:
    """Labels of a class, in the order of the ids."""
    order = np.argsort(dataset.images["image_id"].to_numpy(dtype=str))
    return dataset.labels[order, dataset.card.classes.index(finding)].tolist()


def _by_id(dataset: CollectionDataset, column: str) -> dict[str, object]:
    return dict(zip(dataset.images["image_id"], dataset.images[column], strict=True))


def _same(found: list[float], expected: list[float]) -> bool:
    return np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize(
    ("table", "sex"), [("Data_Entry_2017.csv", "Patient Gender"), ("Data_Entry_2017_v2020.csv", "Patient Sex")]
)
def test_nih_of_2017_and_of_2020(table: str, sex: str, tmp_path: Path) -> None:
    dataset = CollectionDataset(collection_named("nih"), nih(tmp_path, table, sex))
    assert _column(dataset, "Nodule") == [0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    assert _column(dataset, "Effusion") == [1, *[0] * 9]
    assert _column(dataset, "No Finding") == [0, 1, 0, 0, 0, *[1] * 5]
    splits = _by_id(dataset, "split")
    assert [splits[f"{patient:08d}_000.png"] for patient in (4, 5)] == ["test", "test"]
    assert {splits[f"{patient:08d}_000.png"] for patient in (1, 2, 3)} <= {"train", "val"}
    assert _by_id(dataset, "view")["00000001_001.png"] == "AP"
    assert _by_id(dataset, "sex")["00000001_001.png"] == "F"
    assert dataset.images["age"].isna().sum() == 1  # 413 years
    (box,) = dataset.annotations(0)
    assert (box.finding, box.geometry) == ("Infiltration", "[32.0,16.0,4.0,8.0]")  # of 1024 px, on a film of 64


def test_nih_google_has_what_was_adjudicated_and_what_was_mined(tmp_path: Path) -> None:
    dataset = _loaded("nih-google", tmp_path)
    assert _column(dataset, "Airspace opacity") == [1, 0, 0, 0]
    assert dataset.images["split"].tolist() == ["test", "test", "val", "val"]
    mined = CollectionDataset(collection_named("nih-google"), tmp_path, label_source="reports")
    assert _column(mined, "Airspace opacity") == [0, 0, 1, 0]
    assert _column(mined, "Nodule or mass") == [0, 0, 1, 0]
    assert _column(mined, "Pneumothorax") == [0, 0, 0, 1]
    assert np.isnan(_column(mined, "Fracture")).all()
    assert "nothing as Fracture" in mined.card.notice


def test_chexpert_in_train_valid_and_test(tmp_path: Path) -> None:
    dataset = _loaded("chexpert", tmp_path)
    splits = _by_id(dataset, "split")
    assert splits["valid/patient64541/study1/view1_frontal"] == "val"
    assert splits["test/patient64741/study1/view1_frontal"] == "test"
    views = _by_id(dataset, "view")
    assert views["train/patient00002/study2/view1_frontal"] == "PA"
    assert views["train/patient00002/study2/view2_lateral"] == "Lateral"
    assert views["test/patient64741/study1/view1_frontal"] == "Frontal"
    assert _same(_column(dataset, "Edema"), [0, 0, NAN, NAN, 1, 0])
    ignoring = CollectionDataset(collection_named("chexpert"), tmp_path, blank="not looked at", uncertain="positive")
    assert _same(_column(ignoring, "Edema"), [0, NAN, 1, 1, 1, 0])
    assert set(dataset.readings.readers) == {"report labeler", "radiologists"}


def test_chexpert_s_further_labelers_are_sources(tmp_path: Path) -> None:
    """In an order of their own; the radiologists of valid and test go with each."""
    top = WRITERS["chexpert"](tmp_path) / "CheXpert-v1.0-small"
    header, *rows = (top / "train.csv").read_text().splitlines()
    other = [row.replace(",-1.0,", ",1.0,") for row in reversed(rows)]
    (top / "train_cheXbert.csv").write_text("\n".join([header, *other]) + "\n")
    found = {
        source: CollectionDataset(
            collection_named("chexpert"), tmp_path, **({"label_source": source} if source else {})
        )
        for source in ("", "published", "CheXbert")
    }
    assert found[""].readings.source_names == ("published", "CheXbert")
    assert _same(_column(found[""], "Edema"), [0, 0, NAN, NAN, 1, 0])
    assert _same(_column(found["published"], "Edema"), [0, 0, NAN, NAN, 1, 0])
    assert _same(_column(found["CheXbert"], "Edema"), [0, 0, 1, 1, 1, 0])
    assert _column(found["CheXbert"], "Enlarged Cardiomediastinum")[0] == 1  # as the test film was read


def test_a_table_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    for name, copied in (("chexpert", "CheXpert-v1.0-small/train.csv"), ("covidx", "labels/train_COVIDx9B.txt")):
        root = WRITERS[name](tmp_path / name)
        path = root / copied
        path.with_name(f"{path.stem}_old{path.suffix}").write_bytes(path.read_bytes())
        with pytest.raises(DatasetError, match=r"more than one row of .*Keep one version"):
            collection_named(name).read_root(root)
    root = WRITERS["mimic-cxr"](tmp_path / "mimic")
    path = root / "mimic-cxr-2.0.0-chexpert.csv.gz"
    path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    with pytest.raises(DatasetError, match="are both labels of chexpert"):
        collection_named("mimic-cxr").read_root(root)


def test_chexpert_is_found_from_either_folder(tmp_path: Path) -> None:
    WRITERS["chexpert"](tmp_path)
    inner = CollectionDataset(collection_named("chexpert"), tmp_path / "CheXpert-v1.0-small")
    outer = CollectionDataset(collection_named("chexpert"), tmp_path)
    assert inner.images["image_id"].tolist() == outer.images["image_id"].tolist()
    assert [inner.film_file(row) for row in range(6)] == [outer.film_file(row) for row in range(6)]


def test_chexpert_plus_by_section(tmp_path: Path) -> None:
    dataset = _loaded("chexpert-plus", tmp_path)
    assert dataset.readings.source_names == ("impression", "report")
    assert _same(_column(dataset, "Edema"), [1, NAN, 0, 0])
    assert _column(dataset, "Pneumothorax") == [0, 0, 0, 1]
    assert dataset.images["age"].tolist() == [50, 51, 52, 53]
    assert dataset.images["view"].tolist() == ["AP"] * 4
    assert dataset.images["split"].tolist() == ["train", "train", "train", "val"]
    report = CollectionDataset(collection_named("chexpert-plus"), tmp_path, label_source="report")
    assert _same(_column(report, "Edema"), [1, NAN, NAN, NAN])


def test_chexlocalize_s_regions_are_the_films(tmp_path: Path) -> None:
    dataset = _loaded("chexlocalize", tmp_path)
    assert sorted(dataset.images["split"]) == ["test", "val"]
    for row in range(2):
        (mark,) = dataset.annotations(row)
        assert (mark.finding, mark.kind, int(mark.mask().sum())) == ("Lung Opacity", "polygon", 32 * 32)


def test_mimic_s_studies_are_joined_to_films(tmp_path: Path) -> None:
    dataset = _loaded("mimic-cxr", tmp_path)
    assert dataset.images["image_id"].tolist() == [f"{film:08x}-0" for film in range(4)]
    assert dataset.images["split"].tolist() == ["train", "val", "test", "test"]
    assert dataset.readings.source_names == ("chexpert", "negbio", "radiologists")
    assert _same(_column(dataset, "Edema"), [1, NAN, 0, 0])
    assert _column(dataset, "Pneumonia") == [0, 0, 1, 1]
    by_source = {
        source: CollectionDataset(collection_named("mimic-cxr"), tmp_path, label_source=source)
        for source in ("negbio", "radiologists")
    }
    assert _column(by_source["negbio"], "Edema") == [1, 1, 0, 0]
    assert _same(_column(by_source["radiologists"], "Lung Opacity"), [NAN, NAN, 1, 1])
    assert _same(_column(by_source["radiologists"], "Pneumonia"), [NAN, NAN, 0, 0])
    assert np.isnan(_column(by_source["radiologists"], "No Finding")).all()
    (box,) = dataset.annotations(2)
    assert (box.finding, box.geometry, box.reader) == ("Pneumonia", "[10.0,20.0,30.0,15.0]", "MS-CXR")
    assert [len(dataset.annotations(row)) for row in (0, 1, 3)] == [0, 0, 0]
    assert [path.name for path in map(dataset.film_file, range(2))] == ["00000000-0.jpg", "00000001-0.jpg"]
    frontal = CollectionDataset(collection_named("mimic-cxr"), tmp_path, views="frontal")
    assert len(frontal.images) == 3


def test_mimic_without_its_metadata_says_what_is_missing(tmp_path: Path) -> None:
    root = WRITERS["mimic-cxr"](tmp_path)
    (root / "mimic-cxr-2.0.0-metadata.csv.gz").unlink()
    with pytest.raises(DatasetError, match=r"labels studies.*Place the metadata beside it"):
        collection_named("mimic-cxr").read_table(root / "mimic-cxr-2.0.0-chexpert.csv.gz")


def test_padchest_counts_whole_labels(tmp_path: Path) -> None:
    dataset = _loaded("padchest", tmp_path)
    assert _same(_column(dataset, "nodule"), [1, 0, 1, NAN, *[0] * 6])
    assert _same(_column(dataset, "pseudonodule"), [0, 1, 0, NAN, *[0] * 6])
    assert not {"", "exclude", "unchanged"} & set(dataset.card.classes)
    assert "which count as unread: 1." in dataset.card.notice
    physicians = CollectionDataset(collection_named("padchest"), tmp_path, readers="one Physician")
    assert np.isnan(_column(physicians, "normal")).tolist() == [number % 2 == 1 for number in range(10)]
    assert dataset.images["age"].tolist() == [84.0] * 10


def test_padchest_gr_has_boxes_of_both_readers(tmp_path: Path) -> None:
    dataset = _loaded("padchest-gr", tmp_path)
    assert dataset.card.classes == ("cardiomegaly", "nodule")
    assert dataset.labels.tolist() == [[0, 1], [0, 0], [1, 1]]
    assert dataset.images["split"].tolist() == ["train", "val", "test"]
    assert dataset.images["patient_id"].tolist() == ["p1", "p2", "p3"]
    (box,) = dataset.annotations(0)
    assert (box.geometry, box.reader) == ("[16.0,32.0,16.0,16.0]", "reader 1")
    assert [(mark.finding, mark.reader) for mark in dataset.annotations(2)] == [
        ("cardiomegaly", "reader 2"),
        ("nodule", "reader 2"),
    ]


def test_vindr_has_three_readers_and_a_consensus(tmp_path: Path) -> None:
    dataset = _loaded("vindr-cxr", tmp_path)
    assert dataset.card.classes == ("Aortic enlargement", "Nodule/Mass", "Pneumonia", "Other diseases", "No Finding")
    labels = dict(zip(dataset.images["image_id"], dataset.labels.tolist(), strict=True))
    assert labels["a"] == [1, 0, 0, 0, 0]
    assert labels["b"] == [0, 0, 1, 1, 0]
    assert labels["z"] == [1, 0, 0, 1, 0]
    assert _by_id(dataset, "split")["z"] == "test"
    assert dataset.images["split"].value_counts().to_dict() == {"train": 9, "val": 1, "test": 1}
    united = CollectionDataset(collection_named("vindr-cxr"), tmp_path, readers="any")
    assert dict(zip(united.images["image_id"], united.labels.tolist(), strict=True))["a"] == [1, 1, 0, 0, 1]
    marks = dataset.annotations(dataset.images["image_id"].tolist().index("a"))
    assert [(mark.finding, mark.reader, mark.geometry) for mark in marks] == [
        ("Aortic enlargement", "R1", "[10.0,12.0,20.0,28.0]"),
        ("Nodule/Mass", "R2", "[5.0,5.0,4.0,4.0]"),
    ]


def test_vinbig_any_and_majority(tmp_path: Path) -> None:
    dataset = _loaded("vinbig", tmp_path)
    assert _column(dataset, "Nodule/Mass") == [1, *[0] * 9]
    assert _column(dataset, "No Finding") == [0, *[1] * 9]
    assert len(dataset.annotations(0)) == 3
    united = CollectionDataset(collection_named("vinbig"), tmp_path, readers="any")
    assert _column(united, "Nodule/Mass") == [1, 1, *[0] * 8]


def test_rsna_and_siim_unite_the_rows_of_a_film(tmp_path: Path) -> None:
    rsna = _loaded("rsna", tmp_path / "rsna")
    assert _column(rsna, "Pneumonia") == [1, *[0] * 9]
    assert [mark.geometry for mark in rsna.annotations(0)] == [
        "[16.5,9.5,13.3125,23.6875]",
        "[35.125,9.5,16.0,28.3125]",
    ]
    siim = _loaded("siim-acr", tmp_path / "siim")
    assert _column(siim, "Pneumothorax") == [1, 1, *[0] * 8]
    names = siim.images["image_id"].tolist()
    films(tmp_path / "siim", [f"dicom-images-train/{names[0]}.1/{names[0]}.2/{names[0]}.png"], (1024, 1024))
    whole = CollectionDataset(collection_named("siim-acr"), tmp_path / "siim")
    (mark,) = whole.annotations(0)
    assert np.argwhere(mark.mask()).tolist() == [[0, 0], [1, 0], [2, 0], [5, 1], [6, 1]]


def test_rsna_s_rows_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    root = WRITERS["rsna"](tmp_path)
    path = root / "stage_2_train_labels.csv"
    path.write_text(path.read_text() + "0000cfab-14fd,,,,,0\n")
    with pytest.raises(DatasetError, match="both Target 0 and Target 1"):
        collection_named("rsna").read_root(root)


def test_brax_reads_as_chexpert_does(tmp_path: Path) -> None:
    dataset = _loaded("brax", tmp_path)
    assert _same(_column(dataset, "Edema"), [1, NAN, *[0] * 8])
    assert dataset.images["patient_id"].nunique() == 5
    assert dataset.images["age"].tolist() == [61, 85] * 5
    assert dataset.images["view"].tolist() == ["PA", "Lateral"] * 5


def test_chestx_det_has_polygons_and_clear_films(tmp_path: Path) -> None:
    dataset = _loaded("chestx-det", tmp_path)
    labels = dict(zip(dataset.images["image_id"], dataset.labels.tolist(), strict=True))
    assert dataset.card.classes == ("Effusion", "Mass", "Pleural Thickening")
    assert [labels[name] for name in ("1.png", "2.png", "11.png")] == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    marks = dataset.annotations(dataset.images["image_id"].tolist().index("1.png"))
    assert [mark.finding for mark in marks] == ["Effusion", "Mass"]
    assert int(marks[0].mask().sum()) == 24 * 24


def test_object_cxr_s_three_kinds_of_marks(tmp_path: Path) -> None:
    dataset = _loaded("object-cxr", tmp_path)
    assert dataset.labels.tolist() == [[0], [1], [0], [1]]  # dev.csv comes first
    assert dataset.images["split"].tolist() == ["val", "train", "train", "train"]
    box, polygon = dataset.annotations(1)
    assert (box.geometry, polygon.kind) == ("[10.0,20.0,20.0,30.0]", "polygon")
    (ellipse,) = dataset.annotations(3)
    assert int(ellipse.mask().sum()) == pytest.approx(np.pi * 16 * 16, rel=0.03)


def test_covidx_of_two_classes_and_of_three(tmp_path: Path) -> None:
    dataset = _loaded("covidx", tmp_path)
    assert dataset.card.classes == ("COVID-19",)
    assert sorted(dataset.images["split"].unique()) == ["test", "train", "val"]
    assert dict(zip(dataset.images["image_id"], dataset.labels[:, 0], strict=True))["000012-12.jpg"] == 1
    lines(tmp_path / "labels" / "train_COVIDx9B.txt", ["1 film-1.png pneumonia rsna", "2 film-2.png normal rsna"])
    lines(tmp_path / "labels" / "test_COVIDx9B.txt", ["5 film-5.png COVID-19 cohen"])
    older = CollectionDataset(collection_named("covidx"), tmp_path)
    assert older.card.classes == ("COVID-19", "Pneumonia", "Normal")
    assert older.labels.sum(axis=0).tolist() == [1, 1, 1]


def test_wrong_cells_are_named(tmp_path: Path) -> None:
    root = WRITERS["brax"](tmp_path / "brax")
    path = root / "master_spreadsheet_update.csv"
    path.write_text(path.read_text().replace(",1.0,", ",2.0,", 1))
    with pytest.raises(DatasetError, match=r"of row 1 is '2.0', which is no label"):
        collection_named("brax").read_root(root)
    plus = WRITERS["chexpert-plus"](tmp_path / "plus")
    labels = plus / "chexbert_labels" / "report_fixed.json"
    labels.write_text(labels.read_text().replace(": 1.0", ": 3.0", 1))
    with pytest.raises(DatasetError, match="is '3', which is no label"):
        collection_named("chexpert-plus").read_root(plus)
    chexpert = lines(tmp_path / "t.csv", [f"Path,{','.join(CHEXPERT)}", f"somewhere.jpg,{','.join(codes(Edema=1))}"])
    with pytest.raises(DatasetError, match=r"row 1 names the film 'somewhere.jpg'"):
        collection_named("chexpert").read_table(chexpert)


def test_two_tables_of_one_collection_are_not_guessed_between(tmp_path: Path) -> None:
    root = nih(nih(tmp_path, "Data_Entry_2017.csv"))
    with pytest.raises(DatasetError, match="are both tables of ChestX-ray14"):
        collection_named("nih").read_root(root)


def test_marks_on_a_film_of_another_shape_are_refused(tmp_path: Path) -> None:
    root = WRITERS["rsna"](tmp_path)
    films(root, ["stage_2_train_images/0000cfab-14fd.png"], (FILM_PX, 2 * FILM_PX))
    dataset = CollectionDataset(collection_named("rsna"), root)
    with pytest.raises(StudyError, match="was drawn on 1024 x 1024"):
        dataset.annotations(0)


def test_real_polygons_of_chestx_det(real_data: Path, tmp_path: Path) -> None:
    """Films and polygons of real radiologists, put back into the form that they are published in."""
    source = real_data / "nih-radiologist-masks"
    entries = json.loads((source / "annotations.json").read_text(encoding="utf-8"))
    drawn = {entry["image"]: entry["chestx_det"] for entry in entries if entry.get("chestx_det")}
    parts: dict[str, list[dict[str, object]]] = {"train": [], "test": []}
    for image, film in drawn.items():
        listed = {name: film[name] for name in ("file_name", "syms", "boxes", "polygons")}
        parts[film["split"]].append(listed)
        with Image.open(next(source.rglob(image))) as picture:
            picture.convert("L").save(tmp_path / film["file_name"])
    for part, listed_films in parts.items():
        if listed_films:
            (tmp_path / f"ChestX_Det_{part}.json").write_text(json.dumps(listed_films))
    dataset = CollectionDataset(collection_named("chestx-det"), tmp_path)
    assert len(dataset.images) == len(drawn)
    n_marks = sum(len(dataset.annotations(row)) for row in range(len(dataset.images)))
    assert n_marks == sum(len(film["syms"]) for film in drawn.values()) > 31
    positives = {name for film in drawn.values() for name in film["syms"]}
    assert set(dataset.card.classes) == positives
