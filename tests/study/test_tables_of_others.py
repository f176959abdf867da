"""Tables as other programs write them: other names for our columns, and labels and scores side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.intake.columns import is_image_id
from tests.study.damage import refused
from tests.study.test_import import IDS, LABELS, SCORES, import_arguments, imported, write_tables

CLASSES = ["Edema", "Mass"]


def _one_table(folder: Path, label: str = "{}", score: str = "prob_{}", **more: object) -> list[str]:
    """One file with labels and scores, under these names, given for both."""
    labels = LABELS.rename(columns={name: label.format(name) for name in CLASSES})
    scores = SCORES.set_index("image_id").loc[IDS, CLASSES].reset_index(drop=True)
    scores = scores.rename(columns={name: score.format(name) for name in CLASSES})
    pd.concat([labels, scores], axis=1).assign(**more).to_csv(folder / "labels.csv", index=False)
    return import_arguments(folder, scores="labels.csv")


@pytest.mark.parametrize(
    ("label", "score"),
    [
        ("{}", "prob_{}"),
        ("{}", "{}_score"),
        ("{}", "{} (probability)"),
        ("{}", "p.{}"),
        ("y_true_{}", "y_pred_{}"),
        ("{}_label", "{}_pred"),
    ],
)
def test_labels_and_scores_in_one_table(
    tmp_path: Path, label: str, score: str, capsys: pytest.CaptureFixture[str]
) -> None:
    two = imported(write_tables(tmp_path))
    study = imported([*_one_table(tmp_path, label, score), "--replace"])
    assert study.classes == two.classes
    np.testing.assert_array_equal(study.labels, two.labels)
    np.testing.assert_array_equal(study.scores("densenet"), two.scores("densenet"))
    said = capsys.readouterr().out
    first, second = score.format("Edema"), score.format("Mass")
    assert f"labels.csv, read for labels: 2 columns ({first!r}, {second!r}) are scores beside them" in said
    assert f"labels.csv: 2 columns ({first!r}, {score.format('Mass')!r}) are taken as scores" in said


def test_two_scores_of_a_class_are_not_chosen_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(_one_table(tmp_path, pred_Mass=0), tmp_path, capsys)
    assert "2 columns ('prob_Mass', 'pred_Mass') are said to be scores of Mass" in line
    assert "Leave one of them in the table" in line


def test_a_class_whose_name_has_such_a_word_stays_one(tmp_path: Path) -> None:
    """Without a class of the rest of its name it is no score."""
    labels = LABELS.rename(columns={"Mass": "Brixia score"})
    scores = SCORES.rename(columns={"Mass": "Brixia score"})
    study = imported(write_tables(tmp_path, labels, scores))
    assert study.classes == ("Edema", "Brixia score")
    np.testing.assert_array_equal(study.labels, LABELS[CLASSES].astype(float))


def test_scores_that_say_that_they_are_some_join_labels_of_another_table(tmp_path: Path) -> None:
    two = imported(write_tables(tmp_path))
    named = SCORES.rename(columns={name: f"{name}_prob" for name in CLASSES})
    study = imported([*write_tables(tmp_path, scores=named), "--replace"])
    np.testing.assert_array_equal(study.scores("densenet"), two.scores("densenet"))


def test_what_others_call_our_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"Patient ID": [7, 7, 8, 9], "View Position": "PA", "Patient Age": [61, 61, 30, 44], "Patient Sex": "F"}
    labels = LABELS.assign(**given).rename(columns={"image_id": "Image Index"})
    study = imported(write_tables(tmp_path, labels, SCORES.rename(columns={"image_id": "filename"})))
    assert study.classes == ("Edema", "Mass")
    assert study.image_ids == IDS
    assert study.images["patient_id"].tolist() == ["7", "7", "8", "9"]
    assert study.images["age"].tolist() == [61, 61, 30, 44]
    assert set(study.images["view"]) == {"PA"}
    said = capsys.readouterr().out
    assert "labels.csv: took 'Image Index' as image_id." in said
    assert (
        "took 'Patient ID' as patient_id, 'View Position' as view, 'Patient Age' as age, 'Patient Sex' as sex." in said
    )
    assert "scores.csv: took 'filename' as image_id." in said


def test_of_two_that_may_be_meant_neither_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And where ours is there, no other is asked."""
    both = LABELS.assign(**{"Patient ID": [7, 7, 8, 9], "Subject": [1, 2, 3, 4]})
    assert "Patient ID of 'a.png' is 7; a label is 0, 1 or blank" in refused(
        write_tables(tmp_path, both), tmp_path, capsys
    )


@pytest.mark.parametrize(
    ("name", "is_one"), [("Image Index", True), ("IMAGE_ID", True), ("Scan", False), ("Mass", False)]
)
def test_which_first_column_says_the_film(name: str, is_one: bool) -> None:
    assert is_image_id(name) is is_one
