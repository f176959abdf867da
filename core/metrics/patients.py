"""Films of one patient count together: numbering patients, and sums over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Patients:
    """Which patient each film is of.

    of_film : (n_films,) number of the patient, 0..n - 1, in the order of their sorted ids.
    """

    of_film: IntArray
    n: int

    @property
    def are_films(self) -> bool:
        """Tell whether every film is its own patient, so that films are independent."""
        return self.n == self.of_film.size

    def sums(self, values: npt.NDArray[np.generic]) -> FloatArray:
        """Sum over each patient's films: (n_films,) to (n,), or (n_films, m) to (n, m), float64."""
        columns = np.asarray(values, dtype=np.float64).reshape(self.of_film.size, -1)
        if self.are_films:
            summed = np.empty_like(columns)
            summed[self.of_film] = columns
        else:
            summed = np.column_stack([np.bincount(self.of_film, column, self.n) for column in columns.T])
        return summed.reshape(self.n, *np.shape(values)[1:])


def number_patients(patients: Sequence[str] | None, n_films: int) -> Patients:
    """Number patients by their ids (n_films,); None = every film is its own.

    >>> patients = number_patients(["B", "A", "B"], 3)
    >>> patients.n, patients.are_films
    (2, False)
    """
    if patients is None:
        return Patients(np.arange(n_films), n_films)
    ids, of_film = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    if of_film.size != n_films:
        raise ValueError(f"{of_film.size} patients for {n_films} films.")
    return Patients(of_film, int(ids.size))
