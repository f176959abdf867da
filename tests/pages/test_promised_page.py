"""Pages of a set with two cuts a class, with classes that have none, and without any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.figures.promise_tables import overall_shrinkage, shrinkage_figures, shrinkage_of
from core.study import Study, open_study
from core.thresholds import ThresholdSet, films_of, fit_thresholds
from core.thresholds.grey_zone import grey_zones
from core.thresholds.worth import promises_kept, worth_of
from core.words import figure_words, number_words
from pages.shared import operating, selection, working_thresholds
from tests.pages.conftest import Open
from tests.pages.test_operating import _key, _reopened
from tests.pages.test_pages import words

GREY = {"thresholds": "2~by-rule-out-rule-in~at-0.6~sure-0.8"}
NONE = {"thresholds": "2~by-promised-sensitivity~at-0.999~sure-0.9999"}
PAGES = ("overview", "per_class", "embedding_space", "saliency", "thresholds")


@pytest.fixture(scope="module")
def study(made_up: Path) -> Study:
    return open_study(made_up)


@pytest.fixture(scope="module")
def grey(study: Study) -> ThresholdSet:
    return fit_thresholds(study, "fine_tune", "rule-out-rule-in", parameter=0.6, confidence=0.8)


@pytest.mark.parametrize("query", [GREY, NONE], ids=["two cuts", "none"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens(open_page: Open, study: Study, name: str, query: dict[str, str]) -> None:
    page = open_page(name, study.root, setting="fine_tune", split="test", **query)
    assert not page.exception
    assert not page.error


def test_the_address_holds_policy_number_and_confidence(open_page: Open, study: Study, grey: ThresholdSet) -> None:
    query, again = _reopened(open_page, study, operating.taken(study, grey, epoch="file"))
    assert query["thresholds"].startswith(GREY["thresholds"] + "~")
    assert again == grey


def test_two_cuts_of_a_file_that_no_policy_gives_go_through_the_address(
    open_page: Open, study: Study, grey: ThresholdSet
) -> None:
    moved = replace(grey, uppers={name: value and value + 0.5 for name, value in grey.uppers.items()})
    _, again = _reopened(open_page, study, operating.taken(study, moved, epoch="file"))
    np.testing.assert_array_equal(again.array(), moved.array())
    np.testing.assert_array_equal(again.upper_array(), moved.upper_array())


@pytest.mark.parametrize("name", ["per_class", "thresholds"])
def test_pages_of_one_threshold_say_what_two_cuts_count_as(
    open_page: Open, study: Study, grey: ThresholdSet, name: str
) -> None:
    page = open_page(name, study.root, setting="fine_tune", **GREY)
    assert "figures count a film as called from the rule-out cut on" in words(page)
    if name == "thresholds":
        kept = page.session_state[_key(study)]
        assert kept.as_set() == grey
        np.testing.assert_array_equal(kept.uppers, grey.upper_array())


def test_promises_are_told_class_by_class_and_against_other_films(
    open_page: Open, study: Study, grey: ThresholdSet
) -> None:
    page = open_page("thresholds", study.root, setting="fine_tune", below="fit", read_on="test", **GREY)
    assert not page.exception
    said = words(page)
    made = [name for name, value in grey.values.items() if value is not None]
    assert "a sensitivity of at least 0.6 | 80.0\xa0% |" in said
    assert "takes 5 patients with a positive film" in said
    zones = [zone for zone in grey_zones(study, "test", grey) if zone is not None]
    assert [zone.finding for zone in zones] == made
    assert f"| {zones[-1].ruled_out} | {zones[-1].missed} |" in said
    said = words(open_page("thresholds", study.root, setting="fine_tune", below="worth", read_on="test", **GREY))
    assert said.count("| kept |") + said.count("chance |") + said.count("broken |") >= len(made)


def test_before_and_after_stand_side_by_side_with_promises_at_both_cuts(
    open_page: Open, study: Study, grey: ThresholdSet
) -> None:
    """After every cut moved up, each promise is read there, and figures on both splits are those of a count."""
    films = films_of(study, "val")
    cuts = (grey.values, grey.uppers)
    up = [np.array([np.nan if one is None else one + 0.4 for one in row.values()]) for row in cuts]
    moved = grey.with_values(up[0], films, uppers=up[1])
    now = replace(operating.taken(study, grey, epoch="file"), frozen=None, frozen_uppers=None)
    hand = working_thresholds.moved(now, [*up[0]], films, 1, [*up[1]])
    query, _ = _reopened(open_page, study, hand)
    page = open_page("thresholds", study.root, setting="fine_tune", below="worth", read_on="test", **query)
    assert not page.exception
    said = words(page)
    assert said.index("Before: as it started") < said.index("After: as it stands")
    for one in (*promises_kept(study, "test", grey), *promises_kept(study, "test", moved, grey)):
        assert f"| {one.said} | {number_words(one.fitted)} | {figure_words(one.value, one.interval)} |" in said
    worth = worth_of(study, "test", moved, grey)
    assert worth is not None
    assert overall_shrinkage(worth).iloc[0, 0] in said
    recall = next(figure for figure in shrinkage_figures() if figure.title == "Recall")
    (choice,) = [one for one in page.get("segmented_control") if one.label == "Figure of every class"]
    choice.set_value(recall.name).run()
    said = words(page)
    assert "| Class | Validation | Test | Change |" in said
    table = shrinkage_of(worth, recall, "Validation", "Test")
    assert "| " + " | ".join([table.index[0].replace(" ", "\N{NO-BREAK SPACE}"), *table.iloc[0]]) + " |" in said


def test_on_the_films_of_the_fit_locking_leads_to_both_side_by_side(open_page: Open, study: Study) -> None:
    page = open_page("thresholds", study.root, setting="fine_tune", below="worth", read_on="val")
    assert "These are the films of the fit." in words(page)
    page.button(key="freeze-worth").click().run()
    assert not page.exception
    assert page.session_state["read_on"] == "test"
    assert page.session_state[_key(study)].frozen is not None
    assert "Figures on validation → test films" in words(page)
    read = open_page("thresholds", study.root, setting="fine_tune", below="worth", read_on="all")
    assert "choose other films above" in words(read)
    assert not [one for one in read.button if one.key == "freeze-worth"]


def test_a_new_confidence_fits_anew(open_page: Open, study: Study) -> None:
    page = open_page("thresholds", study.root, setting="fine_tune", **GREY)
    (field,) = [one for one in page.number_input if one.label.startswith("How sure")]
    field.set_value(0.9).run()
    assert not page.exception
    now = page.session_state[_key(study)].start
    expected = fit_thresholds(study, "fine_tune", "rule-out-rule-in", parameter=0.6, confidence=0.9)
    assert (now.parameter, now.confidence) == (0.6, 0.9)
    assert now.values == expected.values


def test_a_film_between_the_cuts_is_to_be_looked_at(study: Study, grey: ThresholdSet) -> None:
    left = grey.left_to_reader(study.scores("fine_tune"))
    row, column = np.argwhere(left)[0]
    table = selection.decisions_of(study, "fine_tune", study.image_ids[row], grey)
    assert table["Decided"].iloc[column] == "look"
    assert (table["Decided"] == "look").tolist() == left[row].tolist()
    assert " / " in table["Threshold"].iloc[column]
