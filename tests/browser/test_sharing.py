"""Share, on any page: a link to the view, all figures in one ZIP, and the report with the thresholds in use."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Looking
from tests.browser.deck_page import DeckPage
from tests.browser.server import TIMEOUT_MS, settle

pytestmark = pytest.mark.browser
FINDING = "Cardiomegaly"


def opened(page: Page) -> None:
    """Opens Share, and waits for all that it offers."""
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Report: ").wait_for(timeout=TIMEOUT_MS)


def test_the_report_of_another_page_has_the_threshold_that_was_typed_and_its_figures_come_in_one_zip(
    looking: Looking, made_up: str, tmp_path: Path
) -> None:
    deck = DeckPage(looking.open("thresholds", made_up))
    field = deck.row(FINDING).locator("input.number")
    field.click()
    field.press("ControlOrMeta+a")
    field.press_sequentially("0.4321")
    field.press("Enter")
    expect(field).to_have_value("0.4321")
    settle(looking.page)
    page = looking.page
    page.get_by_role("link", name="Per class").click()
    page.get_by_role("heading", name="Per class").wait_for(timeout=TIMEOUT_MS)
    settle(page)
    opened(page)
    with page.expect_download(timeout=TIMEOUT_MS) as download:
        page.get_by_role("button", name="Report: ").click()
    report = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename == f"{made_up}_all-settings_test_report.html"
    assert "0.4321" in report
    with page.expect_download(timeout=TIMEOUT_MS) as download:
        page.get_by_role("button", name="All figures").click()
    assert download.value.suggested_filename == f"{made_up}_per_class_figures.zip"
    with zipfile.ZipFile(download.value.path()) as taken:
        assert taken.testzip() is None
        names = {name.rpartition("_")[2] for name in taken.namelist()}
        csv = next(name for name in taken.namelist() if name.endswith("_classes.csv"))
        assert len(taken.read(csv).decode().splitlines()) == 15
    assert {"classes.png", "classes.svg", "classes.csv", "roc-Cardiomegaly.png"} <= names
    page.get_by_role("button", name="Copy a link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    assert not looking.errors
    assert not looking.outside
