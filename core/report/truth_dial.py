"""What stands under every position of the truth dial: the best setting, the order of settings, each threshold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.labels.convention import Convention
from core.labels.dial import axes_of, positions_of, words_of
from core.metrics.arrays import FloatArray
from core.report.report import compute_report
from core.words import threshold_words

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds import ThresholdSet

FEW: Final = 5
"""Positives below which a class is left out of what moves most."""


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


def dial_figures(
    study: Study, split: str = "test", policy: str = "max-f1", *, readings: Iterable[Convention] | None = None
) -> tuple[DialFigures, ...]:
    """Compute the figures of every position of a study; () where it holds no readings.

    readings : the positions to compute; None is all of them.
    Raises StudyError where the split holds no film.
    """
    if study.readings is None or study.convention is None:
        return ()
    wanted = positions_of(study.readings, study.convention) if readings is None else tuple(readings)
    return tuple(_figures(study, position, split, policy) for position in wanted)


def _figures(study: Study, position: Convention, split: str, policy: str) -> DialFigures:
    assert study.readings is not None
    assert study.convention is not None
    seen = study.under(position)
    report = compute_report(seen, split, policy=policy)
    sets = {name: one.thresholds for name, one in report.settings.items()}
    labels = seen.labels[seen.rows(split)]
    return DialFigures(
        position,
        words_of(position, axes_of(study.readings, position.source or "", study.convention)),
        {name: one.overall.macro_f1 for name, one in report.settings.items()},
        {name: {} if chosen is None else dict(chosen.values) for name, chosen in sets.items()},
        {finding: int(number) for finding, number in zip(study.classes, (labels == 1).sum(axis=0), strict=True)},
    )


def conclusions(figures: Sequence[DialFigures], setting: str, titles: Mapping[str, str]) -> tuple[Conclusion, ...]:
    """Say which conclusions stand under every position.

    setting : whose thresholds are meant.
    titles : of the settings, on screen.
    A threshold stands where each position's films the same fitted one: the same cut, or none, under all of them.
    """
    found = [_of_settings("best setting", figures, titles, first=1)]
    if len(titles) > 2:
        found.append(_of_settings("order of settings", figures, titles, first=len(titles)))
    classes = figures[0].n_positive if figures else {}
    return (*found, *(_of_threshold(finding, figures, setting) for finding in classes))


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


def _of_threshold(finding: str, figures: Sequence[DialFigures], setting: str) -> Conclusion:
    cuts = {one.words: one.thresholds.get(setting, {}).get(finding) for one in figures}
    if all(cut is None for cut in cuts.values()):
        return Conclusion(finding, None, "No position gives a threshold.")
    low, high = (pick(cuts, key=lambda words: _sortable(cuts[words])) for pick in (min, max))
    if cuts[low] == cuts[high]:
        return Conclusion(finding, True, f"Best cut {threshold_words(cuts[low], 3)} under every position.")
    return Conclusion(
        finding,
        False,
        f"Best cut {threshold_words(cuts[low], 3)} on {low}, {threshold_words(cuts[high], 3)} on {high}.",
    )


def _sortable(cut: float | None) -> float:
    return math.inf if cut is None else cut


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
