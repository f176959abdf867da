"""Random multi-label tables with all that makes metrics disagree: ties, unread labels, one-class columns, one film."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Table:
    """labels (n, C) of {0, 1, NaN}, scores (n, C) float32 with ties, decisions (n, C), patients (n,)."""

    labels: np.ndarray
    scores: np.ndarray
    decisions: np.ndarray
    patients: list[str]


def random_table(seed: int, *, unread: bool = True, most_films: int = 120) -> Table:
    """One table; the seed decides its size, prevalences, ties and gaps."""
    rng = np.random.default_rng(seed)
    n_films, n_classes = int(rng.integers(1, most_films)), int(rng.integers(2, 15))
    prevalence = rng.choice([0.0, 0.02, 0.2, 0.6, 1.0], n_classes, p=[0.1, 0.3, 0.3, 0.2, 0.1])
    labels = (rng.random((n_films, n_classes)) < prevalence).astype(float)
    scores = rng.normal(size=(n_films, n_classes)) + labels
    if rng.random() < 0.7:
        scores = np.round(scores, int(rng.integers(0, 3)))
    decisions = scores > rng.normal(0.5, 0.5, n_classes)
    if unread and rng.random() < 0.7:
        labels[rng.random(labels.shape) < 0.2] = np.nan
    patients = [f"p{number}" for number in rng.integers(0, max(1, n_films // 2) + 1, n_films)]
    return Table(labels, scores.astype(np.float32), decisions, patients)


TABLES = tuple(range(60))
"""Seeds of the tables that the comparisons with scikit-learn run over."""
