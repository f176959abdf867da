"""What a browser needs to show every figure at every threshold: small typed arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from core.metrics.arrays import FloatArray, IntArray, checked_labels
from core.metrics.patients import Ids, number_patients
from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.live_counts import DeckTables

if TYPE_CHECKING:
    from core.study import Study

UNREAD: Final = 2
"""Code of a label that nobody read."""
MOST_CELLS: Final = 1_500_000
"""Films times classes up to which every distinct score is a step."""


@dataclass(frozen=True, eq=False)
class BrowserTables:
    """The films of a split as steps: every figure at every threshold follows from them by counting.

    edges : by class, the (k,) lowest scores of its steps, ascending, float64. A film stands on the last step whose
        edge its score reaches; a threshold stands at the first step whose edge is no less, and takes all from there.
    cuts : by class, (k + 1,) a threshold for each step, clear of the scores on both sides; the last takes no film.
    steps : (n_classes, n_films) unsigned, the step of each film; films below the first edge do not occur.
    labels : (n_classes, n_films) uint8 of {0, 1, 2 = unread}.
    patients : (n_films,) uint32 number of the film's patient; None where every film is its own.
    rows : (n_films,) uint32 row of the study of each film; None where they are the study's, from its first on.
    is_exact : every distinct score is an edge. If not, counts at the edges are exact still, and only thresholds in
        between are not offered.
    """

    classes: tuple[str, ...]
    edges: tuple[FloatArray, ...]
    cuts: tuple[FloatArray, ...]
    steps: IntArray
    labels: npt.NDArray[np.uint8]
    patients: IntArray | None
    n_patients: int
    is_exact: bool
    rows: IntArray | None = None

    def content(self) -> dict[str, Any]:
        """Give the tables as they are sent: JSON values,
        and under "arrays" the arrays of all classes one after another.
        """
        arrays: dict[str, npt.NDArray[Any]] = {
            "offsets": np.cumsum([0, *(len(edges) for edges in self.edges)]).astype(np.uint32),
            "edges": np.concatenate(self.edges),
            "cuts": np.concatenate(self.cuts),
            "steps": self.steps.ravel(),
            "labels": self.labels.ravel(),
        }
        known = {"patients": self.patients, "rows": self.rows}
        return {
            "classes": list(self.classes),
            "n_films": int(self.labels.shape[1]),
            "n_patients": self.n_patients,
            "is_exact": self.is_exact,
            "arrays": {**arrays, **{name: array for name, array in known.items() if array is not None}},
        }


def browser_tables(
    classes: Sequence[str],
    labels: FloatArray,
    scores: FloatArray,
    patients: Ids | None = None,
    *,
    keep: FloatArray | None = None,
    most_cells: int = MOST_CELLS,
    most_steps: int = 256,
    tables: DeckTables | None = None,
) -> BrowserTables:
    """Pack the tables of labels (n_films, n_classes) of {0, 1, NaN} and scores of the same shape, finite where read.

    patients : (n_films,); None = every film is its own.
    keep : (n_classes,) thresholds whose steps are to be among the edges, NaN = none.
    tables : the counts of these scores, if at hand: of these labels, or of others that leave fewer films unread.
    most_cells : films times classes up to which every distinct score is a step; above, at most most_steps + 1 a class.
    """
    labels = checked_labels(labels)
    is_exact = labels.size <= most_cells
    kept = np.full(len(classes), np.nan) if keep is None else np.asarray(keep, dtype=np.float64)
    edges, cuts, columns = [], [], []
    tables = tables or DeckTables.from_arrays(labels, scores)
    for index, (counts, own) in enumerate(zip(tables.counts, tables.steps, strict=True)):
        chosen = np.arange(counts.scores.size) if is_exact else _merged(counts, float(kept[index]), most_steps)
        edges.append(counts.scores[chosen])
        cuts.append(cuts_of(counts, np.r_[chosen, counts.scores.size]))
        columns.append(_merged_steps(chosen, counts.scores.size)[own])
    widest = max((len(one) for one in edges), default=0)
    numbers, n_patients = _patient_numbers(patients, len(labels))
    return BrowserTables(
        classes=tuple(classes),
        edges=tuple(edges),
        cuts=tuple(cuts),
        steps=np.stack(columns).astype(np.min_scalar_type(widest), copy=False),
        labels=np.where(np.isnan(labels), UNREAD, labels).astype(np.uint8).T.copy(),
        patients=numbers,
        n_patients=n_patients,
        is_exact=is_exact,
    )


def study_tables(
    study: Study,
    setting: str,
    split: str,
    *,
    keep: FloatArray | None = None,
    tables: DeckTables | None = None,
    is_turned: bool = False,
) -> BrowserTables:
    """Pack the tables of one setting of a study over the films of a split.

    is_turned : labels may be changed for others in the browser, so that every film's score is an edge.
    """
    rows = study.rows(split)
    patients = study.patient_numbers(rows)
    labels, scores = study.judged_labels(setting)[rows], study.scores(setting)[rows]
    if is_turned:
        every = np.where(np.isfinite(scores), 0.0, np.nan)
        tables = DeckTables.from_arrays(every, scores)
    packed = browser_tables(study.classes, labels, scores, patients, keep=keep, tables=tables)
    is_from_first = bool(np.array_equal(rows, np.arange(len(rows))))
    return packed if is_from_first else replace(packed, rows=rows.astype(np.uint32))


def cuts_of(counts: ThresholdCounts, steps: IntArray) -> FloatArray:
    """Give (m,) what `ThresholdCounts.threshold` gives for each of m steps; NaN where no film was read."""
    scores = counts.scores
    if not scores.size:
        return np.full(steps.shape, np.nan)
    here = scores[np.minimum(steps, scores.size - 1)]
    below = scores[np.clip(steps - 1, 0, scores.size - 1)]
    with np.errstate(over="ignore"):
        midway = below + (here - below) / 2
    cuts = np.where((below < midway) & (midway <= here), midway, here)
    cuts[steps == 0] = scores[0]
    cuts[steps == scores.size] = math.nextafter(float(scores[-1]), math.inf)
    return cuts


def _merged(counts: ThresholdCounts, keep: float, most_steps: int) -> IntArray:
    """At most most_steps + 1 of a class's steps, ascending, the lowest one among them.

    Half of them are spread over the films, half over the positives: a rare class is cut as finely as a common one.
    """
    n_steps = counts.scores.size
    if n_steps <= most_steps:
        return np.arange(n_steps)
    half = most_steps // 2
    shares = np.linspace(0, 1, half)
    every = counts.true_positives + counts.false_positives
    chosen = [_last_reaching(films, np.ceil(shares * films[0])) for films in (every, counts.true_positives)]
    own = np.array([] if math.isnan(keep) else [counts.step(keep)], dtype=np.int64)
    together = np.unique(np.r_[0, *chosen, own])
    return together[together < n_steps]


def _last_reaching(films: IntArray, numbers: FloatArray) -> IntArray:
    """The highest step that still takes each number of films; films (k + 1,) descending."""
    return np.searchsorted(-films, -numbers, side="right") - 1


def _merged_steps(chosen: IntArray, n_steps: int) -> IntArray:
    """(n_steps + 1,) where each step of a class goes when only the chosen ones stay: to the last that is no higher.

    An unread film, which stands on the step that takes none, goes to the last one that takes any.
    """
    place = np.searchsorted(chosen, np.arange(n_steps + 1), side="right") - 1
    return np.maximum(place, 0).astype(np.min_scalar_type(max(chosen.size, 1)))


def _patient_numbers(patients: Ids | None, n_films: int) -> tuple[IntArray | None, int]:
    """Numbers from 0, and how many patients there are; None where every film is its own."""
    numbered = number_patients(patients, n_films)
    return (None if numbered.are_films else numbered.of_film.astype(np.uint32)), numbered.n
