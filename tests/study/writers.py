"""Two processes at a time on one study: marks by two readers, maps made anew, and reading.

`python -m tests.study.writers mark|project|read STUDY NAME SECONDS`: does so again and again for that long; prints a
line for every mark that was saved, and ends with a traceback where anything fails.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import combinations_with_replacement, count, cycle, islice
from pathlib import Path
from typing import Final

from core.study import check_study, open_study
from core.study.annotate import add_marks, remove_marks
from core.study.rewrite import changing, rewrite_study
from tests.conftest import PROJECT
from tests.golden.make_study_v1 import IDS
from tests.study.test_marks import box

DEEDS: Final = ("mark", "project", "read")
TURNS: Final = tuple(pair for pair in combinations_with_replacement(DEEDS, 2) if "mark" in pair or "project" in pair)
"""Who is at the study at the same time, round by round."""


@dataclass(frozen=True)
class Found:
    """n_saved : marks that were said to be saved.  problems : marks that are not there, and what was said in error."""

    n_saved: int
    problems: tuple[str, ...]


def rounds(study: Path, n_rounds: int, seconds: float = 0.4) -> Found:
    """What came of rounds of two processes that begin together and are at it for some seconds each."""
    n_saved, problems, here = 0, list[str](), set[str]()
    for number, pair in enumerate(islice(cycle(TURNS), n_rounds)):
        started = [_started(deed, study, f"{number}-{rank}", seconds) for rank, deed in enumerate(pair)]
        for deed, process in zip(pair, started, strict=True):
            out, err = process.communicate(timeout=120)
            saved = out.split()
            n_saved += len(saved)
            here |= set(saved)
            if process.returncode:
                problems.append(f"round {number}, {deed}: {err.strip().splitlines()[-1:]}")
        problems += [f"round {number}: {problem.message}" for problem in check_study(study)]
        found = {entry.reader for entry in open_study(study).annotations()}
        problems += [f"round {number}: the mark of {reader} is gone" for reader in sorted(here - found)]
    return Found(n_saved, tuple(problems))


def _started(deed: str, study: Path, name: str, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.study.writers", deed, str(study), name, str(seconds)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _mark(study: Path, reader: str) -> None:
    """One mark that stays, and one that is taken away again."""
    add_marks(study, [box(IDS[0], reader=reader)])
    print(reader, flush=True)
    add_marks(study, [box(IDS[1], reader=f"{reader}-gone")])
    remove_marks(study, IDS[1], f"{reader}-gone")


def _project(study: Path, name: str) -> None:
    """What making maps anew writes, without the seconds that it takes to make them."""
    with changing(study) as now:
        part = "encoders/frozen/umap_2d.npy"
        rewrite_study(now, {part: now.umap("frozen")[::-1].copy()}, seeds={**now.manifest.seeds, "projection": name})


def _read(study: Path, _: str) -> None:
    opened = open_study(study)
    assert opened.image_ids == IDS
    assert {"A", "B"} <= {entry.reader.removeprefix("reader ") for entry in opened.annotations()}


def main(deed: str, study: str, name: str, seconds: str) -> None:
    """Do one thing again and again."""
    do = {"mark": _mark, "project": _project, "read": _read}[deed]
    until = time.monotonic() + float(seconds)
    for number in count():
        do(Path(study), f"{name}-{number}")
        if time.monotonic() > until:
            break


if __name__ == "__main__":
    main(*sys.argv[1:])
