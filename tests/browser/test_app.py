"""The app as its users see it: every page on a study of real films; the one that ships is in `test_first_screen`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pages.shared.navigation import PAGES
from tests.browser.conftest import Looking, watching
from tests.browser.server import TIMEOUT_MS, open_page, serving, settle
from tests.browser.test_map import spot_of

pytestmark = pytest.mark.browser
STEMS = [page.stem for page in PAGES]

IMPORTED = {
    "overview": ["NIH ChestX-ray14, 621 films", "python -m core annotate"],
    "per_class": ["Over-prediction", "not estimable"],
    "embedding_space": ["no image embeddings", "python -m core build"],
    "thresholds": ["Macro F1", "The middle of the scores"],
    "saliency": ["not the model", "Nothing was drawn on this film"],
}


def assert_sound(seen: Looking, texts: list[str]) -> None:
    """No traceback, no script error, no request to another host; and these texts."""
    for text in texts:
        expect(seen.page.get_by_text(text).first).to_be_attached(timeout=TIMEOUT_MS)
    assert seen.page.get_by_test_id("stException").count() == 0
    assert not seen.errors
    assert not seen.outside


@pytest.mark.real
@pytest.mark.parametrize("stem", STEMS)
def test_every_page_of_a_study_of_real_films(looking: Looking, nih: str, stem: str) -> None:
    looking.open(stem, nih)
    assert_sound(looking, ["not for clinical use", *IMPORTED.get(stem, [])])


def test_a_newer_study_is_a_sentence_and_another_can_be_picked(looking: Looking, newer: str, made_up: str) -> None:
    page = looking.open("overview", newer)
    assert_sound(looking, ["This study cannot be opened", "schema version 99", "What to do:"])
    page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").locator("input").click()
    page.get_by_role("option", name=made_up, exact=True).click()
    expect(page.get_by_text("Films of each class")).to_be_visible(timeout=TIMEOUT_MS)
    assert_sound(looking, [])


def test_a_study_that_was_made_meanwhile_is_in_the_picker_when_it_is_opened(
    looking: Looking, folder: Path, made_up: str
) -> None:
    page = looking.open("per_class", made_up)
    later = folder / "made-later"
    try:
        shutil.copytree(folder / made_up, later)
        page.get_by_test_id("stSidebar").hover(position={"x": 60, "y": 400})
        page.wait_for_timeout(1000)
        page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").locator("input").click()
        page.get_by_role("option", name=later.name, exact=True).click(timeout=TIMEOUT_MS)
        expect(page).to_have_url(re.compile(f"study={later.name}"), timeout=TIMEOUT_MS)
        settle(page)
        assert not looking.errors
    finally:
        shutil.rmtree(later)


def test_the_menu_keeps_the_study(looking: Looking, made_up: str) -> None:
    page = looking.open("overview", made_up)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Thresholds").click()
    expect(page.get_by_text("Made-up films").first).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_role("heading", name="Thresholds", exact=True)).to_be_visible()
    assert f"study={made_up}" in page.url
    assert_sound(looking, ["At the starting point"])


def test_clicking_a_point_shows_its_film_and_keeps_it_for_other_pages(looking: Looking, phantom: str) -> None:
    page = looking.open("embedding_space", phantom)
    page.mouse.click(*spot_of(page, 0))
    expect(page).to_have_url(re.compile("film=phantom-"), timeout=TIMEOUT_MS)
    settle(page)
    shown = re.search("film=(phantom-[0-9]+)", page.url)
    assert shown is not None
    scores = page.locator(".about-film .scores")
    assert scores.evaluate("one => one.scrollWidth - one.clientWidth") <= 0  # the head of every setting is in sight
    page.get_by_text("Where do the models look on this film?").first.click()
    painted = re.compile(rf"^{shown[1]}\|")
    expect(page.locator(".viewer")).to_have_attribute("data-painted", painted, timeout=TIMEOUT_MS)
    assert_sound(looking, [])


def test_a_page_runs_without_the_app_on_a_folder_given_to_it(browser: Browser, folder: Path, made_up: str) -> None:
    log = folder / "alone.log"
    alone = serving(log, script="pages/overview/page.py", folders=[folder / made_up])
    with alone as address, watching(browser, address) as seen:
        open_page(seen.page, f"{address}/?study={made_up}")
        assert_sound(seen, ["Made-up films", "Films of each class"])
    assert "Traceback" not in log.read_text()


def test_a_server_s_first_request_may_be_to_any_page(browser: Browser, folder: Path, made_up: str) -> None:
    with serving(folder / "first.log", studies=[folder / made_up]) as address, watching(browser, address) as seen:
        seen.open("saliency", made_up)
        assert_sound(seen, ["Made-up films", "Masks on this film"])


def test_the_server_says_nothing_but_where_it_is(looking: Looking, folder: Path, made_up: str) -> None:
    looking.open("overview", made_up)
    log = (folder / "server.log").read_text()
    assert not [
        line for line in log.splitlines() if any(word in line for word in ("Traceback", "Error", "WARN", "missing"))
    ]
