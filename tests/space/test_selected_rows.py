"""A selection survives its way through a link."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.space.selected_rows import SelectionError, decode_rows, encode_rows


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_there_and_back(drawn: tuple[int, set[int]]) -> None:
    n_films, rows = drawn
    text = encode_rows(sorted(rows, reverse=True), n_films)
    assert decode_rows(text, n_films).tolist() == sorted(rows)
    assert all(letter.isalnum() or letter in "-_" for letter in text)


def test_links_stay_short() -> None:
    assert len(encode_rows([5, 300, 3000], 377_000)) < 50
    assert len(encode_rows(range(500, 1500), 3818)) < 60
    assert len(encode_rows(np.random.default_rng(0).choice(3818, 300, replace=False), 3818)) < 700


@pytest.mark.parametrize("text", ["!", "AAAA", "x", "é", "Zm9v", encode_rows([1, 2], 3818)[:-4]])
def test_damage_is_said(text: str) -> None:
    with pytest.raises(SelectionError):
        decode_rows(text, 3818)


def test_another_study_is_said() -> None:
    with pytest.raises(SelectionError, match="3,818"):
        decode_rows(encode_rows([1], 3818), 621)


def test_a_row_beyond_the_study_is_refused() -> None:
    forged = encode_rows([1000], 1001)
    text = encode_rows([0], 8)[:5] + forged[5:]
    with pytest.raises(SelectionError):
        decode_rows(text, 8)
