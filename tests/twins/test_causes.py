"""Maps judged by the region that moved the score; and tables that ship with a study."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.geometry import model_geometry
from core.metrics.localization import localize
from core.saliency.localization.shipped import joined_with_shipped, packed, shipped_results, store_results
from core.saliency.localization.store import FilmResult, StoredResults
from core.saliency.localization.table import LocalizationPlan
from core.saliency.methods.baselines import CENTRE
from core.study import check_study
from core.study.read import Study
from core.twins.causes import MOVED, MOVES, PART, READER, cause_table, compute_cause_table, moved_only, store_causes
from core.twins.pair import make_pair, study_renderer
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
