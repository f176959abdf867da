"""What stands beside a map: outcomes agree with the counts of the operating point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.saliency.evidence import film_evidence, films_with_outcome, most_found
from core.study import Study, open_study
from core.thresholds import ThresholdSet, fit_thresholds
from core.thresholds.operating_point import operating_point
from tests.golden.make_study_v1 import STUDY


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(STUDY)


@pytest.fixture(scope="module")
def thresholds(study: Study) -> ThresholdSet:
    return fit_thresholds(study, study.settings[0], exploratory=True)


def test_films_by_outcome_are_as_many_as_the_operating_point_counts(study: Study, thresholds: ThresholdSet) -> None:
    setting, rows = study.settings[0], study.rows("all")
    counts = operating_point(study, setting, "all", thresholds.array()).per_class
    for finding in (name for name in study.classes if thresholds.values[name] is not None):
        for outcome in ("TP", "FN", "FP", "TN"):
            films = films_with_outcome(study, setting, finding, thresholds, outcome, rows)
            assert len(films) == getattr(counts[finding], outcome.lower()), (finding, outcome)


def test_evidence_of_a_film_agrees_with_the_filter(study: Study, thresholds: ThresholdSet) -> None:
    setting = study.settings[0]
    for image_id in study.image_ids[:4]:
        for entry in film_evidence(study, setting, image_id, thresholds):
            row, column = study.row_of(image_id), study.classes.index(entry.finding)
            assert entry.score == pytest.approx(float(study.scores(setting)[row, column]))
            assert entry.score_kind == study.manifest.settings[setting].score_kind
            if entry.outcome:
                found = films_with_outcome(study, setting, entry.finding, thresholds, entry.outcome, study.rows("all"))
                assert image_id in found


def test_no_threshold_and_no_label_are_no_outcome(study: Study, thresholds: ThresholdSet) -> None:
    none = replace(thresholds, values=dict.fromkeys(study.classes))
    for entry in film_evidence(study, study.settings[0], study.image_ids[0], none):
        assert np.isnan(entry.threshold)
        assert entry.outcome == ""
    unread = np.argwhere(np.isnan(study.labels))
    for row, column in unread[:3]:
        entry = film_evidence(study, study.settings[0], study.image_ids[row], thresholds)[column]
        assert entry.outcome == ""


def test_the_film_to_begin_with_is_the_first_on_which_most_settings_find_its_class(study: Study) -> None:
    decisions = [fit_thresholds(study, setting, exploratory=True) for setting in study.settings]
    findings = {name: study.classes[row % len(study.classes)] for row, name in enumerate(study.image_ids)}
    numbers = {}
    for row, (name, finding) in enumerate(findings.items()):
        column = study.classes.index(finding)
        over = [study.scores(one.setting)[row, column] >= (one.values[finding] or np.inf) for one in decisions]
        numbers[name] = sum(over) if study.labels[row, column] == 1 else 0
    most = max(numbers.values())
    assert most > 0
    assert most_found(study, findings, decisions) == next(name for name in numbers if numbers[name] == most)
    silent = {name: findings[name] for name in numbers if not numbers[name]}
    assert most_found(study, silent, decisions) == next(iter(silent))
