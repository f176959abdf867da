"""The truth dial under real keys: figures follow in the browser, Python agrees, links and thresholds go along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.figures.class_tables import class_words
from core.labels.convention import Convention
from core.report.report import compute_report
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from pages.shared.truth_dial import key_of, positions
from tests.browser.deck_page import DeckPage
from tests.browser.dial_study import WRITTEN, write_dial_study
from tests.browser.server import TIMEOUT_MS, open_page, serving
from tests.browser.turned_table import TurnedTable

pytestmark = pytest.mark.browser
FINDING = "Pleural Effusion"
MOST = "room~negative~negative~majority"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dial_study(tmp_path_factory.mktemp("dial") / "dial")


@pytest.fixture(scope="module")
def server(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("log") / "server.log", studies=[study]) as address:
        yield address


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    yield page
    context.close()


def _position(study: Study) -> Convention:
    return next(one for one in positions(study) if key_of(one) == MOST)


def _choose(page: Page, words: str, *keys: str) -> None:
    """Puts the focus on an option that is chosen, and presses keys."""
    page.get_by_role("radio", name=words, exact=True).first.focus()
    for key in keys:
        page.keyboard.press(key)


def test_figures_follow_a_turn_before_python_does_and_python_agrees(page: Page, server: str, study: Path) -> None:
    open_page(page, f"{server}/thresholds?study=dial")
    deck = DeckPage(page)
    start, before = deck.thresholds(), deck.overall("macro_f1")
    _choose(page, "reports", "ArrowRight")
    expect(deck.root).to_have_attribute("data-truth", "room~negative~negative~any")
    _choose(page, "any reader says so", "ArrowRight")
    expect(deck.root).to_have_attribute("data-truth", MOST)
    expect(deck.root.locator(".row[data-class]")).to_have_count(len(start))
    at_once, cuts = deck.overall("macro_f1"), deck.thresholds()
    deck.confirmed()  # that Python counts the same is part of it
    assert deck.overall("macro_f1") == at_once != before
    assert deck.thresholds() == cuts != start
    opened = open_study(study)
    position = _position(opened)
    fitted = fit_thresholds(opened.under(position), "second").array()
    assert cuts == [str(None if cut != cut else float(cut)) for cut in fitted]
    expect(page).to_have_url(f"{server}/thresholds?study=dial&labels={MOST}")
    expect(page.get_by_text("What moves most:")).to_be_visible()
    expect(page.get_by_text("Under all 12 ways to read the labels")).to_be_visible()
    _choose(page, "room", "ArrowLeft")
    deck.confirmed()
    assert (deck.thresholds(), deck.overall("macro_f1")) == (start, before)
    assert key_of(WRITTEN) == deck.root.get_attribute("data-truth")


def test_a_moved_threshold_stays_where_it_is_and_the_link_says_all(browser: Browser, page: Page, server: str) -> None:
    open_page(page, f"{server}/thresholds?study=dial")
    deck = DeckPage(page)
    deck.press(FINDING, "ArrowLeft", "ArrowLeft", "ArrowLeft")
    moved = deck.row(FINDING).locator("input.number").get_attribute("data-value")
    _choose(page, "reports", "ArrowRight")
    deck.confirmed()
    assert deck.row(FINDING).locator("input.number").get_attribute("data-value") == moved
    expect(page.get_by_text("1 threshold moved on validation films")).to_be_visible()
    other = browser.new_context(viewport={"width": 1440, "height": 1400}).new_page()
    open_page(other, page.url)
    shown = DeckPage(other)
    assert shown.thresholds() == deck.thresholds()
    assert shown.figures(FINDING) == deck.figures(FINDING)
    other.context.close()


def test_per_class_reads_by_the_same_position(page: Page, server: str, study: Path) -> None:
    open_page(page, f"{server}/per_class?study=dial&labels={MOST}")
    opened = open_study(study)
    turned = opened.under(_position(opened))
    column = turned.classes.index("Support Devices")
    labels = turned.labels[turned.rows("test"), column]
    n_positive, n_labelled = int((labels == 1).sum()), int((labels == labels).sum())
    expect(
        page.get_by_text(f"{n_positive} positive of {n_labelled} films labelled for Support Devices")
    ).to_be_visible()
    page.get_by_role("link", name="Thresholds").first.click()
    DeckPage(page)
    page.get_by_role("link", name="Per class").first.click()
    expect(page.get_by_text(f"{n_positive} positive of {n_labelled} films")).to_be_visible()  # it stays
    _choose(page, "room", "ArrowLeft")
    labels = opened.labels[opened.rows("test"), column]
    words = f"{int((labels == 1).sum())} positive of {int((labels == labels).sum())} films labelled for"
    expect(page.get_by_text(words)).to_be_visible()


def test_every_figure_of_per_class_follows_a_turn_in_the_browser(page: Page, server: str, study: Path) -> None:
    open_page(page, f"{server}/per_class?study=dial")
    table = TurnedTable(page)
    opened = open_study(study)
    assert table.root.get_attribute("data-truth") == key_of(WRITTEN)
    before = table.rows()
    table.root.evaluate(
        "root => addEventListener('truth:turned', () => setTimeout(() => {"
        "window.first = [root.dataset.truth, root.dataset.confirmed]; }))"
    )
    _choose(page, "reports", "ArrowRight")
    expect(table.root).to_have_attribute("data-truth", "room~negative~negative~any")
    at_once = table.rows()
    assert page.evaluate("window.first") == ["room~negative~negative~any", key_of(WRITTEN)]  # before Python
    table.confirmed()
    assert at_once == table.rows() != before
    turned = opened.under(next(one for one in positions(opened) if key_of(one) == "room~negative~negative~any"))
    sets = [fit_thresholds(turned, name) for name in turned.settings]
    report = compute_report(turned, "test", thresholds=sets, intervals=True)
    _, rows = class_words(report.settings["second"].per_class)
    assert at_once == [list(row) for row in rows]
    table.sort("Positive")
    assert (counts := [int(words) for words in table.column("Positive")]) == sorted(counts, reverse=True)
    _choose(page, "any reader says so", "ArrowRight")
    expect(table.root).to_have_attribute("data-truth", MOST)
    assert (counts := [int(words) for words in table.column("Positive")]) == sorted(counts, reverse=True)
