"""Marks drawn in the app, and films of one's own, as a reader does it: with mouse, keyboard and files."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.datasets.films import film_pixels
from core.findings import CLASSES
from core.paths import STUDIES
from core.study import open_study
from tests.browser.conftest import Looking
from tests.browser.server import TIMEOUT_MS, settle
from tests.intake.dicom_files import dicom_bytes
from tests.pages.made_study import HEIGHT, WIDTH

pytestmark = pytest.mark.browser
READER = "Reader C"


@pytest.fixture
def drawn_on(folder: Path, made_up: str, address: str) -> Path:
    """A study of its own to draw on, which the app offers too."""
    study = folder / "drawn-on"
    shutil.rmtree(study, ignore_errors=True)
    shutil.copytree(folder / made_up, study)
    return study


def _draw_a_box(page: Page, corners: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """By mouse, in original pixels of the film; the tool by key."""
    page.locator(".viewer").focus()
    page.keyboard.press("b")
    area = page.locator("figure[data-panel=film] canvas.film").bounding_box()
    assert area is not None
    scale = area["height"] / HEIGHT
    left = area["x"] + (area["width"] - WIDTH * scale) / 2
    (x0, y0), (x1, y1) = ((left + x * scale, area["y"] + y * scale) for x, y in corners)
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=5)
    page.mouse.up()


def test_a_region_is_drawn_saved_and_found_again(looking: Looking, drawn_on: Path, tmp_path: Path) -> None:
    page = looking.open("saliency", drawn_on.name, "&film=film-0482")
    expect(page.get_by_role("button", name="Polygon")).to_have_count(0)
    name = page.get_by_label("Draw regions as")
    name.fill(READER)
    name.press("Enter")
    page.get_by_role("button", name="Polygon").wait_for(timeout=TIMEOUT_MS)
    corners = ((30, 40), (100, 120))
    _draw_a_box(page, corners)
    expect(page.get_by_text("1 shape not saved")).to_be_visible()
    page.get_by_role("button", name="Save marks").click()
    expect(page.get_by_text("1 mark of")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_text("0 shapes not saved")).to_be_visible(timeout=TIMEOUT_MS)
    (mark,) = [entry for entry in open_study(drawn_on).annotations("film-0482") if entry.reader == READER]
    assert mark.finding in CLASSES
    x, y, width, height = json.loads(mark.geometry)
    np.testing.assert_allclose([x, y, x + width, y + height], [30, 40, 100, 120], atol=1)
    page = looking.open("saliency", drawn_on.name, "&film=film-0482")
    expect(page.get_by_role("button", name=READER)).to_be_visible(timeout=TIMEOUT_MS)
    with page.expect_download() as download:
        page.get_by_text("All marks as COCO").click()
    download.value.save_as(tmp_path / "coco.json")
    readers = {
        entry["attributes"]["reader"] for entry in json.loads((tmp_path / "coco.json").read_text())["annotations"]
    }
    assert READER in readers
    assert not looking.errors


def test_arrow_keys_go_from_film_to_film(looking: Looking, made_up: str) -> None:
    page = looking.open("saliency", made_up, "&film=film-0482")
    page.locator(".viewer[data-painted^='film-0482']").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".viewer[data-painted^='film-0483']").wait_for(timeout=TIMEOUT_MS)
    page.keyboard.press("ArrowLeft")
    page.locator(".viewer[data-painted^='film-0482']").wait_for(timeout=TIMEOUT_MS)
    assert "film=film-0482" in page.url
    assert not looking.errors


def test_maps_of_all_settings_stand_in_one_row_with_their_layers_in_sight(looking: Looking, phantom: str) -> None:
    """Four maps at 1440 x 900, with the plain film where there is room for five."""
    page = looking.open("saliency", phantom)
    for width, n_pictures in ((1800, 5), (1440, 4)):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator(".viewer figure:visible")).to_have_count(n_pictures, timeout=TIMEOUT_MS)
        boxes = [figure.bounding_box() for figure in page.locator(".viewer figure:visible").all()]
        assert len({box["y"] for box in boxes if box is not None}) == 1
        assert all(box is not None and box["width"] >= 240 for box in boxes)
    page.get_by_role("radio", name="Every layer").locator("..").click()
    thumbs = page.locator(".own-strip .thumb")
    expect(thumbs).to_have_count(24, timeout=TIMEOUT_MS)  # six blocks of four settings
    settle(page)
    places = [thumb.bounding_box() for thumb in thumbs.all()]
    assert all(place is not None and place["y"] + place["height"] < 900 for place in places)
    thumbs.nth(2).click()
    expect(page.locator(".own-strip .thumb[aria-pressed=true]")).to_have_count(4, timeout=TIMEOUT_MS)
    assert not looking.errors


def test_a_small_picture_is_the_class_that_is_looked_at(looking: Looking, phantom: str) -> None:
    page = looking.open("saliency", phantom, "&film=phantom-00002")
    page.locator(".thumb", has_text="Cardiomegaly").last.click()
    page.locator(".viewer[data-painted*='|Cardiomegaly|']").wait_for(timeout=TIMEOUT_MS)
    assert not looking.errors


def _upload(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": content})
    page.wait_for_timeout(300)
    settle(page)


def _deep(film: Path) -> bytes:
    """The film as 12 of 16 bits in DICOM, with bright and dark exchanged."""
    grey = np.array(Image.open(film).convert("L").resize((512, 512)), dtype=np.uint16)
    return dicom_bytes(4095 - 16 * grey, photometric="MONOCHROME1", patient="Person^Some")


@pytest.mark.real
def test_films_of_ones_own(looking: Looking, phantom: str, real_data: Path) -> None:
    """A real PNG and a 16-bit DICOM are looked at; a truncated and a renamed file are one sentence each."""
    page = looking.open("saliency", phantom, "&view=own")
    png = sorted((real_data / "iu-xray-png").glob("*.png"))[0]
    for name, content, kind in (("own.png", png.read_bytes(), "PNG"), ("own.dcm", _deep(png), "DICOM")):
        _upload(page, name, content)
        expect(page.locator("figcaption", has_text=f"Your film ({kind})")).to_be_visible(timeout=TIMEOUT_MS)
        for text in ("Scores against the thresholds", "Nearest films of the study", "cosine to your film"):
            expect(page.get_by_text(text).first).to_be_attached(timeout=TIMEOUT_MS)
        expect(page.locator("figure canvas.scale:not([hidden])")).to_have_count(
            len(open_study(STUDIES / phantom).settings)
        )
    assert page.get_by_text("Person").count() == 0
    for name, content in (("cut.png", png.read_bytes()[:20_000]), ("words.png", b"Only words, renamed.\n" * 99)):
        _upload(page, name, content)
        expect(page.get_by_text("This film cannot be looked at")).to_be_visible(timeout=TIMEOUT_MS)
        expect(page.get_by_text("What to do:")).to_be_visible()
        assert page.locator(".viewer").count() == 0
    assert page.get_by_test_id("stException").count() == 0
    assert not looking.errors
    assert not looking.outside


def test_noise_is_told_from_the_study_s_films(looking: Looking, phantom: str) -> None:
    page = looking.open("saliency", phantom, "&view=own")
    study = open_study(STUDIES / phantom)
    noise = np.random.default_rng(1).integers(60, 180, (500, 600)).astype(np.uint8)
    noise[150:350, 220:380] = 230
    known = film_pixels(study, study.image_ids[int(study.rows("test")[0])])
    for name, film, said in (
        ("known", known, "Like this study's films"),
        ("noise", noise, "Unlike this study's films"),
    ):
        buffer = io.BytesIO()
        Image.fromarray(film).save(buffer, "PNG")
        _upload(page, f"{name}.png", buffer.getvalue())
        expect(page.get_by_text(said)).to_be_visible(timeout=TIMEOUT_MS)
        expect(page.get_by_text("Of 1,000 films of the study, ")).to_have_count(1)
    assert not looking.errors


def test_a_film_of_ones_own_where_there_is_no_model_is_words(looking: Looking, made_up: str) -> None:
    page = looking.open("saliency", made_up, "&view=own")
    buffer = io.BytesIO()
    Image.fromarray(np.full((64, 64), 90, np.uint8)).save(buffer, "PNG")
    _upload(page, "own.png", buffer.getvalue())
    expect(page.get_by_text("What to do:")).to_be_visible(timeout=TIMEOUT_MS)
    assert page.get_by_test_id("stException").count() == 0


def test_all_annotated_films_are_computed_in_the_app_and_one_click_away(looking: Looking, few_masks: Path) -> None:
    page = looking.open("saliency", few_masks.name, "&view=annotated")
    expect(page.get_by_text("Readers drew on")).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_role("button", name="Compute now").click()
    expect(page.get_by_text("Where the settings disagree most")).to_be_visible(timeout=6 * TIMEOUT_MS)
    expect(page.get_by_text("Paired differences, with 95 % intervals")).to_be_visible()
    expect(page.get_by_text("Centre blob").first).to_be_visible()
    point = page.locator(".js-plotly-plot .points path").last
    point.scroll_into_view_if_needed()
    point.click(force=True)
    page.locator(".viewer[data-painted]").wait_for(timeout=TIMEOUT_MS)
    painted = page.locator(".viewer").get_attribute("data-painted") or ""
    image_id, finding = painted.split("|")[:2]
    assert finding in {entry.finding for entry in open_study(few_masks).annotations(image_id)}
    assert not looking.errors
