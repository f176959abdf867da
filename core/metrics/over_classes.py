"""What is computed over all classes, from decisions and from rankings; the films as they are or resamples of them."""

from __future__ import annotations

from core.metrics import cells
from core.metrics.cells import Numbers, share
from core.metrics.evidence import DecisionCounts, Ranking
from core.metrics.ranking import film_coverage, film_ranking_precision


def macro_f1(counts: DecisionCounts) -> Numbers:
    """Mean F1 over the classes that have a positive, 0..1; over all classes as published."""
    return counts.mean_over_classes(cells.f1)


def micro_f1(counts: DecisionCounts) -> Numbers:
    """F1 of the counts summed over classes, 0..1; NaN where nothing is positive or predicted."""
    return cells.f1(counts.pooled)


def exact_match(counts: DecisionCounts) -> Numbers:
    """Share of the films read for every class whose predicted label set is the true one."""
    return share(counts.n_right, counts.n_films_matched)


def hamming(counts: DecisionCounts) -> Numbers:
    """Share of the labels read that are decided wrongly."""
    every = counts.pooled
    return share(every.fp + every.fn, every.tp + every.fp + every.fn + every.tn)


def cardinality(counts: DecisionCounts) -> Numbers:
    """Predicted labels per film that was read for any class."""
    return share(counts.pooled.tp + counts.pooled.fp, counts.n_films)


def true_cardinality(counts: DecisionCounts) -> Numbers:
    """True labels per film that was read for any class."""
    return share(counts.pooled.tp + counts.pooled.fn, counts.n_films)


def share_labelled(counts: DecisionCounts) -> Numbers:
    """Share of the films read for any class that get a label."""
    return share(counts.n_labelled, counts.n_films)


def true_share_labelled(counts: DecisionCounts) -> Numbers:
    """Share of the films read for any class that have a label."""
    return share(counts.n_films_positive, counts.n_films)


def lrap(ranking: Ranking) -> Numbers:
    """Label ranking average precision over the films with a positive label, 0..1."""
    return ranking.mean_over_films(film_ranking_precision(ranking.labels, ranking.scores), published=1.0)


def coverage_error(ranking: Ranking) -> Numbers:
    """How far down its ranking a film's last positive label stands, over the films that have one; 1..n_classes."""
    return ranking.mean_over_films(film_coverage(ranking.labels, ranking.scores), published=0.0)


def macro_auroc(ranking: Ranking) -> Numbers:
    """Mean area under the ROC curve over the classes that have both kinds of film, 0..1."""
    return ranking.mean_over_classes(ranking.aurocs)
