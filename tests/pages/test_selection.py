"""The parts of the pages that are plain functions."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.errors import StudyError
from core.study import open_study
from pages.shared import cache, notices, studies
from pages.shared.selection import films_with, labels_and_scores
from tests.pages.made_study import make_study


def test_studies_are_found_in_a_folder_or_are_the_folder(made_up: Path, tmp_path: Path) -> None:
    assert studies.find_studies([made_up]) == {"made-up": made_up.resolve()}
    assert studies.find_studies([made_up.parent, made_up]) == {"made-up": made_up.resolve()}
    other = tmp_path / "made-up"
    other.mkdir()
    (other / "manifest.json").write_text("{}")
    assert set(studies.find_studies([made_up, tmp_path])) == {"made-up", f"{tmp_path.name}/made-up"}


def test_a_folder_without_a_study_is_offered_so_that_opening_it_can_say_what_is_wrong(tmp_path: Path) -> None:
    assert studies.find_studies([tmp_path / "nothing"]) == {"nothing": tmp_path / "nothing"}
    with pytest.raises(StudyError):
        cache.opened(tmp_path / "nothing")


def test_a_study_that_is_being_written_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / "x.writing.partial").mkdir()
    (tmp_path / "x.writing.partial" / "manifest.json").write_text("{}")
    assert set(studies.find_studies([tmp_path])) == {tmp_path.name}


def test_a_study_that_was_built_again_is_opened_again(tmp_path: Path) -> None:
    before = cache.opened(make_study(tmp_path / "study", n_films=60)).fingerprint
    assert cache.opened(tmp_path / "study").fingerprint == before
    shutil.rmtree(tmp_path / "study")
    make_study(tmp_path / "study", n_films=60, seed=1)
    assert cache.opened(tmp_path / "study").fingerprint != before


def test_an_address_without_a_study_opens_the_one_opened_last_and_an_import_changes_nothing(
    made_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(studies, "named_folders", lambda *_: [made_up])
    found = {"made-up": made_up.resolve()}
    imported = {"a-new-one": tmp_path / "a-new-one", **found}
    assert studies.usual(imported, ["app.py"]) == "a-new-one"  # nothing was opened yet: the first
    monkeypatch.setattr(studies.st, "session_state", {studies.PICKED: "made-up"})
    studies.remember()
    assert studies.usual(imported, ["app.py"]) == "made-up"
    assert studies.usual({"a-new-one": tmp_path / "a-new-one"}, ["app.py"]) == "a-new-one"  # the other one is gone


def test_an_address_without_a_study_opens_one_of_those_that_the_command_names(
    made_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(studies, "named_folders", lambda *_: [made_up])
    monkeypatch.setattr(studies.st, "session_state", {studies.PICKED: "made-up"})
    studies.remember()
    mine = make_study(tmp_path / "mine", n_films=60).resolve()
    found = {"made-up": made_up.resolve(), "mine": mine}
    assert studies.usual(found, ["app.py"]) == "made-up"
    assert studies.usual(found, ["app.py", str(mine)]) == "mine"
    assert studies.usual(found, ["app.py", str(mine.parent)]) == "mine"
    assert studies.usual(found, ["app.py", str(mine), str(made_up)]) == "made-up"  # both are named: the last opened
    assert studies.usual(found, ["app.py", str(tmp_path / "absent")]) == "made-up"


def test_arguments_count_only_for_the_app_itself(tmp_path: Path) -> None:
    assert studies.named_folders(["/somewhere/pytest", "tests"], {}) == studies.named_folders(["app.py"], {})
    assert Path("x") in studies.named_folders(["app.py", "x"], {})
    assert studies.named_folders(["pytest"], {"CXR_STUDIES": "a:b"})[-2:] == [Path("a"), Path("b")]


def test_films_are_filtered_by_split_class_and_masks(made_up: Path) -> None:
    study = open_study(made_up)
    every = films_with(study, split="test", finding=None, with_masks=False)
    with_class = films_with(study, split="test", finding="Cardiomegaly", with_masks=False)
    masked = films_with(study, split="all", finding=None, with_masks=True)
    assert set(with_class) < set(every)
    assert masked == list(study.annotated_ids())


def test_labels_and_scores_of_a_film_are_those_of_its_row(made_up: Path) -> None:
    study = open_study(made_up)
    table = labels_and_scores(study, "film-0003")
    assert table.loc["Lung Opacity", "Labelled"] == "unlabelled"
    assert table.loc["Edema", "Zero-shot"] == pytest.approx(float(study.scores("zero_shot")[3, 4]))


def test_text_from_files_is_never_markdown() -> None:
    assert notices.plain("a*b_[c](d) $x$ :red[e] <b>") == r"a\*b\_\[c\](d) \$x\$ \:red\[e\] \<b>"


def test_one_line_says_synthetic_and_imbalance_says_the_ratio(made_up: Path) -> None:
    assert "synthetic films" in studies.one_line(open_study(made_up))
    said = studies.imbalance_words(["A", "B", "C"], [240, 2, 0])
    assert said == "**120 : 1** from A (240) to B (2). 1 of 3 classes have no positive film."
