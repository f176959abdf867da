"""An address says what is shown, and what is shown is what the widgets say: with real choices and real navigation."""

from __future__ import annotations

import math
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Looking, watching
from tests.browser.server import TIMEOUT_MS, open_page, settle

pytestmark = pytest.mark.browser


def look_at(page: Page, words: str) -> None:
    """Another part of the page of saliency."""
    page.get_by_test_id("stButtonGroup").filter(has_text="One film").get_by_text(words, exact=True).click()
    page.wait_for_timeout(300)
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.wait_for_timeout(300)
    settle(page)


def assert_map_is_of(page: Page, finding: str) -> None:
    expect(page.get_by_role("combobox", name="Finding", exact=True)).to_have_value(finding, timeout=TIMEOUT_MS)
    expect(page.locator(".viewer")).to_have_attribute("data-painted", re.compile(rf"\|{finding}\|"), timeout=TIMEOUT_MS)


@pytest.mark.parametrize("other", ["All annotated films", "A film of your own"])
def test_a_map_keeps_its_name_while_another_part_is_looked_at(looking: Looking, made_up: str, other: str) -> None:
    page = looking.open("saliency", made_up, "&film=film-0482")
    before = page.get_by_role("combobox", name="Finding", exact=True).input_value()
    finding = "Pneumonia" if before != "Pneumonia" else "Edema"
    choose(page, "Finding", finding)
    assert_map_is_of(page, finding)
    look_at(page, other)
    look_at(page, "One film")
    assert_map_is_of(page, finding)
    expect(page.locator(".viewer")).to_have_attribute("data-painted", re.compile(r"^film-0482\|"))
    expect(page.get_by_role("combobox", name=re.compile(r"^Film [\d,]+ of"))).to_have_value("film-0482")
    assert not looking.errors


def test_who_comes_with_a_film_sees_it_whatever_was_looked_at_before(looking: Looking, phantom: str) -> None:
    page = looking.open("saliency", phantom, "&film=phantom-03177")
    look_at(page, "A film of your own")
    visit(page, "Thresholds")
    visit(page, "Saliency")
    expect(page).to_have_url(re.compile("view=own"))  # nobody asked for a film
    visit(page, "Embedding space")
    page.get_by_role("link", name="Where do the models look on this film?").click()
    expect_page(page, "Saliency")
    painted = re.compile(r"^phantom-03177\|")
    expect(page.locator(".viewer")).to_have_attribute("data-painted", painted, timeout=TIMEOUT_MS)
    assert not looking.errors


def visit(page: Page, title: str) -> None:
    """Another page, from the menu."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    expect_page(page, title)


def expect_page(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)


def test_back_goes_to_the_page_before_whatever_pages_wrote_into_their_address(looking: Looking, made_up: str) -> None:
    page = looking.open("per_class", made_up)
    page.get_by_test_id("stButtonGroup").filter(has_text="Films").get_by_text("Validation", exact=False).click()
    expect(page).to_have_url(re.compile("split=val"), timeout=TIMEOUT_MS)
    settle(page)
    for title in ("Saliency", "Embedding space", "Thresholds"):
        visit(page, title)
    for title in ("Embedding space", "Saliency", "Per class"):
        page.go_back()
        expect_page(page, title)
    expect(page).to_have_url(re.compile("split=val"), timeout=TIMEOUT_MS)
    page.go_forward()
    expect_page(page, "Saliency")
    expect(page).to_have_url(re.compile("film="), timeout=TIMEOUT_MS)
    assert not looking.errors


def test_thresholds_moved_by_hand_are_in_the_address_of_every_page(
    looking: Looking, browser: Browser, made_up: str
) -> None:
    page = looking.open("thresholds", made_up, "&read_on=val&below=films")
    slider = page.get_by_role("slider").first
    slider.press("ArrowRight")
    expect(page).to_have_url(re.compile("thresholds=2"), timeout=TIMEOUT_MS)
    settle(page)
    asked = asked_of(page.url, "thresholds")
    for title in ("Per class", "Embedding space", "Saliency", "Overview"):
        visit(page, title)
        expect(page).to_have_url(re.compile("thresholds=2"), timeout=TIMEOUT_MS)
        assert asked_of(page.url, "thresholds") == asked
    visit(page, "Per class")
    basis = page.get_by_text(re.compile("by hand on the"))
    expect(basis.first).to_be_visible(timeout=TIMEOUT_MS)
    with watching(browser, looking.address) as other:
        open_page(other.page, page.url)
        expect(other.page.get_by_text(basis.first.inner_text(), exact=True)).to_be_visible(timeout=TIMEOUT_MS)
        assert asked_of(other.page.url, "thresholds") == asked
    assert not looking.errors


def test_how_the_deck_is_drawn_and_moves_is_in_the_address(looking: Looking, browser: Browser, made_up: str) -> None:
    page = looking.open("thresholds", made_up, "&read_on=val")
    chosen = {"Axis": ("deck_axis", "score"), "Move": ("deck_link", "quantile")}
    for label, (name, value) in chosen.items():
        page.get_by_label(label, exact=True).press("ArrowDown")
        expect(page).to_have_url(re.compile(f"{name}={value}"), timeout=TIMEOUT_MS)
        settle(page)
    with watching(browser, looking.address) as other:
        open_page(other.page, page.url)
        for label, (name, value) in chosen.items():
            expect(other.page.get_by_label(label, exact=True)).to_have_value(value)
            assert asked_of(other.page.url, name) == [value]
    assert not looking.errors


def asked_of(url: str, name: str) -> list[str]:
    """The values of a parameter of an address."""
    return parse_qs(urlsplit(url).query)[name]


def test_an_address_of_saliency_shows_what_its_sender_sees(looking: Looking, browser: Browser, made_up: str) -> None:
    page = looking.open("saliency", made_up, "&film=film-0482")
    choose(page, "Finding", "Edema")
    expect(page).to_have_url(re.compile("map_of=Edema"), timeout=TIMEOUT_MS)
    with watching(browser, looking.address) as other:
        open_page(other.page, page.url)
        assert_map_is_of(other.page, "Edema")


def test_how_a_map_and_a_film_are_looked_at_is_in_the_address(
    looking: Looking, browser: Browser, made_up: str, phantom: str
) -> None:
    """Zoomed, moved, windowed, and without outlines: a link opens just that, and Back leaves the page."""
    view = "map => map.filmMap.view"
    page = looking.open("embedding_space", made_up)
    entries = page.evaluate("history.length")
    box = page.locator(".film-map canvas.over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"])
    page.mouse.wheel(0, -500)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"], steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile("camera="), timeout=TIMEOUT_MS)
    settle(page)
    seen = page.locator(".film-map").evaluate(view)
    assert seen["scale"] == pytest.approx(0.93 * math.exp(0.8), rel=1e-3)
    with watching(browser, looking.address) as other:
        open_page(other.page, page.url)
        other.page.locator(".film-map[data-painted]").wait_for(timeout=TIMEOUT_MS)
        there = other.page.locator(".film-map").evaluate(view)
        assert there == pytest.approx(seen, abs=10, rel=1e-3)  # of 65,535 steps
        assert not other.errors
    page.get_by_role("button", name="Show the whole map").click()
    expect(page).not_to_have_url(re.compile("camera="), timeout=TIMEOUT_MS)
    assert page.evaluate("history.length") == entries

    page = looking.open("saliency", phantom)
    page.locator(".viewer[data-painted]").focus()
    for key in ("+", "o", "c"):
        page.keyboard.press(key)
    page.locator(".viewer input[name=window]").focus()
    page.keyboard.press("Home")
    expect(page).to_have_url(
        re.compile("display=window%3A8%2Cline%3A1%2Coutlines%3A0%2Czoom%3A1.5"), timeout=TIMEOUT_MS
    )
    settle(page)
    with watching(browser, looking.address) as other:
        open_page(other.page, page.url)
        expect(other.page.locator(".viewer[data-zoom='1.500']")).to_be_visible(timeout=TIMEOUT_MS)
        pressed = {name: other.page.locator(f".viewer [data-key={name}]") for name in ("o", "m", "c")}
        for name, is_on in (("o", "false"), ("m", "true"), ("c", "true")):
            expect(pressed[name]).to_have_attribute("aria-pressed", is_on)
        expect(other.page.locator(".viewer input[name=window]")).to_have_value("8")
        assert not other.errors
    assert not looking.errors


def test_a_choice_of_a_link_that_nobody_touches_goes_along_to_another_page(looking: Looking, made_up: str) -> None:
    page = looking.open("thresholds", made_up, "&setting=zero_shot")
    page.get_by_role("link", name="Per class").first.click()
    expect(page.get_by_text("Curves of one class")).to_be_visible()
    expect(page.get_by_role("radio", name="Zero-shot")).to_be_checked()
    assert "setting=zero_shot" in page.url
