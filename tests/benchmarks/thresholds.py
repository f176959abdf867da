"""One move of a threshold, and intervals of all classes, against scikit-learn and a loop, interleaved in one run.

`python -m tests.benchmarks.thresholds [--large]`: prints medians and their ratios on 7,500 films of 14 classes, with
--large on 377,110 too. A move is a jump of one class to any quantile of its scores, with every class's counts and all
figures over classes after it. Ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, precision_recall_fscore_support

from core.metrics.bootstrap import resample_auroc
from core.metrics.resampling import draw_resamples
from core.thresholds.compare import resampled_figures
from core.thresholds.live_counts import DeckTables

N_CLASSES = 14
SIZES = {7_500: 0.1, 377_110: 2.0}
"""Films, and the limit in ms of one move."""
FASTER, INTERVALS_MS = 500, 50.0


def milliseconds(work: Callable[[], object]) -> float:
    """Of processor time, which other work on the machine does not lengthen."""
    start = time.process_time()
    work()
    return 1e3 * (time.process_time() - start)


def made(n_films: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """labels (n, 14) of the imbalance of chest films, scores (n, 14) float32."""
    prevalence = np.r_[0.6, np.geomspace(0.14, 0.005, N_CLASSES - 1)]
    labels = (rng.random((n_films, N_CLASSES)) < prevalence).astype(float)
    return labels, (rng.normal(size=labels.shape) + 1.5 * labels).astype(np.float32)


def moves(n_films: int, rng: np.random.Generator, repeats: int) -> bool:
    """Whether the limits hold; prints the medians."""
    labels, scores = made(n_films, rng)
    truth, thresholds = labels.astype(int), np.quantile(scores, 0.8, axis=0).astype(float)
    state = DeckTables.from_arrays(labels, scores).start(thresholds)
    quantiles = np.quantile(scores, rng.random(64), axis=0).astype(float)
    ours, theirs = [], []
    for number in range(repeats):
        for turn in range(20):
            column = int(rng.integers(N_CLASSES))
            thresholds[column] = quantiles[(20 * number + turn) % 64, column]
            ours.append(milliseconds(lambda c=column: (state.move(c, thresholds[c]), state.overall())))
        theirs.append(milliseconds(lambda: _scikit_learn(truth, scores >= thresholds)))
    one, other = statistics.median(ours), statistics.median(theirs)
    limit, slow = SIZES[n_films], np.quantile(ours, 0.95)
    print(f"one move, {n_films:,} x {N_CLASSES}: {one:.3f} ms (95th percentile {slow:.3f}, limit {limit})")
    print(f"  scikit-learn recomputing: {other:.0f} ms, {other / one:,.0f} times as long (limit {FASTER})")
    return one <= limit and other / one >= FASTER


def _scikit_learn(truth: np.ndarray, decisions: np.ndarray) -> None:
    """The same figures."""
    precision_recall_fscore_support(truth, decisions, average=None, zero_division=0)
    for average in ("macro", "micro"):
        f1_score(truth, decisions, average=average, zero_division=0)
    accuracy_score(truth, decisions)
    hamming_loss(truth, decisions)


def intervals(rng: np.random.Generator, repeats: int) -> bool:
    """1,000 resamples of patients, F1 of all classes, once weights are drawn; against a loop over 10 of them."""
    labels, scores = made(7_500, rng)
    decisions = scores > 1.0
    held = [_against_a_loop(labels, decisions, films_each, repeats) for films_each in (1, 2)]
    few = draw_resamples(None, 100, rng, n_films=len(labels)).film_weights()
    areas = milliseconds(lambda: resample_auroc(labels, scores, few))
    print(f"AUROC over 1,000 resamples (ten times 100): {areas / 100:.1f} s")
    return all(held)


def _against_a_loop(labels: np.ndarray, decisions: np.ndarray, films_each: int, repeats: int) -> bool:
    resamples = draw_resamples([f"p{film // films_each}" for film in range(len(labels))])
    truth, weights = labels.astype(int), resamples.film_weights()[:10]
    ours, theirs = [], []
    for _ in range(repeats):
        ours += [milliseconds(lambda: resampled_figures(labels, decisions, resamples).f1_intervals()) for _ in range(3)]
        theirs.append(100 * milliseconds(lambda: _loop(truth, decisions, weights)))
    one, other = statistics.median(ours), statistics.median(theirs)
    print(f"F1 intervals of {N_CLASSES} classes, 7,500 films, {films_each} a patient: {one:.0f} ms", end=" ")
    print(f"(quickest {min(ours):.0f}, limit {INTERVALS_MS:.0f})")
    print(f"  a loop with scikit-learn: {other / 1e3:.1f} s, {other / one:,.0f} times as long")
    return one <= INTERVALS_MS


def _loop(truth: np.ndarray, decisions: np.ndarray, weights: np.ndarray) -> None:
    for row in weights:
        f1_score(truth, decisions, average=None, sample_weight=row, zero_division=0)


def main() -> None:
    """Prints the figures; ends with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="One move and F1 intervals, against scikit-learn.")
    parser.add_argument("--large", action="store_true", help="377,110 films too")
    parser.add_argument("--repeats", type=int, default=9)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    sizes = tuple(SIZES) if args.large else tuple(SIZES)[:1]
    held = [moves(n_films, rng, args.repeats) for n_films in sizes]
    held.append(intervals(rng, args.repeats))
    raise SystemExit(not all(held))


if __name__ == "__main__":
    main()
