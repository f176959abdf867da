"""What the map sends and is sent: where films lie once, and after that only what has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Looking, watching
from tests.browser.server import TIMEOUT_MS, open_page, serving, settle
from tests.browser.test_map import colour_by, expect_selected, lasso, lonely_row, rows_lit, spot_of, the_map
from tests.browser.wire import Wire
from tests.pages.embeddings_only import embeddings_only, make_embeddings_only

pytestmark = pytest.mark.browser
MOST_BYTES = 4000
"""Of a click, in all."""
POINTS = """map => {
    const { layout, selected, chosen, shades } = map.filmMap;
    return { n: layout.n, first: [...layout.points[0].values.slice(0, 6)], chosen, colour: shades[0].colours.title };
}"""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on two studies of embeddings, of different films."""
    folder = tmp_path_factory.mktemp("wire")
    made = [make_embeddings_only(folder / name, n_films=n) for name, n in (("first", 900), ("second", 700))]
    with serving(folder / "server.log", studies=made) as address:
        yield address


@pytest.fixture
def seen(browser: Browser, two: str) -> Iterator[tuple[Looking, Wire]]:
    """A window on the first study's map, and what comes to it from here on."""
    with watching(browser, two) as looking:
        wire = Wire.of(looking.page)
        open_page(looking.page, f"{two}/embedding_space?study=first")
        the_map(looking.page)
        settle(looking.page)
        assert wire.components()["film_map"] > 900 * 4
        wire.forget()
        yield looking, wire
        assert not looking.errors


def click_a_film(page: Page) -> int:
    row = lonely_row(page)
    page.mouse.click(*spot_of(page, row))
    expect(page).to_have_url(re.compile(f"film=film-{row:06d}"), timeout=TIMEOUT_MS)
    expect(page.get_by_text(re.compile(f"^film-{row:06d}:"))).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    return row


def test_a_click_sends_nothing_of_the_map_but_the_film(seen: tuple[Looking, Wire]) -> None:
    looking, wire = seen
    row = click_a_film(looking.page)
    sent = {name: size for name, size in wire.components().items() if name.startswith("film_")}
    assert set(sent) == {"film_map_film"}
    assert wire.n_bytes() <= MOST_BYTES
    assert the_map(looking.page).evaluate(POINTS)["chosen"] == row


def test_a_nearest_film_opens_in_the_same_way_and_the_table_is_one_to_read_aloud(seen: tuple[Looking, Wire]) -> None:
    looking, wire = seen
    page = looking.page
    click_a_film(page)
    wire.forget()
    tile = page.locator(".about-film .gallery button").first
    name = tile.locator("b").inner_text()
    tile.click()
    expect(page).to_have_url(re.compile(f"film={name}"), timeout=TIMEOUT_MS)
    table = page.get_by_role("table", name=f"Labels and scores of {name}")
    expect(table).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    assert wire.n_bytes() <= MOST_BYTES
    row = int(name.removeprefix("film-"))
    assert the_map(page).evaluate(POINTS)["chosen"] == row
    contents = embeddings_only(900)
    assert contents.labels is not None
    labels = contents.labels.drop(columns="image_id").iloc[row]
    assert table.get_by_role("columnheader").all_inner_texts() == ["Class", "Labelled"]
    assert table.get_by_role("rowheader").all_inner_texts() == list(labels.index)
    read = ["yes" if label == 1 else "no" for label in labels]
    assert table.get_by_role("cell").all_inner_texts() == read


def test_another_colour_sends_colours_and_a_lasso_films_only(seen: tuple[Looking, Wire]) -> None:
    looking, wire = seen
    page = looking.page
    before = the_map(page).evaluate(POINTS)
    colour_by(page, "Number of findings")
    expect(page.locator(".film-map .legend")).to_contain_text("No finding", timeout=TIMEOUT_MS)
    assert "film_map_look" in wire.components()
    assert "film_map" not in wire.components()
    assert wire.n_references() > 0
    after = the_map(page).evaluate(POINTS)
    assert after["first"] == before["first"]
    assert after["colour"] != before["colour"]
    wire.forget()
    lasso(page)
    expect_selected(page, len(rows_lit(page)))
    settle(page)
    assert "film_map_selection" in wire.components()
    assert "film_map" not in wire.components()


def test_a_selection_outlives_a_click(seen: tuple[Looking, Wire]) -> None:
    looking, _ = seen
    lasso(looking.page)
    lit = rows_lit(looking.page)
    expect_selected(looking.page, len(lit))
    settle(looking.page)
    looking.page.get_by_role("button", name="Move", exact=True).or_(
        looking.page.locator(".film-map [aria-label^=Move]")
    ).first.click()
    click_a_film(looking.page)
    assert rows_lit(looking.page) == lit


def test_another_study_gets_its_own_points_and_nothing_of_the_selection_before(seen: tuple[Looking, Wire]) -> None:
    looking, _ = seen
    page = looking.page
    lasso(page)
    expect_selected(page, len(rows_lit(page)))
    settle(page)
    before = the_map(page).evaluate(POINTS)
    page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").locator("input").click()
    page.get_by_role("option", name="second", exact=True).click()
    page.locator(".film-map[data-painted='700']").wait_for(timeout=TIMEOUT_MS)
    settle(page)
    after = the_map(page).evaluate(POINTS)
    assert after["n"] == 700
    assert after["first"] != before["first"]
    assert rows_lit(page) == []
    expect(page.get_by_text("selection is of other films")).to_have_count(0)  # nobody followed a link
    click_a_film(page)


def test_a_map_that_was_left_gets_its_points_again(seen: tuple[Looking, Wire]) -> None:
    looking, wire = seen
    page = looking.page
    before = the_map(page).evaluate(POINTS)
    for name in ("Overview", "Per class", "Overview"):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=TIMEOUT_MS)
        settle(page)
    assert page.evaluate("[...globalThis.parcels.keys()]") == []  # nothing is kept of a page that was left
    wire.forget()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Embedding space").click()
    the_map(page)
    settle(page)
    assert wire.components()["film_map"] > 900 * 4
    assert the_map(page).evaluate(POINTS)["first"] == before["first"]


def test_parcels_take_no_room(seen: tuple[Looking, Wire]) -> None:
    looking, _ = seen
    heights = looking.page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(one => one.shadowRoot?.querySelector('i'))
            .filter(one => !one.shadowRoot.querySelector('.film-map, .gallery, .deck'))
            .map(one => one.closest('[data-testid="stElementContainer"]').offsetHeight)"""
    )
    assert heights == [0, 0, 0, 0, 0]
