"""Votes between two maps as a reader gives them: by key, not knowing whose maps they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.arena.votes import read_votes
from core.saliency.methods import METHODS
from tests.browser.conftest import Looking
from tests.browser.server import TIMEOUT_MS

pytestmark = pytest.mark.browser
READER = "Reader D"


def _press(page: Page, key: str) -> None:
    """One key, and the next question is there."""
    asked = page.locator(".arena[data-asked]")
    before = asked.get_attribute("data-asked")
    page.keyboard.press(key)
    page.locator(f".arena[data-asked]:not([data-asked='{before}'])").wait_for(timeout=TIMEOUT_MS)


def test_arrow_keys_vote_blind_and_the_results_name_the_maps(looking: Looking, few_masks: Path) -> None:
    page = looking.open("saliency", few_masks.name, "&view=arena")
    expect(page.get_by_text("What this can show")).to_be_visible(timeout=TIMEOUT_MS)
    assert page.locator(".arena").count() == 0
    name = page.get_by_label("Vote as")
    name.press_sequentially(READER)
    name.press("ArrowLeft")  # in a name it is no vote
    name.press("Enter")
    arena = page.locator(".arena[data-asked]")
    arena.wait_for(timeout=3 * TIMEOUT_MS)  # the model is loaded first
    assert read_votes(few_masks) == ()
    said = arena.inner_text()
    assert "which map would you trust?" in said
    assert not any(method.title in said for method in METHODS)
    arena.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        _press(page, key)
    votes = read_votes(few_masks)
    assert [vote.answer for vote in votes] == ["right", "neither", "unsure", "left"]
    assert {vote.reader for vote in votes} == {READER}
    assert votes[0].preferred == votes[0].right
    page.get_by_role("button", name="Take the last vote back").click()
    expect(page.get_by_text("Question 4 of 6")).to_be_visible(timeout=TIMEOUT_MS)
    assert len(read_votes(few_masks)) == 3
    page.get_by_text("Results, which name the maps").click()
    expect(page.get_by_text(f"3 votes on 1 film by {READER}")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_text("All votes as CSV")).to_be_visible(timeout=TIMEOUT_MS)
    assert not looking.errors
    assert not looking.outside
