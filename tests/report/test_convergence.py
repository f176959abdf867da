"""Where a training ended before its optimum is said, and what a converged one gives, with an interval by patient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from core.report.convergence import convergence_notes, mean_auroc_difference
from core.report.report import compute_report
from core.study import Study, open_study, write_study
from core.study.contents import StudyContents, label_frame
from core.study.manifest import SettingEntry
from core.study.training_record import TrainingRecord

PROBE, SOUND = "linear_probe", "linear_probe_converged"
EARLY = TrainingRecord("schedule", 10, 40, 42, (0.7, 0.6), (0.7, None), 1, 0.0312)


def written(folder: Path, record: TrainingRecord | None = EARLY, *, has_sound: bool = True) -> Study:
    """A study of scores: those of the sound probe follow the labels, those of the other less so."""
    rng = np.random.default_rng(0)
    labels = (rng.random((200, 2)) < 0.3).astype(float)
    labels[::9, 1] = np.nan
    ids = [f"f{row}" for row in range(200)]
    noise = rng.normal(size=(2, *labels.shape))
    scores = {PROBE: noise[0] + 0.3 * np.nan_to_num(labels), SOUND: noise[1] + 2.0 * np.nan_to_num(labels)}
    entries = {PROBE: SettingEntry("logit", training=record), SOUND: SettingEntry("logit")}
    names = [PROBE, *([SOUND] if has_sound else [])]
    made = StudyContents(
        name="made-up",
        classes=("Edema", "Fracture"),
        dataset={"name": "made-up"},
        images=pd.DataFrame({"image_id": ids, "patient_id": ids, "split": ["val", "test"] * 100}),
        labels=label_frame(ids, ["Edema", "Fracture"], labels),
        settings={name: entries[name] for name in names},
        scores={name: scores[name] for name in names},
    )
    return open_study(write_study(folder / "study", made))


def test_the_record_survives_the_disk_and_changes_the_fingerprint_only_where_there_is_one(tmp_path: Path) -> None:
    told, untold = written(tmp_path / "told"), written(tmp_path / "untold", None)
    assert told.manifest.settings[PROBE].training == EARLY
    assert untold.manifest.settings[PROBE].training is None
    assert "training" not in untold.manifest.settings[PROBE].to_json()
    assert told.fingerprint != untold.fingerprint


def test_it_says_where_it_ended_and_what_a_converged_one_gives(tmp_path: Path) -> None:
    study = written(tmp_path)
    where, what = convergence_notes(study, "test", study.settings)
    assert where == (
        "linear_probe ended with its schedule of 2 epochs, with a gradient of norm 0.0312 left: before its optimum."
    )
    found = mean_auroc_difference(study, "test", SOUND, PROBE)
    rows = study.rows("test")
    labels = study.labels[rows]
    judged = [c for c in range(len(study.classes)) if min((labels[:, c] == 1).sum(), (labels[:, c] == 0).sum()) >= 5]
    means = []
    for name in (SOUND, PROBE):
        read = [np.isfinite(labels[:, c]) for c in judged]
        scores = np.asarray(study.scores(name))[rows]
        means.append(np.mean([roc_auc_score(labels[r, c], scores[r, c]) for r, c in zip(read, judged, strict=True)]))
    assert judged
    assert found.value == pytest.approx(means[0] - means[1])
    assert found.interval.low < found.value < found.interval.high
    assert f"+{found.value:.3f}" in what
    assert any(where in note for note in compute_report(study, "test").notes)


def test_without_a_converged_one_it_says_how_to_add_it_and_without_a_record_nothing(tmp_path: Path) -> None:
    alone = written(tmp_path / "alone", has_sound=False)
    notes = list(convergence_notes(alone, "test", alone.settings))
    assert notes[1].endswith("`python -m core adapt STUDY --settings linear_probe_converged` adds.")
    unknown = written(tmp_path / "unknown", None, has_sound=False)
    assert list(convergence_notes(unknown, "test", unknown.settings)) == []


def test_other_ends_are_said_as_they_are(tmp_path: Path) -> None:
    for ended, words in (
        ("val", "ended after 2 epochs because the loss on val no longer fell, with a gradient"),
        ("converged", "ended at its optimum."),
    ):
        record = replace(EARLY, ended=ended)  # type: ignore[arg-type]
        study = written(tmp_path / ended, record)
        assert words in next(iter(convergence_notes(study, "test", study.settings)))
