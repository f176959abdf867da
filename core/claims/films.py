"""The films that thresholds are fitted on and those that they are read on, as split or with patients dealt out anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.resampling import Resamples, draw_resamples

if TYPE_CHECKING:
    from core.study import Study

DEALT: Final = "dealt-"
"""What the name of a split begins with whose patients were dealt out anew; the seed follows."""


@dataclass(frozen=True, eq=False)
class Films:
    """fitted, read : rows of the study; nothing is fitted where the first is empty.

    resamples : of the patients of those that are read. The first weights are the films as they are.
    """

    fitted: IntArray
    read: IntArray
    resamples: Resamples

    @property
    def n_rows(self) -> int:
        """Count the films as they are and their resamples."""
        return self.resamples.n + 1

    @cached_property
    def weights(self) -> npt.NDArray[np.uint8]:
        """Count (n_rows, n_patients) how often each patient stands in each row; the first row is all ones."""
        ones = np.ones((1, self.resamples.patients.n), dtype=np.uint8)
        return np.vstack([ones, self.resamples.weights])

    @cached_property
    def film_weights(self) -> npt.NDArray[np.float32]:
        """Count (n_rows, n_films) how often each film stands in each row."""
        return self._every.film_weights()

    def sums(self, values: npt.NDArray[np.generic]) -> FloatArray:
        """Compute (n_rows, m) sums of values (n_films, m) over the films of every row, exact for whole numbers."""
        return self._every.sums(values)

    def totals(self, values: npt.NDArray[np.generic]) -> FloatArray:
        """Compute the same of any numbers, in double precision."""
        return self._every.totals(values)

    @property
    def _every(self) -> Resamples:
        return Resamples(self.resamples.patients, self.weights)


def films_of_option(study: Study, option: str, n_resamples: int | None = None) -> Films:
    """Find the films of a split: "test", "val", "all", or "dealt-SEED".

    Patients of val and test (of all films, where there is no val) are dealt out anew by the seed: as many as val has
    to the fit, half where there is none. Resamples are those of the same films anywhere else.
    """
    if option.startswith(DEALT):
        fitted, read = _dealt(study, int(option.removeprefix(DEALT)))
    else:
        fitted, read = study.rows("val"), study.rows(option)
    return Films(fitted, read, draw_resamples(study.patient_numbers(read), n_resamples))


def _dealt(study: Study, seed: int) -> tuple[IntArray, IntArray]:
    n_val = len(study.rows("val"))
    pool = np.sort(np.concatenate([study.rows("val"), study.rows("test")])) if n_val else study.rows("all")
    names, of_film = np.unique(np.asarray(study.patient_ids(pool), dtype=str), return_inverse=True)
    own = len(set(study.patient_ids(study.rows("val")))) if n_val else len(names) // 2
    chosen = np.random.default_rng(seed).permutation(len(names))[:own]
    is_fitted = np.isin(of_film, chosen)
    return pool[is_fitted], pool[~is_fitted]
