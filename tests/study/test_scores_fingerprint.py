"""What thresholds rest on: it changes with films, labels and scores, and with nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import StudyError
from core.study import StudyContents, open_study, write_study
from tests.golden.make_study_v1 import golden_contents


def _fingerprint(folder: Path, contents: StudyContents, setting: str = "zero_shot") -> str:
    return open_study(write_study(folder / "study", contents)).scores_fingerprint(setting)


@pytest.fixture
def before(tmp_path: Path) -> str:
    return _fingerprint(tmp_path / "before", golden_contents())


def test_marks_maps_names_and_other_settings_leave_it(before: str, tmp_path: Path) -> None:
    contents = golden_contents()
    one = {"zero_shot": contents.settings["zero_shot"]}
    scores = {"zero_shot": contents.scores["zero_shot"]}
    changed = replace(contents, name="another", annotations=[], umaps={}, settings=one, scores=scores)
    assert _fingerprint(tmp_path, changed) == before


def test_scores_labels_patients_and_splits_change_it(before: str, tmp_path: Path) -> None:
    contents = golden_contents()
    scores = {**contents.scores, "zero_shot": contents.scores["zero_shot"] / 2}
    labels = contents.labels.copy()
    labels.iloc[0, 2] = 1 - labels.iloc[0, 2]
    images = contents.images.copy()
    images.loc[0, "patient_id"] = "somebody"
    changes = [replace(contents, scores=scores), replace(contents, labels=labels), replace(contents, images=images)]
    found = [_fingerprint(tmp_path / str(number), changed) for number, changed in enumerate(changes)]
    assert len({before, *found}) == 4


def test_settings_have_their_own(before: str, tmp_path: Path) -> None:
    study = open_study(write_study(tmp_path / "study", golden_contents()))
    assert len({study.scores_fingerprint(setting) for setting in study.settings}) == len(study.settings)
    with pytest.raises(StudyError, match=r"no settings/absent/scores\.npy"):
        study.scores_fingerprint("absent")
