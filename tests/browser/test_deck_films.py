"""The films behind the deck's counts: which they are, that they stand in sight, and three clicks to a map of one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.paths import STUDIES
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from tests.browser.conftest import Looking
from tests.browser.deck_page import DeckPage
from tests.browser.server import TIMEOUT_MS

pytestmark = pytest.mark.browser
TAKES_DECK = ".st-key-figure-thresholds button.take-figure"
FINDING = "Cardiomegaly"


@pytest.fixture(scope="module")
def study(folder: Path, made_up: str) -> Study:
    return open_study(folder / made_up)


def _films(study: Study, cut: float) -> dict[str, set[int]]:
    """Rows of the validation films of each cell under a threshold, by comparing scores."""
    rows = study.rows("val")
    column = study.classes.index(FINDING)
    label = study.labels[rows, column]
    called = np.asarray(study.scores("fine_tune")[rows, column], dtype=np.float64) >= cut
    cells = {"found": (label == 1) & called, "missed": (label == 1) & ~called, "false_alarms": (label == 0) & called}
    return {name: set(map(int, rows[cell])) for name, cell in cells.items()}


def _shown(page: Page) -> set[int]:
    """Rows of the tiles in the pane."""
    tiles = page.locator(".pane section:not([hidden]) .gallery button")
    return {int(str(tile.get_attribute("data-row"))) for tile in tiles.all()}


def test_every_count_opens_its_own_films_in_sight(looking: Looking, made_up: str, study: Study) -> None:
    page = looking.open("thresholds", made_up)
    deck = DeckPage(page)
    start = fit_thresholds(study, "fine_tune").values[FINDING]
    films = _films(study, float(start or 0))
    for kind in ("found", "missed", "false_alarms"):
        deck.row(FINDING).locator(f'[data-count="{kind}"]').click()
        deck.confirmed()
        assert _shown(page) == films[kind]
        title = page.locator(".pane .list-title").first
        assert title.inner_text().startswith(f"{len(films[kind])} ") or not films[kind]
        box = page.locator(".pane .lists").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 900
    deck.row(FINDING).locator('[data-count="missed"]').click()
    deck.confirmed()
    tiles = page.locator(".pane section:not([hidden]) .gallery button")
    names = [study.image_ids[int(str(tile.get_attribute("data-row")))] for tile in tiles.all()]
    assert len(names) > 2
    tiles.first.click()
    name, where = page.locator(".pane .film b"), page.locator(".pane .film [role=status]")
    following, before = (page.locator(".pane").get_by_role("button", name=one) for one in ("Next ›", "‹ Previous"))
    expect(before).to_be_disabled()
    following.click()
    expect(name).to_have_text(names[1])
    expect(where).to_have_text(f"2 of {len(names)}")
    page.keyboard.press("ArrowRight")
    expect(name).to_have_text(names[2])
    before.click()
    expect(name).to_have_text(names[1])
    assert not looking.errors


def test_a_moving_hand_fills_the_pane_and_says_what_changed(looking: Looking, made_up: str, study: Study) -> None:
    page = looking.open("thresholds", made_up)
    deck = DeckPage(page)
    before = deck.counts(FINDING)
    deck.grab(FINDING, 0.8, 0.3)
    held = deck.counts(FINDING)
    assert page.locator(".deck").get_attribute("data-confirmed") == ""
    changed = [deck.change(FINDING, name) for name in ("found", "missed", "false_alarms")]
    assert changed == [f"{after - then:+d}" if after != then else "" for after, then in zip(held, before, strict=True)]
    titles = [one.inner_text() for one in page.locator(".pane section:not([hidden]) .list-title").all()]
    gained = [(held[0] - before[0], "newly found"), (held[2] - before[2], "new false alarms")]
    assert titles == [f"{number} {words}" for number, words in gained if number]
    page.mouse.up()
    deck.confirmed()
    now = _films(study, float(deck.thresholds()[study.classes.index(FINDING)]))
    start = _films(study, float(fit_thresholds(study, "fine_tune").values[FINDING] or 0))
    gone_over = (now["found"] - start["found"]) | (now["false_alarms"] - start["false_alarms"])
    assert _shown(page) <= gone_over
    assert len(_shown(page)) == sum(min(12, number) for number, _ in gained)
    assert not looking.errors


def test_how_many_are_missed_one_of_them_and_whether_to_trust_it_take_three_clicks(
    looking: Looking, phantom: str
) -> None:
    """Whoever has never seen the page finds the way by the words on it."""
    page = looking.open("thresholds", phantom)
    DeckPage(page)
    ids = open_study(STUDIES / phantom).image_ids
    page.get_by_role("button", name=re.compile(r"^\d+ missed")).click()
    told = page.get_by_text(re.compile(r"^\d+ missed$")).last.inner_text()
    page.get_by_text(re.compile(r"^phantom-\d+$")).first.click()
    answer = page.get_by_text("Do you trust it?")
    expect(answer).to_be_in_viewport(timeout=TIMEOUT_MS)
    picture, pane = page.locator(".pane .film img").bounding_box(), page.locator(".pane").bounding_box()
    assert picture is not None
    assert pane is not None
    assert pane["y"] <= picture["y"]
    assert picture["y"] + picture["height"] <= pane["y"] + pane["height"]  # whole, without scrolling
    scrolled, button = page.locator(".below-name").bounding_box(), page.locator(TAKES_DECK).bounding_box()
    assert scrolled is not None
    assert button is not None
    assert button["y"] + button["height"] <= scrolled["y"]  # where a bar of the pane begins
    film = page.get_by_text(re.compile(r"^phantom-\d+$")).locator("visible=true").first.inner_text()
    answer.click()
    expect(page.get_by_role("heading", name="Saliency", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    page.wait_for_url(f"**film={film}**")
    study = open_study(STUDIES / phantom)
    finding = page.get_by_role("combobox", name="Finding", exact=True).input_value()
    rows, column = study.rows("val"), study.classes.index(finding)
    called = (
        np.asarray(study.scores("fine_tune")[rows, column], dtype=float)
        >= fit_thresholds(study, "fine_tune").values[finding]
    )
    missed = rows[(study.labels[rows, column] == 1) & ~called]
    assert told == f"{len(missed)} missed"
    assert ids.index(film) in missed
    assert not looking.errors


def test_all_classes_and_the_figures_over_them_fit_one_window(looking: Looking, phantom: str) -> None:
    page = looking.open("thresholds", phantom)
    deck = DeckPage(page)
    rows = deck.root.locator(".row[data-class]")
    assert rows.count() == 14
    for part in (rows.first, rows.last, deck.root.locator('[data-overall="macro_f1"]'), page.locator(".pane .lists")):
        box = part.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 900
    last = rows.last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 900
