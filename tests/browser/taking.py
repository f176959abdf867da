"""Taking figures along by their menus, as a user does: what comes is opened."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.server import TIMEOUT_MS, settle

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Taken:
    """What the menu of a figure gave.

    name : of its files, without an ending.  png : its size.  colours : how many it has.  width : on the page.
    words : all text of the SVG.  rows : of the CSV, empty without one.  tex : "" where it is no table.
    """

    name: str
    png: tuple[int, int]
    colours: int
    width: float
    words: str
    rows: list[list[str]]
    tex: str


def buttons(page: Page) -> list[Locator]:
    """The buttons of all figures that are in sight or folded away; what is folded is unfolded first."""
    folded = page.locator("details:not([open])").filter(has=page.locator("button.take-figure"))
    for left in reversed(range(folded.count())):
        settle(page)
        folded.first.locator("summary").first.click()
        expect(folded).to_have_count(left, timeout=TIMEOUT_MS)
    return page.locator("button.take-figure").all()


def take(page: Page, button: Locator, folder: Path) -> Taken:
    """Every kind of file that a figure's menu offers, by a word beside it where there are words."""
    figure = button.locator('xpath=ancestor::*[contains(@class, "st-key-figure-")][1]')
    box = figure.bounding_box()
    assert box
    button.click()
    offered = [item.inner_text() for item in page.get_by_role("menuitem").all()]
    kinds = [one for one in offered if not one.startswith("Copy")]
    assert kinds[:2] == ["PNG", "SVG"]
    files = {"PNG": _file(page, page.get_by_role("menuitem", name="PNG", exact=True), folder)}
    words = button.locator("xpath=preceding-sibling::*[1]").get_by_role("button")
    said = [word.inner_text() for word in words.all() if word.is_visible()]
    assert said in ([], kinds)
    for kind in kinds[1:]:
        if said:
            files[kind] = _file(page, words.nth(kinds.index(kind)), folder)
        else:
            button.click()  # a menu that gave a file has closed
            files[kind] = _file(page, page.get_by_role("menuitem", name=kind, exact=True), folder)
    assert {path.suffix for path in files.values()} <= {".png", ".svg", ".csv", ".tex"}
    with Image.open(files["PNG"]) as picture:
        size = picture.size
        colours = len(picture.resize((200, 200)).convert("RGB").getcolors(200 * 200) or [])
    root = ElementTree.parse(files["SVG"]).getroot()
    words = " ".join(text for one in root.iter() for text in (one.text, one.tail) if text and one.tag != f"{SVG}style")
    rows = list(csv.reader(io.StringIO(files["CSV"].read_text()))) if "CSV" in files else []
    tex = files["LaTeX"].read_text() if "LaTeX" in files else ""
    return Taken(files["PNG"].stem, size, colours, box["width"], words, rows, tex)


def _file(page: Page, offer: Locator, folder: Path) -> Path:
    with page.expect_download() as download:
        offer.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
