"""Mutated files, each refused in a sentence or read right: `python -m tests.fuzz --cases N --seed S [--kind K]`.

Prints every case that is neither, and how many came to what; ends with 1 where one was neither. The same seed gives the
same cases; `--first M` begins with case M, to run one again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter

from core.paths import PROJECT
from tests.fuzz.kinds import KINDS
from tests.fuzz.run import GOOD, run_case

_CHUNK = 250
"""Cases that one process runs: one that is brought down takes no others with it."""


def main() -> None:
    """Run the cases of all kinds in turn."""
    parser = argparse.ArgumentParser(description="Mutated files against the product.")
    parser.add_argument("--cases", type=int, default=1000, help="per kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--here", action="store_true", help="in this process; for the processes that this one starts")
    args = parser.parse_args()
    kinds = args.kind or list(KINDS)
    if args.here:
        _run(kinds[0], args.seed, range(args.first, args.first + args.cases))
        return
    wrong = 0
    for kind in kinds:
        started, total = time.monotonic(), Counter[str]()
        for first in range(args.first, args.first + args.cases, _CHUNK):
            total += _in_process(kind, args.seed, first, min(_CHUNK, args.first + args.cases - first))
        wrong += sum(number for name, number in total.items() if name not in GOOD)
        print(f"{kind}: {dict(total)} in {time.monotonic() - started:.0f} s", flush=True)
    raise SystemExit(wrong > 0)


def _run(kind: str, seed: int, numbers: range) -> None:
    for number in numbers:
        outcome = run_case(kind, seed, number)
        print(f"= {outcome.came_to}", flush=True)
        if outcome.came_to not in GOOD:
            print(f"{kind} {number}: {outcome.came_to} after {outcome.seconds:.1f} s\n{outcome.said}", flush=True)


def _in_process(kind: str, seed: int, first: int, n_cases: int) -> Counter[str]:
    options = ["--here", "--kind", kind, "--seed", str(seed), "--first", str(first), "--cases", str(n_cases)]
    command = [sys.executable, "-m", "tests.fuzz", *options]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, errors="replace", check=False)
    found = Counter(line[2:] for line in done.stdout.splitlines() if line.startswith("= "))
    told = "\n".join(line for line in done.stdout.splitlines() if not line.startswith("= "))
    if told:
        print(told, flush=True)
    if (n_missing := n_cases - found.total()) > 0:
        found["brought down"] += 1
        print(f"{kind} {first + n_cases - n_missing}: brought the process down: {done.stderr[-500:]}", flush=True)
    return found


if __name__ == "__main__":
    main()
