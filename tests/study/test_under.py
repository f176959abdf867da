"""A study with its labels read by another convention: the same as one that was written under it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from core.errors import StudyError
from core.labels.convention import Convention
from core.labels.dial import positions_of
from core.report.report import compute_report
from core.study import open_study, write_study
from core.study.contents import label_frame
from core.thresholds import fit_thresholds
from tests.golden import make_study_v1, make_study_v2
from tests.golden.make_study_v2 import CONVENTION, IDS, golden_contents_v2, golden_readings

MINED = Convention("negative", "positive", "any", "reports")


def _written(out: Path, convention: Convention) -> Path:
    contents, readings = golden_contents_v2(), golden_readings()
    labels = label_frame(IDS, contents.classes, readings.resolve(len(IDS), convention))
    return write_study(out, dataclasses.replace(contents, labels=labels, convention=convention))


def test_every_position_gives_what_a_study_written_under_it_gives(tmp_path: Path) -> None:
    study = open_study(make_study_v2.STUDY)
    assert study.readings is not None
    positions = positions_of(study.readings, CONVENTION)
    assert len(positions) == 2 + 3 * 6  # reports: blank; radiologists: uncertain by any, majority, all, three alone
    for number, position in enumerate(positions):
        anew = open_study(_written(tmp_path / str(number), position))
        turned = study.under(position)
        np.testing.assert_array_equal(turned.labels, anew.labels)
        one, other = (compute_report(each, "test").to_json()["settings"] for each in (turned, anew))
        assert one == other


def test_another_position_is_another_study_to_caches_and_thresholds() -> None:
    study = open_study(make_study_v2.STUDY)
    turned = study.under(MINED)
    assert turned.convention == MINED
    assert len({study.fingerprint, turned.fingerprint, study.under(CONVENTION).fingerprint}) == 2
    assert turned.scores_fingerprint("zero_shot") != study.scores_fingerprint("zero_shot")
    assert not fit_thresholds(turned, "zero_shot").rests_on(study)
    assert turned.images is study.images
    with pytest.raises(ValueError, match="read-only"):
        turned.labels[0, 0] = 1


def test_the_convention_of_the_manifest_gives_the_study_itself() -> None:
    study = open_study(make_study_v2.STUDY)
    assert study.under(CONVENTION) is study
    first = dataclasses.replace(CONVENTION, source=None)  # the first source, which CONVENTION names
    assert study.under(MINED).under(first).fingerprint == study.fingerprint


def test_what_cannot_be_read_is_said() -> None:
    study = open_study(make_study_v2.STUDY)
    with pytest.raises(StudyError, match="no labels of the source 'nobody'"):
        study.under(Convention(source="nobody"))
    with pytest.raises(StudyError, match="nothing of what they were made of"):
        open_study(make_study_v1.STUDY).under(MINED)
