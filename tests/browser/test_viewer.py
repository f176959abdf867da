"""The film viewer alone: what it paints is where it should be, and mouse and keyboard do what they say."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core.geometry import Geometry, map_to_film
from tests.browser.conftest import Looking, watching
from tests.browser.server import TIMEOUT_MS, serving

pytestmark = pytest.mark.browser
GRID, PATCH = 14, (4, 9)
CROP = Geometry("crop", 224)
MIDDLE, SQUASH, PAD = Geometry("crop", 224, 256), Geometry("squash", 224), Geometry("pad", 224)
READER_BLUE = (86, 180, 233)


@dataclass
class Landmark:
    """film : a picture with a white block.  box : the block.  off : by how much the map's middle is off the block's.

    All in original pixels; a block has whole pixels, the middle of a patch need not.
    """

    film: Path
    box: tuple[float, ...]
    off: np.ndarray
    geometry: Geometry


@dataclass
class Viewer:
    """A server that shows one case, rewritten for every test."""

    address: str
    case: Path

    def open(self, seen: Looking, landmark: Landmark) -> Page:
        case = {"film": str(landmark.film), "box": landmark.box, "grid": GRID, "patch": PATCH}
        case["geometry"] = landmark.geometry.to_json()
        self.case.write_text(json.dumps(case))
        seen.page.goto(self.address)
        seen.page.locator('.viewer[data-painted="ready"]').wait_for(timeout=TIMEOUT_MS)
        return seen.page


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    folder = tmp_path_factory.mktemp("viewer")
    case = folder / "case.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXR_VIEWER_CASE", str(case))
        with serving(folder / "server.log", script="tests/browser/viewer_page.py") as address:
            yield Viewer(address, case)


@pytest.fixture
def seen(browser: Browser, viewer: Viewer) -> Iterator[Looking]:
    with watching(browser, viewer.address) as watched:
        yield watched
    assert not watched.errors
    assert not watched.outside


def _landmarked(film: np.ndarray, folder: Path, geometry: Geometry = CROP) -> Landmark:
    """The film with a white block in a black surround where the map's one patch is."""
    values = np.zeros((GRID, GRID), np.float32)
    values[PATCH] = 1
    middle = _middle(np.nan_to_num(map_to_film(values, *film.shape, geometry)))
    y, x = middle.round().astype(int)
    side = max(8, film.shape[1] // 64)
    marked = film.copy()
    marked[y - 3 * side : y + 3 * side, x - 3 * side : x + 3 * side] = 0
    marked[y - side : y + side, x - side : x + side] = 255
    path = folder / "landmark.png"
    Image.fromarray(marked).save(path)
    return Landmark(path, tuple(map(int, (x - side, y - side, 2 * side, 2 * side))), middle - (y, x), geometry)


def _pixels(canvas: Locator) -> np.ndarray:
    """(H, W, 3) of what is painted."""
    url = canvas.evaluate("canvas => canvas.toDataURL('image/png')")
    picture = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.asarray(picture.convert("RGB"), dtype=float)


def _middle(weights: np.ndarray) -> np.ndarray:
    """Centre of mass, (y, x) in pixels of the display."""
    y, x = np.mgrid[0 : weights.shape[0], 0 : weights.shape[1]] + 0.5
    return np.array([(y * weights).sum(), (x * weights).sum()]) / weights.sum()


def _block(pixels: np.ndarray, near: np.ndarray, reach: float) -> np.ndarray:
    """The middle of the white block, looked for around a place."""
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]] + 0.5
    close = (np.abs(y - near[0]) < reach) & (np.abs(x - near[1]) < reach)
    return _middle((pixels.min(axis=2) > 128) & close)


def _check_landmark(page: Page, landmark: Landmark) -> None:
    """Outline, film and map agree on where the landmark is, to one pixel of the display."""
    film, mapped = (page.locator(f"figure[data-panel={name}] canvas.film") for name in ("film", "map"))
    blue = np.abs(_pixels(film) - READER_BLUE).max(axis=2) < 40
    rows, columns = np.nonzero(blue)
    outline = np.array([rows.min() + rows.max() + 1, columns.min() + columns.max() + 1]) / 2
    size = columns.max() - columns.min()
    page.keyboard.press("o")
    in_film = _block(_pixels(film), outline, 1.5 * size)
    painted = _pixels(mapped)
    page.keyboard.press("m")
    in_map_panel = _block(_pixels(mapped), outline, 1.5 * size)
    page.keyboard.press("m")
    page.keyboard.press("o")
    coloured = painted.max(axis=2) - painted.min(axis=2)
    heat = _middle(np.where(coloured > 50, coloured, 0))  # the veil outside the crop has less
    assert np.abs(outline - in_film).max() <= 1
    assert np.abs(outline - in_map_panel).max() <= 1
    scale = size / landmark.box[2]
    assert np.abs(heat - in_map_panel - landmark.off * scale).max() <= 1


def _focus(page: Page) -> None:
    page.locator(".viewer").focus()


def _films(real_data: Path) -> list[Path]:
    return [*sorted((real_data / "iu-xray-png").glob("*.png")), *_nih(real_data)[:2]]


def _nih(real_data: Path) -> list[Path]:
    return sorted((real_data / "nih-radiologist-masks").rglob("*.png"))


@pytest.mark.real
def test_a_landmark_of_the_film_is_under_its_outline_and_its_map(
    seen: Looking, viewer: Viewer, real_data: Path, tmp_path: Path
) -> None:
    """Real films that are not square, and 1024 x 1024 ones; whole and zoomed in."""
    shapes = set()
    for film in _films(real_data):
        pixels = np.array(Image.open(film).convert("L"))
        shapes.add(pixels.shape)
        landmark = _landmarked(pixels, tmp_path)
        page = viewer.open(seen, landmark)
        _focus(page)
        _check_landmark(page, landmark)
    assert (1024, 1024) in shapes
    assert any(height != width for height, width in shapes)


def test_a_landmark_is_where_the_model_saw_it_whatever_it_does_to_films(
    seen: Looking, viewer: Viewer, tmp_path: Path
) -> None:
    tall, wide, square = (640, 400), (300, 520), (400, 400)
    laid = [(MIDDLE, tall), (SQUASH, tall), (SQUASH, wide), (PAD, tall), (PAD, wide), (PAD, square)]
    for geometry, shape in laid:
        landmark = _landmarked(np.full(shape, 60, np.uint8), tmp_path, geometry)
        page = viewer.open(seen, landmark)
        _focus(page)
        _check_landmark(page, landmark)


@pytest.mark.parametrize("shape", [(640, 400), (300, 520)])
def test_a_landmark_stays_where_it_is_when_zoomed_and_moved(
    seen: Looking, viewer: Viewer, tmp_path: Path, shape: tuple[int, int]
) -> None:
    film = np.full(shape, 60, np.uint8)
    landmark = _landmarked(film, tmp_path)
    page = viewer.open(seen, landmark)
    _focus(page)
    _check_landmark(page, landmark)
    canvas = page.locator("figure[data-panel=film] canvas.film")
    area = canvas.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + 0.35 * area["height"])
    page.mouse.wheel(0, -160)
    page.mouse.down()
    page.mouse.move(area["x"] + 0.57 * area["width"], area["y"] + 0.36 * area["height"], steps=3)
    page.mouse.up()
    assert float(page.locator(".viewer").get_attribute("data-zoom") or 0) > 1.2
    _check_landmark(page, landmark)


@pytest.fixture
def opened(seen: Looking, viewer: Viewer, tmp_path: Path) -> Page:
    film = np.random.default_rng(0).integers(40, 120, (300, 240)).astype(np.uint8)
    landmark = _landmarked(film, tmp_path)
    page = viewer.open(seen, landmark)
    _focus(page)
    return page


def _canvas(page: Page, name: str = "film") -> Locator:
    return page.locator(f"figure[data-panel={name}] canvas.film")


def test_keys_switch_maps_outlines_contour_and_readers(opened: Page) -> None:
    for key, name in (("m", "map"), ("o", "film"), ("c", "map"), ("1", "film")):
        before = _pixels(_canvas(opened, name))
        opened.keyboard.press(key)
        assert (before != _pixels(_canvas(opened, name))).any(), key
        opened.keyboard.press(key)
        assert (before == _pixels(_canvas(opened, name))).all(), key


def test_window_and_level_change_every_panel_and_come_back(opened: Page) -> None:
    before = [_pixels(_canvas(opened, name)) for name in ("film", "map")]
    area = _canvas(opened).bounding_box()
    assert area is not None
    opened.keyboard.down("Shift")
    opened.mouse.move(area["x"] + 200, area["y"] + 100)
    opened.mouse.down()
    opened.mouse.move(area["x"] + 60, area["y"] + 60, steps=4)
    opened.mouse.up()
    opened.keyboard.up("Shift")
    assert all((old != _pixels(_canvas(opened, name))).any() for old, name in zip(before, ("film", "map"), strict=True))
    opened.keyboard.press("0")
    for old, name in zip(before, ("film", "map"), strict=True):
        np.testing.assert_array_equal(old, _pixels(_canvas(opened, name)))


def test_arrows_ask_for_the_film_before_and_after(opened: Page) -> None:
    opened.keyboard.press("ArrowRight")
    expect(opened.get_by_test_id("stCode")).to_contain_text('"step": 1', timeout=TIMEOUT_MS)
    opened.keyboard.press("ArrowLeft")
    expect(opened.get_by_test_id("stCode")).to_contain_text('"step": -1', timeout=TIMEOUT_MS)


def test_the_pointer_reads_film_and_map(opened: Page) -> None:
    area = _canvas(opened, "map").bounding_box()
    assert area is not None
    opened.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    said = re.compile(r"column 1[12]\d, row 1[45]\d · grey \d+ · map 0")
    expect(opened.locator(".status")).to_have_text(said)
    opened.mouse.move(area["x"] + area["width"] / 2, area["y"] + 4)
    expect(opened.locator(".status")).to_contain_text("map undefined")


def test_a_picture_can_be_saved(opened: Page, tmp_path: Path) -> None:
    picture = _saved(opened, tmp_path)
    shown = opened.locator(".viewer").bounding_box()
    assert shown
    assert picture.shape[1] >= 2 * shown["width"]
    assert (picture.max(axis=2) - picture.min(axis=2)).max() > 60


def _saved(page: Page, tmp_path: Path) -> np.ndarray:
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    path = tmp_path / "saved.png"
    download.value.save_as(path)
    return np.asarray(Image.open(path).convert("RGB"), dtype=int)


def test_a_saved_picture_holds_all_that_is_said(opened: Page, tmp_path: Path) -> None:
    """Every text that the script writes into the picture: all lines, the scale's end, method, legend, footer."""
    opened.evaluate(
        """() => {
            window.written = []
            const write = CanvasRenderingContext2D.prototype.fillText
            CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
                window.written.push(text)
                return write.call(this, text, ...rest)
            }
        }"""
    )
    _saved(opened, tmp_path)
    written = " ".join(opened.evaluate("() => window.written"))
    for line in range(7):
        assert f"line {line}: value {line}" in written
    assert "a sentence so long that it does not fit beside the map and must be broken" in written
    for part in ("Map made by the method at the layer.", "Outlines:", "reader A", "% opaque", "Not for clinical use."):
        assert part in written
    assert "0 1" in written  # the ends of the bar


def _places(page: Page) -> Callable[[float, float], tuple[float, float]]:
    """From original pixels of the film to the page."""
    area = _canvas(page).bounding_box()
    assert area is not None
    scale = area["width"] / 240
    return lambda x, y: (area["x"] + x * scale, area["y"] + y * scale)


def _box(page: Page, corners: tuple[tuple[float, float], tuple[float, float]]) -> None:
    at = _places(page)
    page.keyboard.press("b")
    page.mouse.move(*at(*corners[0]))
    page.mouse.down()
    page.mouse.move(*at(*corners[1]), steps=3)
    page.mouse.up()


def test_what_is_drawn_belongs_to_its_class_and_reader(opened: Page) -> None:
    """Drawn as one class, not saved, another class chosen: it stays with the first, and the page says so."""
    _box(opened, ((120, 150), (180, 210)))
    opened.get_by_label("Class").fill("Other")
    opened.get_by_label("Class").press("Enter")
    expect(opened.get_by_text("Other, drawn by reader B: 0 shapes not saved")).to_be_visible(timeout=TIMEOUT_MS)
    expect(opened.get_by_text("Also not saved: 1 shape of Landmark")).to_be_visible()
    _focus(opened)
    _box(opened, ((20, 30), (60, 70)))
    opened.get_by_role("button", name="Save marks").click()
    said = opened.get_by_test_id("stCode")
    expect(said).to_contain_text("box", timeout=TIMEOUT_MS)
    sent = json.loads(said.inner_text())["marks"]
    assert (sent["finding"], sent["reader"], len(sent["shapes"])) == ("Other", "reader B", 1)
    np.testing.assert_allclose(sent["shapes"][0]["points"][0], (20, 30), atol=1.5)


def test_a_polygon_that_is_not_closed_is_closed_or_refused_in_words(opened: Page) -> None:
    at = _places(opened)
    opened.keyboard.press("p")
    for point in ((20, 40), (90, 40)):
        opened.mouse.click(*at(*point))
    save = opened.get_by_role("button", name="Save marks")
    assert save.get_attribute("aria-keyshortcuts") is None
    save.click()
    expect(opened.get_by_text("needs three points or more")).to_be_visible()
    opened.mouse.click(*_places(opened)(90, 100))  # the page may have scrolled to the button
    save.click()
    said = opened.get_by_test_id("stCode")
    expect(said).to_contain_text("polygon", timeout=TIMEOUT_MS)
    (shape,) = json.loads(said.inner_text())["marks"]["shapes"]
    np.testing.assert_allclose(shape["points"], [(20, 40), (90, 40), (90, 100)], atol=1.5)


def test_polygon_box_and_brush_are_sent_in_original_pixels(opened: Page) -> None:
    area = _canvas(opened).bounding_box()
    assert area is not None
    scale = area["width"] / 240

    def at(x: float, y: float) -> tuple[float, float]:
        return area["x"] + x * scale, area["y"] + y * scale

    def drag(*points: tuple[float, float]) -> None:
        opened.mouse.move(*at(*points[0]))
        opened.mouse.down()
        for point in points[1:]:
            opened.mouse.move(*at(*point), steps=2)
        opened.mouse.up()

    opened.keyboard.press("p")
    for point in ((20, 40), (90, 40), (90, 100)):
        opened.mouse.click(*at(*point))
    opened.keyboard.press("Enter")
    opened.keyboard.press("b")
    drag((120, 150), (180, 210))
    opened.keyboard.press("r")
    drag((60, 200), (80, 220), (100, 200))
    drag((30, 280), (50, 280))
    opened.keyboard.press("Backspace")
    assert opened.locator(".viewer").get_attribute("data-shapes") == "3"
    opened.get_by_role("button", name="Save marks").click()
    said = opened.get_by_test_id("stCode")
    expect(said).to_contain_text("polygon", timeout=TIMEOUT_MS)
    sent = json.loads(said.inner_text())["marks"]
    assert (sent["film"], sent["finding"]) == ("film", "Landmark")
    polygon, box, brush = sent["shapes"]
    for shape, kind, points in (
        (polygon, "polygon", [(20, 40), (90, 40), (90, 100)]),
        (box, "box", [(120, 150), (180, 210)]),
    ):
        assert shape["kind"] == kind
        np.testing.assert_allclose(shape["points"], points, atol=1 / scale)
    assert brush["kind"] == "brush"
    assert brush["radius"] == 20
    np.testing.assert_allclose([brush["points"][0], brush["points"][-1]], [(60, 200), (100, 200)], atol=1 / scale)
