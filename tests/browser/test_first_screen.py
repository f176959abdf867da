"""The first screen of every page: its first result stands high and stays where it is, and everybody can read it.

Each page of the study that ships is loaded once, at 1440 x 900; the same page is then looked at in smaller windows
and in the dark.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from core.paths import PROJECT
from pages.shared.navigation import PAGES
from tests.browser.conftest import Looking
from tests.browser.server import TIMEOUT_MS, settle
from tests.conftest import IN_CI

pytestmark = pytest.mark.browser
STEMS = [page.stem for page in PAGES]
AXE: Final = PROJECT / ".ci" / "js" / "node_modules" / "axe-core" / "axe.min.js"

WINDOWS: Final = ((1440, 900, 200), (683, 512, 300), (390, 844, 320))
"""Width and height, and how far down the first result may begin. The second is 1024 x 768 at 150 %."""
MOST_SHIFT: Final = 0.1
"""Cumulative layout shift over the load of a page, by Chromium; up to here it is called good (web.dev)."""
HEADER_PX: Final = 48

FIRST_RESULT: Final = {
    "overview": ".st-key-verdict",
    "per_class": ".stDataFrame",
    "embedding_space": ".film-map canvas",
    "thresholds": ".deck .row",
    "claims": ".st-key-claim-verdict",
    "saliency": ".viewer canvas:visible",
    "twins": ".stImage img",
    "label_budget": ".budget .mean",
}
ANY_RESULT: Final = ":is(.stDataFrame, .stMainBlockContainer :is(table, canvas), .js-plotly-plot):visible"
"""Of a page that is not named above."""
SAID: Final = {
    "overview": ["Coverage error", "Films of each class", "What is in this study"],
    "per_class": ["Over-prediction", "Findings together", "Settings compared", "Calibration"],
    "embedding_space": ["Do the classes separate?", "Click a point"],
    "thresholds": ["Macro F1", "At the starting point"],
    "saliency": ["Finding", "Masks on this film"],
}

WATCH_SHIFT: Final = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""
SCROLLED_WITHIN: Final = """
[...document.querySelectorAll(".stMain .stHorizontalBlock")]
  .filter((one) => getComputedStyle(one).overflowY === "auto" && one.scrollHeight > one.clientHeight)
  .map((one) => one.className)
"""
"""Lines and tables that scroll up and down within themselves."""


CUT_OFF: Final = """
[...document.querySelectorAll('[class*="st-key-controls"]')].flatMap((line) => {
  const { right } = line.getBoundingClientRect();
  const parts = [line, ...line.querySelectorAll('button, input, [role="radiogroup"]')];
  return parts.filter((one) => one.getBoundingClientRect().right > right + 1 || line.scrollWidth > line.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120));
})
"""
"""What of a line of controls lies behind its edge."""
COVERED: Final = """
[...document.querySelectorAll('.st-key-header-actions button, .st-key-header h1 button, .stAppHeader button')]
  .map((button) => [button, button.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0)
  .filter(([button, box]) => {
    const met = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const isSmall = !button.closest('h1') && Math.min(box.width, box.height) < 24;
    return isSmall || !button.contains(met);
  })
  .map(([button]) => button.outerHTML.slice(0, 120))
"""
"""Buttons of the header that something lies over, or that a finger would miss."""


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        reason = "axe-core is absent: .ci/js/check installs it"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return AXE.read_text(encoding="utf-8")


@pytest.mark.parametrize("stem", STEMS)
def test_every_page_begins_with_a_result_that_stays_and_can_be_read(
    looking: Looking, phantom: str, axe: str, stem: str
) -> None:
    looking.page.add_init_script(WATCH_SHIFT)
    page = looking.open(stem, phantom)
    first = FIRST_RESULT.get(stem, ANY_RESULT)
    page.locator(first).first.wait_for(timeout=TIMEOUT_MS)
    for text in ["Synthetic films", *SAID.get(stem, [])]:
        expect(page.get_by_text(text).first).to_be_attached(timeout=TIMEOUT_MS)
    settle(page)
    assert sum(page.evaluate("window.shifts")) < MOST_SHIFT
    _check_header(page)
    assert page.evaluate(SCROLLED_WITHIN) == []
    assert page.evaluate("getComputedStyle(document.querySelector('.stMain')).scrollbarGutter") == "stable"
    page.evaluate(axe)
    assert _violations(page) == []
    for width, height, most in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(400)
        assert _top_of(page, first) <= most, f"{width} x {height}"
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= width
        assert page.evaluate(CUT_OFF) == [], f"{width} x {height}"
        assert page.evaluate(COVERED) == [], f"{width} x {height}"
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(400)
    assert _violations(page, "color-contrast") == []
    assert page.get_by_test_id("stException").count() == 0
    assert not looking.errors
    assert not looking.outside


def _check_header(page: Page) -> None:
    """One line with the product, the study and its one badge, the page, and a place for what can be done."""
    header = page.locator(".st-key-header")
    box = header.bounding_box()
    assert box is not None
    assert (box["y"], box["height"]) == (0, HEADER_PX)
    assert header.locator(".stMarkdown", has_text="not for clinical use").count() == 1
    for part in header.locator("h1, .stMarkdown, button").all():
        inner = part.bounding_box()
        assert inner is None or (inner["y"] >= 0 and inner["y"] + inner["height"] <= HEADER_PX)


def _top_of(page: Page, selector: str) -> float:
    """Pixels from the top of the window to the first thing that is drawn."""
    tops = "all => all.map(one => one.getBoundingClientRect()).filter(box => box.height > 3).map(box => box.top)"
    return float(min(page.locator(selector).evaluate_all(tops)))


def _violations(page: Page, *rules: str) -> list[Any]:
    """What axe-core has against the page: rules with the elements. rules : these alone; none are all."""
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    return [(one["id"], [node["html"][:160] for node in one["nodes"][:5]]) for one in found["violations"]]
