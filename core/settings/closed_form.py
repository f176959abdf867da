"""Classifiers with a closed form, from sums over films: SS-Text's prototypes."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.models.arrays import FloatArray

LEAST_WEIGHT: Final = 1e-3
"""Of the text in SS-Text, which the published code keeps however many films there are."""


def ss_text_prototypes(
    sums: FloatArray, counts: FloatArray, n_films: float, texts: FloatArray, scale: float, *, by_class: bool = True
) -> FloatArray:
    """Compute SS-Text's prototypes (..., K, d) of K classes that exclude each other.

    sums : (..., K, d), of the unit embeddings of a class's films. counts : (..., K) of these films.
    n_films : of all classes together. texts : (..., K, d) of length 1. scale : CLIP's, the inverse temperature.
    by_class : SS-Text+, for imbalanced sets: the text's weight is 1 / counts, and prototypes are pushed away from their
        mean by 1. Otherwise it is 1 / n_films for all.
    Without films they are the texts. Source: Silva-Rodríguez et al., arXiv 2506.17500 (and 2506.06076).
    """
    if not n_films:
        return np.asarray(texts, np.float64)
    with np.errstate(divide="ignore"):
        weights = 1 / np.asarray(counts, np.float64) if by_class else np.full(np.shape(counts), 1 / n_films)
    weights = np.maximum(weights, LEAST_WEIGHT)
    means: FloatArray = np.asarray(sums, np.float64) * scale / (n_films * weights[..., None]) + texts
    if by_class:
        away = 2 * means - means.mean(axis=-2, keepdims=True)
        means = means - away / np.linalg.norm(away, axis=-1, keepdims=True)
    return means


def ss_text_directions(
    positive: tuple[FloatArray, FloatArray],
    negative: tuple[FloatArray, FloatArray],
    present: FloatArray,
    absent: FloatArray,
    scale: float,
) -> FloatArray:
    """Compute (C, d): a unit film's dot product with row c says how much nearer it is to present than to absent.

    Each class is a choice of its own between two that exclude each other, present and absent, so that a film may have
    several findings. Without labelled films row c is the zero-shot direction.
    positive, negative : sums (C, d) of unit embeddings and counts (C,) of a class's films.
    present, absent : (C, d) texts of length 1.
    """
    rows = []
    for column in range(len(present)):
        sums = np.stack([positive[0][column], negative[0][column]])
        counts = np.array([positive[1][column], negative[1][column]], np.float64)
        texts = np.stack([present[column], absent[column]])
        pair = ss_text_prototypes(sums, counts, float(counts.sum()), texts, scale)
        unit = pair / np.linalg.norm(pair, axis=1, keepdims=True)
        rows.append(unit[0] - unit[1])
    return np.stack(rows)


def class_sums(films: FloatArray, labels: FloatArray, value: int) -> tuple[FloatArray, FloatArray]:
    """Sum films (n, d) by class over those labelled `value`: sums (C, d) and counts (C,). labels : (n, C)."""
    chosen = (np.asarray(labels) == value).astype(np.float64)
    return chosen.T @ films, chosen.sum(axis=0)
