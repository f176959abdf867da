"""How a hand has turned a map or a film, as numbers of an address: what is read, what is refused, what is kept."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.turned import Turnable, written
from tests.pages.conftest import Open

LIMITS = {"x": (-1, 1), "zoom": (0.5, 60)}
WHAT = Turnable("camera", LIMITS, send=lambda **_: None)


@given(st.floats(-1, 1), st.floats(0.5, 60))
def test_an_address_gives_back_its_numbers(x: float, zoom: float) -> None:
    found = WHAT.read(written({"x": x, "zoom": zoom}))
    assert found is not None
    assert found == pytest.approx({"x": x, "zoom": zoom}, rel=1e-9, abs=1e-99)


def test_what_is_left_out_is_as_usual_and_nothing_is_an_empty_text() -> None:
    assert WHAT.read("zoom:2.5") == {"zoom": 2.5}
    assert WHAT.read("") == {}
    assert written({}) == ""
    assert written({"zoom": 2.5, "x": -0.25}) == "zoom:2.5,x:-0.25"


@pytest.mark.parametrize(
    "text", ["zoom", "zoom:", "zoom:1:2", "zoom:nan", "zoom:61", "zoom:0.4", "y:0", "x:1,y:2", "x:∞"]
)
def test_an_address_that_means_nothing_is_refused(text: str) -> None:
    assert WHAT.read(text) is None


@pytest.mark.parametrize("numbers", [None, [1], {"x": "0"}, {"x": math.inf}, {"x": None}, {"other": 0}])
def test_what_a_browser_cannot_mean_is_refused(numbers: object) -> None:
    assert WHAT.checked(numbers) is None


def test_pages_keep_what_a_link_says_and_say_what_it_cannot(open_page: Open, made_up: Path) -> None:
    page = open_page("embedding_space", made_up, camera="x:0.3,zoom:2.5")
    assert "".join(page.query_params["camera"]) == "x:0.3,zoom:2.5"
    page = open_page("embedding_space", made_up, camera="zoom:1000")
    assert "camera" not in page.query_params
    assert any("camera" in toast.value and "1000" in toast.value for toast in page.toast)
