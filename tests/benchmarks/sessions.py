"""Many sessions for minutes, at one process or several behind nginx: their figures, answers, and the servers' memory.

`python -m tests.benchmarks.sessions [--sessions 50] [--seconds 300] [--processes 3] [--pause 10]`: the
sessions of `tests.storms.sessions`, each with thresholds of its own, on as many processes behind the proxy that
`pages/serving/nginx.conf` describes; with 1, without a proxy. Before that, 5 sessions on servers of their own, for the
memory that few take, unless `--alone`. Ends with 1 where a figure is another session's, a page shows an error, or a
limit is missed.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from core.paths import STUDIES
from core.study import open_study
from tests.storms.sessions import Seen, storm
from tests.storms.site import site

MOST_ANSWER_S: Final = 1.5
"""From a threshold that was moved to its figures, at the 95th percentile."""
MOST_MEMORY: Final = 1.3
"""The memory of all sessions, at its highest, as a multiple of that of FEW."""
FEW: Final = 5


def measured(args: argparse.Namespace, n_sessions: int) -> tuple[Seen, int]:
    """What so many sessions saw on servers of their own, and how many tracebacks those told."""
    print(f"{n_sessions} sessions, {args.processes} processes, {args.seconds:g} s", flush=True)
    study = open_study(args.study.resolve())
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), study.root, args.processes) as made:
        seen = storm(made.door, made.pids, study, n_sessions, args.seconds, args.pause, args.seed)
        return seen, made.n_tracebacks()


def told(seen: Seen, few_mb: float | None, n_tracebacks: int) -> list[str]:
    """Prints the figures; the limits that are missed. few_mb : the memory that few take; None = not measured."""
    answers = sorted(seen.answers) or [float("nan")]
    slow = answers[int(0.95 * len(answers))]
    places = Counter(re.sub(r".*:\d+", "", place) or "/" for place in seen.places)
    print(
        f"{seen.n_tabs} tabs at {dict(sorted(places.items()))}, {len(seen.seconds):,} runs; {len(answers):,} answers "
        f"to a threshold: median {statistics.median(answers):.2f} s, 95 % below {slow:.2f} s; {seen.n_figures:,} "
        f"figures compared; {seen.most_mb:.0f} MB at most, {len(seen.problems)} problems, {n_tracebacks} tracebacks"
    )
    if few_mb is not None:
        print(f"memory is {seen.most_mb / few_mb:.2f} times that of {FEW} sessions")
    missed = {
        f"an answer takes {slow:.2f} s, {MOST_ANSWER_S} s may be": not slow <= MOST_ANSWER_S,
        f"memory of more than {MOST_MEMORY} times": few_mb is not None and seen.most_mb > MOST_MEMORY * few_mb,
        f"{len(seen.problems)} problems": bool(seen.problems),
        f"{n_tracebacks} tracebacks": n_tracebacks > 0,
    }
    return [words for words, is_so in missed.items() if is_so]


def main() -> None:
    """Measures; ends with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="Many sessions at once.")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--processes", type=int, default=1, choices=(1, 3))
    parser.add_argument("--pause", type=float, default=10.0, help="seconds between two things that one does")
    parser.add_argument("--study", type=Path, default=STUDIES / "phantom")
    parser.add_argument("--seed", type=int, default=0, help="of the first session")
    parser.add_argument("--alone", action="store_true", help=f"without {FEW} sessions before, for their memory")
    args = parser.parse_args()
    few_mb = None if args.alone else measured(args, FEW)[0].most_mb
    seen, n_tracebacks = measured(args, args.sessions)
    missed = told(seen, few_mb, n_tracebacks)
    for words in missed:
        print(f"missed: {words}")
    raise SystemExit(bool(missed))


if __name__ == "__main__":
    main()
