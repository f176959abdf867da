"""How often promised thresholds keep their word, where the truth is known.

`python -m tests.benchmarks.promises [--draws 2000] [--real FOLDER] [--plan N ...] [--positives N ...]`: patients are
drawn with replacement from a population, thresholds are fitted on them, and what was promised is looked up in the
population. Populations: two normals, d' standard deviations apart, 20,000 patients, 10 % positive, one film each or
several (1 to 4, whose labels mostly agree and whose scores go together); and, with --real, the films of
nih-621-small. The number of positives, 20, 50, 100 or 200 patients, is an expected one. Printed is in how many of 100
draws a promise was made and broken, and in how many it was made. Ends with 1 where one is broken more often than its
risk, 5 %, by more than three standard errors (1.5 points at 2,000 draws); the same of promises over all classes
together, and of missed findings, whose mean over draws is to be at most the level.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.metrics.patients import Patients, number_patients
from core.thresholds.class_fit import ClassFit
from core.thresholds.class_scores import FilmScores
from core.thresholds.policies import policy_named
from core.thresholds.promise_rules import missed_per_film
from core.thresholds.promises import promise_named

RISK = 0.05
PREVALENCE = 0.1
NUMBERS = (20, 50, 100, 200)
EACH = (
    ("promised-sensitivity", 0.9), ("promised-sensitivity", 0.8), ("promised-specificity", 0.9),
    ("promised-precision", 0.3), ("promised-npv", 0.95), ("promised-false-alarms", 10.0), ("rule-out-rule-in", 0.8),
)  # fmt: skip
TOGETHER = (
    ("promised-sensitivity-all", 0.8), ("promised-specificity-all", 0.9), ("promised-precision-all", 0.3),
    ("promised-npv-all", 0.95), ("promised-false-alarms-all", 10.0), ("promised-sensitivity-one-cut", 0.8),
    ("missed-findings", 0.25),
)  # fmt: skip


def two_normals(d_primes: Sequence[float], *, several: bool, n: int = 20_000) -> FilmScores:
    """A population with a class for each d', independent of the others."""
    rng = np.random.default_rng(99)
    whose = np.repeat(np.arange(n), rng.integers(1, 5, n) if several else 1)
    shape = (whose.size, len(d_primes))
    ill = (rng.random((n, len(d_primes))) < PREVALENCE)[whose]
    labels = np.where(rng.random(shape) < 0.8, ill, rng.random(shape) < PREVALENCE) if several else ill
    shared, noise = rng.normal(size=(n, len(d_primes)))[whose], rng.normal(size=shape)
    scores = (0.5**0.5 * (shared + noise) if several else noise) + np.array(d_primes) * labels
    return FilmScores(tuple(f"d' {one:g}" for one in d_primes), labels.astype(float), scores, Patients(whose, n))


def real_films(folder: Path, findings: Sequence[str] | None = None) -> FilmScores:
    """The films of nih-621-small; findings None = all."""
    table = pd.read_csv(folder / "labels_and_chexnet_probs.csv")
    known = [name.removeprefix("prob_") for name in table.columns if name.startswith("prob_")]
    names = tuple(findings or known)
    labels, scores = table[list(names)].to_numpy(float), table[[f"prob_{name}" for name in names]].to_numpy(float)
    return FilmScores(names, labels, scores, number_patients(table["Patient ID"].astype(str).tolist(), len(table)))


def drawn(whole: FilmScores, n_positive: int, rng: np.random.Generator) -> FilmScores:
    """So many patients with replacement that the most frequent class has n_positive on average; each is a new one."""
    share = max(scores.n_positive / scores.n_patients for scores in whole.by_class)
    sizes = np.bincount(whole.patients.of_film, minlength=whole.patients.n)
    firsts = np.cumsum(sizes) - sizes
    order = np.argsort(whole.patients.of_film, kind="stable")
    patients = rng.integers(0, whole.patients.n, round(n_positive / share))
    own = sizes[patients]
    whose = np.repeat(np.arange(patients.size), own)
    rows = order[np.repeat(firsts[patients] - (np.cumsum(own) - own), own) + np.arange(own.sum())]
    return FilmScores(whole.classes, whole.labels[rows], whole.scores[rows], Patients(whose, patients.size))


def is_broken(whole: FilmScores, fits: Sequence[ClassFit]) -> bool:
    """Whether any promise that was made fails in the population."""
    for scores, fit in zip(whole.by_class, fits, strict=True):
        if fit.threshold is None:
            continue
        for one, cut in zip(fit.promises, (fit.threshold, fit.upper), strict=False):
            promise = promise_named(one.figure)
            failures, n = promise.counted(scores, fit.threshold if cut is None else cut)
            if failures > promise.allowed(one.level) * n + 1e-9:
                return True
    return False


def missed(whole: FilmScores, fits: Sequence[ClassFit]) -> float:
    """The missed findings of a film in the population, under one cut."""
    losses, weights = missed_per_film(whole.labels, whole.scores >= (fits[0].threshold or 0), whole.patients)
    return float(losses.sum() / weights.sum())


def simulated(
    whole: FilmScores, promises: Sequence[tuple[str, float]], n_positive: int, draws: int, rng: np.random.Generator
) -> Iterator[tuple[str, float, np.ndarray, float]]:
    """Of each promise: name, level, what it came to in the draws where it was made, and the share of draws with it.

    It came to 1 where it was broken, 0 where it was kept; of missed findings, to their mean in the population.
    """
    found: dict[tuple[str, float], list[Any]] = defaultdict(list)
    for _ in range(draws):
        films = drawn(whole, n_positive, rng)
        for name, level in promises:
            policy = policy_named(name)
            assert policy.promise is not None
            fits = policy.promise(films, level, 1 - RISK)
            if any(fit.threshold is not None for fit in fits):
                found[name, level].append(missed(whole, fits) if policy.expected else is_broken(whole, fits))
    for name, level in promises:
        values = np.array(found[name, level], dtype=float)
        yield name, level, values, values.size / draws


def off_by(name: str, level: float, values: np.ndarray, draws: int) -> float:
    """Standard errors by which a promise is broken too often over all draws, or missed findings are above the level."""
    if not values.size:
        return 0.0
    if policy_named(name).expected:
        return float((values.mean() - level) / max(values.std() / values.size**0.5, 1e-12))
    return float((values.sum() / draws - RISK) / (RISK * (1 - RISK) / draws) ** 0.5)


def main() -> None:
    """Print a line per population, number of positives and promise."""
    parser = argparse.ArgumentParser(description="How often promised thresholds keep their word.")
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--real", type=Path, help="the folder nih-621-small")
    parser.add_argument("--plan", type=int, nargs="+", help="numbers of the populations, from 0 (default: all)")
    parser.add_argument("--positives", type=int, nargs="+", default=NUMBERS, help="expected numbers of positives")
    args = parser.parse_args()
    plans = [(two_normals([d], several=several), EACH) for d, several in ((1.0, False), (2.0, True))]
    plans.append((two_normals([0.8, 1.5, 2.5, 1.5, 1.0], several=True), TOGETHER))
    if args.real:
        plans += [(real_films(args.real, [finding]), EACH) for finding in ("Infiltration", "Effusion")]
        plans.append((real_films(args.real), TOGETHER))
    rng, n_off = np.random.default_rng(7), 0
    print(
        "positives, promise, level | broken in % of draws, or mean of missed findings | made in % | standard errors off"
    )
    for whole, promises in [plans[number] for number in args.plan or range(len(plans))]:
        several = "" if whole.patients.are_films else ", several films a patient"
        print(f"{', '.join(whole.classes)}{several}", flush=True)
        for n in args.positives:
            for name, level, values, made in simulated(whole, promises, n, args.draws, rng):
                off = off_by(name, level, values, args.draws)
                n_off += off > 3
                shown = values.mean() if policy_named(name).expected else 100 * values.sum() / args.draws
                print(f"{n:5} {name:30} {level:5g} | {shown:7.4g} | {100 * made:5.1f} | {off:+.1f}", flush=True)
    print(f"{n_off} broken too often")
    raise SystemExit(n_off > 0)


if __name__ == "__main__":
    main()
