"""One variant of a claim from the stored scores, by scikit-learn, film by film and resample by resample."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import (
    coverage_error,
    f1_score,
    label_ranking_average_precision_score,
    pairwise_distances,
    precision_score,
    recall_score,
    roc_auc_score,
)

from core.claims.axes import AS_WRITTEN, MACRO, PUBLISHED, Choices, positions
from core.claims.claim import CHANCE, Claim
from core.claims.compute import side_of
from core.claims.films import Films, films_of_option
from core.claims.scores import Side, StudyScores
from core.metrics.patients import number_patients
from core.study import Study
from core.thresholds import NATURAL_CUTS, policy_named
from core.thresholds.class_scores import FilmScores


def _over_prediction(truth: np.ndarray, called: np.ndarray, **_: object) -> float:
    return float(called.sum() / truth.sum()) if truth.sum() else math.nan


_OF_DECISIONS = {
    "f1": f1_score,
    "precision": precision_score,
    "recall": recall_score,
    "over_prediction": _over_prediction,
}


@dataclass(frozen=True)
class Effect:
    """One variant: the two figures, and the 95 % interval of their difference."""

    first: float
    second: float
    low: float
    high: float


def reference_effect(study: Study, claim: Claim, choices: Choices, n_resamples: int) -> Effect:
    """The effect and its percentile interval, with nothing shared between variants but the draw of the patients."""
    convention = positions(study)[choices.get("labels", AS_WRITTEN)]
    seen = study if convention is None else study.under(convention)
    films = films_of_option(seen, choices["split"], max(n_resamples, 1))
    numbers = np.arange(len(films.read))
    draws = [np.repeat(numbers, row.astype(int)) for row in films.resamples.film_weights()[:n_resamples]]
    sides: list[list[float]] = []
    for place in range(2):
        if place and not isinstance(claim.second, str):
            sides.append([claim.second] * (1 + n_resamples))
        elif place and claim.second == CHANCE:
            sides.append([math.nan] * (1 + n_resamples))
        else:
            side = side_of(claim, place, choices)
            sides.append(_side(seen, films, side, claim, choices, [numbers, *draws]))
    gaps = np.array(sides[0]) - np.array(sides[1])
    low, high = np.nanquantile(gaps[1:], [0.025, 0.975]) if len(gaps) > 1 else (math.nan, math.nan)
    return Effect(sides[0][0], sides[1][0], low, high)


def _side(
    study: Study, films: Films, side: Side, claim: Claim, choices: Choices, draws: list[np.ndarray]
) -> list[float]:
    """The figure of one side on every draw of the films."""
    labels = np.array(study.labels[films.read])
    if claim.films != "all":
        labels[(labels == 1).sum(axis=1) < 2] = np.nan
    least = choices.get("classes", "1")
    kept = (labels == 1).sum(axis=0) >= (0 if least == "1" else int(least))
    metric = choices["metric"]
    if metric in ("inter", "intra", "ratio"):
        return [_distance(study, films, side, choices, labels, kept)]
    scores, kind = StudyScores(study).of(side)
    decided = _decisions(study, films, side, scores, kind, choices["policy"]) if "policy" in choices else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [_figure(metric, labels[rows], scores[films.read][rows], decided, rows, kept, choices) for rows in draws]


def _figure(
    metric: str,
    labels: np.ndarray,
    scores: np.ndarray,
    decided: np.ndarray | None,
    rows: np.ndarray,
    kept: np.ndarray,
    choices: Choices,
) -> float:
    if metric == "auroc":
        return _area(labels, scores, kept, choices)
    if metric in ("lrap", "coverage_error"):
        return _ranking(metric, labels, scores, choices)
    assert decided is not None
    if metric == "exact_match":
        full = ~np.isnan(labels).any(axis=1)
        return float((labels[full] == decided[rows][full]).all(axis=1).mean())
    return _of_decisions(metric, labels, decided[rows], kept, choices)


def _decisions(study: Study, films: Films, side: Side, scores: np.ndarray, kind: str, policy: str) -> np.ndarray:
    chosen, middle = policy_named(policy), NATURAL_CUTS.get(kind, 0.0)
    read = scores[films.read]
    if policy == "paper-row-min-max":
        low, high = read.min(axis=1, keepdims=True), read.max(axis=1, keepdims=True)
        return (read - low) / (high - low) >= 0.5
    if policy == "top-k":
        return read == read.max(axis=1, keepdims=True)
    if policy == "paper-cut":
        return read > middle
    fitted = films.fitted
    patients = number_patients(study.patient_ids(fitted), len(fitted))
    fits = chosen.fit_classes(FilmScores(study.classes, study.labels[fitted], scores[fitted], patients), middle=middle)
    return read >= np.array([math.nan if fit.threshold is None else fit.threshold for fit in fits])


def _of_decisions(metric: str, labels: np.ndarray, decided: np.ndarray, kept: np.ndarray, choices: Choices) -> float:
    """Class by class, unread films of a class left out."""
    figure = _OF_DECISIONS[metric]
    if choices["average"] == "micro":
        is_read = ~np.isnan(labels[:, kept])
        return float(figure(labels[:, kept][is_read], decided[:, kept][is_read]))
    of_class, positives = [], []
    for column in range(labels.shape[1]):
        is_read = ~np.isnan(labels[:, column])
        truth, called = labels[is_read, column], decided[is_read, column]
        of_class.append(float(figure(truth, called, zero_division=np.nan)))
        positives.append(truth.sum())
    values, weights = np.array(of_class), np.array(positives)
    if choices["undefined"] == PUBLISHED and choices["average"] == MACRO:
        return float(np.nan_to_num(values).mean())
    counted = kept & (weights > 0) & ~np.isnan(values)
    return float(np.average(values[counted], weights=weights[counted] if choices["average"] == "weighted" else None))


def _area(labels: np.ndarray, scores: np.ndarray, kept: np.ndarray, choices: Choices) -> float:
    areas, positives = [], []
    for column in np.flatnonzero(kept):
        is_read = ~np.isnan(labels[:, column])
        truth = labels[is_read, column]
        if 0 < truth.sum() < len(truth):
            areas.append(roc_auc_score(truth, scores[is_read, column]))
            positives.append(truth.sum())
    return float(np.average(areas, weights=positives if choices["average"] == "weighted" else None))


def _ranking(metric: str, labels: np.ndarray, scores: np.ndarray, choices: Choices) -> float:
    """scikit-learn counts a film without a label as the paper does: LRAP 1, coverage 0."""
    if choices.get("undefined") != PUBLISHED:
        has = (labels == 1).any(axis=1)
        labels, scores = labels[has], scores[has]
    figure = coverage_error if metric == "coverage_error" else label_ranking_average_precision_score
    total = 0.0
    for pattern in np.unique(np.isnan(labels), axis=0):
        rows = (np.isnan(labels) == pattern).all(axis=1)
        total += rows.sum() * float(figure(labels[rows][:, ~pattern], scores[rows][:, ~pattern]))
    return total / len(labels)


def _distance(study: Study, films: Films, side: Side, choices: Choices, labels: np.ndarray, kept: np.ndarray) -> float:
    """Of the films as they are."""
    encoder = str(study.manifest.settings[side.setting].encoder)
    space, metric = np.asarray(study.image_embeddings(encoder)[films.read], dtype=np.float64), choices["distance"]
    member = labels == 1
    if choices["convention"] == PUBLISHED:
        member = member & (np.cumsum(member, axis=1) == 1)
    least = 1 if choices["convention"] == PUBLISHED else 2
    classes = [column for column in np.flatnonzero(kept) if member[:, column].sum() >= least]
    if metric == "cosine":
        space = space / np.linalg.norm(space, axis=1, keepdims=True)
    if choices["convention"] in ("all_pairs", "exclusive_pairs"):
        inter, intra = _by_pairs(_far(space, metric=metric), labels, classes, choices["convention"])
    else:
        centres = np.stack([space[member[:, column]].mean(axis=0) for column in classes])
        far = _far(centres, metric=metric)
        inter = far[np.triu_indices(len(classes), 1)].mean()
        own = [
            _far(space[member[:, column]], centre[None], metric=metric).mean()
            for column, centre in zip(classes, centres, strict=True)
        ]
        intra = float(np.mean(own))
    return {"inter": inter, "intra": intra, "ratio": inter / (intra + 1e-9 * (least == 1))}[choices["metric"]]


def _far(rows: np.ndarray, others: np.ndarray | None = None, *, metric: str) -> np.ndarray:
    """Distances by subtraction; scikit-learn's own Euclidean ones lose half their digits near 0."""
    ways = {"metric": "minkowski", "p": 2} if metric == "euclidean" else {"metric": metric}
    return np.asarray(pairwise_distances(rows, others, **ways))


def _by_pairs(far: np.ndarray, labels: np.ndarray, classes: list[int], convention: str) -> tuple[float, float]:
    positive, absent, between, within = labels == 1, labels == 0, [], []
    for place, one in enumerate(classes):
        films = np.flatnonzero(positive[:, one])
        within.append(far[np.ix_(films, films)].sum() / (len(films) * (len(films) - 1)))
        for other in classes[place + 1 :]:
            is_one, is_other = positive[:, one], positive[:, other]
            if convention == "exclusive_pairs":
                is_one, is_other = is_one & absent[:, other], is_other & absent[:, one]
            rows, columns = np.flatnonzero(is_one), np.flatnonzero(is_other)
            n_pairs = len(rows) * len(columns) - len(np.intersect1d(rows, columns))
            if n_pairs:
                between.append(far[np.ix_(rows, columns)].sum() / n_pairs)
    return float(np.mean(between)), float(np.mean(within))
