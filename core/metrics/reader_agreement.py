"""How far several readers agree on a class, and a model as one reader more.

Kappa between readers is the mean of Cohen's kappa over all pairs where every reader read the same films (Light, 1971),
and Fleiss' kappa, for a varying number of readers a film, where they did not.
Each reader, and the model, is set against the majority of the other readers: the readers' figures are the ceiling that
a model can be asked to reach, and the model's are counted against the very same majorities.
Sources: Cohen 1960; Fleiss, Psychological Bulletin 76, 1971; Light, Psychological Bulletin 76, 1971.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from core.metrics.arrays import FloatArray, checked_labels, mean_of_defined, ratios
from core.metrics.intervals import Interval, percentile_interval
from core.metrics.resampling import Resamples

Kind = Literal["cohen", "fleiss"]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval over resamples of patients; NaN where it is undefined."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Rater:
    """A reader, or a setting of the model, beside the other readers.

    n_films : that it and another read.
    agreement : share of the pairs of its word and another's that are the same. kappa : the same beyond chance (Cohen's,
        of all such pairs). sensitivity, specificity, f1 : against the majority of the others; a tie is none.
    """

    name: str
    n_films: int
    agreement: Estimate
    kappa: Estimate
    sensitivity: Estimate
    specificity: Estimate
    f1: Estimate

    @property
    def figures(self) -> dict[str, Estimate]:
        """Give the figures by name, in order."""
        return {
            "agreement": self.agreement,
            "kappa": self.kappa,
            "sensitivity": self.sensitivity,
            "specificity": self.specificity,
            "f1": self.f1,
        }


@dataclass(frozen=True)
class ReaderAgreement:
    """One class.

    n_films : read by two or more. n_positive : of these, those that a reader called positive.
    kind : which kappa it is.
    agreement : share of the pairs of readers of a film that say the same, averaged over films.
    readers : each against the others; ceiling : all of them together; settings : the model's, against the same.
    """

    finding: str
    n_films: int
    n_positive: int
    kind: Kind
    agreement: Estimate
    kappa: Estimate
    readers: tuple[Rater, ...]
    ceiling: Rater
    settings: tuple[Rater, ...]


def reader_agreement(
    finding: str, votes: Mapping[str, FloatArray], decisions: Mapping[str, FloatArray], resamples: Resamples
) -> ReaderAgreement:
    """Compare the readers of one class, and settings with them.

    votes : by reader, (n_films,) of {0, 1, NaN}; NaN where they did not look. decisions : by setting,
    (n_films,) of {0, 1, NaN}; NaN where it decides nothing.
    resamples : of the films' patients.
    Raises ValueError for fewer than two readers.
    """
    said = np.stack([checked_labels(labels) for labels in votes.values()])
    if len(said) < 2:
        raise ValueError("Agreement is between two readers or more.")
    ones, looked = (said == 1).sum(axis=0), (~np.isnan(said)).sum(axis=0)
    shared = looked >= 2
    kind: Kind = "cohen" if np.isin(looked, (0, len(said))).all() else "fleiss"
    n_positive = int((shared & (ones > 0)).sum())
    estimated = _Estimates(resamples)
    fleiss = _fleiss_columns(ones, looked)
    kappa = (_mean_cohen, _pair_columns(said)) if kind == "cohen" else (_fleiss, fleiss)
    columns = [_against_others(said, place) for place in range(len(said))]
    everyone = np.sum(columns, axis=0)
    return ReaderAgreement(
        finding=finding,
        n_films=int(shared.sum()),
        n_positive=n_positive,
        kind=kind,
        agreement=estimated.of(lambda sums: ratios(sums[:, 1], sums[:, 0]), fleiss, int(shared.sum())),
        kappa=estimated.of(*kappa, n_positive),
        readers=tuple(estimated.rater(name, counted) for name, counted in zip(votes, columns, strict=True)),
        ceiling=estimated.rater("All readers", everyone),
        settings=tuple(
            estimated.rater(name, np.sum([_beside(said, place, decided) for place in range(len(said))], axis=0))
            for name, decided in decisions.items()
        ),
    )


def fleiss_kappa(ones: FloatArray, looked: FloatArray) -> float:
    """Compute Fleiss' kappa of two categories; films that fewer than two looked at are left out.

    ones, looked : (n_films,) how many readers said 1, and how many said anything. NaN where all said the same of all.

    >>> round(fleiss_kappa(np.array([3, 0, 1]), np.array([3, 3, 3])), 3)
    0.55
    """
    return float(_fleiss(_fleiss_columns(ones, looked).sum(axis=0, keepdims=True))[0])


def estimate(figure: Callable[[FloatArray], FloatArray], columns: FloatArray, n: int, resamples: Resamples) -> Estimate:
    """Compute a figure of sums over films, with its interval over resamples of their patients.

    figure : of (m, k) sums gives (m,), NaN where undefined. columns : (n_films, k) what is summed.
    n : what the figure stands on.
    """
    value = float(figure(columns.sum(axis=0, keepdims=True))[0])
    return Estimate(value, percentile_interval(figure(resamples.totals(columns)), n))


@dataclass(frozen=True)
class _Estimates:
    resamples: Resamples

    def of(self, figure: Callable[[FloatArray], FloatArray], columns: FloatArray, n: int) -> Estimate:
        return estimate(figure, columns, n, self.resamples)

    def rater(self, name: str, columns: FloatArray) -> Rater:
        """Of the columns of `_against`; resampled once for all figures."""
        whole, drawn = columns.sum(axis=0, keepdims=True), self.resamples.totals(columns)
        counts = {"positive": int((columns[:, 4] + columns[:, 6] > 0).sum())}
        counts |= {"negative": int((columns[:, 5] + columns[:, 7] > 0).sum()), "all": int((columns[:, 0] > 0).sum())}
        made = {
            figure: Estimate(float(compute(whole)[0]), percentile_interval(compute(drawn), counts[basis]))
            for figure, (compute, basis) in _FIGURES.items()
        }
        return Rater(name, counts["all"], **made)


def _against_others(said: FloatArray, place: int) -> FloatArray:
    """The columns of `_against` for one reader."""
    return _against(said[place], np.delete(said, place, axis=0))


def _beside(said: FloatArray, place: int, decided: FloatArray) -> FloatArray:
    """Those of a setting in the place of one reader: on the films that this reader read, against the same others."""
    return _against(np.where(np.isnan(said[place]), np.nan, decided), np.delete(said, place, axis=0))


def _against(own: FloatArray, others: FloatArray) -> FloatArray:
    """(n_films, 8): pairs with others, those that agree, own and others' positives in pairs; tp, fp, fn, tn."""
    ones, zeros = (others == 1).sum(axis=0), (others == 0).sum(axis=0)
    read, positive = ~np.isnan(own), own == 1
    pairs = np.where(read, ones + zeros, 0)
    agree = np.where(positive, ones, zeros) * read
    there, absent = read & (ones > zeros), read & (zeros > ones)
    cells = (there & positive, absent & positive, there & ~positive, absent & ~positive)
    return np.column_stack([pairs, agree, pairs * positive, ones * read, *cells]).astype(np.float64)


def _pooled_kappa(sums: FloatArray) -> FloatArray:
    pairs, agree, own, others = sums[:, :4].T
    return _beyond_chance(ratios(agree, pairs), ratios(own, pairs), ratios(others, pairs))


def _beyond_chance(observed: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    expected = one * other + (1 - one) * (1 - other)
    return ratios(observed - expected, 1 - expected, above=1e-12)


_FIGURES: Mapping[str, tuple[Callable[[FloatArray], FloatArray], str]] = {
    "agreement": (lambda sums: ratios(sums[:, 1], sums[:, 0]), "all"),
    "kappa": (_pooled_kappa, "positive"),
    "sensitivity": (lambda sums: ratios(sums[:, 4], sums[:, 4] + sums[:, 6]), "positive"),
    "specificity": (lambda sums: ratios(sums[:, 7], sums[:, 7] + sums[:, 5]), "negative"),
    "f1": (lambda sums: ratios(2 * sums[:, 4], 2 * sums[:, 4] + sums[:, 5] + sums[:, 6]), "positive"),
}
"""Of sums of the columns of `_against`, with what each stands on."""


def _fleiss_columns(ones: FloatArray, looked: FloatArray) -> FloatArray:
    """(n_films, 4): films that two looked at, their agreement, words, and positive words."""
    shared = looked >= 2
    zeros = looked - ones
    agreement = ratios(ones * (ones - 1) + zeros * (zeros - 1), np.where(shared, looked * (looked - 1), 0))
    return np.column_stack([shared, np.nan_to_num(agreement), looked * shared, ones * shared]).astype(np.float64)


def _fleiss(sums: FloatArray) -> FloatArray:
    films, agreement, words, ones = sums.T
    share = ratios(ones, words)
    return _beyond_chance(ratios(agreement, films), share, share)


def _pair_columns(said: FloatArray) -> FloatArray:
    """(n_films, 4 a pair): both read, both say the same, the first's positives, the second's."""
    columns = []
    for one, other in combinations(said, 2):
        both = ~(np.isnan(one) | np.isnan(other))
        columns += [both, both & (one == other), both & (one == 1), both & (other == 1)]
    return np.column_stack(columns).astype(np.float64)


def _mean_cohen(sums: FloatArray) -> FloatArray:
    pairs = sums.reshape(len(sums), -1, 4)
    kappas = [_pooled_kappa(pairs[:, place]) for place in range(pairs.shape[1])]
    return mean_of_defined(np.stack(kappas, axis=1), axis=1)
