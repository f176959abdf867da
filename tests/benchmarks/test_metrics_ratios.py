"""How much faster the metrics are than scikit-learn in a loop, in the same run: printed (pytest -s), never a limit."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import (
    f1_score,
    label_ranking_average_precision_score,
    precision_recall_fscore_support,
    roc_auc_score,
)

from core.metrics.bootstrap import patient_weights, resample_auroc
from core.metrics.ranking import film_ranking_precision
from core.metrics.resampling import draw_resamples
from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.compare import resampled_figures

N_FILMS, N_CLASSES = 2_000, 14


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """The quickest of a few runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def told(capsys: pytest.CaptureFixture[str], what: str, ours: float, theirs: float) -> None:
    with capsys.disabled():
        print(f"\n{what}: {1e3 * ours:.3g} ms, scikit-learn {1e3 * theirs:.3g} ms, {theirs / ours:.0f} times faster")


@pytest.fixture(scope="module")
def table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """labels, scores, weights of 20 resamples."""
    rng = np.random.default_rng(0)
    labels = (rng.random((N_FILMS, N_CLASSES)) < 0.1).astype(float)
    scores = (rng.normal(size=labels.shape) + labels).astype(np.float32)
    return labels, scores, patient_weights([str(film) for film in range(N_FILMS)], 20, rng)


def test_label_ranking(table: tuple[np.ndarray, ...], capsys: pytest.CaptureFixture[str]) -> None:
    labels, scores, _ = table
    ours = seconds(lambda: film_ranking_precision(labels, scores))
    theirs = seconds(lambda: label_ranking_average_precision_score(labels.astype(int), scores), 1)
    told(capsys, f"LRAP, {N_FILMS} x {N_CLASSES}", ours, theirs)


def test_f1_bootstrap(table: tuple[np.ndarray, ...], capsys: pytest.CaptureFixture[str]) -> None:
    labels, scores, _ = table
    decisions = scores > 0.5
    resamples = draw_resamples(None, 20, np.random.default_rng(0), n_films=N_FILMS)
    weights = resamples.film_weights()
    ours = seconds(lambda: resampled_figures(labels, decisions, resamples))
    theirs = seconds(lambda: [f1_score(labels, decisions, average=None, sample_weight=row) for row in weights], 1)
    told(capsys, f"F1 and figures over all classes, {len(weights)} resamples", ours, theirs)


def test_auroc_bootstrap(table: tuple[np.ndarray, ...], capsys: pytest.CaptureFixture[str]) -> None:
    labels, scores, weights = table
    ours = seconds(lambda: resample_auroc(labels, scores, weights))
    theirs = seconds(lambda: [roc_auc_score(labels, scores, average=None, sample_weight=row) for row in weights], 1)
    told(capsys, f"AUROC over {len(weights)} resamples", ours, theirs)


def test_one_move_of_a_threshold(table: tuple[np.ndarray, ...], capsys: pytest.CaptureFixture[str]) -> None:
    labels, scores, _ = table
    counts = ThresholdCounts.from_scores("Edema", labels[:, 0], scores[:, 0])
    ours = seconds(lambda: counts.at(0.7).f1, 50)
    theirs = seconds(lambda: precision_recall_fscore_support(labels[:, 0], scores[:, 0] >= 0.7, average="binary"))
    told(capsys, "one threshold, one class", ours, theirs)
