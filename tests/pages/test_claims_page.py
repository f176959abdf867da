"""The page of claims: offered, shown, a variant looked at, own claims made and taken away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.claims.claim import Claim
from core.claims.compute import compute_ledger
from core.claims.ledger import ClaimResult, Ledger
from core.claims.registry import CLAIMS
from core.claims.store import claims_of, keep_ledger, ledger_path, maps_of
from core.claims.variants import unasked
from core.claims.verdict import verdict_words
from core.claims.written import own_claims
from core.exports.claims import claims_csv, claims_latex
from core.exports.html import html_report
from core.exports.methods import claims_paragraph
from core.figures.claims import matrix_rows, specification_curve
from core.study import open_study
from core.thresholds import fit_thresholds
from pages.claims.links import Destination, destination
from pages.shared import notices
from tests.browser.dial_study import write_dial_study
from tests.pages.conftest import Open
from tests.pages.made_study import make_study
from tests.pages.scores_only import make_scores_only
from tests.pages.test_pages import words

NAME = "probe-beats-zero-shot"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("claims") / "made", n_films=300)


@pytest.fixture(scope="module")
def ledger(study: Path) -> Ledger:
    fewer = [replace(one, only={"split": ("test", "dealt-1")}) for one in CLAIMS]
    found = compute_ledger(open_study(study), fewer, n_resamples=30)
    whole = [replace(one, claim=claim) for one, claim in zip(found.results, CLAIMS, strict=True)]
    return replace(found, results=tuple(whole))


@pytest.fixture
def kept(study: Path, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    opened = open_study(study)
    keep_ledger(ledger_path(opened, claims_of(opened), maps_of(opened)), ledger)
    return ledger


def _result(ledger: Ledger) -> ClaimResult:
    found = ledger.result(NAME)
    assert found is not None
    return found


def test_a_study_is_offered_to_be_asked(
    open_page: Open, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    page = open_page("claims", study)
    assert not page.exception
    assert page.button(key="claims_start").label == "Ask this study"
    lacking = unasked(open_study(study), CLAIMS, None)
    assert set(lacking) == {one.name for one in CLAIMS if one.figures[0].startswith("map_")}
    assert f"**{len(CLAIMS) - len(lacking)} claims wait** for this study." in words(page)
    assert f"{len(lacking)} more cannot be asked here. Maps have not been compared" in words(page)


def test_an_import_is_told_why_no_claim_applies_and_its_own_needs_no_words(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    study = make_scores_only(tmp_path / "import", ("Edema", "Mass"), setting="mine")
    page = open_page("claims", study)
    assert not page.exception
    said = (
        f"None of the {len(CLAIMS)} claims of the paper can be asked here: they are about Zero-shot, Fine-tuning, "
        "Linear probe; this study has the scores of mine."
    )
    assert notices.plain(said) in words(page)
    assert [one.key for one in page.button if one.key == "claims_start"] == []
    assert [one.proto.expanded for one in page.expander] == [True]
    assert page.selectbox(key="claim_figure").options[-1] == "Coverage error"  # no distances, no maps
    next(one for one in page.button if one.label == "Add the claim").click().run()
    assert not page.exception
    (claim,) = own_claims(study)
    assert (claim.sentence, claim.second) == ("F1 of mine is above 0.5.", 0.5)
    assert "**1 claim waits** for this study." in words(page)
    assert f"{len(CLAIMS)} more cannot be asked here. The study has no scores of" in words(page)
    opened = open_study(study)
    keep_ledger(
        ledger_path(opened, claims_of(opened), maps_of(opened)),
        compute_ledger(opened, claims_of(opened), n_resamples=30),
    )
    page.run()
    assert not page.exception
    assert list(page.dataframe[0].value["Claim"]) == [claim.sentence]
    assert page.selectbox(key="claim").value == claim.name
    alone = sum(one.settings == ("zero_shot",) for one in CLAIMS)
    said = f"{alone} not asked: The study has no scores of Zero-shot; it has mine."
    assert notices.plain(said) in words(page)


def test_a_claim_is_shown_with_its_verdict_and_the_published_variant(
    open_page: Open, study: Path, kept: Ledger
) -> None:
    page = open_page("claims", study, claim=NAME)
    assert not page.exception
    said = words(page)
    assert notices.plain(verdict_words(_result(kept))).replace("; ", "**; ", 1) in said
    assert "It is the published one." in said
    other = open_page("claims", study, claim=NAME, variant=f"{NAME}~0")
    assert "It is the published one." not in words(other)
    assert "Highest F1" in words(other)


def test_claims_that_are_no_claims_are_a_sentence(open_page: Open, tmp_path: Path) -> None:
    study = make_study(tmp_path / "wrong", n_films=60)
    (study / "claims.json").write_text('{"claims": [{"id": "X"}]}')
    page = open_page("claims", study)
    assert not page.exception
    assert notices.plain("claim 1: the id is") in page.error[0].value


def test_a_claim_is_made_and_taken_away(open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    study = make_study(tmp_path / "own", n_films=60)
    page = open_page("claims", study)
    page.text_input(key="claim_sentence").set_value("Our probe finds most.")
    page.selectbox(key="claim_figure").set_value("recall")
    page.selectbox(key="claim_second").set_value("a number")
    page.number_input(key="claim_value").set_value(0.5)
    next(one for one in page.button if one.label == "Add the claim").click().run()
    assert not page.exception
    (claim,) = own_claims(study)
    assert (claim.name, claim.figures, claim.first, claim.second) == (
        "our-probe-finds-most",
        ("recall",),
        "zero_shot",
        0.5,
    )
    page.button(key="claim_take").click().run()
    assert own_claims(study) == ()


def test_a_variant_leads_to_the_page_that_shows_it(study: Path, ledger: Ledger) -> None:
    opened, result = open_study(study), _result(ledger)
    wanted = {
        "policy": "youden", "prompts": "stored", "average": "macro", "undefined": "left out", "classes": "1",
        "split": "test",
    }  # fmt: skip
    variant = result.find(wanted)
    assert variant is not None
    found = destination(opened, "made", result, variant, 0)
    assert isinstance(found, Destination)
    assert (found.stem, found.figure, found.setting) == ("thresholds", "macro_f1", "linear_probe")
    assert dict(found.query) == {
        "study": "made", "setting": "linear_probe", "read_on": "test", "thresholds": "1~by-youden",
    }  # fmt: skip
    assert result.published is not None
    published = destination(opened, "made", result, result.published, 1)
    assert isinstance(published, Destination)
    assert (published.stem, dict(published.query)["protocol"]) == ("overview", "paper")
    for change, why in (
        ({"split": "dealt-1"}, "No page deals patients out anew."),
        ({"classes": "5"}, "No page leaves out classes with few positives."),
        ({"average": "weighted"}, "No page weights classes by their positives."),
    ):
        variant = result.find({**wanted, **change})
        assert variant is not None
        assert destination(opened, "made", result, variant, 0) == why


def test_the_curve_shows_every_variant_once_and_every_open_choice(ledger: Ledger) -> None:
    result = _result(ledger)
    figure = specification_curve(result)
    shown = [
        int(one)
        for trace in figure.data
        if trace.name
        and trace.customdata is not None
        and trace.name.split(" (")[0] in ("Holds", "Contradicts", "Cannot be told")
        for one in trace.customdata
    ]
    defined = [place for place, effect in enumerate(result.effect) if effect == effect]
    assert sorted(shown) == defined
    heat = next(trace for trace in figure.data if trace.type == "heatmap")
    assert (
        len(heat.y)
        == len(matrix_rows(result))
        == sum(len(axis.options) for axis in result.axes if len(axis.options) > 1)
    )


def test_what_is_carried_away(study: Path, kept: Ledger) -> None:
    opened = open_study(study)
    rows = claims_csv(kept).splitlines()
    assert len(rows) == 1 + sum(len(one.codes) for one in kept.results)
    assert rows[0].startswith("study,fingerprint,claim,sentence,policy,prompts,")
    assert claims_latex(kept).count(r"\\") == 1 + len(kept.results)
    assert "claims were asked under" in claims_paragraph(kept)
    page = html_report(opened, "test", {"linear_probe": fit_thresholds(opened, "linear_probe")})
    assert "Claims under every choice" in page
    assert CLAIMS[0].sentence in page


def test_a_variant_of_other_labels_leads_to_thresholds_that_are_fitted_on_them(tmp_path: Path) -> None:
    opened = open_study(write_dial_study(tmp_path / "dial", 90))
    only = {"policy": ("youden",), "split": ("test",), "average": ("macro",), "classes": ("1",)}
    claim = Claim("c", "C.", "", ("f1",), "second", "first", only=only)
    result = compute_ledger(opened, (claim,), n_resamples=5).results[0]
    options = next(axis.options for axis in result.axes if axis.name == "labels")
    variant = result.find({"labels": next(one.name for one in options if one.name.startswith("room, most"))})
    assert variant is not None
    found = destination(opened, "dial", result, variant, 0)
    assert isinstance(found, Destination)
    query = dict(found.query)
    assert query["labels"] == "room~negative~negative~majority"
    assert query["thresholds"].startswith("1~of-")
    assert query["thresholds"].endswith("~by-youden")
