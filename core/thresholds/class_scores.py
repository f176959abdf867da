"""The films of a split as policies see them, and one class's as promises count them: each patient once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import FloatArray, checked_labels
from core.metrics.patients import Patients, number_patients
from core.metrics.threshold_counts import ThresholdCounts

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True, eq=False)
class ClassScores:
    """One class's labelled films, and of each patient with such a film the scores that decide what becomes of them.

    A patient counts once, and for the worst of the films: found where all the positive ones are, a false alarm where
    any negative one is called. Patients are independent draws, which films of one patient are not. Where every patient
    has one film, films are counted.

    counts : of films.
    lowest, highest : (n_patients,) of all labelled films.
    lowest_positive : (n_patients,) of the positive films, infinite where a patient has none.
    highest_negative : (n_patients,) of the negative films, minus infinite where a patient has none.
    """

    counts: ThresholdCounts
    lowest: FloatArray
    highest: FloatArray
    lowest_positive: FloatArray
    highest_negative: FloatArray

    @classmethod
    def from_films(cls, finding: str, labels: FloatArray, scores: FloatArray, patients: Patients) -> ClassScores:
        """Take one class; labels (n_films,) of {0, 1, NaN = unread, left out}, scores (n_films,), and whose they are.

        >>> patients = number_patients(["A", "A", "B"], 3)
        >>> one = ClassScores.from_films("Edema", np.array([1.0, 1, 0]), np.array([0.9, 0.4, 0.2]), patients)
        >>> one.lowest_positive.tolist(), one.highest_negative.tolist()
        ([0.4, inf], [-inf, 0.2])
        """
        labels = checked_labels(labels)
        read = ~np.isnan(labels)
        known, whose = np.asarray(scores, dtype=np.float64)[read], patients.of_film[read]
        positive = labels[read] == 1
        lowest, lowest_positive = np.full(patients.n, np.inf), np.full(patients.n, np.inf)
        highest, highest_negative = np.full(patients.n, -np.inf), np.full(patients.n, -np.inf)
        np.minimum.at(lowest, whose, known)
        np.maximum.at(highest, whose, known)
        np.minimum.at(lowest_positive, whose[positive], known[positive])
        np.maximum.at(highest_negative, whose[~positive], known[~positive])
        here = np.isfinite(lowest)
        counts = ThresholdCounts.from_scores(finding, labels, scores)
        return cls(counts, lowest[here], highest[here], lowest_positive[here], highest_negative[here])

    @property
    def n_patients(self) -> int:
        """Count the patients with a labelled film."""
        return int(self.lowest.size)

    @property
    def n_positive(self) -> int:
        """Count the patients with a positive film."""
        return int(np.count_nonzero(np.isfinite(self.lowest_positive)))

    @property
    def n_negative(self) -> int:
        """Count the patients with a negative film."""
        return int(np.count_nonzero(np.isfinite(self.highest_negative)))


@dataclass(frozen=True, eq=False)
class FilmScores:
    """The films that thresholds are fitted on: labels {0, 1, NaN = unread} and scores (n_films, n_classes), and whose
    they are.
    """

    classes: tuple[str, ...]
    labels: FloatArray
    scores: FloatArray
    patients: Patients

    @classmethod
    def of_study(cls, study: Study, setting: str, split: str) -> FilmScores:
        """Take the films of a split of a study under one setting."""
        rows = study.rows(split)
        patients = number_patients(study.patient_numbers(rows), len(rows))
        labels = study.judged_labels(setting)[rows]
        return cls(study.classes, labels, np.asarray(study.scores(setting)[rows]), patients)

    @cached_property
    def counts(self) -> tuple[ThresholdCounts, ...]:
        """Count the films of every class at every threshold."""
        columns = zip(self.classes, self.labels.T, self.scores.T, strict=True)
        return tuple(ThresholdCounts.from_scores(*column) for column in columns)

    @cached_property
    def by_class(self) -> tuple[ClassScores, ...]:
        """Take every class with each patient counted once."""
        columns = zip(self.classes, self.labels.T, self.scores.T, strict=True)
        return tuple(ClassScores.from_films(*column, self.patients) for column in columns)
