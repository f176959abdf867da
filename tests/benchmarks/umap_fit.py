"""UMAP with exact neighbours by blocked matrix product against umap-learn's defaults, in one run.

`python -m tests.benchmarks.umap_fit [--films 7470] [--dimensions 512] [--runs 3]`: each run in a fresh process,
alternating; prints the median seconds of the first fit and of a second one in the same process, the trustworthiness of
both maps (k = 15, every film asked), and whether every fit with exact neighbours gave the same bits, processes apart.
The films are a mixture of clusters on curved sheets with noise in all dimensions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from core.metrics.map_quality import map_quality
from core.paths import PROJECT

SPEED, TRUST = 3.0, 0.005
"""How much faster the first fit must be, and how far trustworthiness may differ."""

Seconds = tuple[float, float]

_FIT = """
import hashlib, json, sys, time, warnings
import numpy as np
warnings.filterwarnings("ignore")
rows, way, runs = np.load(sys.argv[1]), sys.argv[2], int(sys.argv[4])
seconds, hashes = [], []
for _ in range(runs):
    begun, cpu = time.perf_counter(), time.process_time()
    if way == "exact":
        from core.projection.umap import project
        points = project(rows, 2)
    else:
        import umap
        points = umap.UMAP(random_state=42).fit_transform(rows)
    seconds.append((time.perf_counter() - begun, time.process_time() - cpu))
    hashes.append(hashlib.sha256(points.tobytes()).hexdigest())
np.save(sys.argv[3], points)
print(json.dumps([seconds, hashes]))
"""


def main() -> None:
    """Prints the medians, their ratio and both figures; ends with 1 where a limit is not held."""
    parser = argparse.ArgumentParser(description="UMAP with exact neighbours against umap-learn's defaults.")
    parser.add_argument("--films", type=int, default=7470)
    parser.add_argument("--dimensions", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--fits", type=int, default=2, help="fits in each process; the first pays for compiling")
    args = parser.parse_args()
    seconds: dict[str, list[list[Seconds]]] = {"exact": [], "default": []}
    bits: dict[str, set[str]] = {way: set() for way in seconds}
    with tempfile.TemporaryDirectory() as folder:
        rows = made_films(args.films, args.dimensions)
        np.save(Path(folder) / "rows.npy", rows)
        for _ in range(args.runs):
            for way, taken in seconds.items():
                taken_here, bits_here = _fit(Path(folder), way, args.fits)
                taken.append(taken_here)
                bits[way].update(bits_here)
        points = {way: np.load(Path(folder) / f"{way}.npy") for way in seconds}
    first = {way: statistics.median(taken[0][0] for taken in found) for way, found in seconds.items()}
    for way, found in seconds.items():
        cpu = statistics.median(taken[0][1] for taken in found)
        later = [wall for taken in found for wall, _ in taken[1:]]
        warm = f"; warm {statistics.median(later):.1f} s" if later else ""
        print(f"{way}: first fit {first[way]:.1f} s ({cpu:.1f} s of processor){warm}")
    trust = {way: map_quality(rows, points[way]).trustworthiness for way in seconds}
    ratio, gap = first["default"] / first["exact"], abs(trust["exact"] - trust["default"])
    print(f"first fit {ratio:.1f} times faster (at least {SPEED:g})")
    print(f"trustworthiness {trust['exact']:.4f}, default {trust['default']:.4f}, apart {gap:.4f} (at most {TRUST:g})")
    print(f"{args.runs * args.fits} exact fits gave {len(bits['exact'])} map(s)")
    raise SystemExit(ratio < SPEED or gap > TRUST or len(bits["exact"]) > 1)


def made_films(n_films: int, n_dimensions: int, seed: int = 0) -> np.ndarray:
    """(n_films, n_dimensions) float32: 14 clusters, each bent along 6 hidden directions, and noise."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(n_films, 6)) + 3 * rng.normal(size=(14, 6))[rng.integers(0, 14, n_films)]
    bent = np.tanh(hidden @ rng.normal(size=(6, 24)) / 3)
    return (bent @ rng.normal(size=(24, n_dimensions)) + 0.3 * rng.normal(size=(n_films, n_dimensions))).astype("f4")


def _fit(folder: Path, way: str, fits: int) -> tuple[list[Seconds], list[str]]:
    """Seconds (wall, processor) and hash of each fit in one fresh process; the first pays for imports and compiling."""
    arguments = [str(folder / "rows.npy"), way, str(folder / f"{way}.npy"), str(fits)]
    done = subprocess.run([sys.executable, "-c", _FIT, *arguments], cwd=PROJECT, capture_output=True, check=True)
    seconds, hashes = json.loads(done.stdout.decode().splitlines()[-1])
    return seconds, hashes


if __name__ == "__main__":
    main()
