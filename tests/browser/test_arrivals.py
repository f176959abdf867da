"""A hand that moves while another address opens: what it sent comes too late, and browser and Python agree after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.story import Slide, Story, write_story
from tests.browser.conftest import Looking
from tests.browser.deck_page import DeckPage
from tests.browser.server import TIMEOUT_MS, settle
from tests.browser.test_map import expect_selected, lasso, rows_lit, the_map

pytestmark = pytest.mark.browser


class Line:
    """What the server says to a page, which may be held back; from the next time that the page is opened."""

    def __init__(self, page: Page) -> None:
        self.is_held = False
        self.waiting: list[str | bytes] = []
        self.browsers: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/_stcore/stream"), self._connect)

    def _connect(self, browser: WebSocketRoute) -> None:
        self.browsers.append(browser)
        browser.connect_to_server().on_message(self._hear)

    def _hear(self, message: str | bytes) -> None:
        if self.is_held:
            self.waiting.append(message)
        else:
            self.browsers[-1].send(message)

    def has_run(self) -> bool:
        """Whether the server has said, unheard, that a page has run to its end."""
        return any(map(_is_end, self.waiting))

    def let_go(self) -> None:
        """What waited is said now."""
        self.is_held = False
        while self.waiting:
            self.browsers[-1].send(self.waiting.pop(0))


def _is_end(content: str | bytes) -> bool:
    message = ForwardMsg()
    message.ParseFromString(content if isinstance(content, bytes) else content.encode())
    return (
        message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
    )


@contextmanager
def telling(study: Path, addresses: Sequence[str]) -> Iterator[None]:
    """A study with a story of these views."""
    write_story(study, Story(tuple(Slide(address, "") for address in addresses)))
    try:
        yield
    finally:
        write_story(study, Story())


def begin(page: Page) -> None:
    page.keyboard.press("p")
    expect(page.locator(".story .count")).to_have_text("1 / 2")


def walk_held(page: Page, line: Line) -> None:
    """Asks for the next view; the server opens it, and the page has not heard of that yet."""
    line.is_held = True
    page.keyboard.press("PageDown")
    for _ in range(TIMEOUT_MS // 20):
        if line.has_run():
            return
        page.wait_for_timeout(20)
    raise AssertionError("the server has opened nothing")


def test_a_threshold_that_is_moved_meanwhile_does_not_leave_the_deck_waiting(
    looking: Looking, made_up: str, folder: Path
) -> None:
    line = Line(looking.page)
    here, there = (f"thresholds?study={made_up}&finding={finding}" for finding in ("Edema", "Pneumonia"))
    with telling(folder / made_up, [here, there]):
        page = looking.open("thresholds", made_up, "&finding=Edema")
        deck = DeckPage(page)
        before = deck.thresholds()
        begin(page)
        deck.confirmed()
        walk_held(page, line)
        deck.slider("Edema").focus()
        page.keyboard.press("ArrowUp")
        page.wait_for_timeout(300)
        assert deck.thresholds() != before
        line.let_go()
        expect(page).to_have_url(re.compile("finding=Pneumonia"), timeout=TIMEOUT_MS)
        settle(page)
        deck.confirmed()
        assert deck.thresholds() == before
        deck.press("Pneumonia", "ArrowUp")
        moved = deck.thresholds()
        assert moved != before
        page.keyboard.press("PageUp")  # of a clicker, which walks from a threshold too
        expect(page).to_have_url(re.compile("finding=Edema"), timeout=TIMEOUT_MS)
        settle(page)
        deck.confirmed()
        assert deck.thresholds() == before
    assert not looking.errors


def test_a_map_shows_what_the_next_view_selects_whatever_a_hand_has_done(
    looking: Looking, made_up: str, folder: Path
) -> None:
    line = Line(looking.page)
    page = looking.open("embedding_space", made_up)
    lasso(page, share=0.2)
    asked = rows_lit(page)
    expect_selected(page, len(asked))
    settle(page)
    selected = parse_qs(urlsplit(page.url).query)["selected"][0]
    here = f"embedding_space?study={made_up}"
    with telling(folder / made_up, [here, f"{here}&selected={selected}"]):
        page = looking.open("embedding_space", made_up)
        the_map(page)
        begin(page)
        settle(page)
        lasso(page, share=0.4)
        own = rows_lit(page)
        assert own != asked
        expect_selected(page, len(own))
        settle(page)
        walk_held(page, line)  # the map has the focus, and a clicker walks all the same
        page.locator(".film-map canvas.over").focus()
        page.keyboard.press("+")
        lasso(page, share=0.3)
        page.wait_for_timeout(500)  # until a turn is told
        line.let_go()
        expect_selected(page, len(asked))
        settle(page)
        page.wait_for_timeout(500)
        settle(page)
        expect_selected(page, len(asked))
        assert rows_lit(page) == asked
        found = parse_qs(urlsplit(page.url).query)
        assert found["selected"] == [selected]
        assert "camera" not in found
        assert the_map(page).evaluate("map => map.filmMap.view.scale === map.filmMap.wholeView().scale")
    assert not looking.errors
