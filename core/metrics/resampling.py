"""Resamples of patients, drawn once and used for every figure, so that figures and settings compare in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import FloatArray
from core.metrics.patients import Ids, Patients, number_patients

N_RESAMPLES: Final = 1000
_SEED: Final = 42
_MOST_WEIGHTS: Final = 150_000_000
_EXACT_IN_SINGLE: Final = 1 << 24
_MOST_AT_ONCE: Final = 16_000_000
"""Weights that are laid out as numbers with a point at a time."""


@dataclass(frozen=True, eq=False)
class Resamples:
    """weights : (n_resamples, n_patients) uint8, how often each resample holds each patient, with all films.

    That is 1 in the mean; that it is 256 has a chance of less than 1 in 10**500.
    """

    patients: Patients
    weights: npt.NDArray[np.uint8]

    @property
    def n(self) -> int:
        """Count how many resamples there are."""
        return len(self.weights)

    def sums(self, values: npt.NDArray[np.generic]) -> FloatArray:
        """Compute (n_resamples, m) sums of whole numbers (n_films, m) over the films of each resample, exact.

        Films of one patient are added up first, so that one matrix product over patients does the rest.
        """
        by_patient = self.patients.sums(values)
        if self.patients.n * np.abs(by_patient).max(initial=0) < _EXACT_IN_SINGLE:
            return self.of_patients(by_patient.astype(np.float32))
        return self.of_patients(by_patient)

    def totals(self, values: npt.NDArray[np.generic]) -> FloatArray:
        """Compute (n_resamples, m) sums of any numbers (n_films, m) over the films of each resample,
        in double precision.
        """
        return self.of_patients(self.patients.sums(values))

    def of_patients(self, by_patient: FloatArray) -> FloatArray:
        """Compute (n_resamples, m) sums of what each patient (n_patients, m) adds, in the precision that it has."""
        values = np.ascontiguousarray(by_patient)  # columns one after another would take twice as long
        found = np.empty((self.n, values.shape[1]))
        step = max(1, _MOST_AT_ONCE // max(self.patients.n, 1))
        for first in range(0, self.n, step):
            found[first : first + step] = self.weights[first : first + step].astype(values.dtype) @ values
        return found

    def film_weights(self) -> npt.NDArray[np.float32]:
        """Count (n_resamples, n_films) how often each film stands in each resample, float32."""
        return self.weights[:, self.patients.of_film].astype(np.float32)


def n_resamples_for(n_patients: int) -> int:
    """Give 1,000, or as many as 150 MB hold, never below 200."""
    return min(N_RESAMPLES, max(200, _MOST_WEIGHTS // max(n_patients, 1)))


def draw_resamples(
    patients: Ids | None,
    n_resamples: int | None = None,
    rng: np.random.Generator | None = None,
    *,
    n_films: int = 0,
) -> Resamples:
    """Draw resamples of as many patients as there are, with replacement.

    patients : (n_films,); None = every one of n_films films is its own.
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
    weights = np.empty((n_resamples, numbered.n), dtype=np.uint8)
    for row in weights:
        row[:] = np.bincount(rng.integers(0, numbered.n, numbered.n), minlength=numbered.n)
    return Resamples(numbered, weights)
