"""Labels that contradict each other, and one spelling of the sexes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.study.label_notes import both_said, mostly_positive_words, one_spelling
from tests.study.test_import import IDS, LABELS, SCORES, imported, write_tables

CLASSES = ("Edema", "No Finding", "Support Devices")


def test_no_finding_beside_a_finding_is_said() -> None:
    labels = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, np.nan], [np.nan, 1, 0]])
    (note,) = both_said(CLASSES, labels, list("abcde"))
    assert note == "2 films ('a', 'd') are labelled No Finding and a finding, both; both labels are kept."
    (note,) = both_said(CLASSES, labels)
    assert note.startswith("2 of 5 films are labelled No Finding and a finding, both")
    assert both_said(CLASSES, labels[1:3]) == ()
    assert both_said(("Edema", "Mass"), labels[:, [0, 2]]) == ()
    assert both_said(("Edema", "no_finding"), labels[:, :2]) != ()


def test_import_check_and_report_say_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = LABELS.rename(columns={"Mass": "No Finding"}).assign(Edema=1)
    study = imported(write_tables(tmp_path, labels, SCORES.rename(columns={"Mass": "No Finding"})))
    assert "1 film ('a.png') is labelled No Finding and a finding, both" in capsys.readouterr().out
    assert "1 film ('a.png') is labelled No Finding" in study.manifest.notice
    assert main(["check", str(study.root)]) == 0
    assert "No Finding and a finding, both" in capsys.readouterr().out
    assert main(["report", str(study.root)]) == 0
    assert "1 of 4 films are labelled No Finding and a finding, both" in capsys.readouterr().out


def test_one_spelling_for_a_sex() -> None:
    said = pd.Series(["f", "F", "female", " Male", "M", "o", "Other", "unknown", None, "X", 1], dtype=object)
    spelt = one_spelling(said)
    assert spelt.tolist()[:8] == ["F", "F", "F", "M", "M", "O", "O", "unknown"]
    assert pd.isna(spelt[8])
    assert spelt.tolist()[9:] == ["X", 1]


def test_an_imported_sex_is_one_group(tmp_path: Path) -> None:
    study = imported(write_tables(tmp_path, LABELS.assign(sex=["f", "F", "male", "M"])))
    assert study.images["sex"].tolist() == ["F", "F", "M", "M"]


def test_scores_are_joined_to_the_only_embeddings(tmp_path: Path) -> None:
    arguments = write_tables(tmp_path)
    for name in ("frozen", "other"):
        np.save(tmp_path / f"{name}.npy", np.random.default_rng(0).normal(size=(len(IDS), 8)).astype(np.float32))
    one = ["--embeddings", f"frozen={tmp_path / 'frozen.npy'}"]
    assert imported([*arguments, *one]).manifest.settings["densenet"].encoder == "frozen"
    two = [*one, f"other={tmp_path / 'other.npy'}", "--replace"]
    assert imported([*arguments, *two]).manifest.settings["densenet"].encoder is None


def test_nothing_is_fitted_on_a_study_without_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "e.npy", np.random.default_rng(0).normal(size=(len(IDS), 8)).astype(np.float32))
    study = imported([*write_tables(tmp_path)[:-2], "--embeddings", f"frozen={tmp_path / 'e.npy'}"])
    assert main(["fit", str(study.root), "--out", str(tmp_path / "t.json")]) == 2
    assert "holds no scores" in capsys.readouterr().err
    assert not (tmp_path / "t.json").exists()


def test_a_class_that_most_films_looked_at_have_is_said_with_what_it_does() -> None:
    """By hand: 3 of 4 labelled of 10 films, F1 of all 6 / 7; 3 of 4 of 5, and half of them."""
    few = np.full((10, 2), np.nan)
    few[:4, 0], few[:4, 1] = [1, 1, 1, 0], [1, 1, 0, 0]
    (words,) = mostly_positive_words(("Edema", "Mass"), few)
    assert "Edema (3 of 4, F1 0.857)" in words
    assert "Mass" not in words
    assert "Many films have no label there" in words
    assert "count it as absent" in words
    (words,) = mostly_positive_words(("Edema", "Mass"), few[:5])
    assert "only above that; AUROC and specificity are not flattered" in words
    assert "meaningless" not in words
    assert mostly_positive_words(("Edema",), few[:, 1:]) == ()
    assert mostly_positive_words(("Edema",), np.full((3, 1), np.nan)) == ()
