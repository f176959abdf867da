"""The shortcut audit against scikit-learn, on a planted group, on few films and on real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from core.study.contents import StudyContents, label_frame
from core.study.manifest import SettingEntry
from core.study.open import open_study
from core.study.read import Study
from core.study.write import write_study
from core.twins.audit import shortcut_audit
from tests.pages.real_study import import_nih

CLASSES = ("Pneumothorax", "Support Devices", "Fracture")


@pytest.fixture(scope="module")
def drains(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """400 films: a pneumothorax is told where there is a device, and not told at all elsewhere; a fracture is rare."""
    rng = np.random.default_rng(3)
    n = 400
    labels = (rng.random((n, 3)) < [0.3, 0.5, 0.01]).astype(float)
    scores = rng.normal(size=(n, 3))
    scores[:, 0] += 3 * labels[:, 0] * labels[:, 1]
    ids = [f"film-{row:03d}" for row in range(n)]
    images = pd.DataFrame(
        {"image_id": ids, "patient_id": ids, "split": "test", "sex": np.where(labels[:, 1], "F", "M")}
    )
    contents = StudyContents(
        name="Drains",
        classes=CLASSES,
        dataset={"name": "made up"},
        images=images,
        labels=label_frame(ids, CLASSES, labels),
        settings={"model": SettingEntry("logit", None)},
        scores={"model": scores},
    )
    return open_study(write_study(tmp_path_factory.mktemp("drains") / "drains", contents))


def test_a_class_that_devices_tell_is_named_worst_without_them(drains: Study) -> None:
    audit = shortcut_audit(drains, "model")
    row = next(row for row in audit.rows if (row.finding, row.by) == ("Pneumothorax", "Support Devices"))
    labels, scores = drains.labels, np.asarray(drains.scores("model"))
    for area, member in ((row.inside, labels[:, 1] == 1), (row.outside, labels[:, 1] == 0)):
        assert area == pytest.approx(roc_auc_score(labels[member, 0], scores[member, 0]))
    assert row.difference.value == pytest.approx(row.inside - row.outside)
    assert row.stands_out
    assert row.where == "films with Support Devices"
    by_sex = next(row for row in audit.rows if (row.finding, row.by) == ("Pneumothorax", "Sex"))
    assert (by_sex.group, by_sex.inside) == ("F", row.inside) or by_sex.outside == row.inside


def test_few_films_are_counted_and_nothing_is_said_of_them(drains: Study) -> None:
    audit = shortcut_audit(drains, "model")
    assert not any("Fracture" in (row.finding, row.by) for row in audit.rows)
    assert audit.n_too_few > 0
    assert f"{audit.n_too_few} more have too few films" in audit.sentence


def test_what_chance_gives_does_not_stand_out(drains: Study) -> None:
    """The device's own scores are noise in every group."""
    audit = shortcut_audit(drains, "model")
    assert not any(row.stands_out for row in audit.rows if row.finding == "Support Devices")


@pytest.mark.real
def test_real_films_are_audited_without_a_renderer(real_data: Path, tmp_path: Path) -> None:
    study = open_study(import_nih(real_data, tmp_path))
    audit = shortcut_audit(study, "densenet", "all")
    assert len(audit.rows) > 50
    assert audit.n_too_few > 20
    assert {row.by for row in audit.rows} > {"View", "Effusion"}
    for row in audit.rows[:5]:
        assert min(row.n_positive) >= 5
        assert 0 <= row.inside <= 1
