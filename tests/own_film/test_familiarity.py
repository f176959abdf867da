"""Whether a film is like a study's films: by hand, by an independent search, with planted truths, as shipped."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from core.own_film.familiarity import LEVEL, Familiarity, familiarity, familiarity_of
from core.paths import STUDIES
from core.study import Study, open_study


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(STUDIES / "phantom")


def test_by_hand() -> None:
    """On a circle, at 0, 10, 30 and 90 degrees; the last is 60 from its nearest, the others 10, 10 and 20."""
    turns = np.deg2rad([0, 10, 30, 90])
    found = familiarity_of(np.stack([np.cos(turns), np.sin(turns)], axis=1), np.arange(4), np.arange(4))
    assert found.distance == pytest.approx(1 - np.cos(np.deg2rad(60)), abs=1e-6)
    assert (found.n_as_far, found.n_reference, found.p_value) == (0, 3, 0.25)
    assert not found.is_told
    assert not found.is_unlike
    first = familiarity_of(np.stack([np.cos(turns), np.sin(turns)], axis=1), np.arange(4), np.array([1, 2, 3, 0]))
    assert (first.n_as_far, first.p_value) == (3, 1)


def test_films_of_the_own_patient_are_passed_over_and_one_who_is_alone_is_no_reference() -> None:
    turns = np.deg2rad([0, 1, 80, 20])
    films = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    found = familiarity_of(films, np.array([0, 0, 2, 1]), np.arange(4))
    assert (found.n_as_far, found.n_reference) == (3, 3)  # 20, 19 and 60 degrees; the last is 19 from the second
    both = familiarity_of(films[:3], np.array([0, 0, 0]), np.arange(3))
    assert (both.n_as_far, both.n_reference, both.p_value) == (0, 0, 1)
    assert np.isnan(both.distance)


def test_it_is_the_share_that_an_independent_search_finds(study: Study) -> None:
    for encoder in study.encoders:
        films = np.asarray(study.image_embeddings(encoder), np.float64)
        own = films[study.rows("test")[5]] + 0.3 * films[study.rows("val")[7]]
        found = familiarity(study, encoder, own.astype(np.float32))
        every = np.concatenate([films, own[None]])
        patients = np.append(study.images["patient_id"].to_numpy(str), "own")
        near = NearestNeighbors(n_neighbors=12, metric="cosine").fit(every)
        far, rows = near.kneighbors(every)
        others = patients[rows] != patients[:, None]
        assert others.any(axis=1).all()
        nearest = far[np.arange(len(every)), others.argmax(axis=1)]
        unseen = np.concatenate([study.rows("val"), study.rows("test")])
        share = np.mean(nearest[unseen] >= nearest[-1])
        assert found.distance == pytest.approx(nearest[-1], abs=1e-6)
        assert found.n_reference == 1000
        assert found.n_as_far / found.n_reference == pytest.approx(share, abs=0.02)  # 1,000 of 1,148 are drawn


def test_films_that_are_like_the_others_have_p_values_that_are_uniform_or_higher() -> None:
    """Planted: 400 times, 120 films and one more of the same distribution; and one of another."""
    rng = np.random.default_rng(5)
    like, unlike = [], []
    for _ in range(400):
        films = rng.normal(size=(121, 6)) + 4
        like.append(familiarity_of(films, np.arange(121), np.arange(121)).p_value)
        films[-1] = -films[-1]
        unlike.append(familiarity_of(films, np.arange(121), np.arange(121)).is_unlike)
    for level in (LEVEL, 0.05, 0.1, 0.25, 0.5):  # two that are each other's nearest are both as far: a little less
        spread = np.sqrt(level * (1 - level) / 400)
        assert 0.6 * level - 3 * spread <= np.mean(np.array(like) <= level) <= level + 3 * spread
    assert all(unlike)


def test_few_films_cannot_tell() -> None:
    assert not Familiarity(1.0, 0, 98).is_told
    assert not Familiarity(1.0, 0, 98).is_unlike
    assert Familiarity(1.0, 0, 99).is_told
    assert Familiarity(1.0, 0, 99).is_unlike
    assert not Familiarity(1.0, 1, 99).is_unlike


def test_a_film_of_the_study_is_like_it_and_noise_is_not(study: Study) -> None:
    row = int(study.rows("test")[0])
    rng = np.random.default_rng(3)
    for encoder in study.encoders:
        films = study.image_embeddings(encoder)
        own = familiarity(study, encoder, np.asarray(films[row]))
        assert own.p_value == 1
        noise = familiarity(study, encoder, rng.normal(size=films.shape[1]).astype(np.float32))
        assert noise.is_unlike
