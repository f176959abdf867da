"""Twin films in Chromium: a press changes the film, its scores and the address, and a link brings it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Looking
from tests.browser.server import TIMEOUT_MS, settle
from tests.browser.taking import take

pytestmark = pytest.mark.browser


def _twin(page: Page) -> str:
    """Where the browser has the twin's picture from."""
    return str(page.get_by_test_id("stImage").locator("img").nth(1).get_attribute("src"))


def test_a_press_makes_the_twin_and_a_link_brings_it_back(looking: Looking, phantom: str, tmp_path: Path) -> None:
    page = looking.open("twins", phantom)
    settle(page)
    before = _twin(page)
    expect(page.get_by_text("The twin is the film: press a finding.")).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_role("button", name="Cardiomegaly", exact=True).click()
    expect(page.get_by_text("Mean change in the outline")).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    after = _twin(page)
    assert after != before
    assert "twin=" in page.url
    page.reload()
    expect(page.get_by_text("Mean change in the outline")).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    assert _twin(page) == after
    matrix = take(page, page.get_by_role("button", name="Take along: Cause:"), tmp_path)
    assert matrix.name == f"{phantom}_fine_tune_test_causes"
    assert matrix.png[0] >= 2 * matrix.width
    assert "Fine-tuning, test films." in matrix.words
    assert len(matrix.rows) == 14 * 14 + 1
    own = next(row for row in matrix.rows if row[1:3] == ["Edema", "Edema"])
    assert f"{float(own[3]):.1f}" in matrix.words
    assert not looking.errors
    assert not looking.outside
