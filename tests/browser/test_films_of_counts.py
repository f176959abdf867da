"""One click on a count opens its films, wherever the count stands: curves, pairs of classes, the legend of the map."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.study import Study, open_study
from core.thresholds import ThresholdSet, fit_thresholds
from core.thresholds.listed_films import film_outcomes, listed_films
from pages.embedding_space.selected_films import MOST_SHOWN
from tests.browser.conftest import Looking
from tests.browser.deck_page import DeckPage
from tests.browser.server import TIMEOUT_MS, settle
from tests.browser.test_map import expect_selected, lasso, rows_lit

pytestmark = pytest.mark.browser
FINDING = "Cardiomegaly"


@pytest.fixture(scope="module")
def study(folder: Path, made_up: str) -> Study:
    return open_study(folder / made_up)


def _click_mark(page: Page, mark: Locator) -> None:
    """A click in the middle of a mark of a chart, whatever lies over it."""
    mark.scroll_into_view_if_needed()
    settle(page)
    box = mark.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_timeout(300)  # a hand comes before it clicks
    page.mouse.click(x, y)


def _listed(page: Page) -> list[int]:
    tiles = page.locator(".gallery:not(.small-tiles) button")
    tiles.first.wait_for(timeout=TIMEOUT_MS)
    settle(page)
    return [int(str(tile.get_attribute("data-row"))) for tile in tiles.all()]


def _legend_and_lasso(looking: Looking, study: Study, chosen: ThresholdSet) -> None:
    """A click in the legend narrows what is picked, a lasso takes films of it; each comes off by itself."""
    page, all_rows = looking.page, np.arange(len(study.image_ids))
    outcomes = np.array(film_outcomes(study, chosen, FINDING, all_rows))
    silent = set(np.flatnonzero(outcomes == "TN").tolist())
    lasso(page, share=0.3)
    picked = set(rows_lit(page))
    expect_selected(page, len(picked))
    entry = page.locator(".film-map .legend").get_by_role("button", name=re.compile(r"^Rightly silent \("))
    entry.click()
    both = sorted(picked & silent)
    assert 0 < len(both) < len(picked)
    expect_selected(page, len(both))
    assert rows_lit(page) == both
    settle(page)
    tiles = page.locator(".gallery.small button")
    listed = [int(str(tile.get_attribute("data-row"))) for tile in tiles.all()]
    assert len(listed) == min(len(both), MOST_SHOWN)
    assert set(listed) <= set(both)
    expect(tiles.first).to_contain_text(re.compile(rf"Rightly silent\s*: {FINDING} by Fine-tuning"))
    in_view = tiles.first.bounding_box()
    assert in_view is not None
    assert in_view["y"] + in_view["height"] < 900
    assert page.evaluate("scrollY + document.querySelector('.stMain').scrollTop") == 0
    for part in (r"within=Rightly\+silent", "selected="):
        expect(page).to_have_url(re.compile(part), timeout=TIMEOUT_MS)
    page.goto(page.url)  # as anybody who opens the link
    expect_selected(page, len(both))
    assert rows_lit(page) == both
    expect(entry).to_have_attribute("aria-pressed", "true")
    page.locator(".film-map canvas.over").focus()
    page.keyboard.press("Escape")  # takes the lasso off, then the legend
    expect_selected(page, len(silent))
    assert set(rows_lit(page)) == silent
    settle(page)
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nothing is selected", exact=False)).to_be_visible(timeout=TIMEOUT_MS)
    expect(page).not_to_have_url(re.compile("within="), timeout=TIMEOUT_MS)


def test_points_pairs_and_legend_open_their_films_with_one_click(looking: Looking, made_up: str, study: Study) -> None:
    chosen = fit_thresholds(study, "fine_tune")
    missed = listed_films(study, "test", chosen, FINDING, "missed")
    query = f"&read_on=test&below=curves&curves_of=one&finding={FINDING}"
    page = looking.open("thresholds", made_up, query)
    marks = page.locator(".js-plotly-plot .scatterlayer .trace .points path")
    _click_mark(page, marks.last)  # the last setting's
    assert _listed(page) == list(missed[:12])
    page.locator(".gallery:not(.small-tiles) button").first.click()
    page.get_by_role("button", name="Next", exact=True).click()  # a film of a list has the one before and the one after
    of = f"{study.image_ids[int(missed[1])]}: film 2 of {len(missed)}"
    expect(page.get_by_text(of, exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    expect(page).to_have_url(re.compile(rf"point=2\.{study.classes.index(FINDING)}"), timeout=TIMEOUT_MS)
    page.get_by_role("button", name="All on the map").last.click()
    expect(page.get_by_role("heading", name=f"Selection: {len(missed)} film", exact=False)).to_be_visible(
        timeout=TIMEOUT_MS
    )
    expect(page).to_have_url(re.compile("within=Missed"), timeout=TIMEOUT_MS)
    looking.open("embedding_space", made_up, f"&finding={FINDING}")
    _legend_and_lasso(looking, study, chosen)

    page = looking.open("per_class", made_up, "&class_part=Findings+together&split=test")
    rows = study.rows("test")
    positive = (study.labels[rows] == 1).astype(int)
    together = np.triu(positive.T @ positive, 1)
    row, column = map(int, np.unravel_index(together.argmax(), together.shape))
    marks = page.locator(".js-plotly-plot").first.locator(".scatterlayer .trace .points path")
    _click_mark(page, marks.nth(row * len(study.classes) + column))
    both = rows[(study.labels[rows][:, [row, column]] == 1).all(axis=1)]
    assert _listed(page) == list(both[:12])
    assert not looking.errors


def test_a_click_in_the_pane_selects_all_films_of_a_list_on_the_map(
    looking: Looking, made_up: str, study: Study
) -> None:
    page = looking.open("thresholds", made_up, f"&finding={FINDING}&listed=false_alarms")
    deck = DeckPage(page)
    alarms = listed_films(study, "val", fit_thresholds(study, "fine_tune"), FINDING, "false_alarms")
    expect(page.locator(".pane .list-title").first).to_have_text(f"{len(alarms)} false alarms")  # as the link says
    deck.drag(FINDING, 0.8, 0.3)
    moved = float(deck.thresholds()[study.classes.index(FINDING)])
    rows, column = study.rows("val"), study.classes.index(FINDING)
    scores, start = study.scores("fine_tune")[rows, column].astype(float), fit_thresholds(study, "fine_tune")
    changed = (scores >= moved) != (scores >= float(start.values[FINDING] or 0))
    number = int(np.count_nonzero(changed & ~np.isnan(study.labels[rows, column])))
    page.locator(".pane").get_by_role("button", name="All on the map").click()
    expect(page.get_by_role("heading", name=f"Selection: {number} films", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    assert not looking.errors

    page.get_by_role("link", name="Thresholds").first.click()
    DeckPage(page)
    page.locator(".pane").locator("[data-large=found]").click()
    settle(page)
    page.locator(".pane").get_by_role("button", name="All on the map").click()
    expect(page).to_have_url(re.compile("within=Found"), timeout=TIMEOUT_MS)
    expect_selected(page, len(rows_lit(page)))
    expect(page.locator(".film-map").get_by_role("button", name="Lasso")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("link", name="Thresholds").first.click()
    DeckPage(page)
    page.get_by_role("button", name="On the map", exact=True).click()
    expect(page.get_by_role("combobox", name="Colour by")).to_have_value("Right or wrong", timeout=TIMEOUT_MS)
    expect(page.locator(".film-map .legend")).to_contain_text("False alarm", timeout=TIMEOUT_MS)
    for part in (r"map_split=val", r"encoder=fine_tuned"):
        expect(page).to_have_url(re.compile(part))
    assert not looking.errors
