"""Nearest films with their labels, and how often they agree."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.space.neighbours import agreement_of, film_neighbours
from core.study import Study


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


def test_neighbours_among_some_films_are_of_those(made: Study) -> None:
    rows = made.rows("test")
    got = film_neighbours(made, "frozen", 7, k=5, rows=rows)
    assert {entry.row for entry in got} <= set(rows.tolist())
    assert len(got) == 5


def test_a_film_of_the_same_patient_is_said(made: Study) -> None:
    got = film_neighbours(made, "frozen", 0, k=299)
    assert [entry.row for entry in got if entry.same_patient] == [1]


def test_agreement_is_above_chance_where_classes_separate(made: Study) -> None:
    rows = np.arange(len(made.image_ids))
    got = agreement_of(made, "fine_tuned", rows, k=5)
    assert got.share > got.expected
    assert got.interval.low <= got.share <= got.interval.high
    labels = made.labels == 1
    with_label = np.flatnonzero(labels.any(axis=1))
    meets = (labels[with_label][:, None] & labels[None]).any(axis=2).mean(axis=1).mean()
    assert got.expected == pytest.approx(meets)


def test_agreement_without_labels_is_undefined(made: Study) -> None:
    got = agreement_of(made, "frozen", np.empty(0, dtype=int))
    assert math.isnan(got.share)
    assert got.n_films == 0
    assert not got.interval.is_estimable
