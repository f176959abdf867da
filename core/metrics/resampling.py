"""Resamples of patients, drawn once and used for every figure, so that figures and settings compare in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import FloatArray
from core.metrics.patients import Patients, number_patients

N_RESAMPLES: Final = 1000
_SEED: Final = 42
_MOST_WEIGHTS: Final = 75_000_000
_EXACT_IN_SINGLE: Final = 1 << 24


@dataclass(frozen=True, eq=False)
class Resamples:
    """weights : (n_resamples, n_patients) float32, how often each resample holds each patient, with all films."""

    patients: Patients
    weights: npt.NDArray[np.float32]

    @property
    def n(self) -> int:
        """Count how many resamples there are."""
        return len(self.weights)

    def sums(self, values: npt.NDArray[np.generic]) -> FloatArray:
        """Compute (n_resamples, m) sums of whole numbers (n_films, m) over the films of each resample, exact.

        Films of one patient are added up first, so that one matrix product over patients does the rest.
        """
        by_patient = self.patients.sums(values)
        if self.patients.of_film.size * np.abs(by_patient).max(initial=0) < _EXACT_IN_SINGLE:
            return (self.weights @ by_patient.astype(np.float32)).astype(np.float64)
        return self._products(by_patient)

    def totals(self, values: npt.NDArray[np.generic]) -> FloatArray:
        """Compute (n_resamples, m) sums of any numbers (n_films, m) over the films of each resample,
        in double precision.
        """
        return self._products(self.patients.sums(values))

    def _products(self, by_patient: FloatArray) -> FloatArray:
        return np.concatenate([block @ by_patient for block in np.array_split(self.weights, 1 + self.n // 64)])

    def film_weights(self) -> npt.NDArray[np.float32]:
        """Count (n_resamples, n_films) how often each film stands in each resample."""
        return self.weights[:, self.patients.of_film]


def n_resamples_for(n_patients: int) -> int:
    """Give 1,000, or as many as 300 MB hold, never below 200."""
    return min(N_RESAMPLES, max(200, _MOST_WEIGHTS // max(n_patients, 1)))


def draw_resamples(
    patients: Sequence[str] | None,
    n_resamples: int | None = None,
    rng: np.random.Generator | None = None,
    *,
    n_films: int = 0,
) -> Resamples:
    """Draw resamples of as many patients as there are, with replacement.

    patients : (n_films,) ids; None = every one of n_films films is its own.
    n_resamples : None = `n_resamples_for` that many patients.
    rng : None = a fixed seed, so that the same films give the same resamples.

    >>> resamples = draw_resamples(["A", "A", "B"], n_resamples=4)
    >>> weights = resamples.film_weights()
    >>> weights.shape, bool((weights[:, 0] == weights[:, 1]).all())
    ((4, 3), True)
    """
    numbered = number_patients(patients, n_films if patients is None else len(patients))
    n_resamples = n_resamples or n_resamples_for(numbered.n)
    rng = rng or np.random.default_rng(_SEED)
    weights = np.empty((n_resamples, numbered.n), dtype=np.float32)
    for row in weights:
        row[:] = np.bincount(rng.integers(0, numbered.n, numbered.n), minlength=numbered.n)
    return Resamples(numbered, weights)
