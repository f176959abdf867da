"""`python -m core build folder` on 300 real films, from the command to the study in place, against another checkout.

`python -m tests.benchmarks.build_folder --before DIR [--pairs 5] [--settings zero_shot,linear_probe]`: DIR holds the
project as it was before. Both build the same folder, made here of public films, with the same tiny model; they take
turns, each in a process of its own, and the first pair warms the disk and is not counted. Prints the ratio of every
pair by the clock and by CPU time (all processes of the build), and their medians. Ends with 1 where the median by the
clock is below the bound, or where any file of the two studies but the manifest's timings differs.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from core.paths import PROJECT
from tests.building.interrupted import differences
from tests.models.tiny import make_tiny_clip

DATA = PROJECT.parent / "shared" / "data"
LARGE, SMALL = DATA / "nih-det-207", DATA / "nih-621-small"
N_FILMS = 300
LEAST = 1.15
RENAMED = {"Pleural Effusion": "Effusion", "Pleural Thickening": "Pleural_Thickening"}
"""Findings of the one collection that the other writes otherwise."""


def main() -> None:
    """Print each pair and the medians."""
    parser = argparse.ArgumentParser(description="A build of 300 real films, now and before.")
    parser.add_argument("--before", metavar="DIR", type=Path, required=True, help="a checkout of the build before")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--settings", default="zero_shot,linear_probe")
    args = parser.parse_args()
    ratios: dict[str, list[float]] = {"clock": [], "CPU": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        films, model, different = make_films(root / "films"), make_tiny_clip(root / "model"), set[str]()
        for pair in range(args.pairs + 1):
            before = _build(args.before, films, model, root / "before", args.settings)
            now = _build(PROJECT, films, model, root / "now", args.settings)
            different |= _different(root)
            if pair:
                for name, one, other in zip(ratios, before, now, strict=True):
                    ratios[name].append(one / other)
                print(
                    f"pair {pair}: before {before[0]:.1f} s, now {now[0]:.1f} s, ratio {before[0] / now[0]:.2f}; "
                    f"CPU {before[1]:.1f} s and {now[1]:.1f} s, ratio {before[1] / now[1]:.2f}",
                    flush=True,
                )
    by_clock, by_cpu = (statistics.median(values) for values in ratios.values())
    print(f"median ratio {by_clock:.2f} (bound {LEAST}), CPU {by_cpu:.2f}; files that differ: {sorted(different)}")
    raise SystemExit(by_clock < LEAST or bool(different))


def make_films(root: Path, n_films: int = N_FILMS) -> Path:
    """A folder dataset of 207 films of 512 px in PNG and others of 256 px in JPEG, with the findings that both name."""
    root.mkdir()
    large = pd.read_csv(LARGE / "labels.csv", dtype={"image_id": str, "age": "Int64"})
    small = pd.read_csv(SMALL / "labels_and_chexnet_probs.csv")
    small["image_id"] = small["Image Index"].map(lambda name: Path(name).stem)
    small = small[~small["image_id"].isin(large["image_id"])].head(n_films - len(large)).reset_index(drop=True)
    findings = [name for name in large.columns[6:] if RENAMED.get(name, name) in small.columns]
    added = pd.DataFrame({"image_id": small["image_id"], "patient_id": "small-" + small["Patient ID"].astype(str)})
    added["split"] = [("train", "train", "val", "test")[row % 4] for row in range(len(added))]
    for name in findings:
        added[name] = small[RENAMED.get(name, name)]
    table = pd.concat([large[[*large.columns[:6], *findings]], added], ignore_index=True)
    table.to_csv(root / "labels.csv", index=False)
    for image_id in large["image_id"]:
        shutil.copyfile(LARGE / f"{image_id}.png", root / f"{image_id}.png")
    for image_id in small["image_id"]:
        shutil.copyfile(SMALL / "images256" / f"{image_id}.jpg", root / f"{image_id}.jpg")
    assert len(table) == n_films
    return root


def _build(project: Path, films: Path, model: Path, out: Path, settings: str) -> tuple[float, float]:
    """Seconds of a build by the clock and of CPU. The study lies at `out`/study, so that both have the same name."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    command = [sys.executable, "-m", "core", "build", "folder", str(model), "--root", str(films)]
    begun, used = time.perf_counter(), _cpu()
    subprocess.run(
        [*command, "--out", str(out / "study"), "--settings", settings],
        cwd=project, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    return time.perf_counter() - begun, _cpu() - used


def _cpu() -> float:
    """CPU seconds of all processes that were started here and have ended, and of those that they started."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _different(root: Path) -> set[str]:
    return set(differences(root / "before" / "study", root / "now" / "study"))


if __name__ == "__main__":
    main()
