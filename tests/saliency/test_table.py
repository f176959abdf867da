"""The table over all annotated films: computed once, gone on with, summed up by hand."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import core.saliency.localization.compute as module
import core.saliency.localization.rows as rows_module
import core.saliency.localization.store as store_module
import core.saliency.localization.table as table_module
from core.__main__ import main
from core.building.annotate import add_marks
from core.datasets.films import film_pixels
from core.errors import SaliencyError
from core.geometry import Geometry
from core.locks import lock_file
from core.metrics.localization import LEVELS, localize, mask_of
from core.saliency.film_maps import film_maps
from core.saliency.localization.compute import compute_saliency_table, saliency_table
from core.saliency.localization.job import main as job_main
from core.saliency.localization.job import table_job
from core.saliency.localization.metrics import METRICS, Metric
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.ranking import chosen_on_val, ranked_maps
from core.saliency.localization.store import ResumeLog, forget_written, has_unfinished
from core.saliency.localization.summary import by_disagreement, compare, summarize
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.saliency.tower.setting_model import load_setting_model
from core.study import layout
from core.study.open import open_study
from core.study.read import Study
from core.study.rewrite import rewrite_study
from core.study.tables import annotations_table
from tests.golden.make_study_v1 import STUDY as GOLDEN
from tests.saliency.untabled import copied_without_tables

PLAN = LocalizationPlan(("grad_cam", "chefer", "centre"))
QUICK = LocalizationPlan(("centre",))
TEST, VAL = MaskFilter("test"), MaskFilter("val")
TUNED = MapKey("fine_tune", "grad_cam")


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study that ships, without its table."""
    return open_study(copied_without_tables(tmp_path_factory.mktemp("untabled") / "phantom"))


@pytest.fixture
def four_films(phantom: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Only four of its films count, and what is computed is kept in a folder of the test."""
    ids = store_module.annotated_films(phantom, ("test",))[:4]
    for place in (module, table_module):
        monkeypatch.setattr(place, "annotated_films", lambda *_: ids)
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    return ids


def test_a_table_may_be_of_some_settings(phantom: Study, four_films: list[str]) -> None:
    """What is there of one setting counts for a plan of that one only; a setting that is not there is refused."""
    one = replace(QUICK, settings=("fine_tune",))
    table = compute_saliency_table(phantom, plan=one)
    assert table.settings == ("fine_tune",)
    assert table.lacks(phantom, one) == ()
    assert table.lacks(phantom, replace(QUICK, settings=("zero_shot",))) == tuple(four_films)
    assert compute_saliency_table(phantom, plan=QUICK).settings == phantom.settings
    with pytest.raises(SaliencyError, match="no setting 'other'"):
        compute_saliency_table(phantom, plan=replace(QUICK, settings=("other",)))


def test_it_goes_on_where_it_was_stopped(
    phantom: Study, four_films: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[str] = []
    real = rows_module.film_rows

    def counted(study, image_id, *rest):  # type: ignore[no-untyped-def]
        done.append(image_id)
        return real(study, image_id, *rest)

    monkeypatch.setattr(rows_module, "film_rows", counted)
    assert saliency_table(phantom) is None

    def stop(n_done: int, total: int, what: str) -> None:
        if n_done == 2:
            raise KeyboardInterrupt

    assert not has_unfinished(phantom)
    with pytest.raises(KeyboardInterrupt):
        compute_saliency_table(phantom, plan=PLAN, progress=stop)
    assert saliency_table(phantom) is None
    assert has_unfinished(phantom)
    (unfinished,) = tmp_path.rglob("films.jsonl")
    text = unfinished.read_text("utf-8")
    unfinished.write_text(text[:-20], encoding="utf-8")  # as a killed process leaves it: the second film breaks off
    steps: list[tuple[int, int]] = []
    table = compute_saliency_table(phantom, plan=PLAN, progress=lambda n, total, _: steps.append((n, total)))
    assert done == [*four_films[:2], *four_films[1:]]  # the broken line's film once more
    assert steps[-1] == (4, 4)
    assert not has_unfinished(phantom)
    kept = saliency_table(phantom)
    assert kept is not None
    pd.testing.assert_frame_equal(kept.rows, table.rows)
    assert kept.methods == PLAN.methods
    assert kept.settings == phantom.settings
    assert list(dict.fromkeys(kept.rows["image_id"])) == four_films


def test_lines_that_outlived_their_table_are_not_unfinished_work(
    phantom: Study, four_films: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A run that is killed between writing the table and removing its lines leaves both, and the lock."""
    real = os.unlink

    def killed(path: object, **rest: object) -> None:
        if not str(path).endswith("films.jsonl"):
            real(path, **rest)  # type: ignore[arg-type,call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", killed)
        compute_saliency_table(phantom, plan=QUICK)
    (left,) = tmp_path.rglob("films.jsonl")
    lock_file(left.parent).write_text("{}")
    assert not has_unfinished(phantom)
    forget_written(phantom)
    assert list(tmp_path.rglob("films.jsonl")) == []
    assert not lock_file(left.parent).exists()


def test_a_cache_that_cannot_be_written_is_said(
    phantom: Study, four_films: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "file"))
    with pytest.raises(SaliencyError, match=r"cannot be written \(Not a directory\)") as refused:
        compute_saliency_table(phantom, plan=QUICK)
    assert "CXR_CACHE" in refused.value.remedy


def test_lines_of_which_the_table_lacks_something_stay(phantom: Study, four_films: list[str], tmp_path: Path) -> None:
    table = compute_saliency_table(phantom, plan=QUICK)
    (folder,) = (tmp_path / "saliency").iterdir()
    name = four_films[0]
    done = table.films[name]
    for more in (replace(done, methods={"centre": True}), replace(done, methods={"occlusion": False})):
        with ResumeLog(folder / "films.jsonl") as stopped:
            stopped.add((name, more, []))
        forget_written(phantom)
        assert has_unfinished(phantom)
        (folder / "films.jsonl").unlink()
    with ResumeLog(folder / "films.jsonl") as stopped:
        stopped.add((name, replace(done, marks="of others", methods={"occlusion": False}), []))
    assert not has_unfinished(phantom)


def test_a_job_computes_the_same_table(phantom: Study, four_films: list[str], tmp_path: Path) -> None:
    job = table_job(phantom, PLAN)
    assert job.module == "core.saliency.localization.job"
    assert job.path.is_relative_to(tmp_path)
    assert job_main([*job.arguments, str(job.path)]) == 0
    assert job.progress().state == "absent"
    kept = saliency_table(phantom)
    assert kept is not None
    pd.testing.assert_frame_equal(kept.rows, compute_saliency_table(phantom, plan=PLAN, again=True).rows)
    assert job_main([str(tmp_path / "nowhere"), job.arguments[1], str(job.path)]) == 1
    assert "nowhere" in job.progress().error
    assert job.progress().remedy


def test_its_figures_are_those_of_each_map(phantom: Study, four_films: list[str]) -> None:
    rows = compute_saliency_table(phantom, plan=PLAN).rows
    for row in rows[rows["method"] != "centre"].iloc[::5].itertuples():
        model = load_setting_model(phantom, row.setting)
        map_ = film_maps(model, film_pixels(phantom, row.image_id), method=row.method).of(row.finding)
        mask = mask_of(phantom.annotations(row.image_id), row.finding, row.reader)
        assert mask is not None
        found = localize(map_.values, mask, Geometry("crop", 160))
        assert row.energy == pytest.approx(found.energy, abs=1e-4)
        assert row.chance == pytest.approx(found.chance)
        assert row.score == pytest.approx(map_.score, abs=1e-4)
        assert row.raw_maximum == pytest.approx(map_.raw_maximum, rel=1e-3)
        assert row.layer == map_.layer


def test_all_layers_are_rows_and_one_is_the_methods_own(phantom: Study, four_films: list[str]) -> None:
    plan = LocalizationPlan(("grad_cam", "rollout"), has_all_layers=True)
    rows = compute_saliency_table(phantom, plan=plan).rows
    assert rows["layer"].nunique() == 6
    own = rows[rows["is_default"]].groupby("method")["layer"].unique()
    assert list(own["grad_cam"]) == ["trunk.blocks[5].norm1"]
    assert list(own["rollout"]) == ["trunk.blocks[0].norm1"]


def test_a_study_without_marks_or_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    study = open_study(GOLDEN)
    with pytest.raises(SaliencyError, match="Nobody drew"):
        store_module.annotated_films(without_marks(study), ("test",))


@pytest.fixture
def val_and_test(phantom: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, list[str]]:
    """Only two films of each split count."""
    real = store_module.annotated_films
    ids = {split: real(phantom, (split,))[:2] for split in ("val", "test")}
    for place in (module, table_module):
        monkeypatch.setattr(
            place, "annotated_films", lambda _, splits: [name for split in splits for name in ids[split]]
        )
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    return ids


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """Fills with every film that is computed, and by which methods."""
    done: list[tuple[str, tuple[str, ...]]] = []
    real = rows_module.film_rows

    def counted(study, image_id, models, plan):  # type: ignore[no-untyped-def]
        done.append((image_id, plan.methods))
        return real(study, image_id, models, plan)

    monkeypatch.setattr(rows_module, "film_rows", counted)
    return done


def test_the_command_computes_what_is_not_there_and_says_which_films(
    val_and_test: dict[str, list[str]], computed: list[object], capsys: pytest.CaptureFixture[str], phantom: Study
) -> None:
    """A table of val answers nothing on test, and a narrow run takes nothing away."""
    command = ["saliency", str(phantom.root), "--methods", "grad_cam", "centre"]
    assert main([*command, "--splits", "val"]) == 0
    assert "annotated films of val." in capsys.readouterr().out
    assert main([*command, "--splits", "test", "val"]) == 0
    assert "annotated films of test." in capsys.readouterr().out
    both = ("grad_cam", "centre")
    assert computed == [(name, both) for split in ("val", "test") for name in val_and_test[split]]
    assert main(["saliency", str(phantom.root), "--methods", "random", "--splits", "val", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["split"], {entry["method"] for entry in told["entries"]}) == ("val", {"random"})
    table = saliency_table(phantom)
    assert table is not None
    assert table.methods == ("grad_cam", "random", "centre")
    assert table.splits == ("test", "val")
    n_computed = len(computed)
    assert main([*command, "--metric", "hit"]) == 0
    assert "Pointing game" in capsys.readouterr().out
    assert len(computed) == n_computed


def test_layers_are_added_to_a_table_that_has_each_methods_own(
    val_and_test: dict[str, list[str]], computed: list[object], capsys: pytest.CaptureFixture[str], phantom: Study
) -> None:
    plan = LocalizationPlan(("grad_cam", "centre"), splits=("test",))
    narrow = compute_saliency_table(phantom, plan=plan)
    assert not narrow.lacks(phantom, plan)
    assert narrow.lacks(phantom, replace(plan, has_all_layers=True)) == tuple(val_and_test["test"])
    assert (
        main(["saliency", str(phantom.root), "--methods", "grad_cam", "centre", "--splits", "test", "--layers", "all"])
        == 0
    )
    out = capsys.readouterr().out
    assert out.count("fine_tune      Grad-CAM, trunk.blocks") == 6
    assert out.count("fine_tune      Centre blob") == 1
    wide = saliency_table(phantom)
    assert wide is not None
    assert wide.key != narrow.key
    assert len(wide.layers("grad_cam")) == 6
    own = wide.rows[(wide.rows["method"] == "grad_cam") & wide.rows["is_default"]]
    before = narrow.rows[narrow.rows["method"] == "grad_cam"]
    np.testing.assert_allclose(own["energy"], before["energy"], atol=1e-5)
    assert not compute_saliency_table(phantom, plan=plan).lacks(phantom, plan)
    assert len(computed) == 4


def test_only_films_whose_marks_changed_are_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, computed: list[tuple[str, tuple[str, ...]]]
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    root = copied_without_tables(tmp_path / "study")
    study = open_study(root)
    kept = store_module.annotated_films(study, ("test",))[:3]
    marks = [entry for entry in study.annotations() if entry.image_id in kept]
    study = rewrite_study(study, {layout.MASKS: annotations_table(marks)})
    plan = LocalizationPlan(("centre",), splits=("test",))
    compute_saliency_table(study, plan=plan)
    assert [name for name, _ in computed] == kept
    now = add_marks(root, [replace(marks[0], reader="B")])
    table = saliency_table(now)
    assert table is not None
    assert set(table.rows["image_id"]) == set(kept[1:])
    assert table.lacks(now, plan) == (kept[0],)
    again = compute_saliency_table(now, plan=plan)
    assert [name for name, _ in computed] == [*kept, kept[0]]
    assert list(dict.fromkeys(again.rows["image_id"])) == kept
    assert again.readers == tuple(sorted({marks[0].reader, "B"}))
    assert again.key != table.key


def test_a_summary_worked_by_hand() -> None:
    table = made_table()
    found = summarize(table, TUNED, TEST, "energy")
    # Edema: 6 films at .4; Fracture: 5 films, two readers at .1 and .3; Pneumonia has 2 films and does not count
    assert found.value == pytest.approx((0.4 + 0.2) / 2)
    assert found.n_pairs == 11
    assert found.left_out == {"Pneumonia": 2}
    assert found.n_films == 6
    assert found.n_patients == 3
    assert found.n_zero == 1
    assert found.n_outside == 1
    assert found.n_below_resolution == 1
    assert found.chance == pytest.approx(0.1)
    assert found.baselines["centre"].value == pytest.approx(0.25)
    assert found.baselines["centre"].n_pairs == 11
    assert found.over_baselines["centre"].value == pytest.approx(0.05)
    one = summarize(table, TUNED, MaskFilter("test", ("Pneumonia",)), "energy")
    assert one.value == pytest.approx(0.9)
    assert not one.interval.is_estimable
    assert (one.interval.n, one.n_pairs, one.left_out) == (2, 2, {})
    none = summarize(table, TUNED, MaskFilter("train"), "energy")
    assert math.isnan(none.value)
    assert none.n_pairs == 0


def test_n_is_of_what_enters_the_mean() -> None:
    """One class with 5 films, eight with 4: the mean is of the one, and says so."""
    names = [f"class {number}" for number in range(8)]
    rows = [made_row("test", film, "Edema", "A", "fine_tune", "grad_cam", 0.9) for film in range(5)]
    for number, name in enumerate(names):
        rows += [made_row("test", 10 + 4 * number + film, name, "A", "fine_tune", "grad_cam", 0.1) for film in range(4)]
    found = summarize(LocalizationResults(pd.DataFrame(rows), "f"), TUNED, TEST, "energy")
    assert (found.value, found.n_pairs, found.n_films) == (pytest.approx(0.9), 5, 5)
    assert found.left_out == dict.fromkeys(names, 4)
    assert not found.interval.is_estimable  # constant, but for rounding: resampling cannot tell
    fewer = summarize(LocalizationResults(pd.DataFrame(rows[1:]), "f"), TUNED, TEST, "energy")
    assert fewer.n_pairs == 36
    assert fewer.left_out == {}


def test_what_stands_beside_a_mean_is_of_the_same_pairs() -> None:
    """CheXlocalize leaves empty maps out: the baseline there is of the films that are left; so is the ceiling."""
    rows = []
    for method in ("grad_cam", "centre"):
        for film in range(10):
            row = made_row("test", film, "Edema", "A", "fine_tune", method, 0.3)
            figures = (math.nan if film < 5 else 0.4, 0.1 if film < 5 else 0.5)
            rows.append({**row, "chexlocalize_iou": figures[method == "centre"], "readers_iou": math.nan})
    for film in (0, 6):
        rows.append({**rows[film], "reader": "B"})
    for row in rows:
        row["readers_iou"] = 0.9 if row["image_id"] in ("test-0", "test-6") else math.nan
    found = summarize(LocalizationResults(pd.DataFrame(rows), "f"), TUNED, TEST, "chexlocalize_iou")
    assert (found.value, found.n_pairs) == (pytest.approx(0.4), 5)
    assert (found.baselines["centre"].value, found.baselines["centre"].n_pairs) == (pytest.approx(0.5), 5)
    assert (found.ceiling.value, found.ceiling.n_pairs) == (pytest.approx(0.9), 1)
    assert found.ceiling.own == pytest.approx(0.4)


def test_one_reader_or_the_mean_of_all() -> None:
    table = made_table()
    fracture = ("Fracture",)
    values = [
        summarize(table, TUNED, MaskFilter("test", fracture, reader), "energy").value for reader in ("A", "B", None)
    ]
    assert values == pytest.approx([0.1, 0.3, 0.2])


def test_the_readers_own_agreement_stands_beside_overlap() -> None:
    found = summarize(made_table(), TUNED, TEST, "iou_otsu")
    assert found.ceiling.value == pytest.approx(0.6)
    assert math.isnan(found.chance)


def test_a_paired_difference_is_of_the_same_films() -> None:
    table = made_table()
    films = MaskFilter("test", ("Edema", "Fracture"))
    found = compare(table, TUNED, MapKey("fine_tune", "centre"), films, "energy")
    assert found.value == pytest.approx((0.4 + 0.2) / 2 - 0.25)
    assert found.n_pairs == 11
    assert not found.interval.is_estimable  # every patient differs alike: resampling cannot tell
    assert compare(table, TUNED, TUNED, TEST, "energy").value == 0


def test_layers_are_compared_and_chosen_on_val() -> None:
    """The early layer is better on val; on test it is worse, and it is what is read there."""
    rows = []
    for split, (early, late) in {"val": (0.6, 0.2), "test": (0.1, 0.3)}.items():
        for film in range(6):
            for layer, energy in (("early", early), ("late", late)):
                row = made_row(split, film, "Edema", "A", "fine_tune", "grad_cam", energy)
                rows.append({**row, "layer": layer, "is_default": layer == "late"})
            rows.append({**made_row(split, film, "Edema", "A", "fine_tune", "centre", 0.8), "layer": ""})
    table = LocalizationResults(pd.DataFrame(rows), "f")
    ranked = ranked_maps(table, "fine_tune", "energy")
    assert [(entry.of.method, entry.of.layer, entry.is_usual) for entry in ranked] == [
        ("centre", "", True),
        ("grad_cam", "early", False),
        ("grad_cam", "late", True),
    ]
    assert [entry.value for entry in ranked] == pytest.approx([0.8, 0.6, 0.2])
    chosen = chosen_on_val(table, "fine_tune", "energy")
    assert chosen is not None
    assert chosen.of == MapKey("fine_tune", "grad_cam", "early")
    assert summarize(table, chosen.of, TEST, "energy").value == pytest.approx(0.1)
    assert compare(table, chosen.of, TUNED, TEST, "energy").value == pytest.approx(-0.2)
    films = by_disagreement(table, TEST, "energy", method="grad_cam", layer="early")
    assert films["fine_tune"].tolist() == pytest.approx([0.1] * 6)
    few = LocalizationResults(table.rows[table.rows["image_id"].isin([f"val-{film}" for film in range(4)])], "f")
    assert chosen_on_val(few, "fine_tune", "energy") is None


def test_the_level_of_overlap_is_fitted_on_val() -> None:
    found = summarize(made_table(), TUNED, TEST, "iou_fitted")
    assert found.level == 0.3
    assert found.value == pytest.approx(0.5)
    assert not found.is_optimistic
    assert summarize(made_table(), TUNED, VAL, "iou_fitted").is_optimistic
    assert not summarize(made_table(), TUNED, VAL, "iou_otsu").is_optimistic
    table = made_table()
    few = LocalizationResults(table.rows[table.rows["split"] == "test"], "f")
    assert math.isnan(summarize(few, TUNED, TEST, "iou_fitted").value)


def test_a_level_needs_five_films_that_have_a_figure() -> None:
    rows = [
        made_row("val", film, "Edema", "A", "fine_tune", "grad_cam", 0.5 if film == 0 else math.nan)
        for film in range(6)
    ]
    assert math.isnan(summarize(LocalizationResults(pd.DataFrame(rows), "f"), TUNED, VAL, "iou_fitted").level)


def test_films_are_sorted_by_disagreement() -> None:
    found = by_disagreement(made_table(), TEST, "energy", method="grad_cam")
    about = ["chance", "outside", "is_below_resolution", "spread"]
    assert list(found.columns) == ["image_id", "finding", "zero_shot", "fine_tune", *about]
    assert found["finding"].iloc[0] == "Pneumonia"
    assert found["spread"].iloc[0] == pytest.approx(0.6)
    assert found["spread"].isna().iloc[-1]  # the mask outside the crop: no figure
    assert (np.diff(found["spread"].dropna()) <= 0).all()
    assert found.loc[found["is_below_resolution"], "image_id"].tolist() == ["test-1"]
    assert "chance" not in by_disagreement(made_table(), TEST, "iou_otsu", method="grad_cam")
    assert by_disagreement(made_table(), MaskFilter("train"), "energy", method="grad_cam").empty


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_has_a_summary(metric: Metric) -> None:
    found = summarize(made_table(), TUNED, TEST, metric.name)
    assert 0 <= found.value <= 1
    assert metric.meaning.endswith(".")
    with pytest.raises(SaliencyError, match="no measure"):
        summarize(made_table(), TUNED, TEST, "f1")


def made_table() -> LocalizationResults:
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
    return LocalizationResults(pd.DataFrame(rows), "f")


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
