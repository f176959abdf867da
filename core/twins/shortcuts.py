"""Shortcuts, by a stated rule: classes whose scores other findings move more than the finding itself does."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from core.findings import NO_FINDING
from core.metrics.intervals import Interval
from core.twins.matrix import CausalMatrix
from core.words import difference_words

HARDLY: Final = 0.2
"""Standard deviations below which a finding hardly moves its own score."""

PARTS_OF: Final[dict[str, tuple[str, ...]]] = {
    "Lung Opacity": ("Lung Lesion", "Edema", "Consolidation", "Pneumonia", "Atelectasis"),
    "Consolidation": ("Pneumonia",),
    "Enlarged Cardiomediastinum": ("Cardiomegaly",),
}
"""Findings that are cases of another: that they move its score is no shortcut. Irvin et al., AAAI 2019, figure 1."""

_LEVEL: Final = 0.95

RULE: Final = (
    f"Named where another finding moves a score by more standard deviations than its own finding does, where its own "
    f"moves it by less than {HARDLY:g}, or where a finding makes '{NO_FINDING}' rise; each with 95 % certainty for all "
    "pairs of a setting together (Bonferroni). Cases of a finding, such as Pneumonia of Lung Opacity, are not named "
    "against it."
)


@dataclass(frozen=True)
class Shortcut:
    """A class that reacts to something else, or hardly to its own finding; standard deviations of its score.

    own : what its finding does. rival : the finding that does more, "" where none surely does.
    """

    finding: str
    own: float
    own_interval: Interval
    rival: str
    rival_effect: float
    rival_interval: Interval | None
    sentence: str


def shortcuts(matrix: CausalMatrix) -> tuple[Shortcut, ...]:
    """Name the shortcuts of a setting, the strongest rival first; see RULE."""
    found = [_of_class(matrix, name) for name in matrix.classes if name in matrix.causes and name != NO_FINDING]
    named = [entry for entry in found if entry is not None]
    return tuple(sorted(named, key=lambda entry: -abs(entry.rival_effect))) + _rising_normal(matrix)


def _of_class(matrix: CausalMatrix, finding: str) -> Shortcut | None:
    row, column = matrix.cell(finding, finding)
    if np.isnan(matrix.effect.low[row, column]):
        return None
    own, own_interval = float(matrix.effect.value[row, column]), matrix.effect.interval(row, column)
    own_highest = own + _reach(matrix) * float(np.nanstd(matrix.effect.resampled[:, row, column]))
    rival = _rival(matrix, finding)
    if rival is None and own_highest >= HARDLY:
        return None
    itself = f"{finding}: {difference_words(own, own_interval, 2)} SD"
    if rival is None:
        words = f"'{finding}' hardly reacts to its own finding. Adding {itself}."
        return Shortcut(finding, own, own_interval, "", 0.0, None, words)
    name, effect, interval = rival
    opening = "is not what it reacts to" if own_highest < HARDLY else f"reacts more to {name} than to itself"
    words = f"'{finding}' {opening}. Adding {itself}; adding {name}: {difference_words(effect, interval, 2)} SD."
    return Shortcut(finding, own, own_interval, name, effect, interval, words)


def _rival(matrix: CausalMatrix, finding: str) -> tuple[str, float, Interval] | None:
    """The finding that moves a score most, where it surely moves it more than the class's own."""
    row, column = matrix.cell(finding, finding)
    resampled, best = matrix.effect.resampled, None
    for other, name in enumerate(matrix.causes):
        effect = float(matrix.effect.value[other, column])
        if name in (finding, NO_FINDING, *PARTS_OF.get(finding, ())) or np.isnan(matrix.effect.low[other, column]):
            continue
        differences = np.sign(effect) * resampled[:, other, column] - resampled[:, row, column]
        margin = abs(effect) - float(matrix.effect.value[row, column])
        is_surely = margin - _reach(matrix) * float(np.nanstd(differences)) > 0
        if is_surely and (best is None or abs(effect) > abs(best[1])):
            best = (name, effect, matrix.effect.interval(other, column))
    return best


def _rising_normal(matrix: CausalMatrix) -> tuple[Shortcut, ...]:
    """Findings whose presence makes the score of a normal film rise, the most first."""
    if NO_FINDING not in matrix.classes or NO_FINDING not in matrix.causes:
        return ()
    row, column = matrix.cell(NO_FINDING, NO_FINDING)
    own, own_interval = float(matrix.effect.value[row, column]), matrix.effect.interval(row, column)
    found = []
    for other, name in enumerate(matrix.causes):
        effect = float(matrix.effect.value[other, column])
        spread = float(np.nanstd(matrix.effect.resampled[:, other, column]))
        if name != NO_FINDING and effect - _reach(matrix) * spread > 0:
            interval = matrix.effect.interval(other, column)
            words = f"'{NO_FINDING}' rises when {name} is added: {difference_words(effect, interval, 2)} SD."
            found.append(Shortcut(NO_FINDING, own, own_interval, name, effect, interval, words))
    return tuple(sorted(found, key=lambda entry: -entry.rival_effect))


def _reach(matrix: CausalMatrix) -> float:
    """How many standard errors a figure must lie off, for all pairs of a setting together, from one side."""
    n_pairs = len(matrix.causes) * len(matrix.classes)
    return NormalDist().inv_cdf(1 - (1 - _LEVEL) / n_pairs)
