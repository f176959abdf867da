"""Two cuts a class under mouse and keys: every figure against a count over the films, and the way through a link."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.study import Study, open_study
from core.thresholds import films_of, fit_thresholds
from core.thresholds.links import decode_thresholds
from core.thresholds.settled import settled_films
from tests.browser.conftest import Looking, watching
from tests.browser.deck_page import DeckPage
from tests.browser.server import open_page, settle

pytestmark = pytest.mark.browser
FINDING = "Cardiomegaly"
SETTLED = ("ruled_out", "left", "ruled_in")


@pytest.fixture(scope="module")
def study(folder: Path, made_up: str) -> Study:
    return open_study(folder / made_up)


def _cuts(page: Page, study: Study) -> tuple[np.ndarray, np.ndarray]:
    """Both cuts of every class as the address holds them, to the last bit."""
    (held,) = parse_qs(urlsplit(page.url).query)["thresholds"]
    fingerprint = study.scores_fingerprint("fine_tune")
    low, high = (decode_thresholds(word, fingerprint, len(study.classes)) for word in held.split("~")[1].split("."))
    return low, high


def _says(deck: DeckPage, study: Study) -> None:
    """Every row's counts are those of the films between the cuts of the address."""
    low, high = _cuts(deck.page, study)
    start = fit_thresholds(study, "fine_tune")
    wanted = settled_films(study, "val", start.with_values(low, films_of(study, "val"), uppers=high))
    for finding, one in wanted.per_class.items():
        shown = [deck.row(finding).locator(f'[data-settled="{name}"]').inner_text() for name in SETTLED]
        assert shown == [f"{one.ruled_out:,}", f"{one.left:,}", f"{one.ruled_in:,}"], finding
        note = deck.row(finding).locator('[data-settled-note="ruled_out"]').inner_text()
        assert note.startswith(f"{one.missed:,} missed")
    said = deck.root.locator("[data-settled-overall]").inner_text()
    assert f"{100 * wanted.labels_settled:.1f} % of labels" in said
    assert f"{100 * wanted.films_settled:.1f} % of films" in said


def test_both_cuts_move_live_by_mouse_and_keys_and_count_every_film(
    looking: Looking, browser: Browser, made_up: str, study: Study
) -> None:
    page = looking.open("thresholds", made_up)
    deck = DeckPage(page)
    deck.root.get_by_label("Cuts").select_option("two")
    page.wait_for_timeout(200)
    deck.confirmed()
    deck.drag(FINDING, 0.5, 0.3)
    upper = deck.row(FINDING).get_by_role("slider", name="Rule-in cut")
    before = deck.row(FINDING).locator('[data-settled="ruled_in"]').inner_text()
    box = upper.bounding_box()
    plot = deck.row(FINDING).locator(".plot").bounding_box()
    assert box is not None
    assert plot is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(plot["x"] + 0.45 * plot["width"], y, steps=6)
    page.wait_for_timeout(100)
    held = deck.row(FINDING).locator('[data-settled="ruled_in"]').inner_text()
    assert held != before  # live, before Python has answered
    assert deck.root.get_attribute("data-confirmed") == ""
    page.mouse.up()
    deck.confirmed()
    assert deck.row(FINDING).locator('[data-settled="ruled_in"]').inner_text() == held
    upper.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    deck.confirmed()
    field = page.get_by_label(f"Rule-in cut of {FINDING}, as a number")
    (low, high), column = _cuts(page, study), study.classes.index(FINDING)
    for typed, wanted in ((low[column] - 1, low[column]), (high[column] + 0.25, None)):
        field.click()
        field.press("ControlOrMeta+a")
        field.press_sequentially(f"{typed:.3f}")
        field.press("Tab")  # Tab takes what was typed, and goes on
        page.wait_for_timeout(200)
        deck.confirmed()
        assert _cuts(page, study)[1][column] == (float(f"{typed:.3f}") if wanted is None else wanted)
        _says(deck, study)
    assert field.evaluate("field => field.getRootNode().activeElement !== field")
    _says(deck, study)
    deck.press(FINDING, "End")  # the threshold takes the rule-in cut along: nothing is left between
    assert deck.row(FINDING).locator('[data-settled="left"]').inner_text() == "0"
    deck.click("Undo")
    _says(deck, study)
    with watching(browser, looking.address) as other:
        open_page(other.page, page.url)
        again = DeckPage(other.page)
        _says(again, study)
        assert not other.errors
    assert not looking.errors


def test_the_clinics_prevalence_moves_precision_and_leaves_recall(
    looking: Looking, browser: Browser, made_up: str, study: Study
) -> None:
    page = looking.open("thresholds", made_up)
    deck = DeckPage(page)
    deck.row(FINDING).get_by_role("button", name=FINDING, exact=True).click()
    deck.confirmed()
    page.get_by_text("At my clinic", exact=True).click()
    found, missed, false_alarms = deck.counts(FINDING)
    n_read = int(np.count_nonzero(~np.isnan(study.labels[study.rows("val"), study.classes.index(FINDING)])))
    said = page.locator(".expected")
    assert f"{1000 * found / n_read:.1f} found" in said.inner_text()
    before = deck.figures(FINDING)
    field = page.get_by_label("Prevalence at my clinic, %")
    field.click()
    field.press("ControlOrMeta+a")
    field.press_sequentially("2")
    field.press("Enter")
    recall = found / (found + missed)
    alarms = 980 * false_alarms / (n_read - found - missed)
    assert f"{20 * recall:.1f} found" in said.inner_text()
    assert f"Precision {20 * recall / (20 * recall + alarms):.3f}" in said.inner_text()
    settle(page)
    assert deck.figures(FINDING) == before
    page.get_by_role("radio", name="1,000 patients").click()
    settle(page)
    expect(page.get_by_text("2.0\N{NO-BREAK SPACE}% have it, at the clinic's prevalence")).to_be_visible()
    with watching(browser, looking.address) as other:
        open_page(other.page, page.url)
        expect(other.page.locator(".expected")).to_have_text(str(said.text_content()))
        assert not other.errors
    assert not looking.errors
