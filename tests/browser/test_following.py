"""One presents, others follow: pages, thresholds under the hand, looking away, votes, and a story by keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, expect

from core.story import Slide, Story, write_story
from tests.browser.conftest import Looking, watching
from tests.browser.deck_page import DeckPage
from tests.browser.server import TIMEOUT_MS, open_page, settle

pytestmark = pytest.mark.browser


def open_room(page: Page) -> str:
    """Opens a room, and gives its short address."""
    page.get_by_role("button", name="Room").click()
    page.get_by_role("button", name="Open a room").click()
    address = page.locator("code").filter(has_text=re.compile(r"/r/[0-9A-Z-]{14}$"))
    expect(address).to_be_visible(timeout=TIMEOUT_MS)
    found = address.inner_text()
    page.keyboard.press("Escape")
    settle(page)
    return found


def visit(page: Page, title: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)


def says(page: Page, words: str) -> None:
    expect(page.locator(".at-the-foot .bar [role=status]")).to_contain_text(words, timeout=TIMEOUT_MS)


def test_everybody_follows_one_who_presents(looking: Looking, browser: Browser, made_up: str, tmp_path: Path) -> None:
    presenter = looking.open("thresholds", made_up, "&read_on=val")
    deck = DeckPage(presenter)
    room = open_room(presenter)
    says(presenter, "0 follow")
    with watching(browser, looking.address) as other:
        open_page(other.page, room)
        says(presenter, "1 follow")
        follows_a_hand(presenter, deck, other.page)
        waits_for_a_hand(presenter, deck, other.page)
        answers_with_a_threshold(presenter, deck, other.page)
        follows_a_page(presenter, other.page)
        looks_away_and_comes_back(presenter, other.page)
        answers(presenter, other.page)
        presenter.get_by_role("button", name="Room").click()
        with presenter.expect_download() as minutes:
            presenter.get_by_role("button", name="Minutes").click()
        assert_minutes(minutes.value, tmp_path)
        presenter.get_by_role("button", name="Close the room").click()
        says(other.page, "The presenter has closed the room")
        other.page.get_by_role("button", name="Close", exact=True).click()
        expect(other.page.locator(".at-the-foot")).to_have_count(0)
        open_page(other.page, f"{looking.address}/overview?study={made_up}&follow={room.rsplit('/', 1)[1]}")
        expect(other.page.get_by_text("This room is closed, and its key with it.")).to_be_visible(timeout=TIMEOUT_MS)
        assert not other.errors
    assert not looking.errors


def follows_a_hand(presenter: Page, deck: DeckPage, other: Page) -> None:
    """While the hand still holds it, both windows show the same; when it lets go, Python confirms it in both."""
    seen = DeckPage(other)
    before = seen.thresholds()
    assert before == deck.thresholds()
    deck.grab("Edema", 0.2, 0.8)
    held = deck.thresholds()
    assert held != before
    expect(other.locator('.row[data-class="Edema"] input.number')).to_have_attribute(
        "data-value", held[deck_place(deck, "Edema")], timeout=TIMEOUT_MS
    )
    assert seen.counts("Edema") == deck.counts("Edema")
    presenter.mouse.up()
    deck.confirmed()
    expect(other).to_have_url(re.compile("thresholds="), timeout=TIMEOUT_MS)
    seen.confirmed()
    assert seen.thresholds() == deck.thresholds()


def waits_for_a_hand(presenter: Page, deck: DeckPage, other: Page) -> None:
    """The class of the last move comes with a page that runs anew, which would draw late what moves meanwhile."""
    of_class = re.compile("finding=Edema")
    expect(other).to_have_url(of_class, timeout=TIMEOUT_MS)
    deck.grab("Pneumonia", 0.3, 0.5)
    presenter.mouse.up()
    deck.grab("Pneumonia", 0.5, 0.6)
    box = deck.slider("Pneumonia").bounding_box()
    assert box is not None
    left = 15
    for step in range(600):
        left -= "finding=Pneumonia" in presenter.url
        if not left:
            break
        presenter.mouse.move(box["x"] + (0.4 + 0.01 * (step % 20)) * box["width"], box["y"] + box["height"] / 2)
        presenter.wait_for_timeout(100)
    expect(presenter).to_have_url(re.compile("finding=Pneumonia"))
    expect(other).to_have_url(of_class)
    presenter.mouse.up()
    deck.confirmed()
    expect(other).to_have_url(re.compile("finding=Pneumonia"), timeout=TIMEOUT_MS)
    settle(other)
    deck.drag("Edema", 0.3, 0.7)
    expect(other).to_have_url(of_class, timeout=TIMEOUT_MS)
    settle(other)


def answers_with_a_threshold(presenter: Page, deck: DeckPage, other: Page) -> None:
    """Who answers tries a threshold in the own deck alone; with the answers everybody sees the presenter's again."""
    seen, before = DeckPage(other), deck.thresholds()
    presenter.get_by_role("button", name="Room").click()
    presenter.get_by_role("button", name="Ask: where would you put the threshold?").click()
    expect(other.locator(".votes .question")).to_have_text("Where would you put the threshold of Edema?")
    field = other.get_by_role("slider", name="Your threshold of Edema")
    field.focus()
    field.press("End")
    place = deck_place(deck, "Edema")
    expect(seen.row("Edema").locator("input.number")).not_to_have_attribute("data-value", before[place])
    assert deck.thresholds() == before
    other.get_by_role("button", name="This is my answer").click()
    says(presenter, "1 answered")
    presenter.get_by_role("button", name="Show the answers").click()
    expect(other.locator(".votes")).to_contain_text("1 answer, median", timeout=TIMEOUT_MS)
    assert seen.thresholds() == before
    settle(presenter)
    presenter.get_by_role("button", name="Take the question away").click()
    presenter.keyboard.press("Escape")
    settle(presenter)


def deck_place(deck: DeckPage, finding: str) -> int:
    rows = deck.root.locator(".row[data-class]")
    return [str(row.get_attribute("data-class")) for row in rows.all()].index(finding)


def follows_a_page(presenter: Page, other: Page) -> None:
    visit(presenter, "Saliency")
    expect(other.get_by_role("heading", name="Saliency", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    settle(other)
    presenter.get_by_role("combobox", name="Finding", exact=True).click()
    presenter.get_by_role("option", name="Pneumonia", exact=True).click()
    painted = re.compile(r"\|Pneumonia\|")
    expect(presenter.locator(".viewer")).to_have_attribute("data-painted", painted, timeout=TIMEOUT_MS)
    expect(other.locator(".viewer")).to_have_attribute("data-painted", painted, timeout=TIMEOUT_MS)


def looks_away_and_comes_back(presenter: Page, other: Page) -> None:
    settle(other)
    visit(other, "Overview")
    says(other, "You look around on your own")
    visit(presenter, "Per class")
    other.wait_for_timeout(1500)
    expect(other.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    other.get_by_role("button", name="Come back").click()
    expect(other.get_by_role("heading", name="Per class", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    says(other, "Following")


def answers(presenter: Page, other: Page) -> None:
    """Nobody sees an answer before all do."""
    visit(presenter, "Saliency")
    presenter.get_by_role("button", name="Room").click()
    presenter.get_by_role("button", name="Ask: is this film positive?").click()
    question = other.locator(".votes .question")
    expect(question).to_contain_text("positive for Pneumonia?", timeout=TIMEOUT_MS)
    other.get_by_role("textbox", name="Your name").fill("Reader 1")
    other.get_by_role("button", name="Yes", exact=True).click()
    says(presenter, "1 answered")
    expect(presenter.locator(".votes ol")).to_have_count(0)
    presenter.get_by_role("button", name="Show the answers").click()
    for page in (presenter, other):
        expect(page.locator(".votes")).to_contain_text("1 of 1 say yes.", timeout=TIMEOUT_MS)
    presenter.get_by_role("button", name="Take the question away").click()
    expect(other.locator(".votes")).to_be_hidden(timeout=TIMEOUT_MS)
    presenter.keyboard.press("Escape")
    settle(presenter)


def assert_minutes(download: Download, folder: Path) -> None:
    download.save_as(folder / "minutes.md")
    text = (folder / "minutes.md").read_text()
    for words in ("[Thresholds", "[Saliency", "| Threshold | Edema: ", "positive for Pneumonia? 1 of 1 say yes."):
        assert words in text
    assert "Reader 1: yes" in text


def test_a_story_is_walked_by_keys(looking: Looking, made_up: str, folder: Path) -> None:
    story = Story(
        (
            Slide(f"overview?study={made_up}", "Which is best?"),
            Slide(f"per_class?study={made_up}&split=val", "Every class"),
            Slide(f"saliency?study={made_up}&view=own", ""),
        )
    )
    write_story(folder / made_up, story)
    try:
        walk(looking, looking.open("saliency", made_up))
    finally:
        write_story(folder / made_up, Story())


def walk(looking: Looking, page: Page) -> None:
    size = "document.querySelector('h1').getBoundingClientRect().height"
    before = page.evaluate(size)
    page.get_by_role("button", name="Present", exact=True).click()
    page.get_by_role("button", name="Present this page").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_hidden()
    expect(page.locator(".story")).to_contain_text("StartA story of 3 views: → opens the first")
    assert page.evaluate(size) == pytest.approx(1.4 * before, rel=0.01)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    for key, place, title, words in (
        ("ArrowRight", 1, "Overview", "Which is best?"),
        ("PageDown", 2, "Per class", "Every class"),
        ("ArrowRight", 3, "Saliency", "Saliency"),
        ("ArrowRight", 3, "Saliency", "Saliency"),
        ("ArrowLeft", 2, "Per class", "Every class"),
        ("ArrowLeft", 1, "Overview", "Which is best?"),
        ("ArrowRight", 2, "Per class", "Every class"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=TIMEOUT_MS)
        expect(page.locator(".story .count")).to_have_text(f"{place} / 3")
        expect(page.locator(".story .sentence")).to_have_text(words)
        settle(page)
    assert "split=val" in page.url
    page_box, bar_box = page.get_by_test_id("stMain").bounding_box(), page.locator(".story").bounding_box()
    assert page_box is not None
    assert bar_box is not None
    assert page_box["y"] + page_box["height"] <= bar_box["y"]
    for key in ("ArrowLeft", "ArrowRight", "ArrowLeft", "ArrowRight", "ArrowLeft"):  # faster than a page can follow
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    page.wait_for_timeout(1000)
    settle(page)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Per class", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("p")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    assert page.evaluate(size) == pytest.approx(before, rel=0.01)
    page.keyboard.press("p")
    visit_by_address(page)
    page.keyboard.press("b")
    expect(page.get_by_role("heading", name="Per class", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_role("button", name="End presenting").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    expect(page.locator(".story")).to_be_hidden()
    assert not looking.errors


def visit_by_address(page: Page) -> None:
    """A detour by the menu, which presenting hides: Streamlit's own links are still there."""
    page.get_by_test_id("stSidebarNav").locator('a[href*="/thresholds"]').dispatch_event("click")
    expect(page.get_by_role("heading", name="Thresholds", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
