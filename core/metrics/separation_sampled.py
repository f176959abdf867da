"""Class distances over pairs of films where there are too many for all pairs: disjoint random parts, with the error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.intervals import Interval
from core.metrics.neighbours import Metric
from core.metrics.separation import ClassDistances
from core.metrics.separation_conventions import class_distances

EXACT_UP_TO: Final = 20_000
"""Films up to which all pairs are compared."""
N_PARTS: Final = 16
MOST_IN_PART: Final = 5_000
_T15: Final = 2.131
"""Student's t with 15 degrees of freedom, two-sided 95 %."""


@dataclass(frozen=True)
class Sampled:
    """How a figure was estimated: over pairs within disjoint random parts of the patients.

    n_films : that were compared, in n_parts parts.  error : the standard error of inter / intra.
    """

    n_films: int
    n_parts: int
    error: float

    def interval(self, ratio: float) -> Interval:
        """The 95 % interval of inter / intra from the spread of the parts."""
        half = _T15 * self.error
        return Interval(ratio - half, ratio + half, self.n_films, is_estimable=not math.isnan(half))


def patient_parts(patients: Sequence[str], rng: np.random.Generator) -> list[IntArray]:
    """Rows of N_PARTS disjoint random parts of at most MOST_IN_PART films; all films of a patient are in one part."""
    _, of_film = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    part_of_patient = rng.permutation(int(of_film.max()) + 1) % N_PARTS
    of_part = part_of_patient[of_film]
    return [np.sort(rng.permutation(np.flatnonzero(of_part == number))[:MOST_IN_PART]) for number in range(N_PARTS)]


def sampled_distances(
    embeddings: FloatArray,
    labels: FloatArray,
    parts: Sequence[IntArray],
    convention: str,
    metric: Metric = "euclidean",
) -> tuple[ClassDistances, Sampled]:
    """The mean of the parts' figures, with what was sampled. Arguments as of `class_distances`."""
    found = [class_distances(embeddings[rows], labels[rows], convention, metric) for rows in parts]
    ratios = np.array([part.ratio for part in found])
    inter, intra = (float(np.nanmean([getattr(part, name) for part in found])) for name in ("inter", "intra"))
    whole = ClassDistances(
        inter,
        intra,
        float(np.nanmean(ratios)),
        int(sum(part.n_films for part in found)),
        np.sum([part.films_per_class for part in found], axis=0),
        _mean_of_defined(np.stack([part.intra_per_class for part in found])),
        _mean_of_defined(np.stack([part.between for part in found])),
    )
    defined = ratios[~np.isnan(ratios)]
    error = float(defined.std(ddof=1)) / math.sqrt(len(defined)) if len(defined) > 1 else math.nan
    return whole, Sampled(sum(len(rows) for rows in parts), len(parts), error)


def _mean_of_defined(values: FloatArray) -> FloatArray:
    """The mean over the first axis, NaN where no part defines it."""
    defined = ~np.isnan(values)
    number = defined.sum(axis=0)
    return np.divide(
        np.where(defined, values, 0).sum(axis=0), number, out=np.full(number.shape, np.nan), where=number > 0
    )
