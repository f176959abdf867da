"""Films of known separation: every class lies `gap` standard deviations along a direction of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Planted:
    """embeddings (n, d), labels (n, C) of {0, 1}, patients (n,)."""

    embeddings: np.ndarray
    labels: np.ndarray
    patients: list[str]


def planted(rng: np.random.Generator, gap: float, *, n: int = 60, n_classes: int = 3, per_patient: int = 1) -> Planted:
    """Classes of about a third each, some films of two or none; films of a patient are alike in labels and looks."""
    n_patients = n // per_patient
    labels = (rng.random((n_patients, n_classes)) < 0.35).astype(float)
    own = rng.normal(size=(n_patients, 5)) if per_patient > 1 else np.zeros((n_patients, 5))
    labels, own = (np.repeat(values, per_patient, axis=0) for values in (labels, own))
    embeddings = rng.normal(size=(len(labels), 5)) + own + 1.0
    embeddings[:, :n_classes] += gap * labels
    patients = [f"p{row // per_patient}" for row in range(len(labels))]
    return Planted(embeddings.astype(np.float32), labels, patients)
