"""A class that training never saw: undefined under the settings that were trained, wherever their scores go."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from core.__main__ import main
from core.building.plan import BuildOptions
from core.datasets.folder import FolderDataset
from core.errors import SaliencyError
from core.exports.html import html_report
from core.exports.tables import metrics_csv
from core.figures.class_tables import class_table
from core.models.load import load_clip
from core.own_film.look import look_at
from core.report.report import compute_report
from core.saliency.evidence import film_evidence
from core.saliency.film_maps import film_maps
from core.saliency.localization.compute import saliency_table
from core.saliency.tower.setting_model import load_setting_model
from core.settings.linear_probe_options import LinearProbeOptions
from core.study import Study, open_study
from core.study.arrays import open_array
from core.thresholds import POLICIES, films_of, fit_thresholds, policy_named
from core.thresholds.calibration import class_calibrations
from core.thresholds.compare import compare_all
from core.thresholds.curves import study_curves
from core.thresholds.files import for_study, read_threshold_file, threshold_file
from core.words import UNDEFINED
from pages.saliency import maps
from pages.saliency.choices import MapChoice
from pages.shared.navigation import PAGES
from tests.building.interrupted import first_dimensions
from tests.building.planned import built
from tests.models.tiny import make_tiny_clip
from tests.pages.conftest import Open, open_page
from tests.pages.test_turned_table import sent_to

__all__ = ["open_page"]

N = 60
TRAINED, UNTRAINED = ("Edema", "Mass"), ("Nodule", "Hernia", "Fracture")
CLASSES = ("Edema", "Nodule", "Mass", "Hernia", "Fracture")
SEEN = {"Edema": (10, 10), "Nodule": (0, 20), "Mass": (6, 14), "Hernia": (0, 0), "Fracture": (20, 0)}
"""Of the 20 train films: labelled positive, labelled negative."""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of every split 20 films; in train no Nodule, no label of Hernia, and Fracture on every film."""
    folder, rng = tmp_path_factory.mktemp("films"), np.random.default_rng(5)
    ids = [f"film{row:02d}" for row in range(N)]
    split = np.repeat(["train", "val", "test"], N // 3)
    labels = {name: (rng.permutation(N) < N // 2).astype(float) for name in CLASSES}
    train = split == "train"
    for name, (positive, negative) in SEEN.items():
        labels[name][train] = [1.0] * positive + [0.0] * negative + [np.nan] * (N // 3 - positive - negative)
    pd.DataFrame({"image_id": ids, "split": split, **labels}).to_csv(folder / "labels.csv", index=False)
    for image_id in ids:
        Image.fromarray(rng.integers(0, 255, (70, 60), dtype=np.uint8)).save(folder / f"{image_id}.png")
    return folder


@pytest.fixture(scope="module")
def study(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    model = load_clip(make_tiny_clip(tmp_path_factory.mktemp("model") / "tiny"))
    options = BuildOptions(
        "untrained", ("zero_shot", "linear_probe"), training={"linear_probe": LinearProbeOptions(max_epochs=3)}
    )
    out = tmp_path_factory.mktemp("studies") / "untrained"
    return built(FolderDataset(films), model, str(model.folder), out, options, project=first_dimensions)


def test_a_build_records_what_train_held(study: Study) -> None:
    settings = open_study(study.root).manifest.settings
    assert settings["linear_probe"].trained_on == SEEN
    assert settings["zero_shot"].trained_on is None
    assert "trained_on" not in json.loads((study.root / "manifest.json").read_text())["settings"]["zero_shot"]


def test_scores_are_handed_out_undefined_where_nothing_was_learnt(study: Study) -> None:
    stored = open_array(study.root / "settings/linear_probe/scores.npy")
    assert np.isfinite(stored).all()
    scores, labels = study.scores("linear_probe"), study.judged_labels("linear_probe")
    for index, name in enumerate(CLASSES):
        if name in UNTRAINED:
            assert np.isnan(scores[:, index]).all()
            assert np.isnan(labels[:, index]).all()
        else:
            np.testing.assert_array_equal(scores[:, index], stored[:, index])
            np.testing.assert_array_equal(labels[:, index], study.labels[:, index])
    assert np.isfinite(study.scores("zero_shot")).all()
    why = study.untrained("linear_probe")
    assert tuple(why) == UNTRAINED
    assert "none of the 20 train films labelled for it is positive" in why["Nodule"]
    assert "no train film is positive" in why["Hernia"]
    assert "none of the 20 train films labelled for it is negative" in why["Fracture"]


@pytest.mark.parametrize("protocol", ["sound", "paper"])
def test_the_report_has_no_figure_of_them_and_says_why(
    study: Study, protocol: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["report", str(study.root), "--protocol", protocol, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    test = study.rows("test")
    for index, name in enumerate(CLASSES):
        figures = report["settings"]["linear_probe"]["per_class"][name]
        labels = study.labels[test, index]
        assert figures["n_positive"] == (labels == 1).sum()
        rest = {key: value for key, value in figures.items() if key not in ("n_positive", "intervals")}
        if name in UNTRAINED:
            assert set(rest.values()) == {None}
        else:
            expected = roc_auc_score(labels, study.scores("linear_probe")[test, index])
            assert figures["auroc"] == pytest.approx(expected)
            assert figures["f1"] is not None
        assert report["settings"]["zero_shot"]["per_class"][name]["auroc"] is not None
    (note,) = [note for note in report["notes"] if "never trained" in note]
    assert note.startswith("linear_probe was never trained on Nodule, Hernia and Fracture")


def test_figures_over_all_classes_are_over_those_that_were_trained(study: Study) -> None:
    report = compute_report(study, intervals=True, n_resamples=50).settings["linear_probe"]
    assert report.overall.macro_f1 == pytest.approx(np.mean([report.per_class[name].f1 for name in TRAINED]))
    assert math.isnan(report.overall.exact_match)
    assert all(not one.is_estimable for name in UNTRAINED for one in report.per_class[name].intervals.values())
    shown = class_table(report.per_class).set_index("Class")
    assert shown.loc["Nodule", "AUROC"] is None or math.isnan(shown.loc["Nodule", "AUROC"])
    (comparison,) = compare_all(study, "test", [fit_thresholds(study, name) for name in study.settings])
    assert math.isnan(comparison.per_class["Nodule"]["auroc"].value)
    assert not math.isnan(comparison.per_class["Edema"]["auroc"].value)


@pytest.mark.parametrize("policy", [policy.name for policy in POLICIES])
def test_no_policy_gives_a_threshold_or_a_decision(study: Study, policy: str) -> None:
    chosen = fit_thresholds(study, "linear_probe", policy)
    decided = chosen.decided(study.scores("linear_probe"))
    stored = chosen.decided(open_array(study.root / "settings/linear_probe/scores.npy"))
    for index, name in enumerate(CLASSES):
        is_left_out = name in UNTRAINED or not (chosen.is_film_wise or chosen.values[name] is not None)
        assert (chosen.values[name] is None) or name not in UNTRAINED
        assert bool(np.isnan(decided[:, index]).all()) == is_left_out
        assert bool(np.isnan(stored[:, index]).all()) == is_left_out
    assert not set(chosen.fits) & set(UNTRAINED)
    if policy_named(policy).promise is None:  # of so few films nothing can be promised
        assert chosen.is_film_wise or chosen.values["Edema"] is not None


def test_a_threshold_from_elsewhere_is_not_taken(study: Study) -> None:
    chosen = fit_thresholds(study, "linear_probe")
    written = threshold_file([replace(chosen, values=dict.fromkeys(CLASSES, 0.0))])
    (again,) = for_study(read_threshold_file(written), study)
    assert {name for name, value in again.values.items() if value is None} == set(UNTRAINED)
    moved = chosen.with_values(np.zeros(len(CLASSES)), films_of(study, "val"))
    assert {name for name, value in moved.values.items() if value is None} == set(UNTRAINED)


def test_fit_and_decide_say_why(study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fitted, out = tmp_path / "t.json", tmp_path / "decisions.csv"
    capsys.readouterr()
    assert main(["fit", str(study.root), "--setting", "linear_probe", "--out", str(fitted)]) == 0
    printed = capsys.readouterr().out
    assert "Nodule: –  linear_probe was never trained on Nodule" in printed
    (kept,) = json.loads(fitted.read_text())["sets"]
    assert kept["values"]["Nodule"] is None
    assert set(kept["untrained"]) == set(UNTRAINED)
    scores = pd.DataFrame(np.linspace(-9, 9, 15).reshape(3, 5), columns=list(CLASSES))
    scores.insert(0, "image_id", ["a", "b", "c"])
    scores.to_csv(tmp_path / "new.csv", index=False)
    decide = ["decide", str(study.root), str(fitted), "--scores", str(tmp_path / "new.csv"), "--out", str(out)]
    assert main(decide) == 0
    assert "never trained on Hernia" in capsys.readouterr().out
    decided = pd.read_csv(out)
    assert decided[list(UNTRAINED)].isna().all().all()
    assert decided[list(TRAINED)].isin((0, 1)).all().all()


def test_curves_calibration_and_files_leave_them_out(study: Study) -> None:
    sets = {name: fit_thresholds(study, name) for name in study.settings}
    curves = study_curves(study, "test", sets).by_setting["linear_probe"]
    assert math.isnan(curves["Nodule"].auroc)
    assert not curves["Nodule"].is_trained
    assert curves["Edema"].is_trained
    calibrated = {one.finding: one for one in class_calibrations(study, "test", "linear_probe")}
    assert (calibrated["Nodule"].is_defined, calibrated["Edema"].is_defined) == (False, True)
    assert "never trained" in calibrated["Nodule"].words
    rows = pd.read_csv(pd.io.common.StringIO(metrics_csv(study, "test", sets)), comment="#")
    nodule = rows[(rows["setting"] == "linear_probe") & (rows["class"] == "Nodule")].iloc[0]
    assert math.isnan(nodule["auroc"])
    assert math.isnan(nodule["f1"])
    assert "never trained on Nodule" in html_report(study, "test", sets)


def test_maps_and_own_films(study: Study) -> None:
    film = np.random.default_rng(0).integers(0, 255, (70, 60), dtype=np.uint8)
    model = load_setting_model(study, "linear_probe")
    for method in ("grad_cam", "occlusion", "chefer"):
        found = film_maps(model, film, method=method)
        assert np.isfinite(found.of("Edema").values).all()
        assert math.isfinite(found.maximum())
        with pytest.raises(SaliencyError, match="never trained on Hernia"):
            found.of("Hernia")
        assert np.isnan(found.values[-1][CLASSES.index("Hernia")]).all()
    sets = {name: fit_thresholds(study, name) for name in study.settings}
    own = look_at(study, film, sets)
    is_undefined = [name in UNTRAINED for name in CLASSES]
    assert np.isnan(own.scores["linear_probe"]).tolist() == is_undefined
    assert np.isnan(own.decisions["linear_probe"]).tolist() == is_undefined
    assert np.isfinite(own.scores["zero_shot"]).all()
    evidence = {one.finding: one for one in film_evidence(study, "linear_probe", "film59", sets["linear_probe"])}
    assert (evidence["Fracture"].outcome, math.isnan(evidence["Fracture"].score)) == ("", True)
    assert evidence["Edema"].outcome


@pytest.mark.parametrize("page", [entry.stem for entry in PAGES])
def test_every_page_says_so(study: Study, open_page: Open, page: str) -> None:
    shown = open_page(page, study.root)
    assert not shown.exception
    (said,) = [one.value for one in shown.warning if "never trained" in one.value]
    assert said.startswith("Linear probe was never trained on Nodule, Hernia and Fracture")


def test_the_table_of_classes_shows_no_figure(study: Study, open_page: Open) -> None:
    shown = open_page("per_class", study.root, setting="linear_probe", finding="Nodule")
    assert not shown.exception
    sent = sent_to(shown, "class_table")["table"]
    table = {row[0]: dict(zip(sent["headings"], row, strict=True)) for row in sent["rows"]}
    test = study.rows("test")
    assert table["Nodule"]["Positive"] == str((study.labels[test, CLASSES.index("Nodule")] == 1).sum())
    for column in ("Predicted", "Threshold", "AUROC", "F1"):
        assert table["Nodule"][column] == UNDEFINED
        assert table["Edema"][column] != UNDEFINED


def test_the_saliency_table_has_no_row_of_them(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    root, marks = tmp_path / "study", tmp_path / "marks.json"
    shutil.copytree(study.root, root)
    images = [{"id": n, "file_name": f"film{n}.png", "height": 70, "width": 60} for n in (55, 56)]
    boxes = [
        {"id": 2 * n + k, "image_id": n, "category_id": k, "bbox": [9, 9, 30, 30]} for n in (55, 56) for k in (1, 2)
    ]
    classes = [{"id": 1, "name": "Edema"}, {"id": 2, "name": "Hernia"}]
    marks.write_text(json.dumps({"images": images, "annotations": boxes, "categories": classes}))
    assert main(["annotate", str(root), str(marks), "--reader", "R"]) == 0
    capsys.readouterr()
    assert main(["saliency", str(root), "--methods", "grad_cam", "centre"]) == 0
    assert "linear_probe was never trained on Hernia" in capsys.readouterr().out
    table = saliency_table(open_study(root))
    assert table is not None
    found = table.rows.groupby(["setting", "finding"])["image_id"].nunique().to_dict()
    assert found == {("zero_shot", "Edema"): 2, ("zero_shot", "Hernia"): 2, ("linear_probe", "Edema"): 2}


def test_small_maps_say_why_one_is_absent(study: Study) -> None:
    film = np.random.default_rng(0).integers(0, 255, (70, 60), dtype=np.uint8)
    found = maps.find(study, lambda setting: film_maps(load_setting_model(study, setting), film))
    look = MapChoice("Nodule", strip="finding", strip_setting="linear_probe")
    items = {item.value: item for item in maps.class_strip("linear_probe", found, look, film.shape).items}
    assert {name for name, item in items.items() if item.note == "never trained"} == set(UNTRAINED)
    panel = maps.map_panel("linear_probe", found, look, film.shape, lambda _: maps.Evidence(()))
    assert panel.words.startswith("Linear probe was never trained on Nodule")
    assert panel.map is None
