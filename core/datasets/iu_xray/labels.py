"""Labels from OpenI's expert coding, by the rules of `rules`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.datasets.base import FloatArray
from core.datasets.iu_xray.rules import DENIALS, NO_CLASS, RULES, Rule
from core.findings import CLASSES, NO_FINDING

_KNOWN_HEADS = frozenset().union(*(rule.heads for rule in RULES)) | DENIALS | NO_CLASS


@dataclass(frozen=True)
class Term:
    """One term of a coding, in small letters: "opacity" with "lung", "base", "left"."""

    head: str
    qualifiers: frozenset[str]

    @property
    def denies(self) -> bool:
        """Tell whether it says that something is not there."""
        return self.head in DENIALS or self.head.startswith("no ")


def terms_of(coding: str) -> tuple[Term, ...]:
    """Split out the terms of a MeSH or Problems cell: divided by semicolons, the parts of a term by slashes."""
    parts = [[_tidy(part) for part in text.split("/")] for text in coding.split(";")]
    return tuple(Term(head, frozenset(qualifiers)) for head, *qualifiers in parts if head)


def rules_of(coding: str) -> tuple[Rule, ...]:
    """Find the rules that a coding falls under, in the order of the table."""
    terms = [term for term in terms_of(coding) if not term.denies]
    return tuple(rule for rule in RULES if any(rule.fits(term.head, term.qualifiers) for term in terms))


def derived_labels(codings: Sequence[str]) -> FloatArray:
    """Derive (n, 14) of {0, 1, NaN}: 1 where a rule gives the class; none is No Finding; NaN where nothing is coded."""
    labels = np.zeros((len(codings), len(CLASSES)))
    for row, coding in enumerate(codings):
        if not terms_of(coding):
            labels[row] = np.nan
        for rule in rules_of(coding):
            labels[row, CLASSES.index(rule.finding)] = 1.0
    return with_no_finding(labels)


def with_no_finding(labels: FloatArray) -> FloatArray:
    """Give labels where a row that was read for all classes and has none is No Finding, the others unchanged."""
    filled = labels.copy()
    filled[(labels == 0).all(axis=1), CLASSES.index(NO_FINDING)] = 1.0
    return filled


def unknown_heads(codings: Iterable[str]) -> dict[str, int]:
    """Count the heads that neither a rule nor the list of heads without a class knows, and how often each stands."""
    heads = Counter(term.head for coding in codings for term in terms_of(coding) if not term.denies)
    return {head: count for head, count in heads.most_common() if head not in _KNOWN_HEADS}


def _tidy(text: str) -> str:
    return " ".join(text.lower().split())
