"""How one class's threshold came out, and what was promised of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from core.words import count_words, share_words, threshold_words

FLAT_WITHIN: Final = 0.02
"""How much of its objective a threshold may lose and still lie on the flat top."""


@dataclass(frozen=True)
class PromiseFit:
    """What was promised of one cut of a class, on the films of the fit. Undefined is NaN or None.

    figure : name of the promise; see core.thresholds.promises.
    said : the promise in words, with its level.
    level : that it promises.
    confidence : that it is kept, in how many classes together.
    n_classes : that share the confidence; 1 where the class has it for itself.
    n, failures : patients that it rests on, and those that failed it on the films of the fit.
    kept : how often promises of this kind are kept at this number: exact for scores without ties, more often with; NaN
        where only the confidence is known, which it is at least.
    kept_plain : the same of the plain rule, which takes the cut that just reaches the level; NaN where not known.
    more_false_alarms, more_missed : films, against the plain rule: the price; None where that has no cut.
    is_made : whether the films show it.
    needed : where they do not, how many patients it would take; None where more would not help.
    needed_what : which patients.
    is_about : that number supposes that the shares stay as they are.
    """

    figure: str
    said: str
    level: float
    confidence: float
    n_classes: int
    n: int
    failures: int
    is_made: bool
    kept: float = math.nan
    kept_plain: float = math.nan
    more_false_alarms: int | None = None
    more_missed: int | None = None
    needed: int | None = None
    needed_what: str = ""
    is_about: bool = False

    def words(self) -> str:
        """Say in one clause what is promised and what it costs, or what it would take."""
        together = "" if self.n_classes == 1 else f" for {self.n_classes} classes at once"
        said = f"{self.said} with confidence {self.confidence:g}{together}"
        if not self.is_made:
            return f"{said} {self.lacking_words()}"
        here = f"{count_words(self.failures)} of {_patients(self.n)} fail it here"
        return f"{said} ({'; '.join([here, *self._how_often(), *self._price()])})"

    def lacking_words(self) -> str:
        """Say what a promise that cannot be made would take, as a verb's clause."""
        if self.needed is None:
            return "is out of reach: no cut reaches it on these films, and more of them would not help"
        about = "about " if self.is_about else ""
        return f"takes {about}{count_words(self.needed)} {self.needed_what}"

    def _how_often(self) -> list[str]:
        if math.isnan(self.kept):
            return [f"kept in at least {share_words(self.confidence, 1)} of draws"]
        plain = "" if math.isnan(self.kept_plain) else f", the plain rule in {share_words(self.kept_plain, 1)}"
        return [f"kept in {share_words(self.kept, 1)} of draws{plain}"]

    def _price(self) -> list[str]:
        if self.more_false_alarms is None or self.more_missed is None:
            return []
        changes = ((self.more_false_alarms, "false alarm"), (self.more_missed, "missed film"))
        said = [_more(number, what) for number, what in changes if number]
        return [f"{' and '.join(said)} than the plain rule" if said else "the same films as by the plain rule"]


@dataclass(frozen=True)
class ClassFit:
    """How one class's threshold came out. Undefined is NaN.

    threshold : None where none could be fitted.
    value : what the policy's objective reached.
    flat_low, flat_high : ends of the thresholds around it at which the objective stays within 0.02 of that.
    flat_share : of the films, those whose score lies between these ends, 0..1; a large one is a flat optimum.
    upper : the rule-in cut, where `threshold` is a rule-out cut; None where the class has one cut.
    promises : what was promised of the threshold, and of `upper` after it; of no cut, where it could not be made.
    """

    threshold: float | None
    n_positive: int
    n_negative: int
    unit: str
    value: float = math.nan
    flat_low: float = math.nan
    flat_high: float = math.nan
    flat_share: float = math.nan
    upper: float | None = None
    promises: tuple[PromiseFit, ...] = ()

    def words(self) -> str:
        """Say in one sentence: how high, on how many positives, how flat; or what is promised, and at what price."""
        stands = f"{self.n_positive} positive{'' if self.n_positive == 1 else 's'}"
        negatives = f"{self.n_negative} negative{'' if self.n_negative == 1 else 's'}"
        if self.threshold is None and any(one.needed is not None for one in self.promises):
            return self._promise_words(stands)
        if self.promises and self.n_positive:
            return self._promise_words(stands)
        if self.threshold is None:
            missing = "positive" if not self.n_positive else "negative" if not self.n_negative else ""
            why = f"there is no {missing} to fit on" if missing else "it cannot be met"
            return f"No threshold: {why} ({stands}, {negatives})."
        if math.isnan(self.value):
            return f"The same for every class ({stands})."
        return (
            f"{self.unit} {self.value:.2f} on {stands} and {negatives}; within {FLAT_WITHIN:g} of that from "
            f"{self.flat_low:.3g} to {self.flat_high:.3g} ({100 * self.flat_share:.0f} % of the films)."
        )

    def _promise_words(self, stands: str) -> str:
        is_made = self.threshold is not None
        said = "; ".join(one.words() for one in self.promises if one.is_made == is_made)
        if not is_made:
            return f"No threshold: {said} ({stands} on these films)."
        return f"{said[0].upper()}{said[1:]}.{self._grey_words()}"

    def _grey_words(self) -> str:
        """What two cuts leave between them."""
        if self.upper is None:
            return ""
        if self.upper == self.threshold:
            return " One cut keeps both, so that nothing is left to a reader."
        return f" Positive from {threshold_words(self.upper)} on; between the cuts a reader looks."


def _patients(n: int) -> str:
    return "1 patient" if n == 1 else f"{count_words(n)} patients"


def _more(number: int, what: str) -> str:
    plural = what if abs(number) == 1 else f"{what}s"
    return f"{count_words(abs(number))} {plural} {'more' if number > 0 else 'fewer'}"
