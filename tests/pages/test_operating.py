"""Thresholds in a session: what a move, a freeze, an address do to them, and what they are then called."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from core.study import Study, open_study
from core.thresholds import fit_thresholds
from core.thresholds.browser import study_tables
from core.thresholds.links import encode_thresholds
from pages.shared import operating
from pages.shared.operating import Operating
from pages.shared.threshold_deck.component import Move, packed
from tests.pages.conftest import Open
from tests.pages.test_pages import words


@pytest.fixture(scope="module")
def study(made_up: Path) -> Study:
    return open_study(made_up)


@pytest.fixture
def begun(study: Study) -> Operating:
    return operating.begin(fit_thresholds(study, "fine_tune"), epoch="test")


def shifted(begun: Operating, by: float) -> tuple[float | None, ...]:
    """Thresholds of a set with two moved and the last one gone; as a browser sends them."""
    known = [place for place, value in enumerate(begun.values) if not math.isnan(value)][:2]
    moved = {place: begun.values[place] + by for place in known}
    values = [moved.get(place, value) for place, value in enumerate(begun.values[:-1])]
    return (*(None if math.isnan(value) else value for value in values), None)


def test_nothing_moved_is_the_fitted_set_itself(begun: Operating) -> None:
    assert begun.n_moved == 0
    assert begun.as_set() is begun.start


def test_moved_on_validation_is_by_hand_but_not_exploratory(begun: Operating) -> None:
    after = operating.moved(begun, shifted(begun, 0.5), "val", 1)
    chosen = after.as_set()
    assert (after.n_moved, after.explored_on) == (3, None)
    assert (chosen.policy, chosen.split, chosen.is_exploratory) == ("by-hand", "val", False)
    assert math.isnan(chosen.array()[-1])


def test_moved_on_test_stays_exploratory_until_it_is_taken_back(begun: Operating) -> None:
    frozen = operating.frozen(operating.moved(begun, shifted(begun, 0.5), "val", 1))
    explored = operating.moved(frozen, shifted(begun, 0.7), "test", 2)
    assert explored.as_set().is_exploratory
    again = operating.moved(explored, shifted(begun, 0.9), "val", 3)
    assert again.as_set().is_exploratory
    back = operating.moved(again, shifted(begun, 0.5), "test", 4)
    assert back.explored_on is None
    assert not back.as_set().is_exploratory


def test_moves_count_from_the_frozen_thresholds(begun: Operating) -> None:
    frozen = operating.frozen(operating.moved(begun, shifted(begun, 0.5), "val", 1))
    assert (frozen.n_moved, operating.unfrozen(frozen).n_moved) == (0, 3)


def _key(study: Study) -> str:
    return f"operating-{study.scores_fingerprint('fine_tune')}-fine_tune"


def _address(study: Study, values: list[float], *marks: str) -> str:
    return "~".join(["2", encode_thresholds(study.scores_fingerprint("fine_tune"), np.array(values)), *marks])


def test_an_address_brings_thresholds_back_to_the_last_bit(open_page: Open, study: Study, begun: Operating) -> None:
    values = [value + 1e-13 for value in begun.values]
    page = open_page("thresholds", study.root, thresholds=_address(study, values, "start", "on-test"), read_on="test")
    kept = page.session_state[_key(study)]
    np.testing.assert_array_equal(kept.values, values)
    np.testing.assert_array_equal(kept.frozen, begun.values)
    n_fitted = np.count_nonzero(~np.isnan(values))
    assert f"Exploratory: {n_fitted} thresholds moved" in "\n".join(
        [words(page), *(str(one.value) for one in page.markdown)]
    )


def test_what_came_from_a_file_is_written_whole_into_the_address(open_page: Open, study: Study) -> None:
    page = open_page("thresholds", study.root)
    key = _key(study)
    page.session_state[key] = operating.imported(fit_thresholds(study, "fine_tune", "youden"), epoch="file")
    page.run()
    written = page.query_params["thresholds"]
    values, held = ("".join(written)).split("~")[1:]
    assert values == held


def test_an_address_of_another_setting_leaves_this_one_alone(open_page: Open, study: Study, begun: Operating) -> None:
    page = open_page("thresholds", study.root, thresholds="0" + _address(study, list(begun.values))[1:])
    assert page.session_state[_key(study)].frozen is None


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


def test_the_packed_header_leaves_the_arrays_aligned(study: Study) -> None:
    tables = study_tables(study, "fine_tune", "test")
    for token in ("a", "ab", "abc", "a much longer name of these counts"):
        content = packed(tables, token)
        length = int.from_bytes(content[:4], "little")
        assert (4 + length) % 8 == 0
        assert content[4 + length :] == tables.pack()[1]
