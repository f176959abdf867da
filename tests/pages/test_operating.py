"""Thresholds in a session: what a move, a freeze, an address do to them, and what they are then called."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.metrics.decision_rules import PerClassThresholds
from core.study import Study, open_study
from core.thresholds import SplitCounts, ThresholdSet, films_of, fit_thresholds, provenance
from core.thresholds.files import read_threshold_file, threshold_file
from core.thresholds.flips import flips
from core.thresholds.links import encode_thresholds
from core.thresholds.packed_counts import study_tables
from pages.shared import operating, working_thresholds
from pages.shared.working_thresholds import WorkingThresholds
from pages.thresholds import cache
from pages.thresholds.deck.component import Move, packed
from pages.thresholds.flips import Changed
from tests.pages.conftest import Open
from tests.pages.test_pages import words
from tests.unpacked import unpacked


@pytest.fixture(scope="module")
def study(made_up: Path) -> Study:
    return open_study(made_up)


@pytest.fixture
def begun(study: Study) -> WorkingThresholds:
    return working_thresholds.begin(fit_thresholds(study, "fine_tune"), epoch="test")


def shifted(begun: WorkingThresholds, by: float) -> tuple[float | None, ...]:
    """Thresholds of a set with two moved and the last one gone; as a browser sends them."""
    known = [place for place, value in enumerate(begun.values) if not math.isnan(value)][:2]
    moved = {place: begun.values[place] + by for place in known}
    values = [moved.get(place, value) for place, value in enumerate(begun.values[:-1])]
    return (*(None if math.isnan(value) else value for value in values), None)


def test_nothing_moved_is_the_fitted_set_itself(begun: WorkingThresholds) -> None:
    assert begun.n_moved == 0
    assert begun.as_set() is begun.start


@pytest.fixture
def val(study: Study) -> SplitCounts:
    return films_of(study, "val")


@pytest.fixture
def on_test(study: Study) -> SplitCounts:
    return films_of(study, "test")


def test_moved_on_validation_is_by_hand_but_not_exploratory(begun: WorkingThresholds, val: SplitCounts) -> None:
    after = working_thresholds.moved(begun, shifted(begun, 0.5), val, 1)
    chosen = after.as_set()
    assert (after.n_moved, after.explored_on) == (3, None)
    assert (chosen.policy, chosen.split, chosen.is_exploratory) == ("by-hand", "val", False)
    assert math.isnan(chosen.array()[-1])


def test_moved_on_test_stays_exploratory_until_it_is_taken_back(
    begun: WorkingThresholds, val: SplitCounts, on_test: SplitCounts
) -> None:
    frozen = working_thresholds.frozen(working_thresholds.moved(begun, shifted(begun, 0.5), val, 1))
    explored = working_thresholds.moved(frozen, shifted(begun, 0.7), on_test, 2)
    assert explored.as_set().is_exploratory
    again = working_thresholds.moved(explored, shifted(begun, 0.9), val, 3)
    assert again.as_set().is_exploratory
    back = working_thresholds.moved(again, shifted(begun, 0.5), on_test, 4)
    assert back.explored_on is None
    assert not back.as_set().is_exploratory


def test_freezing_what_was_explored_on_test_washes_nothing_off(
    begun: WorkingThresholds, val: SplitCounts, on_test: SplitCounts
) -> None:
    """Moved on test, frozen on val, moved there, taken back: the thresholds are still those chosen on test."""
    explored = working_thresholds.moved(begun, shifted(begun, 0.5), on_test, 1)
    frozen = working_thresholds.frozen(explored)
    away = working_thresholds.moved(frozen, shifted(begun, 0.9), val, 2)
    back = working_thresholds.moved(away, tuple(None if math.isnan(one) else one for one in frozen.values), val, 3)
    for one in (
        frozen,
        away,
        back,
        working_thresholds.unfrozen(back),
        working_thresholds.frozen(working_thresholds.unfrozen(back)),
    ):
        chosen = one.as_set()
        assert (chosen.is_exploratory, chosen.split, chosen.n_films) == (True, "test", on_test.n_films)
    assert back.reference_set().is_exploratory
    reset = working_thresholds.moved(
        working_thresholds.unfrozen(back), tuple(None if math.isnan(one) else one for one in begun.values), val, 4
    )
    assert not reset.as_set().is_exploratory


def test_a_policy_picked_while_reading_test_is_exploratory_until_it_is_taken_back(study: Study) -> None:
    first = fit_thresholds(study, "fine_tune")
    begun = working_thresholds.begin(first, epoch="0")
    assert not begun.as_set().is_exploratory
    picked = working_thresholds.restarted(begun, fit_thresholds(study, "fine_tune", "youden"), "test", epoch="1")
    chosen = picked.as_set()
    assert (chosen.is_exploratory, chosen.policy, chosen.split) == (True, "youden", "val")
    assert "chosen while looking at the test films" in chosen.basis
    assert read_threshold_file(threshold_file([chosen])) == (chosen,)
    tuned = working_thresholds.restarted(
        picked, fit_thresholds(study, "fine_tune", "fixed-sensitivity", parameter=0.9), "test", epoch="2"
    )
    assert tuned.as_set().is_exploratory
    frozen = working_thresholds.frozen(tuned)
    assert working_thresholds.moved(frozen, shifted(frozen, 0.1), films_of(study, "val"), 1).as_set().is_exploratory
    assert not working_thresholds.restarted(tuned, first, "test", epoch="3").as_set().is_exploratory
    on_val = working_thresholds.restarted(begun, fit_thresholds(study, "fine_tune", "youden"), "val", epoch="1")
    assert not on_val.as_set().is_exploratory


def test_thresholds_moved_on_val_say_of_which_films_they_are(study: Study, val: SplitCounts) -> None:
    """Also where they start from a rule that was fitted on nothing; and until frozen they are not called so."""
    for policy in ("paper-cut", "max-f1"):
        begun = working_thresholds.begin(fit_thresholds(study, "fine_tune", policy), epoch="0")
        after = working_thresholds.moved(begun, shifted(begun, 0.3), val, 1)
        chosen = after.as_set()
        assert (chosen.split, chosen.is_exploratory, chosen.n_films) == ("val", False, 40)
        assert chosen.n_patients == val.n_patients
        assert chosen.n_positive["Edema"] == int(
            np.nansum(study.labels[study.rows("val"), study.classes.index("Edema")])
        )
        assert "by hand on the 40 val films" in chosen.basis
        assert (provenance(chosen, "test"), provenance(chosen, "val")) == ("unfrozen", "optimistic")
        assert provenance(working_thresholds.frozen(after).as_set(), "test") == "frozen"
        assert (
            provenance(
                working_thresholds.moved(working_thresholds.frozen(after), shifted(begun, 0.4), val, 2).as_set(), "test"
            )
            == "unfrozen"
        )


def test_moves_count_from_the_frozen_thresholds(begun: WorkingThresholds, val: SplitCounts) -> None:
    frozen = working_thresholds.frozen(working_thresholds.moved(begun, shifted(begun, 0.5), val, 1))
    assert (frozen.n_moved, working_thresholds.unfrozen(frozen).n_moved) == (0, 3)


def _key(study: Study) -> str:
    return f"operating-{study.scores_fingerprint('fine_tune')}-fine_tune"


def _address(study: Study, values: list[float], *marks: str) -> str:
    return "~".join(["2", encode_thresholds(study.scores_fingerprint("fine_tune"), np.array(values)), *marks])


def test_an_address_brings_thresholds_back_to_the_last_bit(
    open_page: Open, study: Study, begun: WorkingThresholds
) -> None:
    values = [value + 1e-13 for value in begun.values]
    page = open_page("thresholds", study.root, thresholds=_address(study, values, "start", "on-test"), read_on="test")
    kept = page.session_state[_key(study)]
    np.testing.assert_array_equal(kept.values, values)
    np.testing.assert_array_equal(kept.frozen, begun.values)
    n_fitted = np.count_nonzero(~np.isnan(values))
    assert f"Exploratory: the locked thresholds stand; {n_fitted} explored on test films" in "\n".join(
        [words(page), *(str(one.value) for one in page.markdown)]
    )


def _reopened(
    open_page: Open, study: Study, kept: WorkingThresholds, read_on: str = "val"
) -> tuple[dict, ThresholdSet]:
    """The address that a session writes, and what another one makes of it."""
    page = open_page("thresholds", study.root, read_on=read_on)
    page.session_state[_key(study)] = kept
    page.run()
    assert not page.exception
    query = {name: "".join(values) for name, values in page.query_params.items() if name != "study"}
    other = open_page("thresholds", study.root, **query)
    assert not other.exception
    return query, other.session_state[_key(study)].as_set()


@pytest.mark.parametrize(("policy", "parameter"), [("fixed-sensitivity", 0.7), ("top-k", 3.0)])
def test_a_file_of_a_policy_is_that_policy_in_the_address(
    open_page: Open, study: Study, policy: str, parameter: float
) -> None:
    chosen = fit_thresholds(study, "fine_tune", policy, parameter=parameter)
    query, again = _reopened(open_page, study, operating.taken(study, chosen, epoch="file"))
    place, *parts = query["thresholds"].split("~")
    assert (place, parts[:2]) == ("2", [f"by-{policy}", f"at-{parameter}"])
    assert again == chosen


@pytest.mark.parametrize("read_on", ["val", "test"])
def test_an_exploratory_file_stays_so_through_an_address(open_page: Open, study: Study, read_on: str) -> None:
    begun = working_thresholds.begin(fit_thresholds(study, "fine_tune"), epoch="0")
    explored = working_thresholds.moved(begun, shifted(begun, 0.5), films_of(study, "test"), 1).as_set()
    imported = working_thresholds.imported(explored, epoch="file")
    query, again = _reopened(open_page, study, imported, read_on)
    assert "on-test" in query["thresholds"]
    assert (again.is_exploratory, again.split, again.n_films) == (True, "test", 40)
    np.testing.assert_array_equal(again.array(), explored.array())
    on_val = working_thresholds.moved(imported, shifted(imported, 0.2), films_of(study, "val"), 1)
    assert _reopened(open_page, study, on_val, read_on)[1].is_exploratory


def test_an_honest_file_keeps_its_split_through_an_address(open_page: Open, study: Study) -> None:
    begun = working_thresholds.begin(fit_thresholds(study, "fine_tune"), epoch="0")
    by_hand = working_thresholds.frozen(
        working_thresholds.moved(begun, shifted(begun, 0.5), films_of(study, "val"), 1)
    ).as_set()
    _, again = _reopened(open_page, study, working_thresholds.imported(by_hand, epoch="file"), "test")
    assert (again.policy, again.split, again.is_exploratory, again.is_frozen) == ("by-hand", "val", False, True)
    assert "from a file" in again.basis
    np.testing.assert_array_equal(again.array(), by_hand.array())


def test_a_policy_picked_on_test_is_exploratory_through_an_address(open_page: Open, study: Study) -> None:
    begun = working_thresholds.begin(fit_thresholds(study, "fine_tune"), epoch="0")
    picked = working_thresholds.restarted(begun, fit_thresholds(study, "fine_tune", "youden"), "test", epoch="1")
    for kept in (picked, working_thresholds.frozen(picked)):
        assert _reopened(open_page, study, kept, "test")[1] == picked.as_set()


def test_a_policy_picked_on_the_page_is_marked_only_off_validation(open_page: Open, study: Study) -> None:
    for read_on, is_exploratory in (("val", False), ("test", True)):
        page = open_page("thresholds", study.root, read_on=read_on)
        (box,) = [one for one in page.selectbox if one.label == "Choose thresholds by"]
        box.set_value("youden").run()
        assert not page.exception
        assert page.session_state[_key(study)].as_set().is_exploratory == is_exploratory


def test_explored_and_frozen_stays_exploratory_through_an_address(open_page: Open, study: Study) -> None:
    begun = working_thresholds.begin(fit_thresholds(study, "fine_tune"), epoch="0")
    frozen = working_thresholds.frozen(working_thresholds.moved(begun, shifted(begun, 0.5), films_of(study, "test"), 1))
    on_val = working_thresholds.moved(frozen, shifted(begun, 0.6), films_of(study, "val"), 2)
    for kept in (frozen, on_val):
        query, again = _reopened(open_page, study, kept)
        assert again.is_exploratory
        assert "held-test" in query["thresholds"]


def _two(begun: WorkingThresholds, films: SplitCounts) -> WorkingThresholds:
    """Every class with a grey zone of .4 above its threshold, as a browser sends it."""
    values = [None if math.isnan(value) else value for value in begun.values]
    uppers = [None if value is None else value + 0.4 for value in values]
    return working_thresholds.moved(begun, values, films, 1, uppers)


def test_two_cuts_survive_an_address_frozen_or_not(open_page: Open, study: Study) -> None:
    begun = working_thresholds.begin(fit_thresholds(study, "fine_tune"), epoch="0")
    two = _two(begun, films_of(study, "val"))
    assert two.n_moved == np.count_nonzero(~np.isnan(begun.values))
    frozen = working_thresholds.frozen(two)
    explored = _two(frozen, films_of(study, "test"))
    for kept in (two, frozen, explored, working_thresholds.imported(two.as_set(), epoch="file")):
        again = _reopened(open_page, study, kept)[1]
        assert again.has_grey_zone
        np.testing.assert_array_equal(again.array(), kept.as_set().array())
        np.testing.assert_array_equal(again.upper_array(), np.array(begun.values) + 0.4)
        assert again.is_exploratory == kept.as_set().is_exploratory


def test_two_cuts_with_nothing_between_are_one(begun: WorkingThresholds, val: SplitCounts) -> None:
    values = tuple(None if math.isnan(value) else value for value in begun.values)
    two = working_thresholds.moved(begun, values, val, 1, values)
    assert (two.n_moved, two.as_set()) == (0, begun.start)
    back = working_thresholds.moved(_two(begun, val), values, val, 2)
    assert back.as_set() == begun.start
    assert working_thresholds.moved_alone(two, _two(begun, val)) is None


FILM_WISE = (("top-k", 3.0), ("top-k", 1.0), ("paper-row-min-max", None))


@pytest.mark.parametrize(("policy", "parameter"), FILM_WISE)
def test_a_rule_that_decides_film_by_film_shows_its_own_figures(
    open_page: Open, study: Study, policy: str, parameter: float | None
) -> None:
    number = "" if parameter is None else f"~at-{parameter}"
    page = open_page("thresholds", study.root, thresholds=f"2~by-{policy}{number}")
    assert not page.exception
    assert "no threshold to drag" in words(page)
    chosen = fit_thresholds(study, "fine_tune", policy, parameter=parameter)
    rows = study.rows("val")
    decided = chosen.rule().decide(study.scores("fine_tune")[rows]) & ~np.isnan(study.labels[rows])
    (shown,) = [one.value for one in page.dataframe if "Predicted" in one.value]
    np.testing.assert_array_equal(shown["Predicted"], decided.sum(axis=0))
    assert decided.any()
    assert page.session_state[_key(study)].as_set() == chosen


def test_figures_are_remembered_for_the_set_that_gave_them(study: Study) -> None:
    """Two sets of the same thresholds, none, are told apart by their rule's number; and by what may be said of them."""
    one, three = (fit_thresholds(study, "fine_tune", "top-k", parameter=k) for k in (1.0, 3.0))
    points = [cache.operating_figures(study, "test", chosen) for chosen in (one, three)]
    assert points[1].overall.n_predicted_labels > points[0].overall.n_predicted_labels > 0
    fitted = fit_thresholds(study, "fine_tune")
    readings = [
        cache.threshold_curves(study, "test", {"fine_tune": chosen}).readings["fine_tune"]
        for chosen in (fitted, fitted.chosen_while_reading("test"))
    ]
    assert readings == ["frozen", "exploratory"]


def test_a_film_that_flips_without_a_threshold_says_so(study: Study) -> None:
    rows = study.rows("test")
    scores, start = study.scores("fine_tune")[rows], fit_thresholds(study, "fine_tune").array()
    column = int(np.flatnonzero(~np.isnan(start))[0])
    none = start.copy()
    none[column] = np.nan
    before, after = (PerClassThresholds(cuts).decide(scores) for cuts in (start, none))
    found = flips(study.labels[rows], before, after)
    changed = Changed(study, study.scores("fine_tune"), rows, found, column)
    (line,) = changed.words(int(rows[found.rows[0]]), tuple(none))
    assert line.endswith(", no threshold)")
    assert ": missed (" in line or ": rightly silent (" in line
    assert "nan" not in line


def test_an_address_of_another_setting_leaves_this_one_alone(
    open_page: Open, study: Study, begun: WorkingThresholds
) -> None:
    page = open_page("thresholds", study.root, thresholds="0" + _address(study, list(begun.values))[1:])
    assert page.session_state[_key(study)].frozen is None


@pytest.mark.parametrize(
    ("stem", "text"),
    [
        ("thresholds", "2~by-guesswork"),
        ("per_class", "2~AAAA"),
        ("embedding_space", "9~by-youden"),
        ("saliency", "2~by-top-k~at-many"),
        ("overview", "2~AAAA"),
    ],
)
def test_no_page_passes_over_thresholds_that_it_cannot_take(
    open_page: Open, study: Study, stem: str, text: str
) -> None:
    page = open_page(stem, study.root, thresholds=text)
    assert not page.exception
    assert [one.value for one in page.error if "What to do" in one.value]
    assert "thresholds" not in page.query_params


@pytest.mark.parametrize("stem", ["thresholds", "per_class", "embedding_space", "saliency", "overview"])
def test_every_page_carries_the_thresholds_of_every_setting(
    open_page: Open, study: Study, begun: WorkingThresholds, stem: str
) -> None:
    moved = _address(study, [value + 0.25 for value in begun.values])
    page = open_page(stem, study.root)
    page.query_params["thresholds"] = [moved, "0~by-youden"]
    del page.session_state["operating-linked"]
    page.run()
    assert not page.exception
    kept = page.session_state[_key(study)]
    np.testing.assert_array_equal(kept.values, [value + 0.25 for value in begun.values])
    assert page.query_params["thresholds"] == ["0~by-youden", moved]
    first = study.settings[0]
    other = page.session_state[f"operating-{study.scores_fingerprint(first)}-{first}"]
    assert (other.start.policy, kept.start.policy) == ("youden", "max-f1")


@pytest.mark.parametrize("text", ["2~AAAA", "2~", "2~%%%", "2~" + encode_thresholds("ff" * 8, np.zeros(14))])
def test_a_damaged_or_strange_address_is_refused_in_words(open_page: Open, study: Study, text: str) -> None:
    page = open_page("thresholds", study.root, thresholds=text)
    assert not page.exception
    assert len(page.error) == 1
    assert "link" in page.error[0].value


@pytest.mark.parametrize(
    "event",
    [
        {"values": [0.5]},
        {"values": "0.5"},
        {"number": 1},
    ],
)
def test_a_move_of_another_deck_is_no_move(event: dict[str, object]) -> None:
    assert Move.read(event, 3) is None


def test_the_packed_counts_carry_their_name_and_every_array(study: Study) -> None:
    tables = study_tables(study, "fine_tune", "test")
    for token in ("a", "ab", "abc", "a much longer name of these counts"):
        content = unpacked(packed(tables, token))
        assert content["token"] == token
        np.testing.assert_array_equal(content["arrays"]["edges"], np.concatenate(tables.edges))
        np.testing.assert_array_equal(content["arrays"]["steps"], tables.steps.ravel())


def test_what_is_locked_stands_while_others_are_explored(
    open_page: Open, study: Study, begun: WorkingThresholds, val: SplitCounts, on_test: SplitCounts
) -> None:
    by_hand = working_thresholds.moved(begun, shifted(begun, 0.5), val, 1)
    frozen = working_thresholds.frozen(by_hand)
    explored = working_thresholds.moved(frozen, shifted(begun, 0.7), on_test, 2)
    assert not frozen.is_beside_frozen
    assert explored.is_beside_frozen
    held, looked_at = explored.reference_set(), explored.as_set()
    assert (held, held.is_frozen, held.is_exploratory) == (frozen.as_set(), True, False)
    assert (looked_at.is_frozen, looked_at.is_exploratory) == (False, True)
    assert looked_at.basis.endswith("They are not the locked thresholds, which stand.")
    back = working_thresholds.back_to_frozen(explored, epoch="back")
    assert back == replace(frozen, number=2, epoch="back")
    assert working_thresholds.back_to_frozen(begun, epoch="back") is begun


@pytest.mark.parametrize("below", ["carry", "films", "worth"])
def test_explored_thresholds_are_never_taken_for_the_locked_ones(open_page: Open, study: Study, below: str) -> None:
    begun = working_thresholds.begin(fit_thresholds(study, "fine_tune"), epoch="0")
    frozen = working_thresholds.frozen(begun)
    explored = working_thresholds.moved(frozen, shifted(begun, 0.7), films_of(study, "test"), 1)
    query, _ = _reopened(open_page, study, explored, "test")
    page = open_page("thresholds", study.root, **{**query, "setting": "fine_tune", "read_on": "test", "below": below})
    said = words(page)
    assert "Exploratory: the locked thresholds stand; 3 explored on test films" in said
    assert not [one for one in page.button if one.key == "unfreeze"]
    told = {
        "carry": "not the locked ones of Fine-tuning",
        "worth": "These are the locked thresholds",
        "films": "Changed",
    }
    assert told[below] in said
    page.button(key="back-to-locked").click().run()
    assert not page.exception
    kept = page.session_state[_key(study)]
    assert kept.as_set() == frozen.as_set()
    said = words(page)
    assert "Locked on validation, checked here" in said
    assert "Exploratory" not in said
    assert "Move one" not in said
    assert below != "films" or "No film changes: the thresholds decide as the locked ones do." in said
    assert told["carry"] not in said
    assert [one for one in page.button if one.key == "unfreeze"]


def test_a_lock_holds_the_starting_point_too(open_page: Open, study: Study) -> None:
    page = open_page("thresholds", study.root, read_on="val")
    page.button(key="freeze").click().run()
    (box,) = [one for one in page.selectbox if one.label == "Choose thresholds by"]
    assert box.disabled
    page.button(key="unfreeze").click().run()
    (box,) = [one for one in page.selectbox if one.label == "Choose thresholds by"]
    assert not box.disabled
