"""What two cuts settle: counts film by film, limits by SciPy, over all classes, and through a file and a link."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from core.metrics.patients import number_patients
from core.study import Study, open_study
from core.thresholds import films_of, fit_thresholds
from core.thresholds.files import read_threshold_file, threshold_file
from core.thresholds.settled import settled_class, settled_films
from tests.golden.make_study_v1 import STUDY
from tests.thresholds.cases import N_CASES, case, settled

COUNTS = ("ruled_out", "missed", "ruled_in", "right", "left", "left_positive")


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(Path(STUDY))


def test_every_count_is_one_over_the_films_ties_and_unread_labels_included() -> None:
    for seed in range(0, N_CASES, 5):
        chosen = case(seed)
        patients = number_patients(chosen.patients, len(chosen.labels))
        cuts = zip(chosen.thresholds.tolist(), chosen.uppers.tolist(), strict=True)
        for column, (cut, upper) in enumerate(cuts):
            found = settled_class(chosen.labels[:, column], chosen.scores[:, column], cut, upper, patients).to_json()
            wanted = settled(chosen)["classes"][column]
            assert {name: found[name] for name in COUNTS} == {name: wanted[name] for name in COUNTS}, (seed, column)
            n_read = int(np.count_nonzero(~np.isnan(chosen.labels[:, column])))
            assert wanted["ruled_out"] + wanted["left"] + wanted["ruled_in"] == n_read


def test_limits_are_one_sided_wilson_limits_of_independent_films() -> None:
    rng = np.random.default_rng(3)
    labels = (rng.random(400) < 0.2).astype(float)
    scores = rng.normal(size=400) + labels
    found = settled_class(labels, scores, 0.2, 1.5, number_patients(None, 400))
    missed = binomtest(found.missed, found.ruled_out).proportion_ci(0.9, method="wilson")
    right = binomtest(found.right, found.ruled_in).proportion_ci(0.9, method="wilson")
    assert found.missed_high == pytest.approx(missed.high)
    assert found.precision_low == pytest.approx(right.low)


def test_films_of_one_patient_widen_the_limits_as_fewer_films_would() -> None:
    """Every film twice, of one patient: the limits are those of half the films."""
    labels, scores = np.array([1.0] * 4 + [0.0] * 36), np.linspace(0, 1, 40)
    once = settled_class(labels, scores, 0.5, 0.8, number_patients(None, 40))
    pairs = [f"p{film // 2}" for film in range(80)]
    twice = settled_class(np.repeat(labels, 2), np.repeat(scores, 2), 0.5, 0.8, number_patients(pairs, 80))
    assert twice.ruled_out == 2 * once.ruled_out
    assert twice.missed_high == pytest.approx(once.missed_high)


def test_few_films_have_no_limit() -> None:
    found = settled_class(np.array([0.0, 1.0]), np.array([0.1, 0.9]), 0.5, 0.5, number_patients(None, 2))
    assert math.isnan(found.missed_high)
    assert found.to_json()["precision_low"] is None


def test_all_classes_count_each_film_once_and_two_cuts_survive_a_file(study: Study) -> None:
    start = fit_thresholds(study, "fine_tune")
    values = np.where(np.isnan(start.array()), 0.0, start.array())
    moved = start.with_values(values, films_of(study, "val"), uppers=values + 0.7)
    (again,) = read_threshold_file(threshold_file([moved]))
    assert again == moved
    rows = study.rows("all")
    labels, scores = study.labels[rows], np.asarray(study.scores("fine_tune")[rows], dtype=float)
    left = (scores >= values) & (scores < values + 0.7) & ~np.isnan(labels)
    found = settled_films(study, "all", again)
    read = ~np.isnan(labels)
    assert left.any()
    assert found.labels_settled == pytest.approx(1 - left.sum() / read.sum())
    assert found.films_settled == pytest.approx(1 - left.any(axis=1).sum() / read.any(axis=1).sum())
    assert settled_films(study, "all", start).films_settled == 1
