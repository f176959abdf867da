"""The map of films as its users handle it: on the study that ships, and on one with embeddings only."""

from __future__ import annotations

import math
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.embedding_space.selected_films import MOST_SHOWN
from tests.browser.conftest import Looking, watching
from tests.browser.server import TIMEOUT_MS, settle
from tests.pages.embeddings_only import make_embeddings_only

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def embeddings_only(folder: Path, address: str) -> str:
    """A study without films and without scores, beside the others."""
    return make_embeddings_only(folder / "embeddings-only").name


def the_map(page: Page):  # type: ignore[no-untyped-def]
    """The component, once it has painted."""
    page.locator(".film-map[data-painted]").wait_for(timeout=TIMEOUT_MS)
    return page.locator(".film-map")


def lonely_row(page: Page, most: int = 600) -> int:
    """A film whose point no other comes near to, so that the pointer means this one."""
    return int(
        the_map(page).evaluate(
            """(map, most) => {
                const { placed } = map.filmMap.panels[0], space = row => {
                    let least = Infinity;
                    for (let i = 0; i < placed.length / 2; i++) if (i !== row) least = Math.min(least,
                        Math.hypot(placed[2 * i] - placed[2 * row], placed[2 * i + 1] - placed[2 * row + 1]));
                    return least;
                };
                const rows = [...Array(Math.min(most, placed.length / 2)).keys()];
                return rows.map(row => [space(row), row]).sort((a, b) => b[0] - a[0])[0][1];
            }""",
            most,
        )
    )


def spot_of(page: Page, row: int, panel: int = 0) -> tuple[float, float]:
    """Where a film lies in the window."""
    x, y = the_map(page).evaluate(
        "(map, [row, panel]) => map.filmMap.where(row, map.filmMap.panels[panel])", [row, panel]
    )
    return float(x), float(y)


def lasso(page: Page, *, share: float = 0.3, panel: int = 0) -> None:
    """Draws a circle about the middle of a map; share : its radius, of the map's width."""
    page.get_by_role("button", name="Lasso").click()
    box = page.locator(".film-map canvas.over").nth(panel).bounding_box()
    assert box is not None
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, share * box["width"]
    turns = [2 * math.pi * step / 16 for step in range(17)]
    page.mouse.move(x + radius, y)
    page.mouse.down()
    for turn in turns:
        page.mouse.move(x + radius * math.cos(turn), y + radius * math.sin(turn))
    page.mouse.up()


def expect_selected(page: Page, number: int) -> None:
    """Waits until the gallery's heading says so many films."""
    films = "film" if number == 1 else "films"
    heading = page.get_by_role("heading", name=f"Selection: {number:,} {films}", exact=True)
    expect(heading).to_be_visible(timeout=TIMEOUT_MS)


def colour_by(page: Page, title: str) -> None:
    page.get_by_test_id("stSelectbox").filter(has_text="Colour by").locator("input").click()
    page.get_by_role("option", name=title, exact=True).click()
    expect(page.locator(".film-map")).to_be_visible()
    settle(page)


def rows_lit(page: Page) -> list[int]:
    """The rows that the map shows as selected."""
    lit = "map => [...(map.filmMap.selected || []).entries()].filter(entry => entry[1]).map(entry => entry[0])"
    return [int(row) for row in the_map(page).evaluate(lit)]


def assert_sound(seen: Looking) -> None:
    assert seen.page.get_by_test_id("stException").count() == 0
    assert not seen.errors
    assert not seen.outside


def handle_all(seen: Looking, browser: Browser, study: str, *, colour: str, has_films: bool) -> None:
    """Hover, click, lasso, gallery, another colour, another page and back, and the link in a new window."""
    page = seen.open("embedding_space", study)
    row = lonely_row(page)
    page.mouse.move(*spot_of(page, row))
    card = page.locator(".film-map .card")
    expect(card).to_contain_text(re.compile(r"(phantom|film)-\d+"), timeout=TIMEOUT_MS)
    film = card.locator("b").inner_text()
    assert card.locator("tr").count() == (6 if has_films else 0)
    if has_films:
        expect(card.locator("img")).to_have_js_property("complete", True, timeout=TIMEOUT_MS)
        assert int(card.locator("img").evaluate("image => image.naturalWidth")) > 50
    page.mouse.click(*spot_of(page, row))
    expect(page.get_by_text(re.compile(f"^{film}:"))).to_be_visible(timeout=TIMEOUT_MS)
    expect(page).to_have_url(re.compile(f"film={film}"), timeout=TIMEOUT_MS)
    settle(page)

    lasso(page)
    lit = rows_lit(page)
    number = len(lit)
    assert number > 12
    expect_selected(page, number)
    settle(page)
    expect(page.locator(".gallery").first.locator("button")).to_have_count(min(number, MOST_SHOWN))
    expect(page.get_by_text("What the selection is made of")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page).to_have_url(re.compile("selected="), timeout=TIMEOUT_MS)
    colour_by(page, colour)
    assert rows_lit(page) == lit
    expect_selected(page, number)

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Per class").click()
    expect(page.get_by_role("heading", name="Per class", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Embedding space").click()
    expect(page.get_by_role("heading", name="Embedding space", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    expect_selected(page, number)
    assert rows_lit(page) == lit
    expect(page.get_by_role("combobox", name="Colour by")).to_have_value(colour)
    settle(page)
    link = page.url
    with watching(browser, seen.address) as other:
        other.page.goto(link)
        expect_selected(other.page, number)
        assert rows_lit(other.page) == lit
        expect(other.page.get_by_text(re.compile(f"^{film}:"))).to_be_visible(timeout=TIMEOUT_MS)
        assert_sound(other)
    assert_sound(seen)


def test_the_map_of_the_study_that_ships(looking: Looking, browser: Browser, phantom: str) -> None:
    handle_all(looking, browser, phantom, colour="Domain", has_films=True)


def test_the_map_of_a_study_with_embeddings_only(looking: Looking, browser: Browser, embeddings_only: str) -> None:
    handle_all(looking, browser, embeddings_only, colour="Number of findings", has_films=False)


def test_side_by_side_both_maps_light_the_same_films(looking: Looking, made_up: str) -> None:
    page = looking.open("embedding_space", made_up, "&encoder=both")
    expect(page.locator(".film-map canvas.over")).to_have_count(2)
    lasso(page, panel=1)
    lit = rows_lit(page)
    assert lit
    expect_selected(page, len(lit))
    row = lit[0]
    first, second = spot_of(page, row), spot_of(page, row, panel=1)
    assert first != second
    settle(page)
    page.get_by_role("button", name="Clear selection").click()
    expect(page.get_by_text("Nothing is selected")).to_be_visible(timeout=TIMEOUT_MS)
    assert rows_lit(page) == []
    assert_sound(looking)


def test_a_film_with_two_findings_shows_both_colours_and_shift_adds_to_a_selection(
    looking: Looking, made_up: str
) -> None:
    page = looking.open("embedding_space", made_up, "&colour=findings&classes=Cardiomegaly&classes=Lung+Opacity")
    expect(page.locator(".film-map .legend")).to_contain_text("several: a slice of each colour", timeout=TIMEOUT_MS)
    colours = the_map(page).evaluate(
        """map => {
            const shade = map.filmMap.shades[0], row = [...shade.colours.values].findIndex(code => code === 6);
            const { pixels } = shade.stampOf(row), seen = new Set();
            for (let at = 0; at < pixels.length; at += 4)
                if (pixels[at + 3] > 200) seen.add([...pixels.slice(at, at + 3)].join());
            return [...seen].sort();
        }"""
    )
    assert len(colours) == 2
    lasso(page, share=0.1)
    few = set(rows_lit(page))
    page.keyboard.down("Shift")
    lasso(page, share=0.2)
    page.keyboard.up("Shift")
    more = set(rows_lit(page))
    assert few < more
    expect_selected(page, len(more))
    page.get_by_role("button", name="Box").click()
    box = page.locator(".film-map canvas.over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    boxed = set(rows_lit(page))
    middle = box["x"] + box["width"] / 2
    assert boxed
    assert all(spot_of(page, row)[0] <= middle + 1 for row in boxed)
    assert_sound(looking)


def test_a_suspect_label_is_one_click_from_its_film_and_a_list_can_be_lit_on_the_map(
    looking: Looking, made_up: str
) -> None:
    page = looking.open("embedding_space", made_up)
    page.get_by_role("tab", name="Labels to look at again").click()
    page.get_by_text("Outliers", exact=True).click()
    tile = page.locator(".gallery").last.locator("button").nth(2)
    expect(tile).to_contain_text("as far from its neighbours", timeout=TIMEOUT_MS)
    settle(page)
    film = tile.locator("b").inner_text()
    tile.click()
    expect(page.get_by_text(re.compile(f"^{film}:"))).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    page.get_by_role("button", name="Select these on the map").click()
    page.locator(".film-map .foot").filter(has_text="selected").wait_for(timeout=TIMEOUT_MS)
    expect_selected(page, len(rows_lit(page)))
    assert_sound(looking)


def test_the_canvas_follows_a_change_of_theme(looking: Looking, made_up: str) -> None:
    looking.page.emulate_media(color_scheme="light")
    page = looking.open("embedding_space", made_up)
    for scheme, is_right in (
        ("light", lambda grey: grey > 200),
        ("dark", lambda grey: grey < 60),
        ("light", lambda grey: grey > 200),
    ):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        deadline = time.monotonic() + 20
        while not is_right(corner_of(page)) and time.monotonic() < deadline:
            page.wait_for_timeout(100)
        assert is_right(corner_of(page)), scheme
    assert_sound(looking)


def corner_of(page: Page) -> int:
    """How light the ground of the map is, 0..255."""
    the_map(page)
    canvas = page.locator(".film-map canvas.base").first
    return int(canvas.evaluate("canvas => canvas.getContext('2d').getImageData(2, 2, 1, 1).data[1]"))
