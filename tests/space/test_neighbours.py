"""Nearest films with their labels, and how often they agree."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.metrics.intervals import wilson
from core.space.neighbours import agreement_of, film_neighbours
from core.study import Study, open_study, write_study
from tests.pages.embeddings_only import embeddings_only


def test_neighbours_are_the_nearest_and_say_what_they_share(made: Study) -> None:
    embeddings = np.asarray(made.image_embeddings("frozen"), dtype=np.float64)
    units = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    distances = 1 - units @ units[7]
    distances[7] = np.inf
    got = film_neighbours(made, "frozen", 7, k=5)
    assert [entry.row for entry in got] == np.argsort(distances)[:5].tolist()
    assert [entry.distance for entry in got] == pytest.approx(np.sort(distances)[:5].tolist(), abs=1e-6)
    here = {name for name, label in zip(made.classes, made.labels[7], strict=True) if label == 1}
    for entry in got:
        there = {name for name, label in zip(made.classes, made.labels[entry.row], strict=True) if label == 1}
        assert (set(entry.shared), set(entry.only_here), set(entry.only_there)) == (
            here & there,
            here - there,
            there - here,
        )


def test_a_film_of_the_same_patient_is_said(made: Study) -> None:
    got = film_neighbours(made, "frozen", 0, k=299)
    assert [entry.row for entry in got if entry.same_patient] == [1]


def test_agreement_is_above_chance_where_classes_separate(made: Study) -> None:
    rows = np.arange(len(made.image_ids))
    got = agreement_of(made, "fine_tuned", rows, k=5)
    assert got.share > got.expected
    assert got.interval.low <= got.share <= got.interval.high
    labels, patients = made.labels == 1, made.images["patient_id"].to_numpy()
    chances = [
        (labels[patients != patients[row]] & labels[row]).any(axis=1).mean()
        for row in np.flatnonzero(labels.any(axis=1))
    ]
    assert got.expected == pytest.approx(np.mean(chances))
    assert got.n_films == len(chances)


def test_agreement_without_labels_is_undefined(made: Study) -> None:
    got = agreement_of(made, "frozen", np.empty(0, dtype=int))
    assert math.isnan(got.share)
    assert got.n_films == 0
    assert not got.interval.is_estimable


def test_a_film_with_no_film_of_another_patient_is_undefined_not_zero(tmp_path: Path) -> None:
    contents = embeddings_only(12)
    alone = replace(contents, images=contents.images.assign(patient_id="one"))
    got = agreement_of(open_study(write_study(tmp_path / "study", alone)), "frozen", np.arange(12))
    assert math.isnan(got.share)
    assert got.n_films == 0


def test_like_films_of_a_patient_count_once(tmp_path: Path) -> None:
    """15 patients with 4 like films each, whose 4 nearest of others are one patient's: the interval of 15 films."""
    contents = embeddings_only(60)
    space = np.repeat(np.random.default_rng(0).normal(size=(15, 8)), 4, axis=0).astype(np.float32)
    ids = contents.images["image_id"].to_numpy()
    labels = contents.labels.iloc[np.repeat(np.arange(15), 4)].assign(image_id=ids)
    images = contents.images.assign(patient_id=np.repeat([f"patient {row}" for row in range(15)], 4))
    fours = replace(contents, images=images, labels=labels, image_embeddings={"frozen": space}, umaps={})
    got = agreement_of(open_study(write_study(tmp_path / "study", fours)), "frozen", np.arange(60), k=4)
    expected = wilson(round(15 * got.share), 15)
    assert 0 < got.share < 1
    assert (got.interval.low, got.interval.high) == pytest.approx((expected.low, expected.high))
    assert got.n_films == 60
