"""What is selected on the map: plain values in, plain values out."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.metrics.arrays import IntArray
from core.space.map_state import (
    LINK_LIMIT,
    Selected,
    after_selecting,
    combined,
    from_link,
    mark_of,
    to_link,
    with_rows,
    without,
)

MARK = "0" * 8
MISSED = np.array([2, 3, 5])


def no_groups(name: str) -> None:
    """A map without a legend that can be clicked."""


def one_group(name: str) -> IntArray | None:
    """A legend with one group that can be clicked."""
    return MISSED if name == "Missed" else None


@pytest.mark.parametrize(
    ("picked", "within", "rows"),
    [
        ([1, 3, 5, 8], "Missed", [3, 5]),
        ([], "Missed", [2, 3, 5]),
        ([1, 3, 5, 8], "", [1, 3, 5, 8]),
        ([0, 1], "Missed", []),
        ([1, 3], "Found", [1, 3]),  # the legend has no such group
        ([], "", []),
    ],
)
def test_a_lasso_and_the_legend_select_what_both_have(picked: list[int], within: str, rows: list[int]) -> None:
    event = {**(sent(picked, 9) if picked else {"seq": 1, "bits": ""}), "within": within}
    found = after_selecting(Selected(), event, 9, one_group)
    assert list(found.rows) == rows
    assert found.is_empty == (not picked and not within)
    assert found.within == ("" if within == "Found" else within)
    if picked:  # it is kept whole for when the group is let go
        assert found.picked is not None
        assert list(found.picked) == picked


def test_a_lasso_is_narrowed_anew_where_the_group_has_other_films_and_whole_where_it_is_gone() -> None:
    before = Selected(np.array([3]), 4, np.array([1, 3]), "Missed")
    assert list(combined(before, lambda _: np.array([1, 7])).rows) == [1]
    gone = combined(before, no_groups)
    assert (list(gone.rows), gone.within, gone.seq) == ([1, 3], "", 4)


def sent(rows: list[int], n_films: int, seq: int = 1) -> dict[str, object]:
    """What the map sends: a bit a film, the first film in the lowest bit of the first byte."""
    content = bytearray(-(-n_films // 8))
    for row in rows:
        content[row // 8] |= 1 << row % 8
    return {"seq": seq, "bits": base64.b64encode(bytes(content)).decode()}


@given(st.sets(st.integers(0, 40)), st.integers(1, 9))
@settings(max_examples=50, deadline=None)
def test_the_rows_of_the_map_are_those_that_are_kept(rows: set[int], seq: int) -> None:
    found = after_selecting(Selected(), sent(sorted(rows), 41, seq), 41, no_groups)
    assert list(found.rows) == sorted(rows)
    assert found.seq == seq


def test_an_empty_text_is_an_empty_selection() -> None:
    before = Selected(np.array([3]), seq=4)
    found = after_selecting(before, {"seq": 5, "bits": ""}, 9, no_groups)
    assert list(found.rows) == []
    assert found.seq == 5
    assert found.is_empty


@pytest.mark.parametrize(
    "event", [None, 3, {}, {"seq": "1", "bits": ""}, {"seq": 1, "bits": "%%"}, sent([2], 100), sent([2], 3)]
)
def test_what_is_no_selection_of_this_study_changes_nothing(event: object) -> None:
    before = Selected(np.array([3]), seq=4)
    assert after_selecting(before, event, 41, no_groups) is before


def test_bits_beyond_the_last_film_are_no_films() -> None:
    assert list(after_selecting(Selected(), sent([1, 10, 15], 16), 11, no_groups).rows) == [1, 10]


def test_the_map_never_goes_back_to_an_older_number() -> None:
    assert after_selecting(Selected(seq=7), sent([1], 9, seq=2), 9, no_groups).seq == 7


def test_a_selection_of_the_page_is_newer_than_that_of_the_map() -> None:
    before = Selected(np.array([3]), seq=4)
    assert list(with_rows(before, np.array([5, 2, 5])).rows) == [2, 5]
    assert with_rows(before, np.array([5])).seq == 5
    assert list(without(before).rows) == []
    assert without(before).seq == 5


@given(st.sets(st.integers(0, 499)))
@settings(max_examples=50, deadline=None)
def test_a_link_gives_back_its_rows(rows: set[int]) -> None:
    text = to_link(np.array(sorted(rows), dtype=np.int64), MARK, 500)
    assert text is not None
    found, error = from_link(text, MARK, 500)
    assert error is None
    assert list(found.rows) == sorted(rows)


def test_the_limit_holds_any_selection_of_30_000_films_and_refuses_what_is_longer() -> None:
    rng = np.random.default_rng(0)
    fits = np.flatnonzero(rng.random(30_000) < 0.5)
    text = to_link(fits, MARK, 30_000)
    assert text is not None
    assert len(text) <= LINK_LIMIT
    assert to_link(np.flatnonzero(rng.random(377_000) < 0.5), MARK, 377_000) is None
    assert to_link(np.arange(100_000, 101_000), MARK, 377_000) is not None


@pytest.mark.parametrize(
    "text", ["nonsense", ".", "AAAA", f"{'0' * 8}.", "6g4AAGJ42h2RTW4b", "00000000.6g4AAGJ42h2RTW4b"]
)
def test_a_damaged_link_selects_nothing_and_says_so(text: str) -> None:
    found, error = from_link(text, MARK, 41)
    assert list(found.rows) == []
    assert error is not None
    assert "link" in error.message


def test_a_link_of_other_films_is_refused_and_one_of_the_same_films_is_not() -> None:
    mark = mark_of(["a", "b", "c"])
    text = to_link(np.array([1, 2]), mark, 3)
    assert text is not None
    assert from_link(text, mark_of(["a", "b", "c"]), 3)[1] is None
    for others in (["a", "c", "b"], ["a", "b", "d"]):
        error = from_link(text, mark_of(others), 3)[1]
        assert error is not None
        assert "other films" in error.message
