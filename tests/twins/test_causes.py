"""Maps judged by the region that moved the score; and tables that ship with a study."""

from __future__ import annotations

import io
import math
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.geometry import model_geometry
from core.metrics.localization import localize
from core.saliency.localization.pairs import MapKey, fitted_level
from core.saliency.localization.shipped import (
    _unpacked,
    joined_with_shipped,
    packed,
    shipped_results,
    store_results,
)
from core.saliency.localization.store import FilmResult, StoredResults
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.saliency.methods.baselines import CENTRE
from core.study import check_study
from core.study.read import Study
from core.twins.causes import MOVED, MOVES, PART, READER, cause_table, compute_cause_table, moved_only, store_causes
from core.twins.pair import make_pair, study_renderer
from tests.saliency.test_table import made_row
from tests.twins.planted_study import CLASSES, SETTING

PLAN = LocalizationPlan(methods=("centre", "random"), splits=("test",))


@pytest.fixture(scope="module")
def results(planted: Study) -> StoredResults:
    return compute_cause_table(planted, plan=PLAN)


def test_energy_is_the_share_of_a_map_in_the_region_that_differs(planted: Study, results: StoredResults) -> None:
    """By hand, of the centre blob, whose map is known."""
    renderer = study_renderer(planted)
    geometry = model_geometry(planted.manifest.model or {})
    rows = results.rows[results.rows["method"] == "centre"]
    assert set(rows["reader"]) == {READER}
    for _, row in rows.iterrows():
        shown = renderer.shown(row["image_id"])
        pair = make_pair(renderer, row["image_id"], shown.without(row["finding"]))
        assert pair.region is not None
        values = CENTRE.compute(pair.film.pixels, 10, 10, 1)[0]
        assert row["energy"] == pytest.approx(localize(values, pair.region, geometry).energy, abs=1e-6)


def test_what_a_finding_moved_stands_beside_every_row(planted: Study, results: StoredResults) -> None:
    rows = results.rows
    spread = np.std(np.asarray(planted.scores(SETTING), dtype=np.float64), axis=0)
    assert rows[MOVED].notna().all()
    assert rows[MOVED].abs().max() < 20 * spread.max() / spread.min()
    kept = moved_only(planted, results)
    assert (kept.rows[MOVED] >= MOVES).all()
    n_still = len(rows.drop_duplicates(["image_id", "finding"])) - len(
        kept.rows.drop_duplicates(["image_id", "finding"])
    )
    assert f"{n_still:,} of" in kept.notes[-1]


def test_a_study_ships_with_the_table(planted: Study, results: StoredResults, tmp_path: Path) -> None:
    root = tmp_path / "with-causes"
    shutil.copytree(planted.root, root)
    assert cause_table(planted) is None
    study = store_causes(root, results)
    assert check_study(root) == []
    found = cause_table(study)
    assert found is not None
    again = moved_only(planted, results).rows
    columns = ["image_id", "finding", "method", "layer", "energy", "hit", "dice_50", "iou_50"]
    pd.testing.assert_frame_equal(found.rows[columns], again[columns], atol=1e-4, rtol=1e-5)
    assert found.films == results.films


def test_a_table_that_ships_is_small_and_true_to_three_digits() -> None:
    """Overlaps at levels are kept for the usual layer only; elsewhere no level can be fitted."""
    drawn = partial(made_row, finding="Edema", reader="A", setting="fine_tune", method="grad_cam", energy=0.123456)
    rows = [
        {**drawn("val", film), "layer": layer, "is_default": is_usual}
        for film in range(6)
        for layer, is_usual in (("early", False), ("last", True))
    ]
    whole = pd.DataFrame(rows).assign(
        level_otsu=0.3,
        raw_maximum=1234.5678,
        iou_otsu=0.654321,
        dice_otsu=0.791045,
        chexlocalize_iou=[0.654321, 0.5] * 6,
    )
    whole.loc[0, "chexlocalize_iou"] = math.nan
    found = _unpacked(pd.read_parquet(io.BytesIO(packed(StoredResults(whole, {}), "key"))))
    for name in ("energy", "iou_otsu", "dice_otsu", "chexlocalize_iou"):
        np.testing.assert_allclose(found[name], whole[name], rtol=2e-4)
    usual = whole["is_default"].to_numpy()
    np.testing.assert_allclose(found.loc[usual, "raw_maximum"], 1234.5678, rtol=2e-4)
    np.testing.assert_allclose(found.loc[usual, "iou_30"], whole.loc[usual, "iou_30"], atol=1e-4)
    assert found.loc[~usual, ["iou_30", "dice_30", "raw_maximum"]].isna().all(axis=None)
    table = LocalizationResults(found, "")
    assert math.isnan(fitted_level(table, MapKey("fine_tune", "grad_cam", "early"), "iou_fitted"))
    assert not math.isnan(fitted_level(table, MapKey("fine_tune", "grad_cam", "last"), "iou_fitted"))


def test_a_table_of_other_models_is_not_taken(planted: Study, results: StoredResults, tmp_path: Path) -> None:
    root = tmp_path / "other"
    shutil.copytree(planted.root, root)
    study = store_results(root, PART, results)
    assert len(shipped_results(study, PART).rows) == len(results.rows)
    assert packed(results, "other") != (study.root / PART).read_bytes()
    from core.study.rewrite import rewrite_study

    assert not len(shipped_results(rewrite_study(study, {PART: packed(results, "other")}), PART).rows)


def test_what_is_kept_goes_before_what_ships(results: StoredResults) -> None:
    """Film by film and method by method: a table that was computed here is newer."""
    image_id = str(results.rows["image_id"].iloc[0])
    done = results.films[image_id]
    own = results.rows[(results.rows["image_id"] == image_id) & (results.rows["method"] == "centre")]
    kept = StoredResults(own.assign(energy=0.5), {image_id: replace(done, methods={"centre": True})})
    joined = joined_with_shipped(kept, results)
    assert len(joined.rows) == len(results.rows)
    mine = (joined.rows["image_id"] == image_id) & (joined.rows["method"] == "centre")
    assert (joined.rows.loc[mine, "energy"] == 0.5).all()
    assert joined.films[image_id] == FilmResult(done.marks, done.settings, {"centre": True, "random": False})
    assert set(CLASSES) >= set(joined.rows["finding"])
