"""Variants opened in the app show the figure that the ledger has: six in every run, more with CLAIM_VARIANTS=30."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.claims.compute import compute_ledger
from core.claims.figures import figure_named
from core.claims.ledger import ClaimResult, Ledger
from core.claims.registry import CLAIMS
from core.settings.titles import encoder_title, setting_title
from core.study import Study, open_study
from core.words import number_words
from pages.claims.links import Destination, destination
from tests.browser.deck_page import DeckPage
from tests.browser.server import TIMEOUT_MS, open_page, serving, settle
from tests.browser.taking import take
from tests.pages.made_study import make_study

pytestmark = pytest.mark.browser
_LONG_MS = 3 * TIMEOUT_MS
NUMBER = int(os.environ.get("CLAIM_VARIANTS", "6"))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("claims") / "claimed", n_films=300))


@pytest.fixture(scope="module")
def server(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("log") / "server.log", studies=[study.root]) as address:
        yield address


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    yield page
    context.close()


def _sample(study: Study, ledger: Ledger) -> list[tuple[ClaimResult, int, int, Destination]]:
    """Variants that pages show, of as many pages and claims as there are."""
    rng = np.random.default_rng(4)
    found: dict[str, list[tuple[ClaimResult, int, int, Destination]]] = {}
    for result in ledger.results:
        for variant in rng.permutation(len(result.codes))[:60]:
            place = int(rng.integers(2))
            where = destination(study, study.root.name, result, int(variant), place)
            if isinstance(where, Destination):
                found.setdefault(where.stem, []).append((result, int(variant), place, where))
    stems = sorted(found)
    chosen = []
    for turn in range(NUMBER):
        ones = found[stems[turn % len(stems)]]
        chosen.append(ones[int(rng.integers(len(ones)))])
    return chosen


def _shown(page: Page, where: Destination, study: Study) -> str:
    """The figure as the page has it."""
    if where.stem == "thresholds":
        if page.locator(".deck").count():
            return DeckPage(page).overall(where.figure)
        title = {
            "macro_f1": "Macro F1",
            "micro_f1": "Micro F1",
            "exact_match": "Exact match",
            "hamming": "Hamming loss",
        }
        tile = page.get_by_test_id("stMetric").filter(has_text=title.get(where.figure, "Predicted labels per film"))
        return tile.first.get_by_test_id("stMetricValue").inner_text()
    if where.stem == "overview":
        table = page.locator("table").filter(has_text=where.figure).first
        return _cell(table, setting_title(where.setting), where.figure)
    encoder = encoder_title(str(study.manifest.settings[where.setting].encoder))
    is_deep = "separation_deep" in dict(where.query)
    return _cell(page.locator("table").filter(has_text="Inter").nth(int(is_deep)), encoder, where.figure)


def _cell(table: Locator, row: str, column: str) -> str:
    headings = [words.strip() for words in table.locator("th").all_inner_texts()]
    place = next(at for at, words in enumerate(headings) if re.sub(r"[\s\u00a0]*[↑↓]", "", words) == column)
    line = table.locator("tr").filter(has_text=row.replace(" ", "\u00a0")).first
    return line.locator("td").nth(place).inner_text().split(" (")[0]


def test_variants_opened_in_the_app_show_the_ledgers_figure(page: Page, server: str, study: Study) -> None:
    ledger = compute_ledger(study, [replace(one, only={"split": ("test", "val")}) for one in CLAIMS], n_resamples=10)
    for result, variant, place, where in _sample(study, ledger):
        open_page(page, f"{server}/{where.address}")
        expected = float((result.first, result.second)[place][variant])
        digits = 2 if where.stem == "overview" and where.figure in _SHORT else _digits(result, variant)
        assert _shown(page, where, study) == number_words(expected, digits), (where, result.choices(variant))


_SHORT = ("Coverage error", "Inter-class distance", "Intra-class distance")


def _digits(result: ClaimResult, variant: int) -> int:
    return figure_named(result.choices(variant)["metric"]).digits


def test_the_curve_grows_while_the_claims_are_asked_and_is_kept(page: Page, server: str, tmp_path: Path) -> None:
    open_page(page, f"{server}/claims?study=claimed&claim=fine-tuning-beats-probe")
    page.get_by_role("button", name="Ask this study").click()
    expect(page.get_by_text(re.compile("[0-9] variants$"))).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text("It is the published one.")).to_be_visible(timeout=_LONG_MS)
    link = page.get_by_role("link", name="Open in Overview").first
    expect(link).to_have_attribute("href", re.compile(r"overview\?study=claimed&protocol=paper"))
    page.reload()
    expect(page.get_by_text("It is the published one.")).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    curve = take(page, page.locator('[class*="st-key-figure-curve-"] button.take-figure'), tmp_path)
    assert curve.name == "claimed_all-settings_all_curve-fine-tuning-beats-probe"
    assert curve.png[0] >= 2 * curve.width
    assert "95 % intervals" in curve.words
    assert len(curve.rows) > 100
