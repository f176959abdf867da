"""The table over all annotated films: computed once, gone on with, summed up by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import core.saliency.table as module
import core.saliency.table_rows as rows_module
from core.__main__ import main
from core.datasets.films import film_pixels
from core.errors import SaliencyError
from core.metrics.localization import LEVELS, localize, mask_of
from core.paths import STUDIES
from core.saliency.film_maps import film_maps
from core.saliency.setting_model import load_setting_model
from core.saliency.table import (
    METRICS,
    SaliencyTable,
    TablePlan,
    by_disagreement,
    compare,
    compute_saliency_table,
    saliency_table,
    summarize,
)
from core.study.read import Study, open_study
from tests.golden.make_study_v1 import STUDY as GOLDEN

PHANTOM = STUDIES / "phantom"
PLAN = TablePlan(("grad_cam", "chefer", "centre"))


@pytest.fixture(scope="module")
def phantom() -> Study:
    """The study that ships."""
    return open_study(PHANTOM)


@pytest.fixture
def four_films(phantom: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Only four of its films count, and what is computed is kept in a folder of the test."""
    ids = module.annotated_films(phantom, ("test",))[:4]
    monkeypatch.setattr(module, "annotated_films", lambda *_: ids)
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    return ids


def test_it_goes_on_where_it_was_cancelled(
    phantom: Study, four_films: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[str] = []
    real = rows_module.film_rows

    def counted(study, image_id, *rest):  # type: ignore[no-untyped-def]
        done.append(image_id)
        return real(study, image_id, *rest)

    monkeypatch.setattr(rows_module, "film_rows", counted)
    assert saliency_table(phantom) is None
    with pytest.raises(SaliencyError, match="Cancelled after 2 of 4 films"):
        compute_saliency_table(phantom, plan=PLAN, cancelled=lambda: len(done) == 2)
    assert saliency_table(phantom) is None
    (unfinished,) = tmp_path.rglob("films.jsonl")
    text = unfinished.read_text("utf-8")
    unfinished.write_text(text[:-20], encoding="utf-8")  # as a killed process leaves it: the second film breaks off
    steps: list[tuple[int, int]] = []
    table = compute_saliency_table(phantom, plan=PLAN, progress=lambda n, total, _: steps.append((n, total)))
    assert done == [*four_films[:2], *four_films[1:]]
    assert steps[-1] == (4, 4)
    assert not list(tmp_path.rglob("films.jsonl"))
    kept = saliency_table(phantom)
    assert kept is not None
    pd.testing.assert_frame_equal(kept.rows, table.rows)
    assert kept.methods == PLAN.methods
    assert kept.settings == phantom.settings
    assert list(dict.fromkeys(kept.rows["image_id"])) == four_films


def test_its_figures_are_those_of_each_map(phantom: Study, four_films: list[str]) -> None:
    rows = compute_saliency_table(phantom, plan=PLAN).rows
    for row in rows[rows["method"] != "centre"].iloc[::5].itertuples():
        model = load_setting_model(phantom, row.setting)
        map_ = film_maps(model, film_pixels(phantom, row.image_id), method=row.method).of(row.finding)
        mask = mask_of(phantom.annotations(row.image_id), row.finding, row.reader)
        assert mask is not None
        found = localize(map_.values, mask, crop_px=160)
        assert row.energy == pytest.approx(found.energy, abs=1e-4)
        assert row.chance == pytest.approx(found.chance)
        assert row.score == pytest.approx(map_.score, abs=1e-4)
        assert row.raw_maximum == pytest.approx(map_.raw_maximum, rel=1e-3)
        assert row.layer == map_.layer


def test_all_layers_are_rows_and_one_is_the_methods_own(phantom: Study, four_films: list[str]) -> None:
    plan = TablePlan(("grad_cam", "rollout"), has_all_layers=True)
    rows = compute_saliency_table(phantom, plan=plan).rows
    assert rows["layer"].nunique() == 6
    own = rows[rows["is_default"]].groupby("method")["layer"].unique()
    assert list(own["grad_cam"]) == ["trunk.blocks[5].norm1"]
    assert list(own["rollout"]) == ["trunk.blocks[0].norm1"]


def test_a_study_without_marks_or_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    study = open_study(GOLDEN)
    with pytest.raises(SaliencyError, match="Nobody drew"):
        module.annotated_films(without_marks(study), ("test",))


def test_the_command_prints_and_computes_once(
    four_films: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["saliency", str(PHANTOM), "--methods", "grad_cam", "centre", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert [entry["setting"] for entry in first["entries"][::2]] == ["zero_shot", "linear_probe", "fine_tune"]
    assert all(entry["interval"] is None or len(entry["interval"]) == 2 for entry in first["entries"])
    monkeypatch.setattr(rows_module, "film_rows", None)
    assert main(["saliency", str(PHANTOM), "--methods", "grad_cam", "--metric", "hit"]) == 0
    out = capsys.readouterr().out
    assert "Pointing game" in out
    assert "Grad-CAM" in out


def test_a_summary_worked_by_hand() -> None:
    table = made_table()
    found = summarize(table, split="test", metric="energy", setting="fine_tune", method="grad_cam")
    # Edema: 6 films at .4; Fracture: 5 films, two readers at .1 and .3; Pneumonia has 2 films and does not count
    assert found.value == pytest.approx((0.4 + 0.2) / 2)
    assert found.n_pairs == 13
    assert found.n_films == 6
    assert found.n_patients == 3
    assert found.n_zero == 1
    assert found.n_outside == 1
    assert found.n_below_resolution == 1
    assert found.chance == pytest.approx(0.1)
    assert found.baselines == {"centre": pytest.approx(0.25)}
    one = summarize(table, split="test", metric="energy", setting="fine_tune", method="grad_cam", finding="Pneumonia")
    assert one.value == pytest.approx(0.9)
    assert not one.interval.is_estimable
    assert one.interval.n == 2
    none = summarize(table, split="train", metric="energy", setting="fine_tune", method="grad_cam")
    assert math.isnan(none.value)
    assert none.n_pairs == 0


def test_the_readers_own_agreement_stands_beside_overlap() -> None:
    found = summarize(made_table(), split="test", metric="iou_otsu", setting="fine_tune", method="grad_cam")
    assert found.ceiling == pytest.approx(0.6)
    assert math.isnan(found.chance)


def test_a_paired_difference_is_of_the_same_films() -> None:
    table = made_table()
    pair = {"first": ("fine_tune", "grad_cam"), "second": ("fine_tune", "centre")}
    found = compare(table, split="test", metric="energy", **pair, findings=["Edema", "Fracture"])
    assert found.value == pytest.approx((0.4 + 0.2) / 2 - 0.25)
    assert found.n_pairs == 11
    assert not found.interval.is_estimable  # every patient differs alike: resampling cannot tell
    same = compare(table, split="test", metric="energy", first=pair["first"], second=pair["first"])
    assert same.value == 0


def test_the_level_of_overlap_is_fitted_on_val() -> None:
    found = summarize(made_table(), split="test", metric="iou_fitted", setting="fine_tune", method="grad_cam")
    assert found.level == 0.3
    assert found.value == pytest.approx(0.5)
    table = made_table()
    few = SaliencyTable(table.rows[table.rows["split"] == "test"], "f")
    assert math.isnan(summarize(few, split="test", metric="iou_fitted", setting="fine_tune", method="grad_cam").value)


def test_films_are_sorted_by_disagreement() -> None:
    found = by_disagreement(made_table(), split="test", method="grad_cam", metric="energy")
    assert list(found.columns) == ["image_id", "finding", "zero_shot", "fine_tune", "chance", "outside", "spread"]
    assert found["finding"].iloc[0] == "Pneumonia"
    assert found["spread"].iloc[0] == pytest.approx(0.6)
    assert found["spread"].isna().iloc[-1]  # the mask outside the crop: no figure
    assert (np.diff(found["spread"].dropna()) <= 0).all()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_has_a_summary(metric: module.Metric) -> None:
    found = summarize(made_table(), split="test", metric=metric.name, setting="fine_tune", method="grad_cam")
    assert 0 <= found.value <= 1
    assert metric.meaning.endswith(".")
    with pytest.raises(SaliencyError, match="no measure"):
        summarize(made_table(), split="test", metric="f1", setting="fine_tune", method="grad_cam")


def made_table() -> SaliencyTable:
    """Six test films of three patients and six val films; figures set by hand."""
    rows = []
    for setting, energies in {
        "zero_shot": {"Edema": 0.4, "Fracture": 0.1, "Pneumonia": 0.3},
        "fine_tune": {"Edema": 0.4, "Fracture": 0.2, "Pneumonia": 0.9},
    }.items():
        for method in ("grad_cam", "centre"):
            for finding, n_films, readers in (("Edema", 6, "A"), ("Fracture", 5, "AB"), ("Pneumonia", 2, "A")):
                energy = energies[finding] if method == "grad_cam" else 0.25
                for film in range(n_films):
                    for reader in readers:
                        off = {"A": -0.1, "B": 0.1}[reader] if len(readers) > 1 and method == "grad_cam" else 0.0
                        rows.append(made_row("test", film, finding, reader, setting, method, energy + off))
            rows.append(made_row("test", 5, "Fracture", "A", setting, method, math.nan))
            rows += [made_row("val", film, "Edema", "A", setting, method, 0.5) for film in range(6)]
    return SaliencyTable(pd.DataFrame(rows), "f")


def made_row(
    split: str, film: int, finding: str, reader: str, setting: str, method: str, energy: float
) -> dict[str, object]:
    """A row; a map that is cut at .3 overlaps by .5, at other levels by .2; energy NaN = the mask is outside."""
    is_defined = not math.isnan(energy)
    shares = ("energy", "hit", "relevance_rank", "average_precision", "iou_otsu", "dice_otsu", "chexlocalize_iou")
    sweep = {
        f"{what}_{round(100 * level):02d}": 0.5 if level == 0.3 else 0.2 for what in ("iou", "dice") for level in LEVELS
    }
    return {
        "image_id": f"{split}-{film}",
        "patient_id": f"{split}-patient-{film // 2}",
        "split": split,
        "finding": finding,
        "reader": reader,
        "setting": setting,
        "method": method,
        "layer": "last",
        "is_default": True,
        "is_zero": (finding, film) == ("Edema", 0),
        "is_below_resolution": (finding, film) == ("Edema", 1),
        "is_defined": is_defined,
        "chance": 0.1,
        "outside": 0.0 if is_defined else 1.0,
        "readers_iou": 0.6,
        "readers_dice": 0.7,
        **dict.fromkeys(shares, energy),
        **{name: value if is_defined else math.nan for name, value in sweep.items()},
    }


def without_marks(study: Study) -> Study:
    """The same study as if nobody had drawn on it."""
    files = {name: entry for name, entry in study.manifest.files.items() if name != "masks.parquet"}

    return Study(study.root, replace(study.manifest, files=files))
