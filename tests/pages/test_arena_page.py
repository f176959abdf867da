"""The arena on the page: what a browser is sent, what it is not, and votes that could not be kept in the study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.arena.questions import draw_cases, methods_against, questions
from core.paths import STUDIES
from core.saliency.film_maps import film_maps
from core.saliency.methods import METHODS
from core.saliency.tower.setting_model import load_setting_model
from core.study import open_study
from pages.shared import cache
from tests.pages.conftest import Open
from tests.pages.test_pages import words
from tests.unpacked import unpacked

PHANTOM = STUDIES / "phantom"
CHOSEN = ["grad_cam", "chefer"]


def _pairs(page: AppTest) -> list[Any]:
    """The components that show two maps."""
    return [one for one in page.get("bidi_component") if one.proto.component_name == "arena_pair"]


def test_without_a_model_there_is_nothing_to_vote_on(open_page: Open, made_up: Path) -> None:
    page = open_page("saliency", made_up, view="arena")
    assert not page.exception
    assert "there are no maps to vote on" in words(page)


def test_a_question_is_two_maps_and_no_word_of_whose(open_page: Open) -> None:
    page = open_page("saliency", PHANTOM, view="arena")
    assert not page.exception
    assert "Name the reader to begin" in words(page)
    assert not _pairs(page)
    page.session_state["arena_methods"] = CHOSEN
    page.text_input(key="reader_name").input("One").run()
    (shown,) = _pairs(page)
    sent = unpacked(shown.proto.bytes)
    study = open_study(PHANTOM)
    setting = page.session_state["arena_setting"]
    asked = questions(draw_cases(study, 15), methods_against(setting, CHOSEN), "One")
    first = asked[0]
    assert sent["token"] == first.token
    assert sent["question"] == f"{first.case.finding}: which map would you trust?"
    for side, of in zip(sent["sides"], (first.left, first.right), strict=True):
        maps = film_maps(load_setting_model(study, setting), cache.film(study, first.case.image_id), method=of.method)
        expected = maps.of(first.case.finding)
        assert expected.is_zero == (side["map"] is None)
        if not expected.is_zero:
            np.testing.assert_allclose(side["map"]["values"], expected.values.ravel(), rtol=1e-5, atol=1e-7)
            assert side["map"]["top"] == pytest.approx(expected.raw_maximum)
    said = shown.proto.bytes.decode("latin-1")
    assert not any(name in said for method in METHODS for name in (method.title, f'"{method.name}"'))
    votes = [question.answered("One", "left") for question in asked]
    page.session_state["arena_along"] = {str(study.root): tuple(votes[:3])}
    page.run()
    assert "Question 4 of 15" in [element.proto.text for element in page.get("progress")]
    assert "3 votes are in this session only" in page.warning[0].value
    page.session_state["arena_along"] = {str(study.root): tuple(votes)}
    page.run()
    assert "All 15 questions are answered" in page.success[0].value
    assert not (PHANTOM / "votes.json").exists()
