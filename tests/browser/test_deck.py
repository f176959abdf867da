"""The threshold deck under mouse and keys, its link, and the whole way from fitting to deciding on real films."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from core.__main__ import main
from core.study import open_study
from core.thresholds import fit_thresholds
from core.thresholds.files import threshold_file
from tests.browser.conftest import Looking, watching
from tests.browser.deck_page import DeckPage
from tests.browser.server import TIMEOUT_MS, open_page, serving, settle
from tests.pages.real_study import import_nih

pytestmark = pytest.mark.browser
FINDING = "Cardiomegaly"


def test_everything_moves_with_the_hand_and_python_confirms(looking: Looking, made_up: str) -> None:
    deck = DeckPage(looking.open("thresholds", made_up))
    expect(deck.root.get_by_text("Scores, logit")).to_be_visible()
    before, macro, others = deck.figures(FINDING), deck.overall("macro_f1"), deck.figures("Edema")
    deck.grab(FINDING, 0.8, 0.3)
    during = deck.figures(FINDING)
    assert {name for name in during if during[name] != before[name]} >= {
        "precision",
        "specificity",
        "f1",
        "false_alarms",
    }
    assert deck.overall("macro_f1") != macro
    assert deck.root.get_attribute("data-confirmed") == ""
    assert deck.figures("Edema") == others
    held = {name: deck.overall(name) for name in ("macro_f1", "micro_f1", "exact_match", "hamming", "cardinality")}
    looking.page.mouse.up()
    deck.confirmed()
    assert deck.figures(FINDING) == during
    assert {name: deck.overall(name) for name in held} == held
    expect(looking.page.get_by_text("1 threshold moved on validation films")).to_be_visible()
    expect(looking.page.get_by_label("Class to look at").last).to_have_value(FINDING)
    deck.slider(FINDING).focus()
    looking.page.keyboard.press("ArrowLeft")
    looking.page.keyboard.press("ArrowRight")  # nothing has moved, and what Python said of it still holds
    looking.page.wait_for_timeout(400)
    deck.confirmed()
    assert not looking.errors
    assert not looking.outside


def test_keys_step_to_the_next_change_and_undo_and_reset_take_back(looking: Looking, made_up: str) -> None:
    deck = DeckPage(looking.open("thresholds", made_up))
    start, n_start = deck.thresholds(), deck.predicted(FINDING)
    deck.press(FINDING, "ArrowLeft")
    assert deck.predicted(FINDING) == n_start + 1  # made-up scores have no ties
    deck.press(FINDING, "ArrowRight", "ArrowRight")
    assert deck.predicted(FINDING) == n_start - 1
    deck.press(FINDING, "Shift+ArrowLeft")
    assert deck.predicted(FINDING) == n_start - 1 + round((120 + 1) / 20)
    deck.press(FINDING, "End")
    assert (deck.predicted(FINDING), deck.figures(FINDING)["precision"]) == (0, "–")
    deck.type(FINDING, "-99")
    assert deck.figures(FINDING)["recall"] == "1.000"
    deck.click("Undo")
    assert deck.predicted(FINDING) == 0
    deck.click("Reset")
    assert deck.thresholds() == start
    deck.click("Undo")
    assert deck.predicted(FINDING) == 0


def test_keys_on_two_rows_in_a_hurry_move_each_its_own(looking: Looking, made_up: str) -> None:
    deck = DeckPage(looking.open("thresholds", made_up))
    other = "Edema"
    start = [deck.predicted(name) for name in (FINDING, other)]
    deck.slider(FINDING).focus()
    looking.page.keyboard.press("ArrowLeft")
    deck.slider(other).focus()
    looking.page.keyboard.press("ArrowLeft")
    looking.page.wait_for_timeout(400)
    deck.confirmed()
    assert [deck.predicted(name) for name in (FINDING, other)] == [number + 1 for number in start]
    deck.click("Undo")
    assert [deck.predicted(name) for name in (FINDING, other)] == [start[0] + 1, start[1]]
    deck.click("Undo")
    assert [deck.predicted(name) for name in (FINDING, other)] == start


def test_a_drag_right_after_a_key_goes_on(looking: Looking, made_up: str) -> None:
    deck = DeckPage(looking.open("thresholds", made_up))
    box = deck.slider(FINDING).bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    looking.page.mouse.move(box["x"] + 0.7 * box["width"], y)
    deck.slider(FINDING).focus()
    looking.page.keyboard.press("ArrowLeft")
    looking.page.mouse.down()
    looking.page.wait_for_timeout(400)
    held = deck.predicted(FINDING)
    looking.page.mouse.move(box["x"] + 0.3 * box["width"], y, steps=5)
    looking.page.wait_for_timeout(100)
    dragged = deck.predicted(FINDING)
    assert dragged > held
    looking.page.mouse.up()
    deck.confirmed()
    assert deck.predicted(FINDING) == dragged


@pytest.mark.parametrize("text", ["abc", "1e999"])
def test_what_is_no_number_leaves_the_field_and_the_threshold(looking: Looking, made_up: str, text: str) -> None:
    deck = DeckPage(looking.open("thresholds", made_up))
    field = deck.row(FINDING).locator("input.number")
    shown, held = field.input_value(), deck.thresholds()
    field.click()
    field.press("ControlOrMeta+a")
    field.press_sequentially(text)
    field.press("Enter")
    expect(deck.root.get_by_text(f"{text} is not a number")).to_be_visible()
    expect(field).to_have_value(shown)
    assert deck.thresholds() == held


def test_tiles_carry_intervals_and_what_a_move_changed(looking: Looking, made_up: str) -> None:
    deck = DeckPage(looking.open("thresholds", made_up))
    names = ("macro_f1", "micro_f1", "exact_match", "hamming")
    for name in names:
        low, high = _ends(deck.tile(name, "interval"))
        assert low < float(deck.overall(name)) < high
        assert deck.tile(name, "change") == ""
    deck.grab(FINDING, 0.9, 0.2)
    assert [deck.tile(name, "interval") for name in names] == [""] * 4
    looking.page.mouse.up()
    deck.confirmed()
    low, high = _ends(deck.tile("hamming", "interval"))
    assert low < float(deck.overall("hamming")) < high
    value, low, high = (float(one) for one in re.findall(r"[+-][\d.]+", deck.tile("hamming", "change")))
    assert low < value < high
    assert value > 0  # nearly every film is now called positive


def _ends(words: str) -> list[float]:
    assert words.startswith("95 %: ")
    return [float(one) for one in words.removeprefix("95 %: ").split(" to ")]


def test_a_rule_that_decides_film_by_film_has_figures_and_no_sliders(looking: Looking, made_up: str) -> None:
    page = looking.open("thresholds", made_up, "&thresholds=2~by-top-k~at-2")
    expect(page.get_by_text("no threshold to drag")).to_be_visible()
    assert page.locator(".deck").count() == 0
    expect(page.get_by_text("Predicted labels per film")).to_be_visible()
    expect(page.get_by_text("2.000").first).to_be_visible()
    assert not looking.errors


@pytest.mark.parametrize("link", ["All, by quantile", "All, by probability", "All, by predicted prevalence"])
def test_linked_classes_follow_and_come_back(looking: Looking, made_up: str, link: str) -> None:
    deck = DeckPage(looking.open("thresholds", made_up))
    names = ("No Finding", "Lung Opacity", FINDING)
    deck.root.get_by_label("Move").select_option(label=link)
    before = [deck.predicted(name) for name in names]
    deck.press("No Finding", "Shift+ArrowLeft", "Shift+ArrowLeft")
    after = [deck.predicted(name) for name in names]
    assert all(more > fewer for more, fewer in zip(after[:2], before[:2], strict=True))
    deck.click("Undo")
    assert [deck.predicted(name) for name in names] == before


def test_a_link_opens_the_same_view_in_another_browser(
    looking: Looking, browser: Browser, address: str, made_up: str
) -> None:
    page = looking.open("thresholds", made_up, "&setting=linear_probe&read_on=test&film=film-0481")
    deck = DeckPage(page)
    deck.drag(FINDING, 0.7, 0.4)
    deck.row("Edema").get_by_role("button", name="Edema", exact=True).click()
    expect(page.get_by_label("Class to look at").last).to_have_value("Edema", timeout=TIMEOUT_MS)
    settle(page)
    name = "Download and share"
    page.get_by_role("button", name=name).or_(page.get_by_role("radio", name=name)).click()
    shown = page.get_by_test_id("stCode").filter(has_text="thresholds=").last
    shown.wait_for()
    link = shown.inner_text().strip()
    with watching(browser, address) as other:
        open_page(other.page, link)
        again = DeckPage(other.page)
        assert again.thresholds() == deck.thresholds()
        assert again.figures(FINDING) == deck.figures(FINDING)
        expect(other.page.locator('.row.chosen[data-class="Edema"]')).to_be_visible()
        expect(other.page.get_by_text("Exploratory: 1 threshold moved")).to_be_visible()
        chosen = [other.page.get_by_role("radio", name=name) for name in ("Linear probe", re.compile("Test"))]
        for control in chosen:
            expect(control).to_be_checked()
        assert "film=film-0481" in other.page.url
        assert not other.errors


def test_a_damaged_link_is_refused_in_words(looking: Looking, made_up: str) -> None:
    page = looking.open("thresholds", made_up, "&thresholds=2~AAAA")
    DeckPage(page)
    expect(page.get_by_text("The thresholds of this link were not taken")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0


@pytest.fixture(scope="module")
def real_study(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real films, half of them to fit on."""
    return import_nih(real_data, tmp_path_factory.mktemp("deck"), name="nih-val", with_splits=True)


@pytest.mark.real
def test_fit_freeze_test_flips_export_decide_on_real_films(browser: Browser, real_study: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "server.log", studies=[real_study]) as address, watching(browser, address) as seen:
        page = seen.page
        open_page(page, f"{address}/thresholds?study={real_study.name}")
        deck = DeckPage(page)
        deck.press(FINDING, "Shift+ArrowLeft")
        chosen = deck.thresholds()
        page.get_by_role("button", name="Lock and check on test films").click()
        expect(page.get_by_text("Locked on validation, checked here")).to_be_visible(timeout=TIMEOUT_MS)
        deck.confirmed()
        assert deck.thresholds() == chosen
        expect(page.get_by_text(re.compile(r"^\d+ missed$")).last).to_be_visible()  # not what a hand changed elsewhere
        exported = _download(page, "Thresholds", tmp_path / "thresholds.json")
        report = _download(page, "Report", tmp_path / "report.html")
        _flip_films(page, deck)
        marked = _download(page, "Thresholds", tmp_path / "moved.json")
        page.get_by_role("button", name="Back to the locked ones").click()
        expect(page.get_by_text("Locked on validation, checked here")).to_be_visible(timeout=TIMEOUT_MS)
        deck.confirmed()
        assert deck.thresholds() == chosen
        deck.press(FINDING, "Shift+ArrowLeft")
        _offers_no_maps(page)
        assert not seen.errors
        assert not seen.outside
    assert '"is_exploratory": false' in exported.read_text()
    assert '"is_exploratory": true' in marked.read_text()
    _holds_intervals(exported, "frozen")
    _holds_intervals(marked, "exploratory")
    _opens_offline(browser, report)
    _decides(real_study, exported, tmp_path, chosen)


def _holds_intervals(exported: Path, reading: str) -> None:
    """The file says what its thresholds give on the test films, with intervals, and on how many films they stand."""
    (held,) = json.loads(exported.read_text())["sets"]
    figures = held["figures"]
    row = figures["per_class"][FINDING]
    assert (figures["split"], figures["reading"]) == ("test", reading)
    assert 0 <= row["f1_low"] < row["f1"] < row["f1_high"] <= 1
    assert figures["overall"]["macro_f1_low"] < figures["overall"]["macro_f1"] < figures["overall"]["macro_f1_high"]
    assert held["n_films"] > 0
    assert held["n_patients"] > 0
    assert held["n_positive"][FINDING] > 0


def _section(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).click()
    settle(page)


def _download(page: Page, name: str, out: Path) -> Path:
    _section(page, "Download and share")
    with page.expect_download(timeout=TIMEOUT_MS) as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name=name).first.click()
    download.value.save_as(out)
    return out


def _flip_films(page: Page, deck: DeckPage) -> None:
    """A move on test: marked, and the films that it changes are shown with their scores."""
    deck.press(FINDING, "Shift+ArrowLeft")
    expect(page.get_by_text("the locked thresholds stand; 1 explored on test films")).to_be_visible(timeout=TIMEOUT_MS)
    deck.row(FINDING).get_by_role("button", name=FINDING, exact=True).click()
    expect(page.get_by_label("Class to look at").last).to_have_value(FINDING, timeout=TIMEOUT_MS)
    _section(page, "Films that changed")
    films = page.get_by_role("img", name=re.compile("^Film "))
    expect(films.first).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.locator(".gallery").last.get_by_text("newly called positive").first).to_be_visible()
    page.wait_for_function(
        """() => [...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean)
            .flatMap(one => [...one.querySelectorAll('img')]).some(one => one.naturalWidth >= 100)""",
        timeout=TIMEOUT_MS,
    )
    words = re.compile(r"newly called positive: (found|false alarm) \(score 0\.\d+ ≥ 0\.\d+\)")
    expect(page.get_by_text(words).first).to_be_visible()


def _offers_no_maps(page: Page) -> None:
    """A study of a model's output alone has no maps to show, neither of a film in a gallery nor of one in the pane."""
    _section(page, "Films that changed")
    page.locator(".gallery").filter(has_text="newly called").get_by_role("button").first.click()
    settle(page)
    expect(page.get_by_text(re.compile(r": film 1 of \d+"))).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.locator(".pane .small-tiles b").first).to_have_text(re.compile(r"\.png$"), timeout=TIMEOUT_MS)
    cut = (
        "all => all.filter(one => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 1).length"
    )
    assert page.locator(".pane .small-tiles b").evaluate_all(cut) == 0
    page.locator(".pane .small-tiles button").first.click()
    expect(page.locator(".pane .film")).to_be_visible(timeout=TIMEOUT_MS)
    for words in ("Where do the models look", "On the map", "All on the map"):
        expect(page.get_by_text(words).filter(visible=True)).to_have_count(0)


def _opens_offline(browser: Browser, report: Path) -> None:
    context = browser.new_context(offline=True)
    page, requests = context.new_page(), []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    expect(page.get_by_text("NIH ChestX-ray14, 621 films").first).to_be_visible()
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()


def _decides(study_folder: Path, thresholds: Path, folder: Path, shown: list[str]) -> None:
    """The exported set, applied on the command line, decides every film as its scores say."""
    study = open_study(study_folder)
    scores = pd.DataFrame(np.asarray(study.scores("densenet")), columns=list(study.classes))
    scores.insert(0, "image_id", study.image_ids)
    scores.to_csv(folder / "scores.csv", index=False)
    command = ["decide", str(study_folder), str(thresholds), "--scores", str(folder / "scores.csv")]
    assert main([*command, "--out", str(folder / "decisions.csv")]) == 0
    decided = pd.read_csv(folder / "decisions.csv").set_index("image_id").loc[study.image_ids]
    held = json.loads(thresholds.read_text())["sets"][0]["values"]
    for place, (finding, cut) in enumerate(held.items()):
        assert (decided[finding].to_numpy() == (scores[finding] >= cut)).all()
        assert float(shown[place]) == cut


_TALLEST_AND_CUT = """() => [...document.querySelectorAll('[class*="st-key-table-of-worth"]')].map((table) => ({
    cut: table.scrollWidth - table.clientWidth,
    lines: Math.max(...[...table.querySelectorAll('td')].map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
    })),
}))"""


def test_before_and_after_are_read_without_scrolling_at_every_width(looking: Looking, made_up: str) -> None:
    page = looking.open("thresholds", made_up, "&below=worth&setting=zero_shot")
    expect(page.get_by_text("Scores, margin")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_label("Axis", exact=True).locator("option").nth(1)).to_have_text("Margin")
    DeckPage(page).press(FINDING, "Shift+ArrowLeft")
    page.get_by_role("radio", name=re.compile("^Test")).click()
    settle(page)
    expect(page.get_by_text("After: as it stands")).to_be_visible(timeout=TIMEOUT_MS)
    for width, height in ((1440, 900), (683, 512), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        tables = page.evaluate(_TALLEST_AND_CUT)
        assert len(tables) == 4
        assert all(one["cut"] <= 0 and one["lines"] <= 2 for one in tables), (width, tables)


def test_a_file_is_taken_or_refused_in_words(looking: Looking, made_up: str, folder: Path, tmp_path: Path) -> None:
    study = open_study(folder / made_up)
    path = tmp_path / "thresholds.json"
    path.write_text(threshold_file([fit_thresholds(study, "fine_tune", "youden")]))
    page = looking.open("thresholds", made_up)
    deck = DeckPage(page)
    page.get_by_role("button", name="Thresholds: ").click()
    strange = path.read_text().replace(study.scores_fingerprint("fine_tune"), "0" * 16)
    (tmp_path / "strange.json").write_text(strange)
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(tmp_path / "strange.json")
    expect(page.get_by_text("This file was not taken")).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(path)
    expect(page.get_by_role("button", name="Unlock")).to_be_visible(timeout=TIMEOUT_MS)
    deck.confirmed()
    fitted = fit_thresholds(study, "fine_tune", "youden").values.values()
    assert [json.loads(value) for value in deck.thresholds()] == list(fitted)
    assert not looking.errors
