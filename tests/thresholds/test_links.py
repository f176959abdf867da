"""Thresholds in a link: the same to the last bit, or refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CoreError
from core.thresholds.links import decode_thresholds, encode_thresholds

STUDY = "0123456789abcdef"


@given(st.lists(st.floats(allow_infinity=False), min_size=1, max_size=20))
def test_a_link_carries_thresholds_exactly(values: list[float]) -> None:
    word = encode_thresholds(STUDY, np.array(values))
    assert re.fullmatch(r"[A-Za-z0-9_-]+", word)
    np.testing.assert_array_equal(decode_thresholds(word, STUDY, len(values)), values)


def test_it_is_short() -> None:
    assert len(encode_thresholds(STUDY, np.full(14, 0.1))) <= 164
    assert len(encode_thresholds(STUDY, np.full(14, 0.25))) <= 90


@pytest.mark.parametrize("place", [0, 1, 5, 20, -1])
def test_a_damaged_link_is_refused(place: int) -> None:
    word = encode_thresholds(STUDY, np.linspace(0, 1, 14))
    other = "B" if word[place] == "A" else "A"
    damaged = word[:place] + other + word[place + 1 if place >= 0 else len(word) :]
    with pytest.raises(CoreError):
        decode_thresholds(damaged, STUDY, 14)


@pytest.mark.parametrize("word", ["", "A", "é", "%%%", "AAAA" * 40])
def test_what_is_no_such_word_is_refused(word: str) -> None:
    with pytest.raises(CoreError, match="damaged"):
        decode_thresholds(word, STUDY, 14)


def test_a_link_of_another_study_or_of_other_classes_is_refused() -> None:
    word = encode_thresholds(STUDY, np.zeros(14))
    with pytest.raises(CoreError, match=r"of other films, labels or scores \(01234567"):
        decode_thresholds(word, "f" * 16, 14)
    with pytest.raises(CoreError, match="holds 14 thresholds"):
        decode_thresholds(word, STUDY, 13)
