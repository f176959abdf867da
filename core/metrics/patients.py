"""Films of one patient count together: numbering patients, and sums over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import FloatArray, IntArray

Ids = Sequence[str] | IntArray
"""Of the patient of each film: text, or numbers from 0 in the order of the ids as text, as a study gives them."""


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
        columns = np.asarray(values).reshape(self.of_film.size, -1).T
        summed = np.empty((len(columns), self.n))
        for own, column in zip(summed, columns, strict=True):  # one by one: all in double precision would be 8 times
            if self.are_films:
                own[self.of_film] = column
            else:
                own[:] = np.bincount(self.of_film, column, self.n)
        return summed.T.reshape(self.n, *np.shape(values)[1:])


def number_patients(patients: Ids | None, n_films: int) -> Patients:
    """Number patients by their ids (n_films,); None = every film is its own.

    >>> patients = number_patients(["B", "A", "B"], 3)
    >>> patients.n, patients.are_films
    (2, False)
    >>> number_patients(np.array([7, 2, 7]), 3).of_film.tolist()
    [1, 0, 1]
    """
    if patients is None:
        return Patients(np.arange(n_films), n_films)
    if len(patients) != n_films:
        raise ValueError(f"{len(patients)} patients for {n_films} films.")
    if isinstance(patients, np.ndarray) and patients.dtype.kind == "i":
        there = np.bincount(patients) > 0
        return Patients((np.cumsum(there) - 1)[patients], int(np.count_nonzero(there)))
    ids, of_film = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    return Patients(of_film, int(ids.size))
