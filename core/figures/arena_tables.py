"""Tables and sentences of the arena: which maps readers trust, and what so many votes can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from core.arena.questions import contender_words
from core.arena.results import HOW, ArenaResults, Power, Standing
from core.metrics.reader_agreement import Estimate
from core.report.readers import KAPPA_WORDS
from core.saliency.localization.metrics import metric_named
from core.saliency.localization.pairs import MapKey
from core.settings.titles import setting_title
from core.words import UNDEFINED, count_words, figure_words, number_words, share_words

_FEW: Final = 2
"""Digits of a ratio of strengths."""


def title_of(of: MapKey) -> str:
    """Name a map that competes."""
    return contender_words(of, setting_title(of.setting))


def standings_table(results: ArenaResults) -> pd.DataFrame:
    """Tabulate the maps as text, the strongest first: votes, strength, and what was measured on the same films."""
    rows = [_standing(one) for one in results.standings]
    table = pd.DataFrame(rows, index=pd.Index([title_of(one.of) for one in results.standings], name="Map"))
    return table.loc[:, (table != UNDEFINED).any()]


def figures_table(results: ArenaResults) -> pd.DataFrame:
    """Tabulate as text how far each measured figure says what the votes say; empty where none was computed."""
    rows = {
        metric_named(one.metric).title: {
            "Rank correlation with strength": figure_words(one.correlation.value, one.correlation.interval),
            "Votes for the higher figure": _share(one.followed),
            "Votes": count_words(one.n_votes),
        }
        for one in results.figures
        if one.n_votes
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Figure")


def arena_sentences(results: ArenaResults) -> tuple[str, ...]:
    """Say who voted, whether one map is trusted more than all others, how far readers agree, and what this can show."""
    said = results.answers
    counts = f"{_counted(said['neither'], 'neither')} and {_counted(said['unsure'], 'cannot tell')}"
    voters = ", ".join(f"{name} ({count_words(number)})" for name, number in results.readers.items())
    return (
        f"{_counted(sum(said.values()), 'vote')} on {_counted(results.n_films, 'film')} by {voters}; of them {counts}.",
        _first(results),
        *_agreement(results),
        power_words(results.power),
        HOW,
    )


def power_words(power: Power) -> str:
    """Say which difference so many votes can tell."""
    who = f"{_counted(power.n_films, 'film')} and {_counted(power.n_readers, 'reader')}"
    if math.isinf(power.apart):
        return f"What this can show: with {who}, no difference between {power.n_contenders} maps could be told."
    least = f"four such studies in five would tell one map {_times(power.apart)} as strong as another"
    if power.n_readers == 1:
        return f"What this can show: with {who}, {least}."
    most = f"{_times(power.together)}, if they always agree" if math.isfinite(power.together) else "none, if they agree"
    return f"What this can show: with {who}, {least}, if readers differ as films do; {most}."


def _first(results: ArenaResults) -> str:
    best, *others = results.standings
    if not best.n_votes:
        return "Nobody could tell yet which of these maps to trust."
    behind = [one for one in others if one.ratio.interval.is_estimable and one.ratio.interval.low > 1]
    if others and len(behind) == len(others):
        return f"{title_of(best.of)} is trusted more than every other map."
    names = [title_of(one.of) for one in others if one not in behind]
    return f"{title_of(best.of)} has most votes, but it cannot be told that it is trusted more than {_listed(names)}."


def _agreement(results: ArenaResults) -> tuple[str, ...]:
    found = results.agreement
    if found is None or not found.n_films:
        return ()
    kappa = figure_words(found.kappa.value, found.kappa.interval)
    asked = _counted(found.n_films, "question")
    return (
        f"Of the pairs of readers who both named a side of one question ({asked}), {_share(found.agreement)} named the "
        f"same map; kappa {kappa} ({KAPPA_WORDS[found.kind]}).",
    )


def _standing(one: Standing) -> dict[str, str]:
    measured = {
        metric_named(name).title: figure_words(figure.value, figure.interval) for name, figure in one.measured.items()
    }
    return {
        "Votes": count_words(one.n_votes),
        "Won": _share(one.won),
        "Strength": figure_words(one.strength.value, one.strength.interval, _FEW),
        "The first is so much stronger": figure_words(one.ratio.value, one.ratio.interval, _FEW)
        if one.ratio.value != 1
        else UNDEFINED,
        **measured,
    }


def _share(estimate: Estimate) -> str:
    said, interval = share_words(estimate.value), estimate.interval
    if said == UNDEFINED or not interval.is_estimable:
        return said
    return f"{said} ({share_words(interval.low)} to {share_words(interval.high)})"


def _times(ratio: float) -> str:
    return f"{number_words(ratio, 1)} times"


def _counted(number: int, what: str) -> str:
    plural = "" if what in ("neither", "cannot tell") or number == 1 else "s"
    return f"{count_words(number)} {what}{plural}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
