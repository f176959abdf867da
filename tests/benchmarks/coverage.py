"""How often 95 % intervals hold the truth, and how near the optimism-corrected F1 comes, where the truth is known.

`python -m tests.benchmarks.coverage [--trials 2000] [--resampled-trials 400]`: films are drawn again and again from a
population of two normals, d' standard deviations apart, at a frozen threshold; the interval of each sample either
holds the population's figure or does not. 20, 50 and 200 positives are expected numbers, 5 % of the films (so the
number varies as it does when patients are sampled). "several" draws patients of 1 to 4 films whose labels mostly agree
and whose scores are correlated. Ends with 1 where a method that the product uses covers less than 92 or more than 98 %,
or where the corrected F1 is no closer to the true one than the apparent.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from core.metrics.auroc_interval import auroc_interval
from core.metrics.bootstrap import resample_auroc
from core.metrics.class_figures import class_intervals
from core.metrics.intervals import Interval, percentile_interval
from core.metrics.patients import number_patients
from core.metrics.resampling import draw_resamples
from core.thresholds import policy_named
from core.thresholds.compare import resampled_figures
from core.thresholds.spread import class_spread

PREVALENCE = 0.05
SEED = 7
NORMAL = NormalDist()
USED = ("F1", "sensitivity", "specificity", "AUROC")


@dataclass(frozen=True)
class Population:
    """Positives are normal around d_prime, negatives around 0; a film is called at `threshold` and above."""

    d_prime: float
    threshold: float
    several: bool

    def truth(self) -> dict[str, float]:
        sensitivity = NORMAL.cdf(self.d_prime - self.threshold)
        specificity = NORMAL.cdf(self.threshold)
        called = PREVALENCE * sensitivity + (1 - PREVALENCE) * (1 - specificity)
        return {
            "F1": 2 * PREVALENCE * sensitivity / (PREVALENCE + called),
            "sensitivity": sensitivity,
            "specificity": specificity,
            "AUROC": NORMAL.cdf(self.d_prime / 2**0.5),
        }

    def draw(self, n_films: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """labels (n,), scores (n,), patients (n,)."""
        if not self.several:
            labels = (rng.random(n_films) < PREVALENCE).astype(float)
            return labels, rng.normal(size=n_films) + self.d_prime * labels, [str(film) for film in range(n_films)]
        patient = np.repeat(np.arange(n_films), rng.integers(1, 5, n_films))[:n_films]
        ill = rng.random(n_films) < PREVALENCE
        own = rng.random(n_films) < PREVALENCE
        labels = np.where(rng.random(n_films) < 0.8, ill[patient], own).astype(float)
        shared, noise = rng.normal(size=n_films)[patient], rng.normal(size=n_films)
        scores = 0.5**0.5 * shared + 0.5**0.5 * noise + self.d_prime * labels
        return labels, scores, [str(one) for one in patient]


def closed_form(population: Population, n_positive: int, trials: int, rng: np.random.Generator) -> dict[str, float]:
    """Share of trials in which each interval that the product uses holds the truth."""
    held: dict[str, list[bool]] = defaultdict(list)
    truth = population.truth()
    for _ in range(trials):
        labels, scores, patients = population.draw(round(n_positive / PREVALENCE), rng)
        numbered = number_patients(patients, len(labels))
        shares = class_intervals(labels, scores >= population.threshold, numbered)
        found = {
            "F1": shares["f1"],
            "sensitivity": shares["recall"],
            "specificity": shares["specificity"],
            "AUROC": auroc_interval(labels, scores, numbered),
        }
        _note(held, found, truth)
    return {name: float(np.mean(values)) for name, values in held.items()}


def resampled(population: Population, n_positive: int, trials: int, rng: np.random.Generator) -> dict[str, float]:
    """The same of the percentile bootstrap by patient."""
    held: dict[str, list[bool]] = defaultdict(list)
    truth = population.truth()
    for _ in range(trials):
        labels, scores, patients = population.draw(round(n_positive / PREVALENCE), rng)
        resamples = draw_resamples(patients, 400, rng)
        decided = scores >= population.threshold
        f1 = resampled_figures(labels[:, None], decided[:, None], resamples).f1[:, 0]
        auroc = resample_auroc(labels[:, None], scores[:, None], resamples.film_weights())[:, 0]
        n = int(labels.sum())
        _note(held, {"F1": percentile_interval(f1, n), "AUROC": percentile_interval(auroc, n)}, truth)
    return {name: float(np.mean(values)) for name, values in held.items()}


def _note(held: dict[str, list[bool]], found: dict[str, Interval], truth: dict[str, float]) -> None:
    for name, interval in found.items():
        if interval.is_estimable:
            held[name].append(interval.low <= truth[name] <= interval.high)


@dataclass(frozen=True)
class Optimism:
    """F1 less the true one: mean error (bias) and mean absolute error, apparent and corrected."""

    apparent_bias: float
    corrected_bias: float
    apparent_error: float
    corrected_error: float


def optimism(n_positive: int, trials: int, rng: np.random.Generator, *, d_prime: float = 1.5) -> Optimism:
    """max-F1 fitted on n_positive positives and 500 negatives; the true F1 is that threshold's in the population."""
    labels = np.r_[np.ones(n_positive), np.zeros(500)]
    errors = []
    for _ in range(trials):
        scores = rng.normal(size=labels.size) + d_prime * labels
        weights = draw_resamples(None, 200, rng, n_films=labels.size).film_weights()
        spread = class_spread(labels, scores, policy_named("max-f1"), float("nan"), weights)
        threshold = policy_named("max-f1").fit(_counts(labels, scores))
        tp, fp = n_positive * NORMAL.cdf(d_prime - threshold), 500 * NORMAL.cdf(-threshold)
        true = 2 * tp / (tp + fp + n_positive)
        errors.append((spread.apparent_f1 - true, spread.corrected_f1 - true))
    apparent, corrected = np.array(errors).T
    return Optimism(
        float(apparent.mean()), float(corrected.mean()), float(abs(apparent).mean()), float(abs(corrected).mean())
    )


def _counts(labels: np.ndarray, scores: np.ndarray):
    from core.metrics.threshold_counts import ThresholdCounts

    return ThresholdCounts.from_scores("", labels, scores)


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description="Coverage of the intervals, and the correction of optimism.")
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--resampled-trials", type=int, default=400)
    args = parser.parse_args()
    rng = np.random.default_rng(SEED)
    off = []
    print("95 % intervals: share that holds the truth, in %")
    print("films a patient, d', positives | in use: F1 sens spec AUROC | percentile bootstrap: F1 AUROC")
    for several in (False, True):
        for d_prime, threshold in ((0.8, 0.9), (1.5, 1.3), (2.5, 1.8)):
            population = Population(d_prime, threshold, several)
            for n_positive in (20, 50, 200):
                used = closed_form(population, n_positive, args.trials, rng)
                other = resampled(population, n_positive, args.resampled_trials, rng)
                off += [(population, n_positive, name) for name in USED if not 0.92 <= used[name] <= 0.98]
                left = " ".join(f"{100 * used[name]:5.1f}" for name in USED)
                right = " ".join(f"{100 * other[name]:5.1f}" for name in ("F1", "AUROC"))
                print(f"{'several' if several else 'one':8}{d_prime:5} {n_positive:5} | {left} | {right}", flush=True)
    print(
        "Optimism of max-F1, 500 negatives, d' 1.5: bias apparent, corrected | mean absolute error apparent, corrected"
    )
    worse = []
    for n_positive in (5, 10, 20):
        one = optimism(n_positive, 400, rng)
        if not (one.corrected_error < one.apparent_error and abs(one.corrected_bias) < abs(one.apparent_bias)):
            worse.append(n_positive)
        print(
            f"{n_positive:3} positives: {one.apparent_bias:+.3f} {one.corrected_bias:+.3f} | "
            f"{one.apparent_error:.3f} {one.corrected_error:.3f}"
        )
    for population, n_positive, name in off:
        print(f"outside 92 to 98: {name} at {n_positive} positives, {population}")
    for n_positive in worse:
        print(f"at {n_positive} positives the corrected F1 is no closer to the true one than the apparent")
    raise SystemExit(bool(off or worse))


if __name__ == "__main__":
    main()
