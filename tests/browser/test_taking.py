"""Every chart, table and map gives a picture at twice its size, an SVG, and its data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Looking
from tests.browser.server import TIMEOUT_MS, settle
from tests.browser.taking import Taken, buttons, take

pytestmark = pytest.mark.browser

PLACES = {
    "overview": "&protocol=both",
    "per_class": "",
    "per_class&together": "&class_part=Findings+together",
    "embedding_space": "",
    "thresholds": "&below=curves",
    "saliency": "",
    "label_budget": "",
}
"""Pages, one of a section beside another, and what the address asks for."""
AT_LEAST = {
    "overview": {"verdict", "results-both", "intervals-macro_f1", "cost", "transfer", "parts"},
    "per_class": {"classes", "roc-Lung-Opacity"},
    "per_class&together": {"labelled-together", "predicted-films"},
    "embedding_space": {"map-frozen", "separation"},
    "thresholds": {"thresholds", "roc-1"},
    "saliency": {"maps-Cardiomegaly", "masks"},
    "label_budget": {"label-budget", "orders"},
}
"""Figures that must be among those of each."""


def test_every_figure_can_be_taken_along(looking: Looking, made_up: str, tmp_path: Path) -> None:
    for name, query in PLACES.items():
        page = looking.open(name.partition("&")[0], made_up, query)
        page.locator("button.take-figure").first.wait_for(timeout=TIMEOUT_MS)
        settle(page)
        found = [take(page, button, tmp_path) for button in buttons(page)]
        names = [one.name for one in found]
        assert len(set(names)) == len(names)
        missing = [one for one in AT_LEAST[name] if not any(taken.endswith(f"_{one}") for taken in names)]
        assert not missing, names
        for one in found:
            assert_whole(one, made_up)
    assert_keys_lead_through(page, tmp_path)
    assert_a_mouse_takes_in_one_click(page)
    assert_words_leave_room_for_what_they_mean(page)
    assert not looking.errors
    assert not looking.outside


def assert_keys_lead_through(page: Page, folder: Path) -> None:
    """By keys alone: open, walk, leave, come back; the focus is never lost."""
    button = page.locator("button.take-figure").first
    button.focus()
    page.keyboard.press("Enter")
    items = page.get_by_role("menuitem")
    expect(items.nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".svg")
    expect(button).to_be_focused()


def assert_a_mouse_takes_in_one_click(page: Page) -> None:
    """It rests on the button, then clicks; what opened so goes with it, or stays where the button itself is clicked."""
    button, menu = page.locator("button.take-figure").first, page.get_by_role("menu")
    page.evaluate("document.activeElement.blur()")
    box = button.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.move(5, 5)
    page.wait_for_timeout(200)
    expect(menu).to_have_count(0)  # it only passed by
    page.mouse.move(x, y)
    expect(menu).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert page.evaluate("document.activeElement === document.body")
    assert button.bounding_box() == box
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="SVG", exact=True).click()
    assert download.value.suggested_filename.endswith(".svg")
    expect(menu).to_have_count(0)
    page.mouse.move(x, y)
    expect(menu).to_be_visible()
    page.get_by_role("menuitem").last.hover()
    page.wait_for_timeout(400)
    expect(menu).to_be_visible()
    page.mouse.move(5, 5)
    expect(menu).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")
    page.mouse.move(x, y)
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    page.mouse.move(5, 5)
    page.mouse.move(x, y)
    expect(menu).to_be_visible()
    page.mouse.click(x, y)
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.mouse.move(5, 5)
    page.wait_for_timeout(400)
    expect(menu).to_be_visible()
    page.mouse.click(x, y)
    expect(menu).to_have_count(0)


def assert_words_leave_room_for_what_they_mean(page: Page) -> None:
    """On a phone a word has a third of the width at most; the panel's own table can be taken along within it."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Words").click()
    panel = page.get_by_role("dialog")
    expect(panel.locator("td").first).to_be_visible()
    settle(page)
    boxes = [panel.locator(one).first.bounding_box() for one in ("td", "tr")]
    widths = [box["width"] for box in boxes if box]
    assert widths[0] < 0.34 * widths[1]
    assert widths[1] < 390
    panel.locator("button.take-figure").hover()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="CSV", exact=True).click()
    assert download.value.suggested_filename.endswith("_glossary.csv")
    expect(panel).to_be_visible()


def assert_whole(one: Taken, study: str) -> None:
    """A picture of it, not of nothing; with title and caption; its rows, where it has any."""
    assert re.fullmatch(rf"{study}_[^ ]+_[^ ]+_[^ ]+", one.name)
    assert one.colours > 20, one.name
    is_film = "_maps-" in one.name  # beside it the page is empty
    assert is_film or one.png[0] >= 2 * one.width, one.name
    assert "Made-up films (" in one.words, one.name
    assert "Not for clinical use." in one.words, one.name
    assert not {"undefined", "PNG", "SVG", "CSV"} & set(one.words.split()), one.name
    assert is_film or len(one.rows) > 1, one.name
    assert len({len(row) for row in one.rows}) <= 1, one.name
    if "map-frozen" in one.name:
        assert len(one.rows) == 601
    if one.name.endswith(("_thresholds", "_classes")):
        assert len(one.rows) == 15
    if one.tex:
        assert one.tex.count(r"\\") == len(one.rows), one.name
