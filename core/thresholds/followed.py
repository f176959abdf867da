"""Figures of a setting followed from one set of thresholds to the next: only what a move changes is counted anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.cells import Counts, f1, share
from core.metrics.class_figures import class_intervals
from core.metrics.evidence import Evidence, ResampledDecisions
from core.metrics.intervals import Interval
from core.metrics.overall_figures import overall_figures
from core.metrics.patients import Patients, number_patients
from core.metrics.resampled import overall_resampled
from core.metrics.resampling import Resamples
from core.metrics.summary import sizes_of
from core.thresholds.compare import ResampledFigures
from core.thresholds.flips import Flips
from core.thresholds.live_counts import DeckState, DeckTables
from core.thresholds.operating_point import OperatingPoint
from core.thresholds.settled import Settled, SettledFilms, settled_class

if TYPE_CHECKING:
    from core.study import Study

_CELLS: Final = 4
"""Columns of a class among the resampled sums: true and false positives, false and true negatives."""


class FollowedFigures:
    """The figures of one setting on a split, wherever its thresholds go; sessions share it, one at a time.

    Whatever way thresholds came, figures are those of `point_of_set` and `resampled_set` to the last bit.
    """

    def __init__(self, classes: Sequence[str], tables: DeckTables, scores: FloatArray, patients: Patients) -> None:
        """Begin with nothing predicted. tables, patients : of the same films as scores (n_films, n_classes)."""
        self._classes = tuple(classes)
        self._tables = tables
        self._scores = scores
        self._patients = patients
        self._state = DeckState(tables)
        self._thresholds = np.full(len(classes), np.nan)
        self._intervals: dict[tuple[int, int], dict[str, Interval]] = {}
        self._settled: dict[tuple[int, int, int], Settled] = {}
        self._resampled: _Sums | None = None
        self._lock = Lock()

    @classmethod
    def of_study(cls, study: Study, setting: str, split: str, tables: DeckTables) -> FollowedFigures:
        """Make the figures of a setting of a study on the films of a split; tables : of these."""
        rows = study.rows(split)
        patients = number_patients(study.patient_numbers(rows), len(rows))
        return cls(study.classes, tables, np.asarray(study.scores(setting)[rows]), patients)

    def point(self, thresholds: FloatArray) -> OperatingPoint:
        """Compute the figures at thresholds (n_classes,), NaN = the class is never predicted."""
        with self._lock:
            self._move(thresholds)
            return OperatingPoint(
                per_class={name: self._state.confusion(index) for index, name in enumerate(self._classes)},
                overall=self._state.overall(),
                intervals={name: self._class_intervals(index) for index, name in enumerate(self._classes)},
                n_films=self._tables.steps.shape[1],
            )

    def resampled(self, thresholds: FloatArray, resamples: Resamples) -> ResampledFigures:
        """Compute the figures over all classes over resamples, always the same ones, of the patients of the films."""
        with self._lock:
            self._move(thresholds)
            if self._resampled is None:
                self._resampled = _Sums.begin(self._tables, self._state, resamples)
            return self._resampled.figures(self._state)

    def flips(self, before: FloatArray, after: FloatArray) -> Flips:
        """Find what changes between two rows of thresholds (n_classes,); rows count the films of the split from 0."""
        with self._lock:
            self._move(after)
            now = self._state.wrong
            was = now.copy()
            rows, columns, added = [], [], []
            for index, cut in enumerate(before):
                crossed, is_added = self._crossed(index, float(cut), float(after[index]))
                was[crossed] -= self._tables.turned[index, crossed] * (1 if is_added else -1)
                rows.append(crossed)
                columns.append(np.full(crossed.size, index))
                added.append(np.full(crossed.size, is_added))
        found, column, to_positive = np.concatenate(rows), np.concatenate(columns), np.concatenate(added)
        order = np.argsort(found, kind="stable")  # by film; classes came in their order
        found, column = found[order], column[order]
        return Flips(
            rows=found,
            columns=column,
            to_positive=to_positive[order],
            label=_labels(self._tables.turned[column, found]),
            became_right=np.flatnonzero((was != 0) & (now == 0)),
            became_wrong=np.flatnonzero((was == 0) & (now != 0)),
        )

    def settled(self, thresholds: FloatArray, uppers: FloatArray) -> SettledFilms:
        """Compute what two cuts a class settle; arrays (n_classes,), NaN = the class is never predicted."""
        with self._lock:
            rows, left = {}, np.zeros(len(self._tables.wrong_unpredicted), dtype=np.int8)
            n_left = 0
            for index, name in enumerate(self._classes):
                cuts = self._steps_of(index, thresholds), max(self._steps_of(index, t) for t in (thresholds, uppers))
                rows[name] = self._settled_class(index, *cuts)
                if cuts[0] < cuts[1]:
                    own = self._tables.steps[index]
                    between = (own >= cuts[0]) & (own < cuts[1])
                    left |= between.view(np.int8)
                    n_left += rows[name].left
        n_read = sum(one.n_positive + one.n_negative for one in self._tables.counts)
        n_films = self._tables.n_films
        return SettledFilms(
            per_class=rows,
            labels_settled=float(share(n_read - n_left, n_read)),
            films_settled=float(share(n_films - int(np.count_nonzero(left)), n_films)),
        )

    def _steps_of(self, index: int, cuts: FloatArray) -> int:
        return self._tables.counts[index].step(float(cuts[index]))

    def _settled_class(self, index: int, cut: int, upper: int) -> Settled:
        known = self._settled.get((index, cut, upper))
        if known is None:
            own = self._tables.steps[index].astype(np.float64)
            known = settled_class(_labels(self._tables.turned[index]), own, cut, upper, self._patients)
            if len(self._settled) > _MOST_KEPT:
                self._settled.clear()
            self._settled[index, cut, upper] = known
        return known

    def _crossed(self, index: int, before: float, after: float) -> tuple[IntArray, bool]:
        """The films that a class's move passes, unread ones too, and whether they become positive."""
        if before == after:
            return np.zeros(0, dtype=np.int64), False
        exact = self._scores[:, index].astype(np.float64)
        was, now = exact >= before, exact >= after
        crossed = np.flatnonzero(was != now)
        return crossed, bool(crossed.size and now[crossed[0]])

    def _move(self, thresholds: FloatArray) -> None:
        for index, threshold in enumerate(thresholds):
            if not (threshold == self._thresholds[index] or np.isnan([threshold, self._thresholds[index]]).all()):
                if self._resampled is not None:
                    self._resampled.move(self._state, index, float(threshold))
                else:
                    self._state.move(index, float(threshold))
                self._thresholds[index] = threshold

    def _class_intervals(self, index: int) -> dict[str, Interval]:
        """Of the class where it stands; kept, as many steps as were visited."""
        step = self._state.step(index)
        known = self._intervals.get((index, step))
        if known is None:
            decisions = self._tables.steps[index] >= step
            known = class_intervals(_labels(self._tables.turned[index]), decisions, self._patients)
            if len(self._intervals) > _MOST_KEPT:
                self._intervals.clear()
            self._intervals[index, step] = known
        return known


_MOST_KEPT: Final = 5_000
"""Steps of classes whose intervals are remembered."""


@dataclass(eq=False)
class _Sums:
    """Sums of marks over the films of each resample, (n_resamples, m): see `resample_decisions`."""

    tables: DeckTables
    resamples: Resamples
    counted: FloatArray

    @classmethod
    def begin(cls, tables: DeckTables, state: DeckState, resamples: Resamples) -> _Sums:
        """Count everything once."""
        steps = np.array([state.step(index) for index in range(len(tables.counts))])
        decided = (tables.steps >= steps[:, None]) & (tables.turned != 0)
        positive, negative = tables.turned < 0, tables.turned > 0
        cells = np.stack([positive & decided, negative & decided, positive & ~decided, negative & ~decided], axis=1)
        read = tables.turned != 0
        marks = [read.any(axis=0), read.all(axis=0), positive.any(axis=0)]
        columns = [*cells.reshape(-1, cells.shape[2]), *state.marks.T, *marks]
        return cls(tables, resamples, resamples.sums(np.column_stack(columns)))

    def move(self, state: DeckState, index: int, threshold: float) -> None:
        """Move a class of a state, and count what its films then are."""
        before, marks = state.step(index), state.marks
        state.move(index, threshold)
        after = state.step(index)
        own = self.tables.steps[index]
        crossed = np.flatnonzero((own >= min(before, after)) & (own < max(before, after)))
        if not crossed.size:
            return
        by = 1 if after < before else -1
        turned = self.tables.turned[index, crossed]
        positive, negative = by * (turned < 0), by * (turned > 0)
        marked = state.marks[crossed].astype(np.int8) - marks[crossed].astype(np.int8)
        change = np.column_stack([positive, negative, -positive, -negative, marked]).astype(np.float32)
        patients, films = np.unique(self.resamples.patients.of_film[crossed], return_inverse=True)
        by_patient = np.column_stack([np.bincount(films, column, patients.size) for column in change.T])
        added = self.resamples.weights[:, patients].astype(np.float32) @ by_patient.astype(np.float32)
        first = _CELLS * index
        self.counted[:, first : first + _CELLS] += added[:, :_CELLS]
        last = _CELLS * len(self.tables.counts)
        self.counted[:, last : last + 2] += added[:, _CELLS:]

    def figures(self, state: DeckState) -> ResampledFigures:
        """Compute the figures of the sums; sizes are those of the films themselves."""
        columns = list(np.ascontiguousarray(self.counted.T))
        n = len(self.tables.counts)
        counts = [Counts(*columns[_CELLS * index : _CELLS * (index + 1)]) for index in range(n)]
        n_right, n_labelled, n_films, n_matched, n_positive = columns[_CELLS * n :]
        overall = overall_resampled(
            Evidence(ResampledDecisions(counts, n_right, n_labelled, n_films, n_matched, n_positive))
        )
        whole = state.decision_counts()
        sizes = sizes_of(whole)
        return ResampledFigures(
            counts=whole,
            overall=overall,
            sizes={figure.name: figure.stands_on(sizes) for figure in overall_figures() if figure.name in overall},
            f1=np.stack([np.asarray(f1(cells)) for cells in counts], axis=1),
            n_positive=np.array([one.n_positive for one in self.tables.counts]),
        )


def _labels(turned: IntArray) -> FloatArray:
    """(n,) of {0, 1, NaN = unread}, from what a film adds to its wrong labels where the class becomes predicted."""
    labels: FloatArray = np.where(turned == 0, np.nan, turned < 0)
    return labels
