"""The report against scikit-learn under both protocols, its notes, its JSON, and the command that prints it."""

from __future__ import annotations

import argparse
import json
import math
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    coverage_error,
    f1_score,
    label_ranking_average_precision_score,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.preprocessing import minmax_scale

from core.__main__ import main
from core.commands import report as command
from core.errors import StudyError
from core.metrics.class_figures import class_figures_in
from core.metrics.intervals import wilson
from core.metrics.overall_figures import overall_figures_in
from core.metrics.separation.distances import multi_label_distances, paper_distances
from core.report.report import compute_report
from core.study.contents import StudyContents
from core.study.manifest import EncoderEntry, Prompt, SettingEntry
from core.study.open import open_study
from core.study.write import write_study
from core.thresholds import films_of, fit_thresholds
from tests.conftest import PROJECT
from tests.metrics.table_study import TableStudy

CLASSES = ("Cardiomegaly", "Edema", "Pneumonia", "Fracture", "No Finding")
KINDS = {"zero_shot": "margin", "linear_probe": "logit", "fine_tune": "logit"}
ENCODERS = {"zero_shot": "frozen", "linear_probe": "frozen", "fine_tune": "fine_tuned"}
PROMPTS = (
    *(Prompt(name, "present", f"{name} is seen.") for name in CLASSES),
    *(Prompt(name, "name", name) for name in reversed(CLASSES)),
)


def planted(seed: int = 0, n_films: int = 300) -> TableStudy:
    """Three settings of rising skill over train, val and test; two films a patient."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((n_films, len(CLASSES))) < [0.3, 0.1, 0.2, 0.05, 0.5]).astype(float)
    labels[labels[:, :4].any(axis=1), 4] = 0
    skill = {"zero_shot": 0.3, "linear_probe": 1.5, "fine_tune": 2.5}
    scores = {
        name: (rng.normal(size=labels.shape) + gain * labels - gain / 2).astype(np.float32)
        for name, gain in skill.items()
    }
    patients = [f"p{film // 2}" for film in range(n_films)]
    splits = [("train", "val", "test")[film // 2 % 3] for film in range(n_films)]
    images = {name: rng.normal(size=(n_films, 6)).astype(np.float32) * 9 for name in ("frozen", "fine_tuned")}
    texts = {"frozen": rng.normal(size=(len(PROMPTS), 6)).astype(np.float32)}
    return TableStudy(
        CLASSES, labels, splits, scores, KINDS, images, texts, ENCODERS, PROMPTS, {"fine_tune": 15.47}, patients
    )


@pytest.fixture(scope="module")
def study() -> TableStudy:
    return planted()


def test_sound_figures_equal_scikit_learn_at_thresholds_fitted_on_val(study: TableStudy) -> None:
    report = compute_report(study)
    rows = study.rows("test")
    truth = study.labels[rows].astype(int)
    labelled = truth.any(axis=1)
    assert (report.n_films, report.n_patients) == (100, 50)
    assert list(report.settings) == ["zero_shot", "linear_probe", "fine_tune"]
    for name, setting in report.settings.items():
        scores = study.scores(name)[rows].astype(float)
        fitted = fit_thresholds(study, name)
        decided = scores >= np.array(list(fitted.values.values()))
        overall = setting.overall
        assert setting.thresholds == fitted
        assert overall.macro_f1 == pytest.approx(f1_score(truth, decided, average="macro"), abs=1e-12)
        assert overall.micro_f1 == pytest.approx(f1_score(truth, decided, average="micro"), abs=1e-12)
        assert overall.exact_match == pytest.approx(accuracy_score(truth, decided), abs=1e-12)
        assert overall.macro_auroc == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
        assert overall.n_films_ranked == labelled.sum() < len(rows)
        assert overall.lrap == pytest.approx(
            label_ranking_average_precision_score(truth[labelled], scores[labelled]), abs=1e-12
        )
        assert overall.coverage_error == pytest.approx(coverage_error(truth[labelled], scores[labelled]), abs=1e-12)
        assert (overall.n_true_labels, overall.n_predicted_labels) == (truth.sum(), decided.sum())
        distances = multi_label_distances(study.images_of[ENCODERS[name]][rows], study.labels[rows])
        assert overall.inter_class_distance == distances.inter
        for index, metrics in enumerate(setting.per_class.values()):
            assert metrics.threshold == fitted.values[CLASSES[index]]
            assert metrics.n_predicted == decided[:, index].sum()
            assert metrics.over_prediction == pytest.approx(decided[:, index].sum() / truth[:, index].sum())
            assert metrics.auroc == pytest.approx(roc_auc_score(truth[:, index], scores[:, index]), abs=1e-12)
            assert metrics.average_precision == pytest.approx(
                average_precision_score(truth[:, index], scores[:, index]), abs=1e-12
            )
            assert metrics.specificity == pytest.approx(
                recall_score(truth[:, index], decided[:, index], pos_label=0), abs=1e-12
            )
    assert math.isnan(report.settings["zero_shot"].overall.minutes)
    assert report.settings["fine_tune"].overall.minutes == 15.47


@pytest.mark.parametrize("name", list(KINDS))
def test_paper_figures_equal_the_definitions_of_the_paper(study: TableStudy, name: str) -> None:
    setting = compute_report(study, protocol="paper").settings[name]
    rows = study.rows("test")
    truth, scores = study.labels[rows].astype(int), study.scores(name)[rows].astype(float)
    if name == "zero_shot":
        names = [PROMPTS.index(Prompt(finding, "name", finding)) for finding in CLASSES]
        scores = (study.images_of["frozen"][rows] @ study.texts_of["frozen"][names].T).astype(float)
    scaled = minmax_scale(scores, axis=1) >= 0.5
    overall = setting.overall
    assert overall.macro_f1 == pytest.approx(f1_score(truth, scaled, average="macro", zero_division=0), abs=1e-12)
    assert overall.micro_f1 == pytest.approx(f1_score(truth, scaled, average="micro"), abs=1e-12)
    assert overall.exact_match == pytest.approx(accuracy_score(truth, scaled), abs=1e-12)
    assert overall.lrap == pytest.approx(label_ranking_average_precision_score(truth, scores), abs=1e-12)
    assert overall.coverage_error == pytest.approx(coverage_error(truth, scores), abs=1e-12)
    assert (overall.n_predicted_labels, overall.n_films_ranked) == (scaled.sum(), len(rows))
    distances = paper_distances(study.images_of[ENCODERS[name]][rows], study.labels[rows])
    assert overall.distance_ratio == distances.ratio
    for index, metrics in enumerate(setting.per_class.values()):
        own, decided = truth[:, index], scores[:, index] > 0
        assert metrics.threshold == 0
        assert metrics.n_predicted == decided.sum()
        assert metrics.precision == pytest.approx(precision_score(own, decided, zero_division=0), abs=1e-12)
        assert metrics.recall == pytest.approx(recall_score(own, decided, zero_division=0), abs=1e-12)
        assert metrics.f1 == pytest.approx(f1_score(own, decided, zero_division=0), abs=1e-12)


def test_paper_takes_probabilities_above_one_half_and_undefined_figures_as_0() -> None:
    labels = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    scores = np.array([[0.9, 0.1, 0.2], [0.3, 0.5, 0.4]], dtype=np.float32)
    table = TableStudy(("a", "b", "c"), labels, ["test"] * 2, {"cnn": scores}, {"cnn": "probability"})
    setting = compute_report(table, protocol="paper").settings["cnn"]
    assert [metrics.n_predicted for metrics in setting.per_class.values()] == [1, 0, 0]
    assert {metrics.threshold for metrics in setting.per_class.values()} == {0.5}
    c = setting.per_class["c"]
    assert (c.precision, c.recall, c.f1) == (0, 0, 0)
    assert setting.overall.macro_f1 == pytest.approx(
        f1_score(labels, [[1, 0, 0], [0, 1, 1]], average="macro", zero_division=0)
    )


def test_undefined_is_null_in_the_json_and_said_in_a_note() -> None:
    labels = np.array([[1, 0, 0, 1], [0, 0, np.nan, 1], [1, 0, 0, 1], [0, 0, 0, 1]])
    scores = np.linspace(-1, 1, 16, dtype=np.float32).reshape(4, 4)
    splits = ["val", "val", "test", "test"]
    report = compute_report(
        TableStudy(("a", "b", "c", "d"), labels, splits, {"fine_tune": scores}, {"fine_tune": "logit"})
    )
    written = json.loads(json.dumps(report.to_json(), allow_nan=False))
    setting = written["settings"]["fine_tune"]
    b, d = setting["per_class"]["b"], setting["per_class"]["d"]
    agreed = {
        "n_positive": 0, "n_predicted": 0, "threshold": None, "precision": None, "recall": None, "specificity": 1.0,
        "f1": None, "auroc": None, "average_precision": None,
    }  # fmt: skip
    assert {name: b[name] for name in agreed} == agreed
    assert (d["specificity"], d["auroc"], d["average_precision"]) == (None, None, 1.0)
    assert (setting["overall"]["inter_class_distance"], setting["overall"]["minutes"]) == (None, None)
    notes = "\n".join(report.notes)
    assert "mean over the 2 of 4 classes" in notes
    assert "left out: b and c" in notes
    assert "no threshold could be fitted for b, c and d" in notes
    assert "Fewer than 5 positives" in notes
    assert "no image embeddings" in notes


def test_the_json_has_the_keys_that_were_agreed(study: TableStudy) -> None:
    written = compute_report(study).to_json()
    assert list(written)[:5] == ["study", "fingerprint", "split", "n_films", "settings"]
    assert list(written)[5:10] == ["protocol", "n_patients", "synthetic", "notes", "intended_use"]
    assert {name: written[name] for name in list(written)[10:]} == {"convention": None, "readers": None}
    setting = written["settings"]["fine_tune"]
    assert list(setting)[:6] == ["overall", "per_class", "score_kind", "policy", "reading", "basis"]
    assert list(setting)[6:] == ["promises", "grey_zones", "worth"]
    overall = [
        "macro_f1", "micro_f1", "exact_match", "lrap", "coverage_error", "macro_auroc", "inter_class_distance",
        "intra_class_distance", "distance_ratio", "minutes",
    ]  # fmt: skip
    figures = [figure.name for figure in overall_figures_in("report")]
    assert [name for name in figures if name in overall] == overall
    assert list(setting["overall"]) == [*figures, "n_true_labels", "n_predicted_labels"]
    assert list(setting["per_class"]) == list(CLASSES)
    of_class = ["precision", "recall", "specificity", "f1", "auroc", "average_precision"]
    figures = [figure.name for figure in class_figures_in("report")]
    assert figures[: len(of_class)] == of_class
    assert list(setting["per_class"]["Edema"]) == ["n_positive", "n_predicted", "threshold", *figures]


def test_a_similarity_without_val_films_is_ranked_but_not_decided() -> None:
    labels = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    scores = np.array([[0.4, 0.2], [0.2, 0.3], [0.3, 0.1]], dtype=np.float32)
    table = TableStudy(("a", "b"), labels, ["test"] * 3, {"zero_shot": scores}, {"zero_shot": "similarity"})
    report = compute_report(table, intervals=True)
    setting = report.settings["zero_shot"]
    a = setting.per_class["a"]
    assert (a.auroc, a.n_predicted) == (1.0, None)
    assert all(math.isnan(value) for value in (a.f1, a.precision, a.over_prediction, setting.overall.macro_f1))
    assert math.isnan(setting.overall.exact_match)
    assert setting.overall.n_predicted_labels is None
    assert not setting.overall.intervals["macro_f1"].is_estimable
    assert any("no threshold" in note for note in report.notes)
    explored = compute_report(table, thresholds=fit_thresholds(table, "zero_shot", exploratory=True))
    assert explored.settings["zero_shot"].overall.macro_f1 == 1.0
    assert any("exploratory" in note for note in explored.notes)


@pytest.mark.parametrize(
    ("split", "said"),
    [("val", "fitted on (val)"), ("all", "fitted on (val)"), ("train", "learnt from the train films")],
)
def test_figures_on_films_that_were_learnt_from_say_so(study: TableStudy, split: str, said: str) -> None:
    assert any(said in note for note in compute_report(study, split).notes)
    assert not any("optimistic" in note for note in compute_report(study).notes)


def test_settings_that_share_an_encoder_share_its_distances(study: TableStudy) -> None:
    report = compute_report(study)
    first, second = report.settings["zero_shot"].overall, report.settings["linear_probe"].overall
    assert first.distance_ratio == second.distance_ratio
    assert any("zero_shot and linear_probe share the encoder frozen" in note for note in report.notes)


def without_intervals(written):
    """The same JSON values without what stands under `intervals`."""
    if isinstance(written, dict):
        return {name: without_intervals(value) for name, value in written.items() if name != "intervals"}
    return written


def test_the_json_carries_intervals_and_how_far_to_trust_them(study: TableStudy) -> None:
    written = json.loads(json.dumps(compute_report(study, intervals=True).to_json(), allow_nan=False))
    setting = written["settings"]["fine_tune"]
    assert (setting["policy"], setting["reading"]) == ("max-f1", "frozen")
    low, high, n = setting["per_class"]["Cardiomegaly"]["intervals"]["recall"].values()
    assert low <= setting["per_class"]["Cardiomegaly"]["recall"] <= high
    assert n == setting["per_class"]["Cardiomegaly"]["n_positive"]
    assert "nobody may rely" in written["intended_use"]
    explored = compute_report(
        study, thresholds=fit_thresholds(study, "fine_tune").with_values(np.zeros(5), films_of(study, "test"))
    )
    assert explored.to_json()["settings"]["fine_tune"]["reading"] == "exploratory"
    assert "EXPLORATORY" in command.report_text(explored).split("Overall")[0]


def test_the_papers_cuts_take_no_thresholds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(PROJECT / "data/studies/phantom"), "--protocol", "paper", "--thresholds", str(tmp_path / "none")]
    assert main(["report", *arguments]) == 2
    assert "cannot be used with --protocol paper" in capsys.readouterr().err


def test_intervals_hold_their_figures_and_leave_them_as_they_are(study: TableStudy) -> None:
    plain, wide = compute_report(study), compute_report(study, intervals=True)
    assert plain.to_json() == without_intervals(wide.to_json())
    assert repr(wide) == repr(compute_report(study, intervals=True))
    for setting in wide.settings.values():
        agreed = {"macro_f1", "micro_f1", "exact_match", "lrap", "coverage_error", "macro_auroc"}
        named = {figure.name for figure in overall_figures_in("report") if figure.has_interval}
        assert set(setting.overall.intervals) == named >= agreed
        for name, interval in setting.overall.intervals.items():
            assert interval.low < setting.overall.values[name] < interval.high
        for metrics in setting.per_class.values():
            assert metrics.confusion is not None
            got = metrics.intervals["recall"]
            assert got.low < metrics.recall < got.high or metrics.recall in (got.low, got.high) or not got.is_estimable
            widest = wilson(metrics.confusion.tp, metrics.n_positive)
            assert not got.is_estimable or got.high - got.low >= widest.high - widest.low - 1e-9
            assert metrics.intervals["f1"].is_estimable == (metrics.n_positive >= 5)
            assert metrics.intervals["f1"].n == metrics.n_positive


def test_a_report_can_be_cached(study: TableStudy) -> None:
    """st.cache_data stores pickled copies."""
    report = compute_report(study, intervals=True)
    assert repr(pickle.loads(pickle.dumps(report))) == repr(report)


def test_an_empty_split_is_named_with_those_that_hold_films() -> None:
    table = TableStudy(("a",), np.ones((2, 1)), ["test"] * 2, {}, {})
    with pytest.raises(StudyError, match=r"'val'.*test \(2\)"):
        compute_report(table, "val")


def test_thresholds_of_another_study_are_refused(study: TableStudy) -> None:
    other = planted(1)
    other.fingerprint = "f" * 16
    with pytest.raises(StudyError, match="ffffffffffffffff"):
        compute_report(study, thresholds=fit_thresholds(other, "fine_tune"))


@pytest.fixture(scope="module")
def folder(study: TableStudy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted study on disk."""
    contents = StudyContents(
        name="planted",
        classes=CLASSES,
        dataset={"name": "planted"},
        images=study.images,
        labels=pd.DataFrame({"image_id": study.images["image_id"], **dict(zip(CLASSES, study.labels.T, strict=True))}),
        settings={
            name: SettingEntry(kind, ENCODERS[name], study.minutes.get(name))
            for name, kind in KINDS.items()  # type: ignore[arg-type]
        },
        scores={name: np.clip(study.scores(name) / 4, -2, 2) for name in KINDS},
        encoders={name: EncoderEntry(6, normalised=False) for name in study.images_of},
        image_embeddings=study.images_of,
        text_embeddings=study.texts_of,
        prompts=PROMPTS,
        synthetic=True,
    )
    return write_study(tmp_path_factory.mktemp("report") / "planted", contents)


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(arguments)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert command.run(parsed(*arguments)) == 0
    return capsys.readouterr().out


def test_the_command_prints_the_reports_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got: dict[str, Any] = json.loads(printed(capsys, str(folder), "--json", "--protocol", "paper"))
    assert got == json.loads(json.dumps(compute_report(open_study(folder), protocol="paper").to_json()))


def test_the_command_prints_a_table_with_intervals_n_and_notes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, str(folder))
    assert text.startswith("planted · fingerprint ")
    assert "100 films of 50 patients" in text
    assert "synthetic" in text
    overall = compute_report(open_study(folder)).settings["fine_tune"].overall
    line = next(line for line in text.splitlines() if line.startswith("Macro F1"))
    assert f"{overall.macro_f1:.3f} (" in line
    assert "5 classes" in line
    assert next(line for line in text.splitlines() if line.startswith("Time (min)")).split()[-3:] == ["–", "–", "15.47"]
    assert all(len(line) <= 200 for line in text.split("\n\nNotes")[0].splitlines())


def test_columns_without_room_go_below_beside_the_first() -> None:
    rows = [["class", *(f"figure {number}" for number in range(30))], ["Edema", *("0.50" for _ in range(30))]]
    first, second = command._aligned(rows, n_left=1).split("\n\n")
    assert max(len(line) for line in first.splitlines()) <= 200
    assert [part.split()[0] for part in (first, second)] == ["class", "class"]
    assert [part.splitlines()[2].split()[0] for part in (first, second)] == ["Edema", "Edema"]
    assert first.count("figure") + second.count("figure") == 30
    assert "figure 29" in second


def test_reporting_loads_nothing_heavy(folder: Path) -> None:
    code = (
        "import sys; from core.study import open_study; from core.report.report import compute_report;"
        f"compute_report(open_study({str(folder)!r}), intervals=True);"
        "print(sorted({'torch', 'sklearn', 'scipy', 'umap', 'streamlit', 'plotly'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_class_that_training_never_saw_is_named(study: TableStudy) -> None:
    labels = study.labels.copy()
    train = study.rows("train")
    labels[train, 0] = np.nan
    labels[train, 1] = 1
    first, second = study.classes[:2]
    notes = compute_report(replace(study, labels=labels)).notes
    trained = next(note for note in notes if f"never saw a positive train film of {first}:" in note)
    assert "linear_probe" in trained
    assert "zero_shot" not in trained
    assert any(f"never saw a negative train film of {first} and {second}:" in note for note in notes)
    assert not any("never saw" in note for note in compute_report(study).notes)
