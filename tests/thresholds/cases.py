"""Random tables with thresholds, and what scikit-learn says of them, for Python and as JSON for the browser script.

`python -m tests.thresholds.cases --out cases.json [--n 200]` writes {"cases": [{"header", "buffer" (base64),
"thresholds" (null = none), "expected"}]}, the tables packed as the page sends them.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, hamming_loss, precision_recall_fscore_support

from core.metrics.class_figures import class_intervals
from core.metrics.patients import number_patients
from core.thresholds.packed_counts import browser_tables
from core.thresholds.settled import settled_class
from pages.shared.components import pack

N_CASES = 200
MOST_FILMS = 5_000
NAMES = ("tp", "fp", "fn", "tn", "precision", "recall", "specificity", "f1")


@dataclass(frozen=True)
class Case:
    """labels (n, C) of {0, 1, NaN}, scores (n, C) float32 with ties, patients (n,), thresholds (C,) with NaN.

    uppers : (C,) rule-in cuts, none below its threshold; NaN where there is no threshold.
    """

    labels: np.ndarray
    scores: np.ndarray
    patients: list[str]
    thresholds: np.ndarray
    uppers: np.ndarray

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(f"class {index}" for index in range(self.labels.shape[1]))


def case(seed: int) -> Case:
    """One table; the seed decides size (1 to 5,000 films), prevalences (0 and 1 too), ties, gaps, patients, cuts."""
    rng = np.random.default_rng(seed)
    n_films = (1, 2, MOST_FILMS)[seed] if seed < 3 else int(np.exp(rng.uniform(0, np.log(MOST_FILMS))))
    n_classes = int(rng.integers(1, 15))
    prevalence = rng.choice([0.0, 0.02, 0.2, 0.6, 1.0], n_classes, p=[0.1, 0.3, 0.3, 0.2, 0.1])
    labels = (rng.random((n_films, n_classes)) < prevalence).astype(float)
    scores = rng.normal(size=labels.shape) + labels
    if rng.random() < 0.6:
        scores = np.round(scores, int(rng.integers(0, 3)))
    if rng.random() < 0.6:
        labels[rng.random(labels.shape) < rng.choice([0.02, 0.3])] = np.nan
    if n_films > 3 and rng.random() < 0.3:
        labels[rng.integers(n_films)] = np.nan
    scores = scores.astype(np.float32)
    films_each = int(rng.integers(1, 4))
    patients = [f"p{number}" for number in rng.integers(0, max(1, n_films // films_each), n_films)]
    if films_each == 1:
        patients = [f"p{number}" for number in range(n_films)]
    cuts = _thresholds(rng, scores)
    above = np.array([rng.choice(column) for column in scores.T], dtype=float)
    return Case(labels, scores, patients, cuts, np.where(np.isnan(cuts), np.nan, np.maximum(cuts, above)))


def _thresholds(rng: np.random.Generator, scores: np.ndarray) -> np.ndarray:
    """Some on a score, some between, some beyond all, some absent."""
    own = np.array([rng.choice(column) for column in scores.T], dtype=float)
    kind = rng.integers(0, 6, own.size)
    moved = np.select([kind == 0, kind == 1, kind == 2], [own + 1e-9, own + 0.25, np.full(own.size, 99.0)], own)
    return np.where(kind == 3, np.nan, moved)


def decide(chosen: Case) -> np.ndarray:
    """(n, C) where the score reaches the threshold."""
    return chosen.scores.astype(float) >= chosen.thresholds


def expected(chosen: Case) -> dict[str, Any]:
    """Figures by scikit-learn at the same decisions; {"classes": [...], "overall": {...}}, NaN where undefined."""
    decisions = decide(chosen)
    patients = number_patients(chosen.patients, len(chosen.labels))
    columns = list(zip(chosen.labels.T, decisions.T, strict=True))
    classes = [_class_figures(labels, decided) for labels, decided in columns]
    overall = _overall_figures(chosen.labels, decisions, [one["f1"] for one in classes])
    ends = [_interval_ends(labels, decided, patients) for labels, decided in columns]
    rows = [{**one, **two} for one, two in zip(classes, ends, strict=True)]
    return {"classes": rows, "overall": overall, "settled": settled(chosen)}


def settled(chosen: Case) -> dict[str, Any]:
    """What two cuts settle, counted film by film; their limits, which depend on patients, are Python's."""
    n_films, n_classes = chosen.labels.shape
    patients = number_patients(chosen.patients, n_films)
    rows = []
    exact = chosen.scores.astype(float)
    is_in, is_above = exact >= chosen.uppers, exact >= chosen.thresholds
    zones = np.select([np.isnan(chosen.labels), is_in, is_above], ["unread", "in", "left"], "out")
    for column in range(n_classes):
        cut, upper = float(chosen.thresholds[column]), float(chosen.uppers[column])
        zone, positive = zones[:, column], chosen.labels[:, column] == 1
        n_out, n_left, n_in = (int((zone == name).sum()) for name in ("out", "left", "in"))
        missed, left_positive, right = (int(((zone == name) & positive).sum()) for name in ("out", "left", "in"))
        limits = settled_class(chosen.labels[:, column], chosen.scores[:, column], cut, upper, patients)
        rows.append(
            {
                "ruled_out": n_out, "missed": missed, "missed_share": missed / n_out if n_out else math.nan,
                "ruled_in": n_in, "right": right, "precision": right / n_in if n_in else math.nan,
                "left": n_left, "left_positive": left_positive,
                "settled": (n_out + n_in) / (n_out + n_left + n_in) if n_out + n_left + n_in else math.nan,
                "missed_high": limits.missed_high, "precision_low": limits.precision_low,
            }
        )  # fmt: skip
    read, left = zones != "unread", zones == "left"
    films = read.any(axis=1)
    overall = {
        "labels_settled": 1 - left.sum() / read.sum() if read.any() else math.nan,
        "films_settled": 1 - left.any(axis=1).sum() / films.sum() if films.any() else math.nan,
    }
    return {"classes": rows, "overall": overall}


def _class_figures(labels: np.ndarray, decided: np.ndarray) -> dict[str, float]:
    read = ~np.isnan(labels)
    truth, called = labels[read].astype(int), decided[read].astype(int)
    if not truth.size:
        return {name: (0 if len(name) == 2 and name != "f1" else math.nan) for name in NAMES}
    (tn, fp), (fn, tp) = confusion_matrix(truth, called, labels=[0, 1]).tolist()
    precision, recall, f1, _ = precision_recall_fscore_support(truth, called, labels=[0, 1], zero_division=np.nan)
    return dict(zip(NAMES, (tp, fp, fn, tn, precision[1], recall[1], recall[0], f1[1]), strict=True))


def _interval_ends(labels: np.ndarray, decided: np.ndarray, patients: Any) -> dict[str, float]:
    """The closed-form intervals, which scikit-learn has not: what the browser must show like Python."""
    intervals = class_intervals(labels, decided, patients)
    ends = (
        (f"{name}_{end}", getattr(interval, end)) for name, interval in intervals.items() for end in ("low", "high")
    )
    return dict(ends)


def _overall_figures(labels: np.ndarray, decisions: np.ndarray, class_f1: list[float]) -> dict[str, float]:
    read = ~np.isnan(labels)
    fully, any_read = read.all(axis=1), read.any(axis=1)
    truth, called = labels[read].astype(int), decisions[read].astype(int)
    f1 = [value for value, has in zip(class_f1, (labels == 1).any(axis=0), strict=True) if has]
    n_films = int(any_read.sum())
    predicted = decisions & read
    return {
        "macro_f1": float(np.mean(f1)) if f1 else math.nan,
        "micro_f1": float(f1_score(truth, called, zero_division=np.nan)) if truth.size else math.nan,
        "exact_match": _exact_match(labels[fully], decisions[fully]),
        "hamming": float(hamming_loss(truth, called)) if truth.size else math.nan,
        "cardinality": predicted.sum() / n_films if n_films else math.nan,
        "true_cardinality": float((labels == 1).sum()) / n_films if n_films else math.nan,
        "share_labelled": predicted.any(axis=1).sum() / n_films if n_films else math.nan,
        "true_share_labelled": (labels == 1).any(axis=1).sum() / n_films if n_films else math.nan,
        "n_films": n_films,
        "n_films_matched": int(fully.sum()),
    }


def _exact_match(labels: np.ndarray, decisions: np.ndarray) -> float:
    if not len(labels):
        return math.nan
    if labels.shape[1] == 1:
        return float(accuracy_score(labels[:, 0].astype(int), decisions[:, 0].astype(int)))
    return float(accuracy_score(labels.astype(int), decisions.astype(int)))


def as_json(chosen: Case) -> dict[str, Any]:
    """The case as the browser script takes it."""
    tables = browser_tables(chosen.classes, chosen.labels, chosen.scores, chosen.patients)
    content = base64.b64encode(pack({**tables.content(), "token": "case"})).decode()
    written = {"tables": content, "thresholds": chosen.thresholds.tolist(), "uppers": chosen.uppers.tolist()}
    return _without_nan({**written, "expected": expected(chosen)})


def _without_nan(value: Any) -> Any:
    """NaN as None, all the way down."""
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_nan(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def main() -> None:
    """Writes the cases."""
    parser = argparse.ArgumentParser(description="Random tables for the browser script, with scikit-learn's figures.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--n", type=int, default=N_CASES)
    args = parser.parse_args()
    cases = [as_json(case(seed)) for seed in range(args.n)]
    args.out.write_text(json.dumps({"cases": cases}, allow_nan=False), encoding="utf-8")
    print(f"{args.out}: {len(cases)} cases, {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
