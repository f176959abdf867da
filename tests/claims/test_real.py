"""Claims of studies that users import from real films: those that can be asked are, the others say what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.building.importing import ImportSources, import_study
from core.claims.claim import Claim
from core.claims.compute import compute_ledger
from core.claims.ledger import Ledger
from core.claims.registry import CLAIMS
from core.claims.verdict import verdict_words
from core.study import open_study
from tests.pages.real_study import import_nih

pytestmark = pytest.mark.real
FEWER = {"split": ("test", "dealt-1"), "policy": ("max-f1", "paper-cut", "paper-row-min-max")}
OWN = (
    Claim("area", "The DenseNet tells films apart.", "", ("auroc",), "densenet", "chance", only=FEWER),
    Claim("calls", "The DenseNet calls more than is there.", "", ("over_prediction",), "densenet", 1.0, only=FEWER),
)


def _asked(ledger: Ledger) -> Mapping[str, int]:
    return {one.claim.name: len(one.codes) for one in ledger.results if len(one.codes)}


def _claims() -> tuple[Claim, ...]:
    return tuple(replace(one, only=FEWER) for one in CLAIMS)


def test_621_films_with_a_setting_of_their_own(real_data: Path, tmp_path: Path) -> None:
    study = open_study(import_nih(real_data, tmp_path, with_splits=True))
    ledger = compute_ledger(study, (*_claims(), *OWN), n_resamples=60)
    assert set(_asked(ledger)) == {"area", "calls"}
    missing = [one.missing for one in ledger.results[: len(CLAIMS)]]
    assert "The study has no scores of Zero-shot; it has densenet." in missing
    assert "The study has no scores of Linear probe and Fine-tuning; it has densenet." in missing
    area, calls = ledger.results[-2:]
    assert verdict_words(area).startswith("Holds in all ")
    assert calls.n_holding > len(calls.codes) / 2
    said = verdict_words(ledger.results[0])
    assert said == "Not asked. The study has no scores of Zero-shot; it has densenet."


def test_621_films_without_a_split_as_zero_shot(real_data: Path, tmp_path: Path) -> None:
    """Thresholds are fitted where patients are dealt out anew; what needs another setting says so."""
    root = import_nih(real_data, tmp_path, name="given")
    scores = tmp_path / "scores.csv"
    study = open_study(
        import_study(tmp_path / "study", "NIH", ImportSources(tmp_path / "labels.csv", {"zero_shot": scores})).root
    )
    assert root.is_dir()
    ledger = compute_ledger(study, _claims(), n_resamples=60)
    assert set(_asked(ledger)) == {"zero-shot-over-predicts", "zero-shot-matches-no-film", "zero-shot-ranks-by-chance"}
    first = ledger.results[0]
    assert first.excluded["there are no validation films to fit thresholds on"] == 10
    assert {"test", "dealt-1"} == {first.choices(place)["split"] for place in range(len(first.codes))}
    assert all(one.missing for one in ledger.results if one.claim.name not in _asked(ledger))


def test_207_films_without_scores(real_data: Path, tmp_path: Path) -> None:
    labels = real_data / "nih-det-207" / "labels.csv"
    study = open_study(import_study(tmp_path / "study", "NIH, 207 films", ImportSources(labels, {})).root)
    assert len(study.image_ids) == 207
    ledger = compute_ledger(study, CLAIMS)
    assert not _asked(ledger)
    assert {one.missing.split(" of ")[0] for one in ledger.results if one.missing} == {"The study has no scores"}
    assert all(verdict_words(one).endswith("it has none.") for one in ledger.results)
