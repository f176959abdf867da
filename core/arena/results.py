"""What votes come to: how strong each map is, how far readers agree, and whether measured figures say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.arena.votes import ANSWERS, Vote
from core.files import digest
from core.metrics.arrays import FloatArray, mean_of_defined, ratios
from core.metrics.bradley_terry import log_strengths, smallest_ratio
from core.metrics.intervals import percentile_interval
from core.metrics.reader_agreement import Estimate, ReaderAgreement, reader_agreement
from core.metrics.resampling import Resamples, draw_resamples
from core.saliency.localization.pairs import PAIR, MapKey, MaskFilter, pairs_of

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults
    from core.study import Study

MEASURED: Final = ("energy", "hit", "average_precision")
"""Figures of the table of maps against masks that votes are set beside."""
DRAWS: Final = 1.0
"""Comparisons with an average map that each contender has drawn besides, so that one that won all is finite."""
FEWEST_RANKED: Final = 3
"""Contenders below which nothing is said of the order of strengths."""
HOW: Final = (
    "Neither counts as half a vote for each, cannot tell as none; each map also counts one draw with an average one. "
    "Intervals are over resamples of patients, read by the same readers."
)


@dataclass(frozen=True)
class Standing:
    """One map among those that it was compared with.

    n_votes : that it was in, without those of readers who could not tell.
    won : share of them, 0..1, a half for neither.
    strength : of Bradley and Terry, 1 for an average one; twice the strength is preferred twice as often; NaN of one
        with no vote.
    ratio : the best one's strength over this one's; 1 for the best, without an interval.
    measured : by figure of `MEASURED`, on the films that were voted on; NaN where it was not computed.
    """

    of: MapKey
    n_votes: int
    won: Estimate
    strength: Estimate
    ratio: Estimate
    measured: Mapping[str, Estimate]


@dataclass(frozen=True)
class FigureAgreement:
    """A measured figure beside the votes.

    correlation : Spearman's, of strengths and means over the contenders; NaN below `FEWEST_RANKED` of them.
    followed : share of the votes for a side that went to the map with the higher figure; ties count half.
    n_votes : that it stands on.
    """

    metric: str
    correlation: Estimate
    followed: Estimate
    n_votes: int


@dataclass(frozen=True)
class Power:
    """The smallest ratio of two strengths that so many votes tell from 1 in 80 % of such studies; infinite if none.

    together : where a film's readers always say the same, so that films count once.
    apart : where readers are as independent as films.
    """

    n_films: int
    n_readers: int
    n_contenders: int
    together: float
    apart: float


@dataclass(frozen=True)
class ArenaResults:
    """The votes on maps that were compared with each other.

    standings : the strongest first.
    answers : how many votes there were of each.
    readers : how many votes each gave.
    agreement : of readers with each other, on the questions in which both named a side; None with one reader.
    """

    standings: tuple[Standing, ...]
    answers: Mapping[str, int]
    readers: Mapping[str, int]
    n_films: int
    figures: tuple[FigureAgreement, ...]
    agreement: ReaderAgreement | None
    power: Power


def arena_results(
    study: Study, votes: Sequence[Vote], table: LocalizationResults | None = None
) -> tuple[ArenaResults, ...]:
    """Compute the results of every group of maps that were compared, the one with most votes first.

    votes : those on films, classes or settings that the study does not have are left out.
    table : of maps against masks, for the measured figures; None where it was not computed.
    """
    known = [vote for vote in votes if _is_known(study, vote)]
    groups = [[vote for vote in known if vote.left in group] for group in _compared(known)]
    return tuple(_of_group(study, group, table) for group in sorted(groups, key=len, reverse=True))


def _is_known(study: Study, vote: Vote) -> bool:
    has_film = vote.image_id in set(study.image_ids) and vote.finding in study.classes
    return has_film and {vote.left.setting, vote.right.setting} <= set(study.settings)


def _compared(votes: Sequence[Vote]) -> list[set[MapKey]]:
    """Maps that were compared, with all that they were compared with, by whatever chain."""
    groups: list[set[MapKey]] = []
    for vote in votes:
        joined = set(vote.pair).union(*(group for group in groups if group & vote.pair))
        groups = [group for group in groups if not group & vote.pair] + [joined]
    return groups


def _of_group(study: Study, votes: Sequence[Vote], table: LocalizationResults | None) -> ArenaResults:
    films = tuple(dict.fromkeys(vote.image_id for vote in votes))
    contenders = tuple(dict.fromkeys(of for vote in votes for of in (vote.left, vote.right)))
    patients = study.patient_ids(np.array([study.row_of(name) for name in films]))
    resamples = draw_resamples(patients, n_films=len(films))
    wins = _wins(votes, films, contenders)
    measured = {metric: _measured(table, votes, contenders, metric) for metric in MEASURED}
    standings = _standings(wins, contenders, resamples, films, measured)
    readers = {name: sum(vote.reader == name for vote in votes) for name in sorted({vote.reader for vote in votes})}
    return ArenaResults(
        standings,
        {answer: sum(vote.answer == answer for vote in votes) for answer in ANSWERS},
        readers,
        len(films),
        tuple(
            _figure(metric, votes, contenders, films, wins, resamples, values) for metric, values in measured.items()
        ),
        _agreement(study, votes, tuple(readers)),
        _power(votes, len(films), len(readers), len(contenders)),
    )


def _wins(votes: Sequence[Vote], films: Sequence[str], contenders: Sequence[MapKey]) -> FloatArray:
    """(n_films, K, K), how often the row was preferred to the column on each film; halves for neither."""
    place, film = {of: at for at, of in enumerate(contenders)}, {name: at for at, name in enumerate(films)}
    wins = np.zeros((len(films), len(contenders), len(contenders)))
    for vote in votes:
        left, right = place[vote.left], place[vote.right]
        share = {"left": 1.0, "right": 0.0, "neither": 0.5}.get(vote.answer)
        if share is not None:
            wins[film[vote.image_id], left, right] += share
            wins[film[vote.image_id], right, left] += 1 - share
    return wins


def _resampled(wins: FloatArray, resamples: Resamples) -> FloatArray:
    """(n_resamples, K, K)."""
    k = wins.shape[-1]
    return resamples.totals(wins.reshape(len(wins), -1)).reshape(-1, k, k)


def _standings(
    wins: FloatArray,
    contenders: Sequence[MapKey],
    resamples: Resamples,
    films: Sequence[str],
    measured: Mapping[str, _Measured],
) -> tuple[Standing, ...]:
    whole, drawn = wins.sum(axis=0), _resampled(wins, resamples)
    played = whole.sum(axis=0) + whole.sum(axis=1)
    logs = np.where(played > 0, log_strengths(whole, draws=DRAWS), np.nan)
    drawn_logs = log_strengths(drawn, draws=DRAWS) + np.where(played > 0, 0, np.nan)
    best, n = int(np.argmax(np.nan_to_num(logs, nan=-np.inf))), len(films)
    means = {metric: values.means(films, resamples) for metric, values in measured.items()}
    standings = []
    for at in np.argsort(-logs, kind="stable"):
        shares = ratios(drawn[:, at].sum(axis=1), drawn[:, at].sum(axis=1) + drawn[:, :, at].sum(axis=1))
        standings.append(
            Standing(
                contenders[at],
                round(played[at]),
                Estimate(float(ratios(whole[at].sum(), played[at])), percentile_interval(shares, n)),
                _exp(logs[at], drawn_logs[:, at], n),
                _exp(logs[best] - logs[at], drawn_logs[:, best] - drawn_logs[:, at], n),
                {
                    metric: Estimate(float(one[0][at]), percentile_interval(one[1][:, at], n))
                    for metric, one in means.items()
                },
            )
        )
    return tuple(standings)


def _exp(log: float, drawn: FloatArray, n: int) -> Estimate:
    return Estimate(float(np.exp(log)), percentile_interval(np.exp(drawn), n))


@dataclass(frozen=True)
class _Measured:
    """A figure by film, finding and contender: (image_id, finding) -> (K,), NaN where it was not computed."""

    by_case: Mapping[tuple[str, str], FloatArray]
    n_contenders: int

    def of(self, vote: Vote) -> FloatArray:
        """(K,) of a vote's case."""
        return self.by_case.get((vote.image_id, vote.finding), np.full(self.n_contenders, np.nan))

    def means(self, films: Sequence[str], resamples: Resamples) -> tuple[FloatArray, FloatArray]:
        """(K,) over the films, a film's cases first averaged, and (n_resamples, K)."""
        by_film: dict[str, list[FloatArray]] = {name: [] for name in films}
        for (image_id, _), values in self.by_case.items():
            by_film[image_id].append(values)
        nothing = [np.full(self.n_contenders, np.nan)]
        values = np.stack([mean_of_defined(np.stack(by_film[name] or nothing), axis=0) for name in films])
        known = ~np.isnan(values)
        sums = np.concatenate([np.where(known, values, 0.0), known], axis=1)
        drawn = resamples.totals(sums)
        return mean_of_defined(values, axis=0), ratios(drawn[:, : values.shape[1]], drawn[:, values.shape[1] :])


def _measured(
    table: LocalizationResults | None, votes: Sequence[Vote], contenders: Sequence[MapKey], metric: str
) -> _Measured:
    cases = {(vote.image_id, vote.finding) for vote in votes}
    found = {case: np.full(len(contenders), np.nan) for case in sorted(cases)}
    for at, of in enumerate(contenders if table is not None else ()):
        assert table is not None
        pairs = pairs_of(table, of, MaskFilter("all"), metric)
        for image_id, finding, value in pairs[[*PAIR, "value"]].itertuples(index=False):
            if (image_id, finding) in cases:
                found[image_id, finding][at] = value
    return _Measured(found, len(contenders))


def _figure(
    metric: str,
    votes: Sequence[Vote],
    contenders: Sequence[MapKey],
    films: Sequence[str],
    wins: FloatArray,
    resamples: Resamples,
    measured: _Measured,
) -> FigureAgreement:
    place, film = {of: at for at, of in enumerate(contenders)}, {name: at for at, name in enumerate(films)}
    counted = np.zeros((len(films), 2))
    for vote in votes:
        if vote.preferred is None:
            continue
        values = measured.of(vote)
        (other,) = vote.pair - {vote.preferred}
        more = values[place[vote.preferred]] - values[place[other]]
        if not np.isnan(more):
            counted[film[vote.image_id]] += (0.5 * (1 + np.sign(more)), 1)
    followed, drawn = counted.sum(axis=0), resamples.totals(counted)
    means, drawn_means = measured.means(films, resamples)
    logs = log_strengths(wins.sum(axis=0), draws=DRAWS)
    drawn_logs = log_strengths(_resampled(wins, resamples), draws=DRAWS)
    return FigureAgreement(
        metric,
        Estimate(
            float(_spearman(logs[None], means[None])[0]),
            percentile_interval(_spearman(drawn_logs, drawn_means), len(films)),
        ),
        Estimate(
            float(ratios(followed[0], followed[1])),
            percentile_interval(ratios(drawn[:, 0], drawn[:, 1]), int((counted[:, 1] > 0).sum())),
        ),
        int(followed[1]),
    )


def _spearman(first: FloatArray, second: FloatArray) -> FloatArray:
    """(n,) the correlation of ranks of (n, K), ties sharing a rank; NaN where a value is, or all ranks are the same."""
    if first.shape[1] < FEWEST_RANKED:
        return np.full(len(first), np.nan)
    one, other = (_ranks(values) for values in (first, second))
    one, other = one - one.mean(axis=1, keepdims=True), other - other.mean(axis=1, keepdims=True)
    lengths = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    found = ratios((one * other).sum(axis=1), lengths)
    return np.where(np.isnan(first + second).any(axis=1), np.nan, found)


def _ranks(values: FloatArray) -> FloatArray:
    """(n, K), 1 for the lowest of a row."""
    below = (values[:, None, :] < values[:, :, None]).sum(axis=2)
    same = (values[:, None, :] == values[:, :, None]).sum(axis=2)
    return np.asarray(below + (same + 1) / 2)


def _agreement(study: Study, votes: Sequence[Vote], readers: Sequence[str]) -> ReaderAgreement | None:
    """Which of two maps readers named: 1 for one of them, by lot for each question, so that no side is usual."""
    if len(readers) < 2:
        return None
    asked = sorted({vote.question[1:] for vote in votes}, key=lambda one: (one[0], one[1], sorted(map(str, one[2]))))
    place = {question: at for at, question in enumerate(asked)}
    said = {name: np.full(len(asked), np.nan) for name in readers}
    for vote in votes:
        if vote.preferred is not None:
            said[vote.reader][place[vote.question[1:]]] = float(vote.preferred == _first_by_lot(vote))
    rows = np.array([study.row_of(image_id) for image_id, _, _ in asked])
    return reader_agreement("the arena", said, {}, draw_resamples(study.patient_numbers(rows), n_films=len(rows)))


def _first_by_lot(vote: Vote) -> MapKey:
    ordered = sorted(vote.pair, key=lambda of: digest([vote.image_id, vote.finding, vars(of)]))
    return ordered[0]


def _power(votes: Sequence[Vote], n_films: int, n_readers: int, n_contenders: int) -> Power:
    n_pairs = n_contenders * (n_contenders - 1) / 2
    counted = [vote for vote in votes if vote.answer != "unsure"]
    cases = {vote.question[1:] for vote in counted}
    return Power(
        n_films,
        n_readers,
        n_contenders,
        smallest_ratio(len(cases) / n_pairs, n_contenders),
        smallest_ratio(len(counted) / n_pairs, n_contenders),
    )


def planned_power(n_films: int, n_readers: int, n_contenders: int) -> Power:
    """Say what one full tournament would tell, before anyone votes: every pair on every film, by every reader."""
    return Power(
        n_films,
        n_readers,
        n_contenders,
        smallest_ratio(n_films, n_contenders),
        smallest_ratio(n_films * n_readers, n_contenders),
    )
