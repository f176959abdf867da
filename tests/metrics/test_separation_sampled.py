"""Too many films for all pairs: disjoint parts of the patients, with an error that is true."""

from __future__ import annotations

import numpy as np

from core.metrics.separation_conventions import class_distances
from core.metrics.separation_sampled import N_PARTS, patient_parts, sampled_distances
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
