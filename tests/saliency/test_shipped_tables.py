"""The tables of maps that ship with the study: finished, and what the model gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.films import film_pixels
from core.metrics.localization import localize, mask_of
from core.paths import STUDIES
from core.saliency.film_maps import film_maps
from core.saliency.localization.compute import saliency_table
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.ranking import chosen_on_val
from core.saliency.localization.summary import summarize
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.saliency.methods import method_of
from core.saliency.tower.setting_model import load_setting_model
from core.study import Study, open_study
from core.twins.causes import cause_table

SETTING = "fine_tune"
ROUNDED = 2.0**-12


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(STUDIES / "phantom")


@pytest.fixture
def tables(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[LocalizationResults, LocalizationResults]:
    """Against readers' masks and against causes, with nothing kept beside the study."""
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    masks, causes = saliency_table(study), cause_table(study)
    assert masks is not None
    assert causes is not None
    return masks, causes


def test_they_are_finished(study: Study, tables: tuple[LocalizationResults, LocalizationResults]) -> None:
    """Every annotated film of val and test, setting, quick method and block."""
    for table in tables:
        assert table.lacks(study, LocalizationPlan(has_all_layers=True)) == ()
        assert table.settings == study.settings


def test_their_figures_are_those_of_the_models_maps(
    study: Study, tables: tuple[LocalizationResults, LocalizationResults]
) -> None:
    rows = tables[0].rows
    image_id, model = str(rows["image_id"].iloc[-1]), load_setting_model(study, SETTING)
    film = film_pixels(study, image_id)
    for method in ("grad_cam", "attn_lrp"):
        maps = film_maps(model, film, method=method)
        chosen = rows[(rows["image_id"] == image_id) & (rows["setting"] == SETTING) & (rows["method"] == method)]
        of_default = chosen[chosen["is_default"]]
        assert len(of_default)
        for row in of_default.itertuples():
            mask = mask_of(study.annotations(image_id), row.finding, row.reader)
            assert mask is not None
            expected = localize(maps.of(row.finding).values, mask, maps.geometry)
            assert row.energy == pytest.approx(expected.energy, rel=1e-4 + ROUNDED)
            assert row.hit == expected.hit


def test_what_val_chooses_is_above_both_baselines_on_test(
    study: Study, tables: tuple[LocalizationResults, LocalizationResults]
) -> None:
    """By the share of the map in the mask, and in the region that is the cause."""
    for table in tables:
        chosen = chosen_on_val(table, SETTING, "energy")
        assert chosen is not None
        assert not method_of(chosen.of.method).is_baseline
        found = summarize(table, chosen.of, MaskFilter("test"), "energy")
        for baseline in ("random", "centre"):
            assert found.value > summarize(table, MapKey(SETTING, baseline), MaskFilter("test"), "energy").value
