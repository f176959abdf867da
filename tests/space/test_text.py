"""The modality gap and similarities, against the plain definition."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.errors import StudyError
from core.space.text import can_compare, cosine_to, gap_between, modality_gap, stored_similarities
from core.study import Study, open_study
from tests.golden.make_study_v1 import STUDY


@pytest.fixture(scope="module")
def golden() -> Study:
    return open_study(STUDY)


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_the_gap_equals_the_plain_loop() -> None:
    rng = np.random.default_rng(0)
    films, prompts = rng.normal(1, 1, (30, 6)), 3 * rng.normal(-1, 1, (8, 6))
    got = gap_between(films, prompts)
    assert got.film_film == pytest.approx(
        np.mean([cosine(a, b) for a, b in itertools.combinations(films, 2)]), abs=1e-6
    )
    assert got.prompt_prompt == pytest.approx(
        np.mean([cosine(a, b) for a, b in itertools.combinations(prompts, 2)]), abs=1e-6
    )
    assert got.film_prompt == pytest.approx(np.mean([cosine(a, b) for a in films for b in prompts]), abs=1e-6)
    means = [(rows / np.linalg.norm(rows, axis=1, keepdims=True)).mean(axis=0) for rows in (films, prompts)]
    assert got.gap == pytest.approx(np.linalg.norm(means[0] - means[1]), abs=1e-6)
    assert got.centre_cosine == pytest.approx(cosine(*means), abs=1e-6)
    assert "apart" in got.sentence


def test_one_cloud_has_no_gap() -> None:
    rows = np.random.default_rng(1).normal(size=(400, 5))
    got = gap_between(rows[:200], rows[200:])
    assert got.gap < 0.2
    assert abs(got.film_prompt - got.film_film) < 0.02


def test_shared_region_is_said() -> None:
    rows = np.random.default_rng(2).normal(size=(40, 5)) * 0.1
    assert "share one region" in gap_between(rows + 1, np.random.default_rng(3).normal(size=(40, 5)) + 1).sentence


def test_too_few_to_speak_of_a_gap() -> None:
    assert "too few" in gap_between(np.ones((1, 3)), np.ones((2, 3))).sentence


def test_a_study_s_gap_counts_its_films_and_prompts(golden: Study) -> None:
    got = modality_gap(golden)
    assert (got.n_films, got.n_prompts) == (len(golden.image_ids), len(golden.manifest.prompts))
    assert can_compare(golden)
    assert not can_compare(golden, "fine_tuned")


def test_similarities_are_cosines(golden: Study) -> None:
    films, texts = np.asarray(golden.image_embeddings("frozen")), np.asarray(golden.text_embeddings("frozen"))
    got = stored_similarities(golden, 3)
    assert got.tolist() == pytest.approx([cosine(film, texts[3]) for film in films], abs=1e-6)
    np.testing.assert_allclose(cosine_to(films, 7 * texts[3]), got, atol=1e-6)
    with pytest.raises(StudyError, match="99"):
        stored_similarities(golden, 99)
