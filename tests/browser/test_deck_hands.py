"""The threshold deck under real keys and a change of study: what a test that fills fields in does not see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Looking, watching
from tests.browser.deck_page import DeckPage
from tests.browser.server import TIMEOUT_MS, open_page, serving, settle
from tests.pages.scores_only import make_scores_only

pytestmark = pytest.mark.browser
FINDING = "Cardiomegaly"
STUDIES = {"two": ("Edema", "Mass"), "three": ("Nodule", "Hernia", "Edema"), "other": ("Nodule", "Mass")}


def test_a_threshold_is_typed_key_by_key_and_tab_goes_on(looking: Looking, made_up: str) -> None:
    page = looking.open("thresholds", made_up)
    deck = DeckPage(page)
    field = deck.row(FINDING).locator("input.number")
    before = deck.predicted(FINDING)
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("-99")
    expect(field).to_have_value("-99")
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    deck.confirmed()
    assert deck.predicted(FINDING) > before
    assert deck.figures(FINDING)["recall"] == "1.000"
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")  # no threshold, and on to the next row
    page.wait_for_timeout(100)
    deck.confirmed()
    assert deck.predicted(FINDING) == 0
    assert _focused(page) not in ("", f"Threshold of {FINDING}, as a number")
    assert not looking.errors


def test_tab_walks_through_the_whole_deck(looking: Looking, made_up: str) -> None:
    """No element of it holds the key back: from the first row's name to what stands below the last row."""
    page = looking.open("thresholds", made_up)
    deck = DeckPage(page)
    n_rows = deck.root.locator(".row[data-class]").count()
    deck.root.locator("button.name").first.focus()
    passed = []
    for _ in range(6 * n_rows + 40):  # a row's name, slider, field and three counts, and the pane beside them
        passed.append(_focused(page))
        page.keyboard.press("Tab")
        if _focused(page) == "":
            break
    assert len({name for name in passed if name.endswith("as a number")}) == n_rows
    assert len({name for name in passed if name.endswith(" missed")}) >= n_rows
    assert _focused(page) == ""
    page.keyboard.press("Shift+Tab")
    assert _focused(page) == passed[-1]


def _focused(page: Page) -> str:
    """What of the deck has the focus; "" where nothing of it has."""
    return str(
        page.locator(".deck").evaluate(
            """deck => {
                const one = deck.getRootNode().activeElement;
                return one && deck.contains(one) ? one.getAttribute('aria-label') ?? one.textContent : '';
            }"""
        )
    )


@pytest.mark.parametrize("split", ["test", "val"])
def test_the_first_move_leaves_the_deck_where_it_is(looking: Looking, made_up: str, split: str) -> None:
    page = looking.open("thresholds", made_up, f"&read_on={split}")
    deck = DeckPage(page)
    before = _top(deck)
    deck.drag(FINDING, 0.7, 0.4)
    expect(page.get_by_text("1 threshold moved").first).to_be_visible(timeout=TIMEOUT_MS)
    assert _top(deck) == before
    deck.click("Reset")
    assert _top(deck) == before


def _top(deck: DeckPage) -> float:
    """Where the deck begins, from the top of the page."""
    return float(deck.root.evaluate("deck => deck.getBoundingClientRect().top + document.scrollingElement.scrollTop"))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on studies of two and three classes; all have the same setting and policy."""
    folder = tmp_path_factory.mktemp("several")
    made = [make_scores_only(folder / name, classes, seed=seed) for seed, (name, classes) in enumerate(STUDIES.items())]
    with serving(folder / "server.log", studies=made) as address:
        yield address


@pytest.mark.parametrize(("before", "after"), [("two", "three"), ("three", "two"), ("two", "other")])
def test_another_study_has_its_own_deck(browser: Browser, several: str, before: str, after: str) -> None:
    """Of more classes, of fewer, and of as many: with nothing of the study before, as if it had been opened first."""
    with watching(browser, several) as seen, watching(browser, several) as fresh:
        open_page(seen.page, f"{several}/thresholds?study={before}")
        deck = DeckPage(seen.page)
        deck.press(STUDIES[before][0], "Shift+ArrowLeft")
        _pick(seen.page, after)
        deck.row(STUDIES[after][0]).wait_for(timeout=TIMEOUT_MS)
        deck.confirmed()
        open_page(fresh.page, f"{several}/thresholds?study={after}")
        afresh = DeckPage(fresh.page)
        assert deck.root.locator(".row[data-class]").count() == len(STUDIES[after])
        assert deck.thresholds() == afresh.thresholds()
        for finding in STUDIES[after]:
            assert deck.figures(finding) == afresh.figures(finding)
        deck.press(STUDIES[after][-1], "Shift+ArrowLeft")
        assert deck.predicted(STUDIES[after][-1]) > afresh.predicted(STUDIES[after][-1])
        assert not seen.errors


def _pick(page: Page, study: str) -> None:
    page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").locator("input").click()
    page.get_by_role("option", name=study, exact=True).click()
    settle(page)
