"""Lines of controls in a narrow window, and what the page shows while it computes."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Looking
from tests.browser.server import TIMEOUT_MS, settle

pytestmark = pytest.mark.browser
HEADER_PX: Final = 48
LONG_RUN: Final = """
const sign = document.createElement("div");
sign.className = "stStatusWidget";
sign.textContent = "Stop";
document.querySelector(".stMainMenu").before(sign);
"""
"""Streamlit's sign of a run, where it stands."""


def test_a_narrow_window_folds_what_a_line_has_no_room_for(looking: Looking, made_up: str) -> None:
    looking.page.set_viewport_size({"width": 390, "height": 844})
    page = looking.open("per_class", made_up)
    line = page.locator(".st-key-controls")
    more = line.locator(".more-of-line")
    protocol = line.get_by_role("radio", name="The paper's")
    expect(more).to_have_text("Thresholds: Current")
    expect(protocol).to_be_hidden()
    more.focus()
    page.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(more).to_be_focused()
    protocol.click()
    settle(page)
    expect(protocol).to_be_checked()
    more.press("Enter")
    expect(more).to_have_text("Thresholds: The paper's")
    expect(protocol).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(more).to_be_hidden()
    expect(protocol).to_be_visible()
    page.evaluate(LONG_RUN)
    stop = page.locator(".stStatusWidget")
    expect(stop).to_be_visible(timeout=TIMEOUT_MS)
    box = stop.bounding_box()
    assert box is not None
    assert HEADER_PX < box["y"] < 900 - box["height"]
    assert not looking.errors
