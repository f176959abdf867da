"""Labels that contradict each other, and one spelling of the sexes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.report.subgroups import GROUPINGS
from core.study.ages import age_ranges, exact_ages
from core.study.label_notes import both_said, mostly_positive_words, one_case, one_spelling
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
    for name in ("no_finding", "NO FINDINGS", "No-Finding", "normal"):
        (note,) = both_said(("Edema", name), labels[:, :2])
        assert f"labelled {name} and a finding" in note


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
    others = pd.Series(["Female ", "FEMALE", "woman", "Man", "\tmale"])
    assert one_spelling(others).tolist() == ["F", "F", "F", "M", "M"]


def test_words_that_differ_in_case_are_one() -> None:
    said = pd.Series(["PA", "pa ", "PA", "AP", "ap", "ap", None, "LL", 3], dtype=object)
    assert one_case(said).tolist()[:6] == ["PA", "PA", "PA", "ap", "ap", "ap"]
    assert pd.isna(one_case(said)[6])
    assert one_case(said).tolist()[7:] == ["LL", 3]


AGES = {
    "45": (45, 45), "045Y": (45, 45), "006M": (0.5, 0.5), "45 years": (45, 45), "45yo": (45, 45),
    "3 months": (0.25, 0.25),
    "85 or more": (85, 200), "85+": (85, 200), ">= 85": (85, 200), ">60": (60, 200), "89 and over": (89, 200),
    "<18": (0, np.nextafter(18, 0)), "≤ 39": (0, 39),
    "forty": None, "45-50": None, "-3": None, "400": None, "": None,
}  # fmt: skip
"""What a table may hold, and the years that it stands for, at least and at most."""


@pytest.mark.parametrize("text", AGES)
def test_ages_are_read_as_far_as_they_are_known(text: str) -> None:
    expected = AGES[text] or (np.nan, np.nan)
    np.testing.assert_allclose(age_ranges(pd.Series([text, None]))[0], expected)
    exact = expected[0] if expected[0] == expected[1] else np.nan
    np.testing.assert_allclose(exact_ages(pd.Series([text]))[0], exact)


def test_every_way_in_and_every_group_takes_them_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Imported, or stored before they were spelt alike: the same groups of sex, age and view."""
    said = {
        "sex": ["Female ", "woman", "M", "U"],
        "age": ["085Y", "85 or more", ">60", "forty"],
        "view": ["PA", "pa", "PA ", "AP"],
    }
    study = imported(write_tables(tmp_path, LABELS.assign(**said)))
    printed = capsys.readouterr().out
    assert "The column age holds 'forty' (1): no age that is known here" in printed
    assert "The column sex holds 'U' (1): no sex that is known here; each is kept as a group of its own" in printed
    expected = {
        "sex": {"F": [1, 1, 0, 0], "M": [0, 0, 1, 0], "U": [0, 0, 0, 1]},
        "age": {"80 and over": [1, 1, 0, 0], "Not recorded": [0, 0, 1, 1]},
        "view": {"PA": [1, 1, 1, 0], "AP": [0, 0, 0, 1]},
    }
    for images in (study.images, pd.DataFrame(said)):
        for grouping in GROUPINGS:
            groups = grouping.part(images[grouping.column])
            found = {title: member.astype(int).tolist() for title, member in groups.items()}
            assert found == expected[grouping.column]


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
    assert "Edema (3 of 4; every film called positive: F1 0.857)" in words
    assert "Mass" not in words
    assert "Many films have no label there" in words
    assert "count it as absent" in words
    (words,) = mostly_positive_words(("Edema", "Mass"), few[:5])
    assert "only above that; AUROC and specificity are not flattered" in words
    assert "meaningless" not in words
    assert mostly_positive_words(("Edema",), few[:, 1:]) == ()
    assert mostly_positive_words(("Edema",), np.full((3, 1), np.nan)) == ()
