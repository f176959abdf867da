"""What stands under every position of the truth dial: the best setting, the order of settings, each threshold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.labels.convention import Convention
from core.labels.dial import axes_of, positions_of, words_of
from core.labels.readings import Readings
from core.metrics.arrays import FloatArray
from core.thresholds import fit_thresholds
from core.thresholds.live_counts import overall_figures
from core.words import share_words, threshold_words

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds import ThresholdSet

FEW: Final = 5
"""Positives below which a class is left out of what moves most."""
ALIKE: Final = 0.05
"""Share of films up to which thresholds that decide them otherwise still count as the same."""


@dataclass(frozen=True)
class DialFigures:
    """The figures of one position.

    words : what the position is.
    macro_f1 : by setting, at thresholds fitted on val under the position and read on the split; NaN where undefined.
    thresholds : by setting, by class; None where a class has none.
    n_positive : by class, of the split.
    """

    position: Convention
    words: str
    macro_f1: Mapping[str, float]
    thresholds: Mapping[str, Mapping[str, float | None]]
    n_positive: Mapping[str, int]

    @property
    def order(self) -> tuple[str, ...]:
        """List the settings by macro F1, the best first; those without one are left out."""
        defined = {name: value for name, value in self.macro_f1.items() if not math.isnan(value)}
        return tuple(sorted(defined, key=lambda name: -defined[name]))


@dataclass(frozen=True)
class Conclusion:
    """One sentence that a reader may want to draw, and whether it stands under every position.

    name : "best setting", "order of settings" or a class whose threshold it is.
    stands : False where one position says otherwise; None where too little is defined to tell.
    words : what it is, and where it does not stand what it is instead and where.
    """

    name: str
    stands: bool | None
    words: str


Fit = Callable[["Study", str], "ThresholdSet"]
"""(study, setting) -> its thresholds."""


def dial_figures(study: Study, split: str = "test", fit: Fit = fit_thresholds) -> tuple[DialFigures, ...]:
    """Compute the figures of every position of a study's dial; () where it holds no readings.

    fit : gives the thresholds of a setting, of the study as it is read under a position.
    """
    written = study.manifest.convention
    if study.readings is None or written is None:
        return ()
    words = {position: _words(study.readings, position, written) for position in positions_of(study.readings, written)}
    return tuple(_figures(study.under(position), position, said, split, fit) for position, said in words.items())


def _words(readings: Readings, position: Convention, written: Convention) -> str:
    return words_of(position, axes_of(readings, position.source or "", written))


def _figures(study: Study, position: Convention, words: str, split: str, fit: Fit) -> DialFigures:
    rows = study.rows(split)
    labels = study.labels[rows]
    judged = {name: study.judged_labels(name)[rows] for name in study.settings}
    sets = {name: fit(study, name) for name in study.settings}
    return DialFigures(
        position,
        words,
        {name: _macro_f1(chosen, judged[name], study.scores(name)[rows]) for name, chosen in sets.items()},
        {name: dict(chosen.values) for name, chosen in sets.items()},
        {finding: int(number) for finding, number in zip(study.classes, (labels == 1).sum(axis=0), strict=True)},
    )


def _macro_f1(chosen: ThresholdSet, labels: FloatArray, scores: FloatArray) -> float:
    return overall_figures(labels, chosen.rule().decide(scores)).macro_f1 if chosen.is_defined else math.nan


def conclusions(
    figures: Sequence[DialFigures], setting: str, titles: Mapping[str, str], scores: FloatArray
) -> tuple[Conclusion, ...]:
    """Say which conclusions stand under every position.

    setting : whose thresholds are meant.
    titles : of the settings, on screen.
    scores : (n_films, n_classes) of that setting on the films that are read.
    A threshold stands where the cuts of all positions decide all but `ALIKE` of the films alike; a class without a cut
    predicts none.
    """
    found = [_of_settings("best setting", figures, titles, first=1)]
    if len(titles) > 2:
        found.append(_of_settings("order of settings", figures, titles, first=len(titles)))
    classes = figures[0].n_positive if figures else {}
    columns = zip(classes, scores.T, strict=False)
    return (*found, *(_of_threshold(finding, figures, setting, column) for finding, column in columns))


def _of_settings(name: str, figures: Sequence[DialFigures], titles: Mapping[str, str], first: int) -> Conclusion:
    orders = {one.words: one.order[:first] for one in figures}
    if not orders or not all(orders.values()):
        return Conclusion(name, None, "Too little is labelled to tell.")
    usual, *_ = orders.values()
    said = _ranked(usual, titles)
    others = {words: order for words, order in orders.items() if order != usual}
    if not others:
        return Conclusion(name, True, f"{said} under every position.")
    words, order = next(iter(others.items()))
    where = f"{len(others)} of {len(orders)} positions"
    return Conclusion(name, False, f"{said}, but not in {where}: {_ranked(order, titles)} under {words}.")


def _ranked(order: Sequence[str], titles: Mapping[str, str]) -> str:
    return ", then ".join(titles[name] for name in order)


def _of_threshold(finding: str, figures: Sequence[DialFigures], setting: str, scores: FloatArray) -> Conclusion:
    given = {one.words: one.thresholds.get(setting, {}).get(finding) for one in figures}
    cuts = {words: math.inf if cut is None else cut for words, cut in given.items()}
    low, high = (pick(cuts, key=lambda words: cuts[words]) for pick in (min, max))
    if math.isinf(cuts[low]):
        return Conclusion(finding, None, "No position gives a threshold.")
    if cuts[low] == cuts[high]:
        return Conclusion(finding, True, f"{_cut_words(cuts[low])} under every position.")
    between = float(np.mean((scores >= cuts[low]) & (scores < cuts[high])))
    other = _cut_words(cuts[high])
    said = f"{_cut_words(cuts[low])} on {low}, {other[0].lower()}{other[1:]} on {high}"
    return Conclusion(finding, between <= ALIKE, f"{said}: {share_words(between)} of films are decided otherwise.")


def _cut_words(cut: float) -> str:
    return "No cut" if math.isinf(cut) else f"Best cut {threshold_words(cut, 3)}"


@dataclass(frozen=True)
class LargestMove:
    """The class whose best cut a turn of the dial moves most.

    share : of the split's films that stand between the two cuts, 0..1.
    """

    finding: str
    before: float
    after: float
    share: float

    def sentence(self, here: str, there: str) -> str:
        """Say it: "Pneumothorax: best cut .17 on mined labels, .35 on adjudicated"."""
        cuts = [threshold_words(cut, 3) for cut in (self.before, self.after)]
        return f"{self.finding}: best cut {cuts[0]} on {here}, {cuts[1]} on {there}."


def largest_move(
    before: ThresholdSet, after: ThresholdSet, scores: FloatArray, labels: FloatArray
) -> LargestMove | None:
    """Find the class that moves most films between two sets of thresholds of one setting; None where none moves.

    scores, labels : (n_films, n_classes) of the films that are read, NaN = unlabelled. Classes with fewer than `FEW`
    positives, and those without a threshold on either side, are left out.
    """
    moves = []
    for column, (finding, one) in enumerate(before.values.items()):
        other = after.values.get(finding)
        if one is None or other is None or one == other or int((labels[:, column] == 1).sum()) < FEW:
            continue
        low, high = min(one, other), max(one, other)
        between = float(np.mean((scores[:, column] >= low) & (scores[:, column] < high)))
        moves.append(LargestMove(finding, one, other, between))
    return max((move for move in moves if move.share > 0), key=lambda move: move.share, default=None)
