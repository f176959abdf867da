"""What the variants of all claims share on some films: decisions, counts, areas and distances, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from core.claims.axes import AT_LEAST, MACRO, PUBLISHED, Choices
from core.claims.distances import N_RESAMPLES, Distances, measure_distances
from core.claims.figures import ClaimFigure
from core.claims.films import Films
from core.claims.scores import Side, StudyScores
from core.metrics.arrays import BoolArray, FloatArray, mean_of_defined, ratios
from core.metrics.bootstrap import resampled_aurocs
from core.metrics.cells import Counts
from core.metrics.evidence import ResampledDecisions, resample_decisions
from core.metrics.neighbours import Metric
from core.metrics.patients import number_patients
from core.thresholds import NATURAL_CUTS, policy_named
from core.thresholds.class_scores import FilmScores
from core.thresholds.rules import RULES

if TYPE_CHECKING:
    from core.study import Study

Result = TypeVar("Result")


@dataclass(frozen=True)
class Mask:
    """Which labels count.

    untrained : columns that some setting of the claim learnt nothing of, which count for none.
    several : only films with two positive labels or more.
    """

    untrained: tuple[int, ...] = ()
    several: bool = False


class Shared:
    """Figures of one reading of the labels on the films of one split; every array begins with the films as they are,
    and the resamples follow.
    """

    def __init__(self, study: Study, films: Films, scores: StudyScores) -> None:
        self.study, self.films = study, films
        self._scores = scores
        self._made: dict[Hashable, Any] = {}

    def _once(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """What was made under a key, or what is made now."""
        if key not in self._made:
            self._made[key] = make()
        found: Result = self._made[key]
        return found

    def labels(self, mask: Mask) -> FloatArray:
        """Give the labels (n_films, C) of {0, 1, NaN} of the films that are read."""
        return self._once(("labels", mask), lambda: self._labels(mask))

    def _labels(self, mask: Mask) -> FloatArray:
        labels = np.array(self.study.labels[self.films.read])
        if mask.several:
            labels[np.count_nonzero(labels == 1, axis=1) < 2] = np.nan
        labels[:, list(mask.untrained)] = np.nan
        return labels

    def n_positive(self, mask: Mask) -> FloatArray:
        """Count (C,) the positive films of every class."""
        return self._once(("positive", mask), lambda: np.count_nonzero(self.labels(mask) == 1, axis=0))

    def classes(self, choices: Choices, mask: Mask) -> BoolArray:
        """Tell (C,) which classes count; all where none is left out, those without a positive too."""
        least = choices.get("classes", AT_LEAST[0])
        return self.n_positive(mask) >= (0 if least == AT_LEAST[0] else int(least))

    def basis(self, figure: ClaimFigure, choices: Choices, mask: Mask) -> int:
        """Count what an interval stands on: the positives of the classes, or the films that are read."""
        if figure.is_averaged:
            return int(self.n_positive(mask)[self.classes(choices, mask)].sum())
        return int(np.count_nonzero(~np.isnan(self.labels(mask)).all(axis=1)))

    def decisions(self, side: Side, policy: str) -> BoolArray:
        """Decide (n_films, C) by a policy, fitted on the films of the fit; False where a class has no threshold."""
        return self._once(("decisions", side, policy), lambda: self._decide(side, policy))

    def _decide(self, side: Side, policy: str) -> BoolArray:
        chosen, (scores, kind) = policy_named(policy), self._scores.of(side)
        middle = NATURAL_CUTS.get(kind, 0.0)
        if chosen.needs_films:
            fits = chosen.fit_classes(self._fitted(side), middle=middle)
            cuts = np.array([np.nan if fit.threshold is None else fit.threshold for fit in fits])
        else:
            cut = chosen.cut(middle)
            cuts = np.full(scores.shape[1], np.nan if cut is None else cut)
        return RULES[chosen.rule_name](cuts, chosen.checked(None)).decide(scores[self.films.read])

    def _fitted(self, side: Side) -> FilmScores:
        """The films of the fit, sorted once for all policies."""

        def make() -> FilmScores:
            rows = self.films.fitted
            patients = number_patients(self.study.patient_numbers(rows), len(rows))
            labels = self.study.judged_labels(side.setting)[rows]
            return FilmScores(self.study.classes, labels, self._scores.of(side)[0][rows], patients)

        return self._once(("fitted", side), make)

    def counts(self, side: Side, policy: str, mask: Mask) -> ResampledDecisions:
        """Count decisions, over the films as they are and over every resample, in one product of matrices."""
        return self._once(
            ("counts", side, policy, mask),
            lambda: resample_decisions(self.labels(mask), self.decisions(side, policy), self.films.sums),
        )

    def values(self, side: Side, figure: ClaimFigure, choices: Choices, mask: Mask) -> FloatArray:
        """Compute (n_rows,) a figure of a side under some choices; NaN where it is undefined."""
        names = ("policy", "average", "undefined", "classes", "distance", "convention")
        key = (side, figure.name, mask, *(choices.get(name) for name in names))
        return self._once(key, lambda: self._values(side, figure, choices, mask))

    def _values(self, side: Side, figure: ClaimFigure, choices: Choices, mask: Mask) -> FloatArray:
        if figure.kind == "ranking":
            return self._ranking(side, figure, choices, mask)
        if figure.kind == "distances":
            found = self.distances(side, choices, mask)
            return found.figure(figure.name, self.classes(choices, mask))
        if figure.kind == "areas":
            return self._average(self._areas(side, mask), choices, mask)
        counts = self.counts(side, choices["policy"], mask)
        if figure.of_films is not None:
            return np.asarray(figure.of_films(counts), dtype=np.float64)
        assert figure.of_cells is not None
        if choices["average"] == "micro":
            chosen = [one for one, is_in in zip(counts.classes, self.classes(choices, mask), strict=True) if is_in]
            columns = zip(*((one.tp, one.fp, one.fn, one.tn) for one in chosen), strict=True)
            pooled = [np.sum(column, axis=0) for column in columns] or [np.zeros(self.films.n_rows)] * 4
            return np.asarray(figure.of_cells(Counts(*pooled)), dtype=np.float64)
        return self._average(self._of_classes(side, figure, choices["policy"], mask), choices, mask)

    def _of_classes(self, side: Side, figure: ClaimFigure, policy: str, mask: Mask) -> FloatArray:
        """(n_rows, C) a figure of every class."""
        of_cells = figure.of_cells
        assert of_cells is not None
        counts = self.counts(side, policy, mask)
        key = ("classes", side, figure.name, policy, mask)
        return self._once(key, lambda: np.stack([np.asarray(of_cells(one)) for one in counts.classes], axis=1))

    def _positives(self, mask: Mask) -> FloatArray:
        """(n_rows, C) positive films of every class."""
        return self._once(("weights", mask), lambda: self.films.sums(self.labels(mask) == 1))

    def _average(self, values: FloatArray, choices: Choices, mask: Mask) -> FloatArray:
        """(n_rows,) mean over classes that have a positive; as published over all, undefined as 0."""
        if choices.get("undefined") == PUBLISHED and choices["average"] == MACRO:
            return np.asarray(np.nan_to_num(values).mean(axis=1))
        positives = self._positives(mask)
        counted = self.classes(choices, mask) & (positives > 0)
        chosen = np.where(counted, values, np.nan)
        if choices["average"] == MACRO:
            return mean_of_defined(chosen, axis=1)
        weights = np.where(np.isnan(chosen), 0.0, positives)
        return ratios((np.nan_to_num(chosen) * weights).sum(axis=1), weights.sum(axis=1))

    def _areas(self, side: Side, mask: Mask) -> FloatArray:
        """(n_rows, C) area under the ROC curve of every class."""

        def make() -> FloatArray:
            scores, labels = self._scores.of(side)[0][self.films.read], self.labels(mask)
            columns = zip(labels.T, scores.T, strict=True)
            return np.stack([resampled_aurocs(*pair, self.films.film_weights) for pair in columns], axis=1)

        return self._once(("areas", side, mask), make)

    def _ranking(self, side: Side, figure: ClaimFigure, choices: Choices, mask: Mask) -> FloatArray:
        assert figure.of_ranking is not None
        scores = self._scores.of(side)[0][self.films.read]
        return self._over_films(figure.of_ranking(self.labels(mask), scores), figure, choices)

    def _over_films(self, values: FloatArray, figure: ClaimFigure, choices: Choices) -> FloatArray:
        """(n_rows,) mean of values (n_films,); undefined ones left out, or counted as published."""
        if choices.get("undefined") == PUBLISHED:
            values = np.where(np.isnan(values), figure.as_published, values)
        defined = ~np.isnan(values)
        sums = self.films.totals(np.column_stack([np.where(defined, values, 0.0), defined]))
        return ratios(sums[:, 0], sums[:, 1])

    def by_chance(self, figure: ClaimFigure, choices: Choices, mask: Mask) -> FloatArray:
        """Compute (n_rows,) what a ranking that knows nothing would give on the same films."""
        of_chance = figure.by_chance
        assert of_chance is not None
        key = ("chance", figure.name, choices.get("undefined"), mask)
        return self._once(key, lambda: self._over_films(of_chance(self.labels(mask)), figure, choices))

    def distances(self, side: Side, choices: Choices, mask: Mask) -> Distances:
        """Measure the distances in the space that a setting reads, once an encoder."""
        encoder = str(self.study.manifest.settings[side.setting].encoder)
        metric: Metric = "cosine" if choices["distance"] == "cosine" else "euclidean"

        def make() -> Distances:
            embeddings = np.asarray(self.study.image_embeddings(encoder)[self.films.read])
            weights = self.films.film_weights[: N_RESAMPLES + 1]
            return measure_distances(embeddings, self.labels(mask), weights, choices["convention"], metric)

        return self._once(("distances", encoder, metric, choices["convention"], mask), make)
