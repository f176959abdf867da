"""A study's separation: the measures of core.metrics on the right films, also where there are too many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.metrics.separation import sampled
from core.metrics.separation.conventions import CONVENTIONS, class_distances
from core.metrics.separation.distances import paper_distances
from core.space import separation
from core.space.separation import (
    class_separation_of,
    films_learnt_from,
    paper_separation_of,
    separation_of,
    some_patients,
    spaces_in_words,
)
from core.study import Study
from core.study.manifest import SettingEntry

NAMES = [convention.name for convention in CONVENTIONS]


@pytest.mark.parametrize("name", NAMES)
def test_a_split_is_measured_with_null_interval_and_pairs(name: str, made: Study) -> None:
    got = separation_of(made, "fine_tuned", "all", name, n_shuffles=30, n_resamples=30)
    expected = class_distances(np.asarray(made.image_embeddings("fine_tuned")), made.labels, name)
    assert got.distances.ratio == pytest.approx(expected.ratio)
    assert got.sampled is None
    assert got.null.p_value == pytest.approx(1 / 31)
    assert got.null.high < got.distances.ratio
    assert got.interval.low < got.distances.ratio < got.interval.high
    assert got.pairs.ratio.shape == (14, 14)
    assert np.nanmin(got.pairs.p_value) == pytest.approx(1 / 31)


def test_the_paper_s_distances_are_of_the_split(made: Study) -> None:
    rows = made.rows("test")
    expected = paper_distances(np.asarray(made.image_embeddings("frozen"))[rows], made.labels[rows])
    assert paper_separation_of(made, "frozen", "test").ratio == expected.ratio


def test_the_same_seed_gives_the_same_numbers(made: Study) -> None:
    first, second = (separation_of(made, "frozen", "test", n_shuffles=20, n_resamples=20) for _ in range(2))
    assert (first.null, first.interval) == (second.null, second.interval)


def test_very_many_films_are_sampled_and_the_error_is_given(made: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separation, "EXACT_UP_TO", 100)
    monkeypatch.setattr(sampled, "N_PARTS", 4)
    got = separation_of(made, "fine_tuned", "all", "all_pairs", n_shuffles=20, n_resamples=20)
    exact = class_distances(np.asarray(made.image_embeddings("fine_tuned")), made.labels, "all_pairs")
    assert got.sampled is not None
    assert got.sampled.n_films == 300
    assert abs(got.distances.ratio - exact.ratio) < 5 * got.sampled.error
    assert separation_of(made, "fine_tuned", "all", "centroid", n_shuffles=5, n_resamples=5).sampled is None


def test_where_shuffles_would_take_minutes_some_patients_are_tested_and_said(
    made: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(separation, "WORK", 2 * 14 * 20 * 150**2)
    got = separation_of(made, "fine_tuned", "all", "all_pairs", n_shuffles=20, n_resamples=20)
    exact = class_distances(np.asarray(made.image_embeddings("fine_tuned")), made.labels, "all_pairs")
    assert got.distances.ratio == exact.ratio
    assert got.n_tested in (149, 150)
    assert got.sampled is None
    assert separation_of(made, "fine_tuned", "all", "centroid", n_shuffles=5, n_resamples=5).n_tested == 300


def test_some_patients_are_whole_and_random() -> None:
    patients = [f"p{row // 3}" for row in range(90)]
    rows = some_patients(patients, 31, np.random.default_rng(0))
    assert len(rows) == 30
    assert np.bincount(rows // 3)[np.unique(rows // 3)].tolist() == [3] * 10
    assert some_patients(patients, 90, np.random.default_rng(0)).tolist() == list(range(90))
    assert len(some_patients(["a"] * 5, 2, np.random.default_rng(0))) == 5


def test_one_class_against_the_rest_for_every_class(made: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    found = class_separation_of(made, "fine_tuned", "all", n_shuffles=20, n_resamples=20)
    assert [entry.finding for entry in found.classes] == list(made.classes)
    assert found.classes[1].linear_auroc.value > 0.7
    assert (found.n_tested, found.n_films) == (300, 300)
    taken: list[list[str]] = []

    def separate(embeddings: object, labels: object, classes: object, patients: list[str], **_: object) -> tuple[()]:
        taken.append(patients)
        return ()

    monkeypatch.setattr(separation, "MOST_ONE_CLASS", 120)
    monkeypatch.setattr(separation, "separate_classes", separate)
    few = class_separation_of(made, "fine_tuned", "all")
    assert (few.n_tested, few.n_films) == (len(taken[0]), 300)
    films = made.images["patient_id"].value_counts()
    assert all(films[patient] == taken[0].count(patient) for patient in set(taken[0])), "patients are taken whole"


def test_only_a_trained_encoder_has_learnt_from_films_and_only_from_train_films(made: Study) -> None:
    n_train = len(made.rows("train"))
    assert films_learnt_from(made, "fine_tuned", "all") == films_learnt_from(made, "fine_tuned", "train") == n_train
    assert films_learnt_from(made, "fine_tuned", "test") == films_learnt_from(made, "frozen", "all") == 0


def test_who_shares_a_space_is_said_of_the_settings_that_are_there(made: Study) -> None:
    assert spaces_in_words(made) == (
        "Zero-shot and linear probe read the same frozen encoder: one space, the same distances. Fine-tuning has a "
        "space of its own; it may shrink or grow, so compare ratios, not distances."
    )
    alone = {name: entry for name, entry in made.manifest.settings.items() if name != "zero_shot"}
    assert spaces_in_words(Study(made.root, replace(made.manifest, settings=alone))).startswith("Fine-tuning has a")
    assert spaces_in_words(Study(made.root, replace(made.manifest, settings={"chexnet": SettingEntry("logit")}))) == ""
