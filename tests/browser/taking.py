"""Taking figures along by their menus, as a user does: what comes is opened."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image
from playwright.sync_api import Locator, Page, expect

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
        folded.first.locator("summary").first.click()
        expect(folded).to_have_count(left)
    return page.locator("button.take-figure").all()


def take(page: Page, button: Locator, folder: Path) -> Taken:
    """Every kind of file that a figure's menu offers."""
    box = button.locator('xpath=ancestor::*[contains(@class, "st-key-figure-")][1]').bounding_box()
    assert box
    button.click()
    kinds = [item.inner_text() for item in page.get_by_role("menuitem").all()]
    assert kinds[:2] == ["PNG", "SVG"]
    files: dict[str, Path] = {}
    for kind in (one for one in kinds if not one.startswith("Copy")):
        if files:
            button.click()  # a menu that gave a file has closed
        files[kind] = _file(page, kind, folder)
    assert {path.suffix for path in files.values()} <= {".png", ".svg", ".csv", ".tex"}
    with Image.open(files["PNG"]) as picture:
        size = picture.size
        colours = len(picture.resize((200, 200)).convert("RGB").getcolors(200 * 200) or [])
    root = ElementTree.parse(files["SVG"]).getroot()
    words = " ".join(text for one in root.iter() for text in (one.text, one.tail) if text and one.tag != f"{SVG}style")
    rows = list(csv.reader(io.StringIO(files["CSV"].read_text()))) if "CSV" in files else []
    tex = files["LaTeX"].read_text() if "LaTeX" in files else ""
    return Taken(files["PNG"].stem, size, colours, box["width"], words, rows, tex)


def _file(page: Page, kind: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=kind, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
