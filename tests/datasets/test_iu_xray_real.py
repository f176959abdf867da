"""The real reports and tables of IU-Xray: one content in all forms, the published splits, the labels' agreement."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from core.commands.label_agreement import label_agreement
from core.datasets.iu_xray.collection import Collection
from core.datasets.iu_xray.dataset import IuXrayDataset
from core.datasets.iu_xray.differences import compare_forms
from core.datasets.iu_xray.frontal import frontal_films
from core.datasets.iu_xray.labels import unknown_heads
from core.datasets.iu_xray.layout import find_layout

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def root(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports, tables, R2Gen's annotation and the films that there are, in one folder."""
    folder = tmp_path_factory.mktemp("iu_xray")
    for name in ("indiana_reports.csv", "indiana_projections.csv"):
        shutil.copyfile(real_data / "openi-indiana-csv" / name, folder / name)
    shutil.copyfile(real_data / "openi-ecgen" / "NLMCXR_reports.tgz", folder / "NLMCXR_reports.tgz")
    shutil.copyfile(real_data / "iu-xray-r2gen-chexbert" / "annotation.json", folder / "annotation.json")
    for film in (real_data / "iu-xray-png").glob("*.png"):
        shutil.copyfile(film, folder / film.name)
    return folder


@pytest.fixture(scope="module")
def collection(root: Path) -> Collection:
    return Collection(find_layout(root))


def test_xml_and_tables_say_the_same_but_for_eight_places(collection: Collection) -> None:
    assert collection.ecgen is not None
    assert collection.projections is not None
    reports, films = collection.ecgen
    assert (len(reports), len(films), films["uid"].nunique()) == (3955, 7470, 3851)
    assert (len(collection.reports), len(collection.projections)) == (3851, 7466)
    assert collection.projections["view"].value_counts().to_dict() == {"Frontal": 3818, "Lateral": 3648}
    found = compare_forms(reports, films, collection.reports, collection.projections)
    assert [(d.uid, d.what, d.reason) for d in found] == [
        ("111", "image", "The table fills in an empty caption."),
        ("1555", "indication", "A spreadsheet took the text for a formula."),
        ("2084", "film", "The tables leave this film out."),
        ("2084", "film", "The tables leave this film out."),
        ("2560", "film", "The tables leave this film out."),
        ("3477", "indication", "A spreadsheet took the text for a formula."),
        ("3784", "indication", "A spreadsheet took the text for a formula."),
        ("3809", "film", "The tables leave this film out."),
    ]


def test_the_paper_s_split_is_the_reconstructed_one_row_by_row(collection: Collection, real_data: Path) -> None:
    films = frontal_films(collection, "paper")
    expected = pd.read_csv(real_data / "openi-indiana-csv" / "paper_split_reconstructed.csv", dtype=str)
    expected = expected.assign(film_id=expected["filename"].str.removesuffix(".dcm.png"))
    assert films["split"].value_counts().to_dict() == {"train": 2670, "val": 575, "test": 573}
    key = ["film_id", "uid", "split"]
    ours, theirs = (frame[key].sort_values("film_id").values.tolist() for frame in (films, expected))
    assert ours == theirs
    assert films.groupby("uid")["split"].nunique().max() == 1


def test_r2gen_s_split_has_its_studies(collection: Collection) -> None:
    splits = pd.Series([study.split for study in collection.studies])
    assert splits.value_counts().to_dict() == {"train": 2069, "val": 296, "test": 590}
    findings = collection.reports.set_index("uid")["findings"]
    assert all(findings[study.uid] == study.report for study in collection.studies)
    assert frontal_films(collection, "r2gen")["uid"].nunique() == 2955 - 8  # 8 studies have lateral films only


def test_r2gen_s_split_is_that_of_the_label_table_row_by_row(collection: Collection, real_data: Path) -> None:
    """The table was made by others from the same annotation, study by study."""
    table = pd.read_csv(real_data / "iu-xray-r2gen-chexbert" / "iu_xray_chexbert14.csv", dtype=str)
    ours = {study.study_id: (study.uid, study.split) for study in collection.studies}
    theirs = {row.id: (row.uid, row.split) for row in table.itertuples()}
    assert len(table) == len(ours) == 2955
    assert ours == theirs


def test_what_the_labels_and_the_split_leave_out_is_said(root: Path, real_data: Path) -> None:
    table = str(real_data / "iu-xray-r2gen-chexbert" / "iu_xray_chexbert14.csv")
    notes = IuXrayDataset(root, table).describe().notes
    assert "763 of 3,818 frontal films have no label, and count as unlabelled." in notes
    notes = IuXrayDataset(root, table, "r2gen").describe().notes
    assert "763 of 3,818 frontal films are in none of R2Gen's splits and left out." in notes


def test_the_films_that_are_there_are_read(root: Path) -> None:
    dataset = IuXrayDataset(root)
    assert dataset.images["image_id"].tolist() == ["25_IM-1024-2001", "54_IM-2145-1001", "303_IM-1404-1001"]
    assert [dataset.film(row).shape for row in range(3)] == [(512, 512), (362, 512), (492, 512)]
    assert "3,815 frontal films" in dataset.card.notice


def test_every_coded_term_is_in_the_rules_or_named_as_none(collection: Collection) -> None:
    assert collection.ecgen is not None
    assert unknown_heads(collection.ecgen[0]["mesh"]) == {}


def test_derived_labels_agree_with_chexbert_on_the_held_half(root: Path, real_data: Path) -> None:
    table = real_data / "iu-xray-r2gen-chexbert" / "iu_xray_chexbert14.csv"
    agreement = label_agreement("iu-xray", root, table)
    kappas = {row.finding: row.kappa for row in agreement.rows}
    assert agreement.n_studies == 1492
    assert agreement.mean >= 0.6
    assert min(kappas[name] for name in ("Cardiomegaly", "Lung Opacity", "Edema", "Atelectasis")) >= 0.6
    lines = {line.finding: line for line in agreement.differences if line.rule is None}
    for finding in ("Lung Lesion", "Fracture"):  # under .6: what CheXbert misses stands outside the impression
        assert lines[finding].n_silent > 0.8 * lines[finding].n_derived_only
    assert lines["Pneumonia"].n_hedged > 0.8 * lines["Pneumonia"].n_table_only
