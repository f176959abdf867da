"""Two cuts against a direct count over the films and patients, ties and unread labels included."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from core.thresholds import fit_thresholds
from core.thresholds.grey_zone import grey_zones
from tests.metrics.table_study import TableStudy


def made_study(n_films: int = 400, seed: int = 0) -> TableStudy:
    """Two classes, the second too rare; half of the films val, about two a patient; ties and unread labels."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((n_films, 2)) < [0.4, 0.01]).astype(float)
    scores = np.round(rng.normal(size=labels.shape) + 1.5 * labels, 1)
    labels[rng.random(labels.shape) < 0.05] = np.nan
    splits = ["val"] * (n_films // 2) + ["test"] * (n_films // 2)
    patients = [f"{splits[row]} {rng.integers(0, n_films // 4)}" for row in range(n_films)]
    return TableStudy(
        ("common", "rare"), labels, splits, {"zero_shot": scores}, {"zero_shot": "logit"}, patients=patients
    )


def test_films_are_settled_and_left_as_a_direct_count_says() -> None:
    study = made_study()
    chosen = fit_thresholds(study, "zero_shot", "rule-out-rule-in", parameter=0.7)
    common, rare = grey_zones(study, "test", chosen)
    assert rare is None
    low, high = chosen.values["common"], chosen.uppers["common"]
    assert low < high
    found: dict[str, set[str]] = {"out": set(), "missed": set(), "in": set(), "wrong": set()}
    counts = dict.fromkeys(("ruled_out", "missed", "ruled_in", "right", "left"), 0)
    for row in study.rows("test"):
        label, score = study.labels[row, 0], study.scores("zero_shot")[row, 0]
        (patient,) = study.patient_ids(np.array([row]))
        if np.isnan(label):
            continue
        if score < low:
            counts["ruled_out"] += 1
            counts["missed"] += int(label)
            found["out"].add(patient)
            found["missed"] |= {patient} if label else set()
        elif score >= high:
            counts["ruled_in"] += 1
            counts["right"] += int(label)
            found["in"].add(patient)
            found["wrong"] |= set() if label else {patient}
        else:
            counts["left"] += 1
    assert {name: getattr(common, name) for name in counts} == counts
    assert all(counts.values())
    assert common.settled == pytest.approx(1 - counts["left"] / np.count_nonzero(~np.isnan(study.labels[200:, 0])))
    n_missed, n_out, n_wrong, n_in = (len(found[name]) for name in ("missed", "out", "wrong", "in"))
    assert common.missed_at_most == pytest.approx(beta.ppf(0.95, n_missed + 1, n_out - n_missed))
    assert common.right_at_least == pytest.approx(1 - beta.ppf(0.95, n_wrong + 1, n_in - n_wrong))


def test_a_set_of_one_cut_has_no_grey_zone() -> None:
    study = made_study()
    chosen = fit_thresholds(study, "zero_shot")
    assert grey_zones(study, "test", chosen) == ()
    assert not chosen.left_to_reader(study.scores("zero_shot")).any()


def test_between_the_cuts_a_reader_looks_and_a_decision_is_not_ruled_out() -> None:
    study = made_study()
    chosen = fit_thresholds(study, "zero_shot", "rule-out-rule-in", parameter=0.7)
    low, high = chosen.values["common"], chosen.uppers["common"]
    scores = np.array([[low - 0.01, 9], [low, 9], [(low + high) / 2, 9], [np.nextafter(high, -9), 9], [high, 9]])
    assert chosen.left_to_reader(scores)[:, 0].tolist() == [False, True, True, True, False]
    assert not chosen.left_to_reader(scores)[:, 1].any()
    assert chosen.decided(scores)[:, 0].tolist() == [0, 1, 1, 1, 1]
    assert np.isnan(chosen.decided(scores)[:, 1]).all()
    assert "Classes have two cuts" in chosen.basis


def test_a_set_that_is_moved_by_hand_has_one_cut_and_no_promise() -> None:
    from core.thresholds import films_of

    study = made_study()
    chosen = fit_thresholds(study, "zero_shot", "rule-out-rule-in", parameter=0.7)
    moved = chosen.with_values(chosen.array() + 0.1, films_of(study, "val"))
    assert not moved.has_grey_zone
    assert (moved.confidence, moved.fits) == (None, {})
