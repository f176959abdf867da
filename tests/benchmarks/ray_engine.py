"""`build --engine ray` with two workers on this computer: its pace, its bytes after kills, the memory of the build.

`python -m tests.benchmarks.ray_engine pace [--pairs 3] [--full-size]`: 600 real films by the engine in the process and
by Ray, in turns, each build in a process of its own; films a second from the first that is read to the last embedding.
`... kills [--workers-killed 20] [--builds-killed 5] [--seed 0]`: a build whose workers, and which itself, are killed
(SIGKILL) at random moments, against one in peace by the engine in the process.
`... memory [--films 10000]`: generated films; the resident memory of the build's own process while workers work.
Each ends with 1 where a bound is not kept.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.building.films import CHUNK
from core.paths import PROJECT
from tests.benchmarks.build_folder import make_films
from tests.building.interrupted import differences, write_films
from tests.building.observed import chunks_again, marked, reads
from tests.models.biomedclip import make_biomedclip
from tests.models.tiny import make_tiny_clip

N_FILMS = 600
LEAST = 0.95
MOST_GROWTH_MB = 30.0
MARK = "RAY_BENCHMARK"
SLOW_S = 0.03
"""How much longer a film takes to read while there is killing, so that it lasts."""
MOST_PAUSE_S = 12.0
"""Between two kills."""


def main() -> None:
    """Run one part, and end with 1 where it fails."""
    parser = argparse.ArgumentParser(description="The engine of Ray, on this computer.")
    parser.add_argument("part", choices=("pace", "kills", "memory"))
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--full-size", action="store_true", help="BiomedCLIP's architecture, in place of a tiny one")
    parser.add_argument("--workers-killed", type=int, default=20)
    parser.add_argument("--builds-killed", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--films", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parts = {"pace": pace, "kills": kills, "memory": memory}
        raise SystemExit(not parts[args.part](Path(folder), args))


def pace(root: Path, args: argparse.Namespace) -> bool:
    """Print films a second of every pair."""
    films = make_films(root / "films", N_FILMS)
    model = make_biomedclip(root / "model") if args.full_size else make_tiny_clip(root / "model")
    ratios, wrong = list[float](), set[str]()
    for pair in range(args.pairs):
        rates = {}
        for engine in ("process", "ray"):
            begun, log = time.perf_counter(), root / f"{engine}-{pair}.log"
            process = started(films, model, root / engine / "study", log, engine)
            told = [line for line in process.communicate()[0].splitlines() if line.split()[2:] == [str(N_FILMS)]]
            assert process.returncode == 0
            seconds, ended = time.perf_counter() - begun, float(told[-1].split()[0])
            rates[engine] = N_FILMS / (ended - min(when for _, _, when in reads(log)))
            print(f"pair {pair}, {engine}: {rates[engine]:.2f} films a second, {seconds:.1f} s in all", flush=True)
        wrong |= set(differences(root / "process" / "study", root / "ray" / "study"))
        ratios.append(rates["ray"] / rates["process"])
        for engine in rates:
            shutil.rmtree(root / engine)
    print(f"Ray over process: {statistics.median(ratios):.2f} (bound {LEAST}); files that differ: {sorted(wrong)}")
    return statistics.median(ratios) >= LEAST and not wrong


def kills(root: Path, args: argparse.Namespace) -> bool:
    """Print what every kill came to."""
    films, model = write_films(root / "films", 20 * CHUNK), make_tiny_clip(root / "model")
    assert started(films, model, root / "peace", root / "peace.log", "process").wait() == 0
    rng, log, out = random.Random(args.seed), root / "log", root / "killed"
    killed = {"worker": 0, "build": 0}
    due = ["worker"] * args.workers_killed + ["build"] * args.builds_killed
    rng.shuffle(due)
    process = started(films, model, out, log, "ray", slow_s=SLOW_S)
    while due and process.poll() is None:
        time.sleep(rng.uniform(0, MOST_PAUSE_S))
        workers = at_work(log)
        if due[-1] == "build":
            process.kill()
            process.wait()
            print(f"the build is killed; Ray has ended {lasting():.1f} s later", flush=True)
            process = started(films, model, out, log, "ray", slow_s=SLOW_S)
        elif workers:
            os.kill(rng.choice(workers), signal.SIGKILL)
        else:
            continue
        killed[due.pop()] += 1
    assert process.wait() == 0
    left = lasting()
    found, again = differences(root / "peace", out), chunks_again(log)
    most = args.workers_killed + 2 * args.builds_killed
    print(
        f"killed {killed}, not come to {due}; differs in {found}; chunks read again {sum(again.values())} (most {most})"
    )
    print(f"Ray has ended {left:.1f} s after the build")
    return not found and not due and sum(again.values()) <= most and left < 60


def memory(root: Path, args: argparse.Namespace) -> bool:
    """Print the resident memory of the build's process in every tenth of its films."""
    films, model = write_films(root / "films", args.films), make_tiny_clip(root / "model")
    process = started(films, model, root / "study", root / "log", "ray")
    resident: dict[int, float] = {}
    assert process.stdout is not None
    for line in process.stdout:
        if line.split()[2:] != [str(args.films)]:  # Ray's own words
            continue
        _, done, total = line.split()
        resident[10 * int(done) // int(total)] = megabytes(process.pid)
    assert process.wait() == 0
    growth = resident[9] - resident[1]
    print("; ".join(f"{tenth * 10} %: {found:.0f} MB" for tenth, found in sorted(resident.items())))
    print(f"growth from a tenth of {args.films:,} films to the last: {growth:.1f} MB (bound {MOST_GROWTH_MB:.0f})")
    return growth <= MOST_GROWTH_MB


def started(
    films: Path, model: Path, out: Path, log: Path, engine: str, *, slow_s: float = 0.0
) -> subprocess.Popen[str]:
    """A build in a process of its own; a line is told for every batch."""
    out.parent.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.building.observed_build", *map(str, (films, model, out, log, engine, slow_s))],
        cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, MARK: str(os.getpid()), "TMPDIR": str(out.parent)},
    )  # fmt: skip


def at_work(log: Path) -> list[int]:
    """The workers, begun here, that have read a film: what a kill of them costs is not nothing."""
    read = {process for process, _, _ in reads(log)} if log.exists() else set()
    return [one for one in remaining_ids() if one in read and "MapWorker" in command(one)]


def lasting() -> float:
    """Seconds until no process of Ray that was begun here is there; at most a minute is waited."""
    begun = time.monotonic()
    while remaining_ids() and time.monotonic() < begun + 60:
        time.sleep(0.1)
    return time.monotonic() - begun


def remaining_ids() -> list[int]:
    """All that were begun here, but builds."""
    return [one for one in marked(MARK, str(os.getpid())) if "observed_build" not in command(one)]


def command(process: int) -> str:
    """How a process is called now; "" where it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def megabytes(process: int) -> float:
    """Resident memory."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
