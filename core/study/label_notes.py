"""What labels say that cannot be, and one spelling for what they say in several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from core.geometry import FloatArray
from core.study.ages import age_ranges
from core.study.table_checks import counted
from core.words import number_words

_NO_DISEASE: Final = ("support devices",)
"""Classes that may stand beside No Finding: CheXpert's rule, in which a tube is no disease."""

_NONE: Final = ("no finding", "no findings", "normal")
"""How a class is called that no finding may stand beside."""

_SEXES: Final = {"f": "F", "female": "F", "woman": "F", "m": "M", "male": "M", "man": "M", "o": "O", "other": "O"}
"""DICOM's three letters, and the words for them."""


def both_said(classes: Sequence[str], labels: FloatArray, image_ids: Sequence[str] = ()) -> tuple[str, ...]:
    """Say how many films are labelled No Finding and a finding, both, and which; nothing where none is.

    labels : (n, C) of {0, 1, NaN}, columns as `classes`.
    image_ids : of its rows; without them none is named. Support Devices are no finding here.
    """
    plain = [" ".join(re.sub("[_-]", " ", name.casefold()).split()) for name in classes]
    none = [index for index, name in enumerate(plain) if name in _NONE]
    if not none:
        return ()
    others = [index for index, name in enumerate(plain) if index not in none and name not in _NO_DISEASE]
    both = (labels[:, none] == 1).any(axis=1) & (labels[:, others] == 1).any(axis=1)
    rows = [int(row) for row in np.flatnonzero(both)]
    if not rows:
        return ()
    if len(image_ids):
        films = counted([str(image_ids[row]) for row in rows], "film", "films")
    else:
        films = f"{len(rows):,} of {len(labels):,} films are"
    names = " or ".join(classes[index] for index in none)
    return (f"{films} labelled {names} and a finding, both; both labels are kept.",)


_POSITIVE: Final = "Positive in most films looked at"

_WHY: Final = (
    "Many films have no label there, so F1, precision and thresholds are meaningless for films as they come: those "
    "that have one were chosen by the finding. Where a blank means that it was not mentioned, count it as absent.",
    "F1 and precision there say something of a model only above that; AUROC and specificity are not flattered.",
)
"""Where many films have no label, and where most have one."""

_MOST_LABELLED: Final = 0.75


@dataclass(frozen=True)
class MostlyPositive:
    """A class that is positive in more than half of the films that were looked at for it.

    n_films : all of them; n_labelled : those with a label.
    """

    finding: str
    n_films: int
    n_labelled: int
    n_positive: int

    @property
    def is_selected(self) -> bool:
        """Tell whether many films have no label, so that those that have one were chosen, likely by the finding."""
        return self.n_labelled < _MOST_LABELLED * self.n_films

    @property
    def f1_of_all(self) -> float:
        """Compute the F1 of calling every film positive, which takes no model."""
        return 2 * self.n_positive / (self.n_labelled + self.n_positive)


def mostly_positive_words(classes: Sequence[str], labels: FloatArray) -> tuple[str, ...]:
    """Say which classes are positive in most of what was looked at, and what that does to their figures; or nothing.

    labels : (n, C) of {0, 1, NaN}, columns as `classes`. One text for the classes that many films have no label for,
        one for the others.
    """
    return positive_words(mostly_positive(classes, labels))


def positive_words(found: Sequence[MostlyPositive]) -> tuple[str, ...]:
    """Say of classes what `mostly_positive_words` says."""
    groups = ([one for one in found if one.is_selected], [one for one in found if not one.is_selected])
    return tuple(f"{_POSITIVE}: {_listed(group)}. {why}" for group, why in zip(groups, _WHY, strict=True) if group)


def _listed(found: Sequence[MostlyPositive]) -> str:
    return ", ".join(
        f"{one.finding} ({one.n_positive:,} of {one.n_labelled:,}; every film called positive: "
        f"F1 {number_words(one.f1_of_all)})"
        for one in found
    )


def mostly_positive(classes: Sequence[str], labels: FloatArray) -> tuple[MostlyPositive, ...]:
    """List the classes that are positive in more than half of what was looked at, in order.

    labels : (n, C) of {0, 1, NaN}, columns as `classes`.

    >>> [one.finding for one in mostly_positive(("Edema", "Mass"), np.array([[1, 1], [1, 0], [0, np.nan]]))]
    ['Edema']
    """
    n_positive, n_labelled = np.count_nonzero(labels == 1, axis=0), np.count_nonzero(~np.isnan(labels), axis=0)
    return tuple(
        MostlyPositive(name, len(labels), int(labelled), int(positive))
        for name, labelled, positive in zip(classes, n_labelled, n_positive, strict=True)
        if 2 * positive > labelled
    )


def one_spelling(sexes: pd.Series) -> pd.Series:
    """Write F, M and O for these letters and their words in any case; anything else stays as it is."""

    spelt = {
        value: _SEXES[value.strip().casefold()]
        for value in sexes.dropna().unique()
        if isinstance(value, str) and value.strip().casefold() in _SEXES
    }
    return sexes.replace(spelt)


def one_case(column: pd.Series) -> pd.Series:
    """Write words that differ in case or in blanks around them as the most frequent of them is written."""
    words = column.map(lambda word: word.strip() if isinstance(word, str) else word)
    most: dict[str, str] = {}
    for word in words.value_counts().index:
        if isinstance(word, str):
            most.setdefault(word.casefold(), word)
    return words.map(lambda word: most[word.casefold()] if isinstance(word, str) else word)


def unplaced(images: pd.DataFrame) -> tuple[str, ...]:
    """Say which ages and sexes of an image table are none that is known here, in sentences; nothing where all are."""
    notes = []
    if "age" in images:
        ages = images["age"].dropna()
        strange = ages[np.isnan(age_ranges(ages)[:, 0])]
        notes += [_counted_words(strange, "age", "is in no group of ages")] if len(strange) else []
    if "sex" in images:
        sexes = images["sex"].dropna().map(str)
        strange = sexes[~sexes.isin(set(_SEXES.values()))]
        notes += [_counted_words(strange, "sex", "is kept as a group of its own")] if len(strange) else []
    return tuple(notes)


def _counted_words(values: pd.Series, what: str, becomes: str) -> str:
    words = [f"{str(word)!r} ({number:,})" for word, number in values.value_counts().items()]
    more = f" and {len(words) - 3:,} more" if len(words) > 3 else ""
    return f"The column {what} holds {', '.join(words[:3])}{more}: no {what} that is known here; each {becomes}."
