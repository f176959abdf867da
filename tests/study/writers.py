"""Two processes at a time on one study: marks by two readers, maps made anew, and reading.

`python -m tests.study.writers mark|project|read|page STUDY NAME SECONDS`: does so again and again for that long; prints
a line for every mark that was saved, and ends with a traceback where anything fails.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, count, cycle, islice
from pathlib import Path
from typing import Final

from core.building.annotate import add_marks, remove_marks
from core.study import check_study, open_study
from core.study.rewrite import changing, rewrite_study
from tests.conftest import PROJECT
from tests.golden.make_study_v1 import IDS
from tests.study.test_marks import box

DEEDS: Final = ("mark", "project", "read")
TURNS: Final = tuple(pair for pair in combinations_with_replacement(DEEDS, 2) if "mark" in pair or "project" in pair)
"""Who is at the study at the same time, round by round."""


@dataclass(frozen=True)
class Found:
    """n_saved : marks that were said to be saved.  n_done : all that was done.

    problems : marks that are not there, and what was said in error.
    """

    n_saved: int
    n_done: int
    problems: tuple[str, ...]


def rounds(study: Path, n_rounds: int, seconds: float = 0.4, turns: Sequence[tuple[str, ...]] = TURNS) -> Found:
    """What came of rounds of two processes that begin together and are at it for some seconds each."""
    n_saved, n_done, problems, here = 0, 0, list[str](), set[str]()
    for number, pair in enumerate(islice(cycle(turns), n_rounds)):
        started = [_started(deed, study, f"{number}-{rank}", seconds) for rank, deed in enumerate(pair)]
        for deed, process in zip(pair, started, strict=True):
            out, err = process.communicate(timeout=120)
            saved = [line.removeprefix("saved ") for line in out.splitlines() if line.startswith("saved ")]
            n_done += out.count("done")
            n_saved += len(saved)
            here |= set(saved)
            if process.returncode:
                problems.append(f"round {number}, {deed}: {err.strip().splitlines()[-1:]}")
        problems += [f"round {number}: {problem.message}" for problem in check_study(study)]
        found = {entry.reader for entry in open_study(study).annotations()}
        problems += [f"round {number}: the mark of {reader} is gone" for reader in sorted(here - found)]
    return Found(n_saved, n_done, tuple(problems))


def _started(deed: str, study: Path, name: str, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.study.writers", deed, str(study), name, str(seconds)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _mark(study: Path, reader: str) -> None:
    """One mark that stays, and one that is taken away again."""
    add_marks(study, [box(IDS[0], reader=reader)])
    print(f"saved {reader}", flush=True)
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


def _page(study: Path, _: str) -> None:
    """A session of the app that opens the study and shows where a film is among the others."""
    import os

    from streamlit.testing.v1 import AppTest

    os.environ["CXR_STUDIES"] = str(study)
    page = AppTest.from_file(str(PROJECT / "pages/per_class.py"), default_timeout=60)
    page.query_params["study"] = study.name
    page.run()
    assert not page.exception, page.exception[0].message
    assert not page.error, page.error[0].value
    assert page.title[0].value == "Per class"


def main(deed: str, study: str, name: str, seconds: str) -> None:
    """Do one thing again and again."""
    do = {"mark": _mark, "project": _project, "read": _read, "page": _page}[deed]
    until = time.monotonic() + float(seconds)
    for number in count():
        do(Path(study), f"{name}-{number}")
        print("done", flush=True)
        if time.monotonic() > until:
            break


if __name__ == "__main__":
    main(*sys.argv[1:])
