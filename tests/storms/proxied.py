"""Three processes behind nginx, in Chromium: rooms, uploads and tabs at several of them, and one that ends.

`python -m tests.storms.proxied`: somebody without the key is kept out; a tab at each process uploads a film; a room of
one process is followed from a browser that was at another; then a process ends, and its page is opened by another. Ends
with an error where any of it is not so.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.paths import STUDIES
from tests.browser.server import TIMEOUT_MS, chromium, open_page
from tests.browser.test_following import open_room, says, visit
from tests.storms.site import Site, site

STUDY: Final = STUDIES / "phantom"
FILM: Final = next((STUDY / "images").glob("*.png"))


def come_in(browser: Browser, made: Site) -> BrowserContext:
    """A browser that has opened the address with the key."""
    context = browser.new_context()
    open_page(context.new_page(), f"{made.door.address}/?key={made.door.key}")
    return context


def at(made: Site, process: int, page: str) -> str:
    """The address of a page at a process."""
    return f"{made.door.address}/{process}/{page}"


def nobody_comes_in_without_the_key(made: Site) -> None:
    """Neither to a page nor to what a process tells of its load."""
    for path in ("", "1/", "2/thresholds", "3/health", "1/_stcore/health"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{made.door.address}/{path}", timeout=60)


def uploads(made: Site, context: BrowserContext) -> None:
    """A tab at each process; the first uploads after the others have been opened, and so do they."""
    tabs = [context.new_page() for _ in made.pids]
    for process, tab in enumerate(tabs, start=1):
        open_page(tab, at(made, process, "saliency?study=phantom&view=own"))
    for process, tab in enumerate(tabs, start=1):
        tab.locator("input[type=file]").first.set_input_files(FILM)
        expect(tab.get_by_role("heading", name="Scores against the thresholds")).to_be_visible(timeout=TIMEOUT_MS)
        assert f"/{process}/" in tab.url
        tab.close()


def follows(made: Site, browser: Browser) -> None:
    """A room of the second process, followed by a browser that was at the third."""
    with_room, other = come_in(browser, made), browser.new_context()
    presenter, follower = with_room.new_page(), other.new_page()
    open_page(presenter, at(made, 2, "thresholds?study=phantom"))
    room = open_room(presenter)
    assert re.search(r"/2/r/[0-9A-Z-]{14}$", room), room
    open_page(follower, f"{made.door.address}/3/?key={made.door.key}")
    open_page(follower, room)
    says(presenter, "1 follow")
    visit(presenter, "Per class")
    expect(follower.get_by_role("heading", name="Per class", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    assert "/2/" in follower.url
    open_page(follower, at(made, 3, "thresholds?study=phantom"))  # the room's key took no other key's place
    wrong = follower.goto(room.replace("/2/r/", "/3/r/"))
    assert wrong is not None
    assert wrong.status == 404
    assert "No room has this key" in follower.inner_text("body")
    stranger = browser.new_context().new_page()
    open_page(stranger, room)  # the room's key lets in, to its own process alone
    refused = stranger.goto(at(made, 1, "thresholds"))
    assert refused is not None
    assert refused.status == 403
    for context in (with_room, other, stranger.context):
        context.close()


def one_ends(made: Site, context: BrowserContext) -> None:
    """Its page is opened by another process, with what the address says."""
    subprocess.run(["kill", str(made.pids[0])], check=True)
    page: Page = context.new_page()
    page.goto(at(made, 1, "per_class?study=phantom&setting=zero_shot"))
    expect(page.get_by_role("heading", name="Per class", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    assert re.search(r"/[23]/per_class\?.*setting=zero_shot", page.url), page.url


def main() -> None:
    """Look at all of it."""
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), STUDY, 3) as made, chromium() as browser:
        nobody_comes_in_without_the_key(made)
        context = come_in(browser, made)
        uploads(made, context)
        follows(made, browser)
        one_ends(made, context)
        assert made.n_tracebacks() == 0
    print("Rooms, uploads, tabs and the end of a process behind the proxy: as they should be")


if __name__ == "__main__":
    main()
