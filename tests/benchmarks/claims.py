"""All claims of a study under all variants, against scikit-learn variant by variant; and planted truths in many draws.

`python -m tests.benchmarks.claims [--study DIR] [--sample 6] [--resamples 50] [--draws 0]`

Times the whole ledger; computes a sample of variants from the stored scores with scikit-learn, with so many of the
resamples, and scales the time to all resamples and all variants; says how far effects differ. With --draws, how often
what was planted is found. Ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

import numpy as np

from core.claims.compute import compute_ledger
from core.claims.ledger import Ledger
from core.claims.store import claims_of, maps_of
from core.paths import STUDIES
from core.study import Study, open_study
from tests.claims.planted import PLANTS, result_of
from tests.claims.reference import reference_effect

LIMIT_S: Final = 60.0
TIMES: Final = 40.0
EQUAL: Final = 1e-9


def main() -> None:
    """Prints the figures; ends with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="Claims under every variant.")
    parser.add_argument("--study", type=Path, default=STUDIES / "phantom")
    parser.add_argument("--sample", type=int, default=6)
    parser.add_argument("--resamples", type=int, default=50)
    parser.add_argument("--draws", type=int, default=0)
    args = parser.parse_args()
    missed = _planted(args.draws) if args.draws else _timed(open_study(args.study), args.sample, args.resamples)
    raise SystemExit(missed)


def _timed(study: Study, n_sample: int, n_resamples: int) -> bool:
    claims = claims_of(study)
    started, cpu = time.perf_counter(), time.process_time()
    ledger = compute_ledger(study, claims, maps_of(study))
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    asked = [one for one in ledger.results if len(one.codes)]
    n_variants = sum(len(one.codes) for one in asked)
    print(f"{len(asked)} claims, {n_variants:,} variants: {wall:.1f} s, of which {cpu:.1f} s of processor")
    print("  variants by claim: " + ", ".join(f"{one.claim.name} {len(one.codes):,}" for one in asked))
    per_variant, worst = _by_scikit_learn(study, ledger, n_sample, n_resamples)
    times = per_variant * n_variants / cpu
    print(f"  scikit-learn: {per_variant:.2f} s a variant of processor, scaled to all {times:,.0f} times as long")
    print(f"  largest difference of an effect: {worst:.1e}")
    return min(wall, cpu) > LIMIT_S or times < TIMES or worst > EQUAL or len(asked) < 12


def _by_scikit_learn(study: Study, ledger: Ledger, n_sample: int, n_resamples: int) -> tuple[float, float]:
    """Processor seconds a variant with all resamples, and the largest difference of an effect."""
    rng = np.random.default_rng(0)
    decided = [one for one in ledger.results if len(one.codes) and isinstance(one.claim.second, str)]
    decided = [one for one in decided if one.claim.second != "chance" and "map_energy" not in one.claim.figures]
    n_all = 1000
    seconds, worst = [], 0.0
    for _ in range(n_sample):
        result = decided[int(rng.integers(len(decided)))]
        variant = int(rng.integers(len(result.codes)))
        started = time.process_time()
        found = reference_effect(study, result.claim, result.choices(variant), n_resamples)
        is_distance = "distance" in result.choices(variant)
        one = (time.process_time() - started) / (1 if is_distance else 1 + n_resamples)
        seconds.append(one * (1 + (200 if is_distance else n_all)))
        gap = abs((found.first - found.second) - result.effect[variant])
        worst = max(worst, 0.0 if np.isnan(gap) else float(gap))
    return float(np.mean(seconds)), worst


def _planted(n_draws: int) -> bool:
    missed = False
    for plant in PLANTS:
        right = sum(plant.is_found(result_of(plant, seed)) for seed in range(n_draws))
        print(f"{plant.name}: right in {right} of {n_draws} draws", flush=True)
        missed |= right < n_draws and plant.name != "beyond telling"
    return missed


if __name__ == "__main__":
    main()
