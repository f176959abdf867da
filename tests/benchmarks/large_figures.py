"""Every figure of a study as large as MIMIC-CXR against scikit-learn on the whole table.

`python -m tests.benchmarks.large_figures [--films 377110] [--keep DIR]`: the figures of each class and over all classes
of three settings at their fitted thresholds, over all films; prints the largest difference of each figure and the
seconds of both, and ends with 1 where one is above 1e-9. Labels that were not read are left out, as the product does:
class by class, and film by film where a figure ranks a film's classes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn import metrics

from core.metrics.overall_figures import (
    COVERAGE_ERROR,
    EXACT_MATCH,
    HAMMING,
    LRAP,
    MACRO_AUROC,
    MACRO_F1,
    MICRO_F1,
    OVERALL_FIGURES,
)
from core.report.report import compute_report
from core.study import open_study
from core.thresholds import fit_thresholds
from tests.benchmarks.large import study_of

MOST: Final = 1e-9
Rows = npt.NDArray[np.float64]
Calls = npt.NDArray[np.bool_]


def main() -> None:
    """Prints the differences; ends with 1 where one is too large."""
    parser = argparse.ArgumentParser(description="A large study's figures against scikit-learn's.")
    parser.add_argument("--films", type=int, default=377_110)
    parser.add_argument("--keep", type=Path, help="where the study is made, and kept")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        study = open_study(study_of(args.keep or Path(scratch), args.films))
        sets = [fit_thresholds(study, setting) for setting in study.settings]
        begun = time.perf_counter()
        report = compute_report(study, "all", thresholds=sets, worth=False)
        ours = time.perf_counter() - begun
        worst: dict[str, float] = {}
        begun = time.perf_counter()
        for chosen in sets:
            scores = np.asarray(study.scores(chosen.setting), np.float64)
            called = np.asarray(chosen.rule().decide(study.scores(chosen.setting)))
            found = report.settings[chosen.setting]
            for expected, shown in zip(of_classes(study.labels, scores, called), found.per_class.values(), strict=True):
                _note(worst, expected, {name: float(getattr(shown, name)) for name in expected})
            expected = over_classes(study.labels, scores, called)
            shown_by = {figure.name: figure for figure in OVERALL_FIGURES}
            _note(worst, expected, {name: found.overall.value(shown_by[name]) for name in expected})
    theirs = time.perf_counter() - begun
    print(f"{args.films:,} films, {len(sets)} settings: ours {ours:.1f} s, scikit-learn {theirs:.1f} s")
    for name, difference in worst.items():
        print(f"  {name}: at most {difference:.1e} apart")
    raise SystemExit(not worst or max(worst.values()) > MOST)


def of_classes(labels: Rows, scores: Rows, called: Calls) -> Iterator[dict[str, float]]:
    """Give a class's figures by scikit-learn, over the films whose label was read."""
    for index in range(labels.shape[1]):
        read = np.isfinite(labels[:, index])
        truth, score, call = labels[read, index], scores[read, index], called[read, index]
        yield {
            "precision": metrics.precision_score(truth, call),
            "recall": metrics.recall_score(truth, call),
            "specificity": metrics.recall_score(truth, call, pos_label=0),
            "f1": metrics.f1_score(truth, call),
            "auroc": metrics.roc_auc_score(truth, score),
            "average_precision": metrics.average_precision_score(truth, score),
        }


def over_classes(labels: Rows, scores: Rows, called: Calls) -> dict[str, float]:
    """Give the figures over all classes by scikit-learn."""
    each = list(of_classes(labels, scores, called))
    read = np.isfinite(labels)
    whole = read.all(axis=1)
    pooled = labels[read], called[read]
    return {
        MACRO_F1.name: float(np.mean([one["f1"] for one in each])),
        MACRO_AUROC.name: float(np.mean([one["auroc"] for one in each])),
        MICRO_F1.name: metrics.f1_score(*pooled),
        HAMMING.name: metrics.hamming_loss(*pooled),
        EXACT_MATCH.name: metrics.accuracy_score(labels[whole], called[whole]),
        LRAP.name: _ranked(labels, scores, metrics.label_ranking_average_precision_score),
        COVERAGE_ERROR.name: _ranked(labels, scores, metrics.coverage_error),
    }


def _ranked(labels: Rows, scores: Rows, figure: object) -> float:
    """The mean over the films with a positive label, each among the classes that were read of it."""
    assert callable(figure)
    patterns, group = np.unique(np.isfinite(labels), axis=0, return_inverse=True)
    has_positive, total, n_films = (labels == 1).any(axis=1), 0.0, 0
    for number, read in enumerate(patterns):
        rows = np.flatnonzero((group == number) & has_positive)
        if len(rows):
            total += len(rows) * _figure_of(labels[np.ix_(rows, read)], scores[np.ix_(rows, read)], figure)
            n_films += len(rows)
    return total / n_films


def _figure_of(labels: Rows, scores: Rows, figure: object) -> float:
    """Of some films; where one class was read it is ranked first, and scikit-learn refuses a single column."""
    assert callable(figure)
    return 1.0 if labels.shape[1] == 1 else float(figure(labels, scores))


def _note(worst: dict[str, float], expected: Mapping[str, float], found: Mapping[str, float]) -> None:
    for name, value in expected.items():
        worst[name] = max(worst.get(name, 0.0), abs(value - found[name]))


if __name__ == "__main__":
    main()
