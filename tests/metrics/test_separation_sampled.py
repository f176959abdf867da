"""Too many films for all pairs: disjoint parts of the patients, with an error that is true."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.separation.conventions import class_distances
from core.metrics.separation.sampled import N_PARTS, jackknife_error, patient_parts, sampled_distances
from tests.metrics.planted import planted


def test_parts_are_disjoint_and_keep_patients_whole() -> None:
    patients = [f"p{row // 3}" for row in range(960)]
    parts = patient_parts(patients, np.random.default_rng(0))
    assert len(parts) == N_PARTS
    assert sorted(np.concatenate(parts)) == list(range(960))
    where = {}
    for number, rows in enumerate(parts):
        for row in rows:
            assert where.setdefault(patients[row], number) == number


def test_the_sampled_figure_is_within_its_error_of_the_exact_one() -> None:
    """Over eight draws of 1,600 films the gap in standard errors is what it should be."""
    gaps = []
    for seed in range(8):
        films = planted(np.random.default_rng(seed), 1, n=1600)
        exact = class_distances(films.embeddings, films.labels, "all_pairs")
        parts = patient_parts(films.patients, np.random.default_rng(seed))
        got, sampled = sampled_distances(films.embeddings, films.labels, parts, "all_pairs")
        gaps.append((got.ratio - exact.ratio) / sampled.error)
        assert sampled.n_films == 1600
        assert sampled.error < 0.02 * exact.ratio
        np.testing.assert_allclose(got.between, exact.between, rtol=0.05)
        interval = sampled.interval(got.ratio)
        assert interval.low < got.ratio < interval.high
    assert np.max(np.abs(gaps)) < 3


def test_a_class_that_no_part_can_measure_stays_undefined() -> None:
    films = planted(np.random.default_rng(0), 1, n=320)
    labels = films.labels.copy()
    labels[:, 2] = 0
    labels[0, 2] = 1
    parts = patient_parts(films.patients, np.random.default_rng(0))
    got, _ = sampled_distances(films.embeddings, labels, parts, "exclusive_pairs")
    assert np.isnan(got.intra_per_class).tolist() == [False, False, True]
    assert np.isnan(got.between[2]).all()
    assert np.isfinite(got.ratio)


@pytest.mark.parametrize("convention", ["all_pairs", "exclusive_pairs"])
@pytest.mark.parametrize("n_rare", [8, 24])
def test_a_rare_class_far_away_is_measured_as_if_all_pairs_were(convention: str, n_rare: int) -> None:
    """In parts of 200 films such a class would have a film or two, and be left out of some."""
    held = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        of_film = rng.permutation(np.repeat([0, 1, 2], [1900, 1300 - n_rare, n_rare]))
        labels = np.eye(3)[of_film]
        labels[(of_film == 2) & (rng.random(3200) < 0.3), 0] = 1
        embeddings = rng.normal(size=(3200, 8))
        embeddings[of_film == 1, 0] += 1
        embeddings[of_film == 2, 0] += 15
        patients = [str(row) for row in range(3200)]
        exact = class_distances(embeddings, labels, convention)
        got, sampled = sampled_distances(embeddings, labels, patient_parts(patients, rng), convention)
        np.testing.assert_allclose(got.between, exact.between, rtol=0.02)
        np.testing.assert_allclose(got.intra_per_class, exact.intra_per_class, rtol=0.02)
        assert got.ratio == pytest.approx(exact.ratio, rel=0.01)
        assert got.films_per_class.tolist() == exact.films_per_class.tolist()
        held += sampled.interval(got.ratio).low <= exact.ratio <= sampled.interval(got.ratio).high
    assert held == 6


def test_the_error_grows_with_what_a_rare_class_leaves_open() -> None:
    """Drawn anew, the ratio moves as the error says; the rare class's films are most of it."""
    ratios, errors = [], []
    for seed in range(12):
        rng = np.random.default_rng(100 + seed)
        of_film = rng.permutation(np.repeat([0, 1, 2], [1000, 580, 20]))
        embeddings = rng.normal(size=(1600, 8))
        embeddings[of_film == 2, 0] += 6 + 3 * rng.normal(size=20)
        parts = patient_parts([str(row) for row in range(1600)], rng)
        got, sampled = sampled_distances(embeddings, np.eye(3)[of_film], parts, "all_pairs")
        ratios.append(got.ratio)
        errors.append(sampled.error)
    assert 0.5 < np.std(ratios, ddof=1) / np.mean(errors) < 2


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(size=16)
    left = np.array([np.delete(values, place).mean() for place in range(16)])
    assert jackknife_error(left) == pytest.approx(values.std(ddof=1) / 4)
    assert np.isnan(jackknife_error(left[:1]))
