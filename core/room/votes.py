"""Questions to a room: what may be answered, and what came of it when all answers appear together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from core.words import UNDEFINED, count_words, threshold_words

YES: Final = 1.0
NO: Final = 0.0
_BINS: Final = 12


@dataclass(frozen=True)
class Question:
    """What the presenter asks.

    kind : "positive", answered by yes (1) or no (0); or "threshold", answered by a number from low to high.
    finding : the class that is asked about.  film : the film, of a question about one.
    truth : what the films' labels say of a film, 1 or 0; of a threshold the one in use; None = not known.
    """

    kind: Literal["positive", "threshold"]
    finding: str
    film: str | None = None
    truth: float | None = None
    low: float = NO
    high: float = YES

    @property
    def words(self) -> str:
        """Say the question."""
        if self.kind == "positive":
            return f"Is film {self.film} positive for {self.finding}?"
        return f"Where would you put the threshold of {self.finding}?"

    def read(self, value: object) -> float | None:
        """Read an answer as it came; None where it is none to this question."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        if self.kind == "positive":
            return float(value) if value in (NO, YES) else None
        return float(value) if self.low <= value <= self.high else None

    def said(self, value: float) -> str:
        """Say an answer."""
        if self.kind == "positive":
            return "yes" if value == YES else "no"
        return threshold_words(value)


@dataclass(frozen=True)
class Results:
    """The answers to a question, in rising order, without who gave them."""

    question: Question
    answers: tuple[float, ...]

    @classmethod
    def of(cls, question: Question, answers: Iterable[float]) -> Results:
        """Put answers in rising order."""
        return cls(question, tuple(sorted(answers)))

    @property
    def median(self) -> float | None:
        """Give the middle answer, the mean of the middle two; None without answers."""
        n = len(self.answers)
        return None if n == 0 else (self.answers[(n - 1) // 2] + self.answers[n // 2]) / 2

    def words(self) -> str:
        """Say what was answered, and what is true where it is known, in a sentence."""
        question, n = self.question, len(self.answers)
        if n == 0:
            return "Nobody answered."
        answers = "1 answer" if n == 1 else f"{count_words(n)} answers"
        if question.kind == "positive":
            yes = sum(value == YES for value in self.answers)
            known = "" if question.truth is None else f" The label says {question.said(question.truth)}."
            return f"{count_words(yes)} of {count_words(n)} say yes.{known}"
        ends = f"{threshold_words(self.answers[0])} to {threshold_words(self.answers[-1])}"
        stands = UNDEFINED if question.truth is None else threshold_words(question.truth)
        return f"{answers}, median {threshold_words(self.median)} ({ends}). It stands at {stands}."

    def content(self) -> dict[str, Any]:
        """List what a browser shows: the words, and bars with their labels and numbers of answers."""
        bars = self._yes_and_no() if self.question.kind == "positive" else self._bins()
        return {"question": self.question.words, "words": self.words(), "bars": bars}

    def _yes_and_no(self) -> list[dict[str, Any]]:
        names = {YES: "Yes", NO: "No"}
        return [
            {
                "label": name,
                "number": sum(one == value for one in self.answers),
                "is_true": self.question.truth == value,
            }
            for value, name in names.items()
        ]

    def _bins(self) -> list[dict[str, Any]]:
        """Bins of the same width over the answers and the threshold in use, whose bin is marked."""
        truth = self.question.truth
        values = [*self.answers, *([] if truth is None else [truth])]
        if not values:
            return []
        low, width = min(values), (max(values) - min(values)) / _BINS
        n_bins = _BINS if width > 0 else 1

        def place(value: float) -> int:
            return 0 if n_bins == 1 else min(int((value - low) / width), n_bins - 1)

        return [
            {
                "label": threshold_words(low + (number + 0.5) * width, 3),
                "number": sum(place(value) == number for value in self.answers),
                "is_true": truth is not None and place(truth) == number,
            }
            for number in range(n_bins)
        ]
