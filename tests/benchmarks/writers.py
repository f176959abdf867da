"""Two processes at a time on one study, round by round: marks by two readers, maps made anew, reading, a page's runs.

`python -m tests.benchmarks.writers [--rounds 200] [--seconds 0.5]`: after every round the study is checked whole, and
every mark that was said to be saved must be in it. Prints what was done and how long; ends with 1 where anything is
wrong.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import combinations_with_replacement
from pathlib import Path

from core.study import write_study
from tests.golden.make_study_v1 import golden_contents
from tests.study.writers import DEEDS, rounds


def main() -> None:
    """Run the rounds."""
    parser = argparse.ArgumentParser(description="Two processes at a time on one study.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=0.5, help="that each process is at it")
    args = parser.parse_args()
    turns = [pair for pair in combinations_with_replacement((*DEEDS, "page"), 2) if set(pair) & {"mark", "project"}]
    with tempfile.TemporaryDirectory() as folder:
        study = write_study(Path(folder) / "study", golden_contents())
        started = time.monotonic()
        found = rounds(study, args.rounds, args.seconds, turns=turns)
        left = sorted(path.name for path in study.parent.iterdir())
    for problem in found.problems:
        print(problem)
    minutes = (time.monotonic() - started) / 60
    print(
        f"{args.rounds} rounds in {minutes:.1f} min: {found.n_saved:,} marks saved, {found.n_done:,} deeds, "
        f"{len(found.problems)} problems; beside the study lies {[name for name in left if name != 'study']}"
    )
    raise SystemExit(bool(found.problems) or left != ["study"])


if __name__ == "__main__":
    main()
