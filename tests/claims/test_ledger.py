"""The ledger against scikit-learn, against the reports of the app, and through its file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.claims.axes import Asked
from core.claims.claim import Claim
from core.claims.compute import compute_ledger
from core.claims.figures import chance_coverage, chance_ranking_precision
from core.claims.films import films_of_option
from core.claims.ledger import Ledger
from core.claims.registry import CLAIMS
from core.claims.store import claims_of, keep_ledger, keep_with_study, kept_ledger, ledger_path, maps_of
from core.claims.variants import variants_of
from core.metrics.ranking import film_coverage, film_ranking_precision
from core.paths import STUDIES
from core.report.report import compute_report
from core.saliency.localization.shipped import PART, store_results
from core.saliency.localization.store import FilmResult, StoredResults, film_marks
from core.study import Study, check_study, open_study
from tests.browser.dial_study import write_dial_study
from tests.claims.reference import reference_effect
from tests.pages.made_study import make_study
from tests.saliency.test_table import made_row, made_table

N_RESAMPLES = 8
SOME = tuple(replace(one, only={"split": ("test", "dealt-1")}) for one in CLAIMS)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("claims") / "made"))


@pytest.fixture(scope="module")
def ledger(study: Study) -> Ledger:
    return compute_ledger(study, SOME, n_resamples=N_RESAMPLES)


def _sample(ledger: Ledger) -> Iterator[tuple[str, int]]:
    """Of every claim the published variant and one at random, of distances more."""
    rng = np.random.default_rng(0)
    for one in ledger.results:
        if len(one.codes):
            number = 8 if any(axis.name == "distance" for axis in one.axes) else 1
            chosen = {int(place) for place in rng.choice(len(one.codes), number)}
            yield from ((one.claim.name, place) for place in chosen | ({one.published} - {None}))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_variants_are_what_scikit_learn_gives(study: Study, ledger: Ledger) -> None:
    compared = 0
    for name, variant in _sample(ledger):
        result = ledger.result(name)
        assert result is not None
        choices = result.choices(variant)
        is_distance = "distance" in choices
        found = reference_effect(study, result.claim, choices, 0 if is_distance else N_RESAMPLES)
        assert result.first[variant] == pytest.approx(found.first, abs=1e-9, nan_ok=True), (name, choices)
        if result.claim.second == "chance":
            continue
        assert result.second[variant] == pytest.approx(found.second, abs=1e-9, nan_ok=True), (name, choices)
        compared += 1
        if not is_distance and not np.isnan(result.low[variant]):
            ends = result.low[variant], result.high[variant]
            if found.low != found.high:  # where all resamples agree, a share has Wilson's interval
                assert ends == pytest.approx((found.low, found.high), abs=1e-9, nan_ok=True), (name, choices)
    assert compared >= 20


def test_variants_are_what_the_app_reports(study: Study, ledger: Ledger) -> None:
    """The overview's figures, as published and sound."""
    reports = {protocol: compute_report(study, "test", protocol) for protocol in ("paper", "sound")}  # type: ignore[arg-type]
    result = ledger.result("fine-tuning-beats-probe")
    assert result is not None
    assert result.published is not None
    published = [reports["paper"].settings[name].overall.macro_f1 for name in ("fine_tune", "linear_probe")]
    assert [result.first[result.published], result.second[result.published]] == pytest.approx(published, abs=1e-12)
    sound = {"policy": "max-f1", "average": "macro", "undefined": "left out", "classes": "1", "split": "test"}
    variant = result.find(sound)
    assert variant is not None
    figures = [reports["sound"].settings[name].overall.macro_f1 for name in ("fine_tune", "linear_probe")]
    assert [result.first[variant], result.second[variant]] == pytest.approx(figures, abs=1e-12)
    pooled = result.find({**sound, "average": "micro"})
    assert pooled is not None
    figures = [reports["sound"].settings[name].overall.micro_f1 for name in ("fine_tune", "linear_probe")]
    assert [result.first[pooled], result.second[pooled]] == pytest.approx(figures, abs=1e-12)
    space = ledger.result("fine-tuning-separates-classes")
    assert space is not None
    assert space.published is not None
    ratio = reports["paper"].settings["fine_tune"].overall.distance_ratio
    assert space.first[space.published] == pytest.approx(ratio, rel=1e-9)


def test_a_ledger_says_the_same_after_it_was_kept(study: Study, ledger: Ledger, tmp_path: Path) -> None:
    again = Ledger.from_json(json.loads(json.dumps(ledger.to_json())))
    for one, other in zip(ledger.results, again.results, strict=True):
        assert one.claim == other.claim
        np.testing.assert_array_equal(one.codes, other.codes)
        np.testing.assert_array_equal(one.verdict, other.verdict)
        np.testing.assert_array_equal(one.effect, other.effect)
        np.testing.assert_array_equal(one.holds_jointly, other.holds_jointly)
        assert (one.published, one.n_variants, dict(one.excluded)) == (
            other.published,
            other.n_variants,
            dict(other.excluded),
        )


def test_a_kept_ledger_is_of_the_study_and_the_claims(
    study: Study, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    path = ledger_path(study, SOME, maps_of(study))
    assert kept_ledger(study, SOME) is None
    keep_ledger(path, replace(ledger, is_complete=False))
    assert kept_ledger(study, SOME) is None
    keep_ledger(path, ledger)
    assert kept_ledger(study, SOME) is not None
    assert kept_ledger(study, SOME[:1]) is None
    path.write_text("{")
    assert kept_ledger(study, SOME) is None


def test_a_ledger_comes_along_with_the_study(
    study: Study, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found in the study's folder where the claims are those that it was asked, and is no part of the study."""
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    given = open_study(Path(shutil.copytree(study.root, tmp_path / "given")))
    path = keep_with_study(given, SOME, ledger)
    assert ledger_path(given, SOME, maps_of(given)) == path
    kept = kept_ledger(given, SOME)
    assert kept is not None
    assert kept.to_json() == ledger.to_json()
    assert check_study(given.root) == []
    assert kept_ledger(given, SOME[:1]) is None
    for damage in (b"{", path.read_bytes()[:-100]):
        path.write_bytes(damage)
        assert kept_ledger(given, SOME) is None


def test_the_study_that_ships_comes_with_its_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a claim, or how it is asked, has changed: `python -m core claims data/studies/phantom --keep`."""
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    shipped = open_study(STUDIES / "phantom")
    kept = kept_ledger(shipped)
    assert kept is not None
    assert [one.claim for one in kept.results] == list(claims_of(shipped))
    asked = [one for one in kept.results if one.missing is None]
    small = min(asked, key=lambda one: one.n_variants)
    again = compute_ledger(shipped, [small.claim], maps_of(shipped)).results[0]
    np.testing.assert_allclose(again.first, small.first, rtol=1e-12)
    np.testing.assert_allclose(again.second, small.second, rtol=1e-12)
    np.testing.assert_array_equal(again.codes, small.codes)


def test_every_combination_is_a_variant_or_excluded_for_a_reason(study: Study) -> None:
    for claim in CLAIMS:
        asked = Asked(study, claim)
        found = variants_of(asked)
        if found.missing is None:
            number = int(np.prod([len(axis.options) for axis in found.axes]))
            assert len(found.choices) + sum(found.excluded.values()) == number
    result = variants_of(Asked(study, next(one for one in CLAIMS if one.name == "fine-tuning-beats-probe")))
    assert len(result.choices) >= 500
    assert "thresholds would be read on the films that they were fitted on" in result.excluded


def test_patients_that_are_dealt_out_anew_are_never_on_both_sides(study: Study) -> None:
    given = films_of_option(study, "test", 2)
    for seed in (1, 2):
        films = films_of_option(study, f"dealt-{seed}", 2)
        fitted, read = (set(study.patient_ids(rows)) for rows in (films.fitted, films.read))
        assert not fitted & read
        assert sorted([*films.fitted, *films.read]) == sorted([*given.fitted, *given.read])
        assert len(fitted) == len(set(study.patient_ids(study.rows("val"))))


def test_labels_are_read_in_every_way_that_they_can_be(tmp_path: Path) -> None:
    study = open_study(write_dial_study(tmp_path / "dial", 90))
    claim = Claim("c", "C.", "", ("f1",), "second", "first", only={"policy": ("max-f1",), "split": ("test",)})
    result = compute_ledger(study, (claim,), n_resamples=10).results[0]
    labels = next(axis for axis in result.axes if axis.name == "labels")
    assert len(labels.options) == 12
    variant = result.find({"labels": labels.options[5].name, "average": "macro", "classes": "1"})
    assert variant is not None
    found = reference_effect(study, claim, result.choices(variant), 0)
    assert result.first[variant] == pytest.approx(found.first, abs=1e-9)
    assert result.first[variant] != result.first[0]


def test_chance_is_what_many_random_rankings_give() -> None:
    rng = np.random.default_rng(0)
    labels = np.array([[1, 0, 0, 0, np.nan], [1, 1, 0, 1, 0]])
    draws = [rng.random(labels.shape) for _ in range(4000)]
    for exact, figure in ((chance_ranking_precision, film_ranking_precision), (chance_coverage, film_coverage)):
        mean = np.mean([figure(labels, scores) for scores in draws], axis=0)
        np.testing.assert_allclose(exact(labels), mean, atol=0.03)


def test_a_table_of_maps_that_ships_with_a_study_is_asked(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    drawn = dict(list(film_marks(study).items())[:8])
    energies = {"zero_shot": 0.2, "linear_probe": 0.25, "fine_tune": 0.3}
    rows = [
        {**made_row("test", rank, "Edema", "A", setting, "grad_cam", energy), "image_id": image_id}
        for rank, image_id in enumerate(drawn)
        for setting, energy in energies.items()
    ]
    films = {name: FilmResult(marks, study.settings, {"grad_cam": False}) for name, marks in drawn.items()}
    results = StoredResults(pd.DataFrame(rows).assign(level_otsu=0.3, raw_maximum=1.0), films)
    ships = store_results(shutil.copytree(study.root, tmp_path / "ships"), PART, results)
    claims = [one for one in CLAIMS if one.name in ("maps-differ", "probe-looks-elsewhere")]
    assert maps_of(study) is None
    for result, effect in zip(compute_ledger(ships, claims, maps_of(ships)).results, (0.1, 0.05), strict=True):
        assert result.missing is None
        assert result.effect[result.published] == pytest.approx(effect, abs=2e-4)


def test_claims_about_maps_are_read_from_the_table_of_maps(study: Study) -> None:
    """Edema's maps have the same energy in both settings, those of Fracture 0.1 more after fine-tuning."""
    claims = [one for one in CLAIMS if one.name in ("maps-differ", "probe-looks-elsewhere")]
    differ, elsewhere = compute_ledger(study, claims, made_table()).results
    assert elsewhere.missing == "The table of maps holds none of Linear probe."
    assert {axis.name: len(axis.options) for axis in differ.axes} == {"metric": 3, "split": 2, "method": 1, "layer": 1}
    variant = differ.find({"metric": "map_energy", "split": "test"})
    assert variant is not None
    assert differ.effect[variant] == pytest.approx((0.0 + 0.1) / 2)
    assert differ.first[variant] == pytest.approx((0.4 + 0.2) / 2)
    assert differ.n[variant] == 11
    assert len(differ.codes) == differ.n_variants == 6
    assert "maps have not been compared" in str(compute_ledger(study, claims).results[0].missing).lower()
