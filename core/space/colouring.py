"""One colour's worth of knowledge about every film of a study, and what to ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from core.thresholds import ThresholdSet

SEVERAL: Final = "Several of these"
UNREAD: Final = "Unlabelled"
"""Films of which nobody said: some label that counts was not read, and none that was read is positive."""


@dataclass(frozen=True)
class ColourRequest:
    """What to colour by.

    by : name of one of COLOURINGS.
    finding : for class, score and outcome.
    findings : for findings, up to 6.
    setting : for score and outcome.
    thresholds : for outcome; what decides films in that setting.
    """

    by: str
    finding: str = ""
    findings: tuple[str, ...] = ()
    setting: str = ""
    thresholds: ThresholdSet | None = None


@dataclass(frozen=True, eq=False)
class Colouring:
    """One colour's worth of knowledge about every film.

    groups : their titles.
    codes : (n,) int16 into groups, -1 = not known.
    ground : the group that is drawn small and grey, below the others.
    foremost : the group that matters most, drawn with the strongest mark; the last of the groups, so above the others.
    values : (n,) float32 for a continuous colour, NaN = not known; groups is empty then.
    members : (n, n_groups) where a film may be of several groups; its code is then that of SEVERAL, and it is to be
    drawn in the colours of all.
    """

    title: str
    groups: tuple[str, ...]
    codes: IntArray
    ground: int | None = None
    values: FloatArray | None = None
    value_title: str = ""
    members: BoolArray | None = None
    foremost: int | None = None

    @property
    def counts(self) -> IntArray:
        """Count the films (n_groups,) of each group by their codes."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.groups))


def of_values(title: str, values: FloatArray, value_title: str = "") -> Colouring:
    """Make a continuous colouring of any values (n,), NaN = not known: the similarity to a typed prompt, say."""
    shown = np.asarray(values, dtype=np.float32)
    return Colouring(title, (), np.full(len(shown), -1, np.int16), values=shown, value_title=value_title or title)
