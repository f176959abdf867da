"""SS-Text, LP++ and Tip-Adapter on labels that exclude each other: what the code published with each gives.

The expectations were computed by that code on the films drawn here, outside of the project.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from core.settings.closed_form import class_sums, ss_text_directions, ss_text_prototypes
from core.settings.lp_plus_plus_training import TextProbe, train_text_probe
from core.settings.tip_adapter import cache_logits, cache_values

rng = np.random.default_rng(7)
FILMS = rng.normal(size=(12, 4))
FILMS /= np.linalg.norm(FILMS, axis=1, keepdims=True)
TEXTS = rng.normal(size=(3, 4))
TEXTS /= np.linalg.norm(TEXTS, axis=1, keepdims=True)
ONE_HOT = np.eye(3)[[0] * 7 + [1] * 3 + [2] * 2]
SCALE = 14.2857

PUBLISHED = {
    False: [
        [-27.61494, -28.26066, -28.50597, 3.13763],
        [-8.37852, 7.21203, -13.39131, -11.26333],
        [9.92764, -8.76623, -7.85355, 1.25281],
    ],
    True: [
        [-15.63611, -15.56972, -15.94145, 1.55772],
        [-2.17315, 1.37077, -3.48987, -1.85336],
        [0.80849, -1.39155, -1.13694, -0.11871],
    ],
}


@pytest.mark.parametrize("by_class", [False, True])
def test_prototypes_are_the_published_ones(by_class: bool) -> None:
    sums, counts = class_sums(FILMS, ONE_HOT, 1)
    found = ss_text_prototypes(sums, counts, len(FILMS), TEXTS, SCALE, by_class=by_class)
    np.testing.assert_allclose(found, PUBLISHED[by_class], atol=2e-5)


def test_prototypes_minimise_what_they_are_said_to() -> None:
    """The objective by a general minimiser: agreement with a class's films, and nearness to its text."""
    sums, counts = class_sums(FILMS, ONE_HOT, 1)
    found = ss_text_prototypes(sums, counts, len(FILMS), TEXTS, SCALE, by_class=False)

    def objective(flat: np.ndarray) -> float:
        prototypes = flat.reshape(3, 4)
        agreement = (ONE_HOT * (FILMS @ prototypes.T)).sum() * SCALE / len(FILMS)
        return float(((prototypes - TEXTS) ** 2).sum() / (2 * len(FILMS)) - agreement)

    direct = minimize(objective, np.zeros(12), method="BFGS", options={"gtol": 1e-9}).x.reshape(3, 4)
    np.testing.assert_allclose(found, direct, atol=1e-4)


def test_without_films_a_class_is_judged_by_its_texts_alone() -> None:
    nothing = (np.zeros((2, 4)), np.zeros(2))
    found = ss_text_directions(nothing, nothing, TEXTS[:2], TEXTS[1:], SCALE)
    np.testing.assert_allclose(found, TEXTS[:2] - TEXTS[1:], atol=1e-12)


def test_each_class_of_many_labels_is_a_choice_between_two_that_exclude_each_other() -> None:
    """What nobody labelled counts on neither side, and one class's films are nothing to another."""
    labels = np.column_stack([ONE_HOT[:, 0], [1, 0, np.nan] * 4])
    sums = [class_sums(FILMS, labels, value) for value in (1, 0)]
    both = ss_text_directions(sums[0], sums[1], TEXTS[:2], TEXTS[1:], SCALE)
    for column in range(2):
        read = np.isfinite(labels[:, column])
        pair = np.column_stack([labels[read, column] == 1, labels[read, column] == 0]).astype(float)
        alone = ss_text_prototypes(
            pair.T @ FILMS[read], pair.sum(axis=0), read.sum(), TEXTS[[column, column + 1]], SCALE
        )
        unit = alone / np.linalg.norm(alone, axis=1, keepdims=True)
        np.testing.assert_allclose(both[column], unit[0] - unit[1], atol=1e-12)


def test_the_text_probe_goes_where_the_published_one_goes() -> None:
    def softmax_residual(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        return chances / chances.sum(axis=1, keepdims=True) - labels

    start = TextProbe(ONE_HOT.T @ FILMS, np.zeros(3), np.full(3, 3.0))
    told = list[int]()
    found = train_text_probe(
        start, FILMS, ONE_HOT, TEXTS, softmax_residual, 25, lambda step, _, norm: told.append(step)
    )
    weight = [
        [-9.6838, -4.2182, -0.1266, -1.3687],
        [-10.7708, -0.2859, 3.9145, -5.9],
        [18.6447, 2.2908, -7.3354, 6.796],
    ]
    np.testing.assert_allclose(found.weight, weight, atol=2e-3)
    np.testing.assert_allclose(found.bias, [2.5144, 2.4962, -5.0106], atol=1e-3)
    np.testing.assert_allclose(found.alpha, [3.1073, 2.8917, 2.7963], atol=1e-3)
    assert told == list(range(25))


def test_the_cache_says_what_the_published_one_says() -> None:
    logits = 100 * FILMS[:4] @ TEXTS.T + cache_logits(FILMS[:4], FILMS, ONE_HOT, 5.5)
    published = [
        [59.8136, -42.6605, 24.1063],
        [-72.2974, 18.8184, -48.6052],
        [-37.2845, -26.4553, 4.8074],
        [-92.4027, -4.5184, -56.4973],
    ]
    np.testing.assert_allclose(logits, published, atol=2e-3)


def test_both_sides_of_a_class_count_alike_in_the_cache_and_the_unlabelled_not_at_all() -> None:
    labels = np.array([[1.0, np.nan], [1, 1], [0, np.nan], [0, 1], [0, np.nan], [np.nan, np.nan]])
    values = cache_values(labels)
    np.testing.assert_allclose(values[:, 0], [0.5, 0.5, -1 / 3, -1 / 3, -1 / 3, 0])
    np.testing.assert_allclose(values[:, 1], [0, 0.5, 0, 0.5, 0, 0])
