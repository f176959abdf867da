"""Numbers in words: one wording for what is undefined, for intervals and for what they are based on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from core.words import (
    count_words,
    difference_words,
    figure_words,
    interval_words,
    number_words,
    range_words,
    share_words,
    signed_interval_words,
    signed_words,
    threshold_words,
    unbroken,
)


@dataclass(frozen=True)
class Ends:
    low: float
    high: float
    n: int = 40
    is_estimable: bool = True


NONE = Ends(math.nan, math.nan, 3, is_estimable=False)


@pytest.mark.parametrize("say", [number_words, signed_words, share_words, threshold_words])
def test_undefined_is_a_dash_and_never_zero(say) -> None:
    assert {say(value) for value in (None, math.nan)} == {"–"}
    assert say(0.0).startswith("0")


@pytest.mark.parametrize(
    ("value", "said", "signed"),
    [
        (0.0005, "0.001", "+0.001"),
        (0.0004, "0.000", "0.000"),
        (-0.0004, "0.000", "0.000"),
        (-0.0, "0.000", "0.000"),
        (-0.25, "−0.250", "−0.250"),
        (1234.5, "1,234.500", "+1,234.500"),
    ],
)
def test_what_rounds_to_zero_has_no_sign_and_a_minus_is_one(value: float, said: str, signed: str) -> None:
    assert number_words(value) == said
    assert signed_words(value) == signed
    assert "-" not in number_words(value) + signed_words(value)


def test_an_interval_is_its_ends_or_what_it_stands_on() -> None:
    assert interval_words(Ends(0.25, 0.5)) == "0.250 to 0.500"
    assert interval_words(Ends(-0.25, 0.5), 2) == "−0.25 to 0.50"
    assert interval_words(Ends(4.8, math.inf), 2) == "4.80 or more"
    assert interval_words(NONE) == signed_interval_words(NONE) == "not estimable, n = 3"
    assert signed_interval_words(Ends(-0.0001, 0.2)) == "−0.0001 to +0.200"
    assert range_words(math.nan, 0.5) == range_words(0.5, math.nan) == "–"


def test_a_figure_carries_its_interval_in_brackets() -> None:
    assert figure_words(0.4, Ends(0.25, 0.5)) == "0.400 (0.250 to 0.500)"
    assert figure_words(0.4, NONE, 2) == "0.40 (not estimable, n = 3)"
    assert figure_words(0.4) == "0.400"
    assert figure_words(math.nan, NONE) == figure_words(None, Ends(0.1, 0.2)) == "–"
    assert difference_words(-0.1, Ends(-0.2, -0.0001)) == "−0.100 (−0.200 to −0.0001)"
    assert difference_words(0.1, NONE) == "+0.100 (not estimable, n = 3)"
    assert difference_words(math.nan, NONE) == "–"


def test_counts_shares_and_thresholds() -> None:
    assert (count_words(0), count_words(None)) == ("0", "–")
    assert share_words(-0.0001, 1) == "0.0\N{NO-BREAK SPACE}%"
    assert threshold_words(1e-05) == "1e−05"
    assert threshold_words(-0.0) == "0"
    assert threshold_words(0.123456789, 6) == "0.123457"
    assert unbroken("0.1 to 0.2") == "0.1\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}0.2"
