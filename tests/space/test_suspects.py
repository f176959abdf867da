"""Planted mistakes are found: flipped labels, copied films, films from elsewhere."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.space import reviewed
from core.space.label_review import label_odds, label_suspects
from core.space.suspects import near_duplicates, outliers
from core.study import Study, StudyContents, open_study, write_study
from core.study.manifest import EncoderEntry

FLIPPED, FAR = (5, 130), 77
CLASSES = ("Edema", "Fracture", "Rare")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """200 films, Edema far from the rest, Fracture anywhere; two flipped labels, a copied film, one far from all."""
    rng = np.random.default_rng(0)
    edema = np.arange(200) < 100
    space = rng.normal(size=(200, 8)) + 5 * np.eye(8)[0] * edema[:, None] + 5 * np.eye(8)[1] * ~edema[:, None]
    space[41] = space[40]
    space[151] = space[20] + 1e-4
    space[FAR] = -60 * np.eye(8)[5]
    labels = np.column_stack([edema, rng.random(200) < 0.5, np.arange(200) < 3]).astype(float)
    labels[list(FLIPPED), 0] = 1 - labels[list(FLIPPED), 0]
    labels[3, 0] = np.nan
    labels[40, 1], labels[41, 1] = 0, 1
    ids = [f"film-{row}" for row in range(200)]
    patients = [f"p-{40 if row == 41 else row}" for row in range(200)]
    split = np.where(np.arange(200) < 150, "train", "test")
    contents = StudyContents(
        name="Planted",
        classes=CLASSES,
        dataset={"name": "planted"},
        images=pd.DataFrame({"image_id": ids, "patient_id": patients, "split": split}),
        labels=pd.DataFrame({"image_id": ids, **dict(zip(CLASSES, labels.T, strict=True))}),
        encoders={"frozen": EncoderEntry(8, normalised=False)},
        image_embeddings={"frozen": space},
    )
    return open_study(write_study(Path(tmp_path_factory.mktemp("planted")) / "study", contents))


def test_flipped_labels_are_the_first_suspects(planted: Study) -> None:
    """And with them film 151, a copy of a film with Edema that is said to have none."""
    found = label_suspects(planted, "frozen")
    assert {entry.row for entry in found.suspects[:3]} == {*FLIPPED, 151}
    first = next(entry for entry in found.suspects if entry.row == 5)
    assert (first.finding, first.label, first.image_id) == ("Edema", 0, "film-5")
    assert first.n_positive >= first.n_neighbours - 1
    assert (found.n_reviewed, found.n_films) == (200, 200)


def test_classes_that_neighbours_say_nothing_of_are_named_not_guessed(planted: Study) -> None:
    assert "Rare" in label_suspects(planted, "frozen").silent
    labels = np.array([1.0, 0] * 50)
    alternating = (np.arange(100)[:, None] + 1) % 100
    assert np.isnan(label_odds(labels, alternating)[0]).all()


def test_odds_by_hand() -> None:
    """Ten films of either kind; positives have 9 of 10 positive neighbours but one that has none."""
    labels = np.array([1.0] * 10 + [0.0] * 10)
    neighbours = np.array([[0] * 9 + [10]] * 9 + [[10] * 10] + [[0] + [10] * 9] * 10)
    odds, n_positive, n_read = label_odds(labels, neighbours)
    own, others = (81 + 0.5) / 101, (10 + 0.5) / 101
    expected = 10 * np.log((1 - own) / (1 - others))
    assert odds[9] == pytest.approx(-expected)
    assert (n_positive[9], n_read[9]) == (0, 10)
    assert odds[9] == odds.max()
    assert odds[0] < 0 and odds[15] < 0  # noqa: PT018


def test_unread_neighbours_and_films_are_left_out() -> None:
    labels = np.array([1.0] * 8 + [0.0] * 8 + [np.nan] * 2)
    neighbours = np.array([[0, 16]] * 8 + [[8, -1]] * 8 + [[0, 1]] * 2)
    odds, n_positive, n_read = label_odds(labels, neighbours)
    assert n_read.tolist() == [1] * 16 + [2] * 2
    assert n_positive[:8].tolist() == [1] * 8
    assert np.isnan(odds[16:]).all()


def test_copies_are_found_with_what_is_wrong_about_them(planted: Study) -> None:
    found = near_duplicates(planted, "frozen")
    assert [(entry.first, entry.second) for entry in found[:2]] == [("film-40", "film-41"), ("film-20", "film-151")]
    same, leak = found[:2]
    assert (same.distance, same.same_patient, same.labels_differ) == (0.0, True, ("Fracture",))
    assert (leak.same_patient, leak.same_split) == (False, False)
    assert leak.relative < 0.01
    assert all(entry.relative <= 0.5 for entry in found)


def test_pairs_are_listed_once(planted: Study) -> None:
    pairs = [frozenset((entry.first, entry.second)) for entry in near_duplicates(planted, "frozen", within=2)]
    assert len(pairs) == len(set(pairs))


def test_a_film_from_elsewhere_is_the_first_outlier(planted: Study) -> None:
    found = outliers(planted, "frozen", metric="euclidean")
    assert found[0].row == FAR
    assert found[0].relative > 3
    assert all(a.relative >= b.relative > 1 for a, b in itertools.pairwise(found))


def test_a_split_is_reviewed_among_itself(planted: Study) -> None:
    test = set(planted.rows("test").tolist())
    assert {entry.row for entry in outliers(planted, "frozen", split="test")} <= test
    assert {entry.row for entry in label_suspects(planted, "frozen", split="test").suspects} <= test


def test_of_very_many_films_a_sample_is_reviewed_and_said(planted: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewed, "EXACT_UP_TO", 50)
    found = label_suspects(planted, "frozen")
    assert (found.n_reviewed, found.n_films) == (50, 200)
