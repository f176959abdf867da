"""Two processes at a time on one study, round by round: marks, maps made anew, reading, a page's run, commands.

`python -m tests.storms.writers [--rounds 200] [--seconds 0.3]`: after every round the study is checked whole, and every
mark that was said to be saved must be in it. Every tenth round is two real commands, `annotate` and `project`, with a
process that marks meanwhile. Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, count, cycle, islice
from pathlib import Path
from typing import Final

from core.building.annotate import add_marks, remove_marks
from core.study import check_study, open_study, write_study
from core.study.rewrite import changing, rewrite_study
from tests.conftest import PROJECT
from tests.golden.make_study_v1 import HEIGHT_PX, IDS, WIDTH_PX, golden_contents
from tests.study.test_marks import box

DEEDS: Final = ("mark", "project", "read")
TURNS: Final = tuple(pair for pair in combinations_with_replacement(DEEDS, 2) if "mark" in pair or "project" in pair)
"""Who is at the study at the same time, round by round."""

LONGEST_S: Final = 120.0


@dataclass
class Found:
    """n_saved : marks that were said to be saved.  n_done : all that was done.

    problems : marks that are not there, and what was said in error.
    """

    n_saved: int = 0
    n_done: int = 0
    problems: list[str] = field(default_factory=list)
    here: set[str] = field(default_factory=set)

    def take(self, who: str, told: str) -> None:
        """Take what one process told, a line each: "saved READER", "done", or what was wrong."""
        for line in told.splitlines():
            word, _, rest = line.partition(" ")
            if word == "saved":
                self.n_saved += 1
                self.here.add(rest)
            elif word == "done":
                self.n_done += 1
            else:
                self.problems.append(f"{who}: {line}")

    def check(self, study: Path, when: str) -> None:
        """Look for everything that is wrong with the study, and for every mark."""
        self.problems += [f"{when}: {problem.message}" for problem in check_study(study)]
        found = {entry.reader for entry in open_study(study).annotations()}
        self.problems += [f"{when}: the mark of {reader} is gone" for reader in sorted(self.here - found)]

    def tell(self, study: Path, n_rounds: int, started: float) -> bool:
        """Print what came of rounds since `started` (monotonic); whether nothing is wrong, or lies beside the study."""
        beside = sorted(path.name for path in study.parent.iterdir() if path != study)
        for problem in self.problems:
            print(problem)
        print(
            f"{n_rounds} rounds in {(time.monotonic() - started) / 60:.1f} min: {self.n_saved:,} marks saved, "
            f"{self.n_done:,} deeds, {len(self.problems)} problems; beside the study lies {beside}; "
            f"load {os.getloadavg()[0]:.1f}"
        )
        return not self.problems and not beside


def rounds(
    study: Path,
    n_rounds: int,
    seconds: float = 0.3,
    turns: Sequence[tuple[str, ...]] = TURNS,
    *,
    commands_every: int | None = None,
) -> Found:
    """What came of rounds of two processes that begin together and are at it for some seconds each."""
    found = Found()
    for number, pair in enumerate(islice(cycle(turns), n_rounds)):
        is_commands = commands_every is not None and number % commands_every == commands_every - 1
        told = _commands(study, number) if is_commands else _pair(study, pair, number, seconds)
        for who, lines in told:
            found.take(f"round {number}, {who}", lines)
        found.check(study, f"round {number}")
    return found


def _pair(study: Path, pair: Sequence[str], number: int, seconds: float) -> list[tuple[str, str]]:
    until = time.monotonic() + seconds
    started = [
        forked(deed, study, f"{number}-{rank}", lambda: time.monotonic() < until) for rank, deed in enumerate(pair)
    ]
    return [(deed, ended()) for deed, ended in zip(pair, started, strict=True)]


def _commands(study: Path, number: int) -> list[tuple[str, str]]:
    """`annotate` and `project` as users type them, and one who marks until both have ended."""
    marks = study.with_name("marks.json")
    marks.write_text(_coco(IDS[2]))
    lines = (["annotate", str(study), str(marks), "--reader", f"{number}-typed"], ["project", str(study)])
    processes = [
        subprocess.Popen([sys.executable, "-m", "core", *line], cwd=PROJECT, stdout=-1, stderr=-1, text=True)
        for line in lines
    ]
    meanwhile = forked("mark", study, f"{number}-meanwhile", lambda: any(map(_is_alive, processes)))
    told = [(line[0], _ended(process, line)) for process, line in zip(processes, lines, strict=True)]
    told.append(("mark meanwhile", meanwhile()))
    marks.unlink()
    return told


def _is_alive(process: subprocess.Popen[str]) -> bool:
    """Whether it runs, asked from a process that did not start it."""
    try:
        return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _ended(process: subprocess.Popen[str], line: Sequence[str]) -> str:
    _, err = process.communicate(timeout=LONGEST_S)
    if process.returncode:
        return f"ended with {process.returncode}: {err.strip().splitlines()[-1:]}"
    return f"saved {line[4]}\ndone" if line[0] == "annotate" else "done"


def _coco(image_id: str) -> str:
    return json.dumps(
        {
            "images": [{"id": 1, "file_name": image_id, "height": HEIGHT_PX, "width": WIDTH_PX}],
            "categories": [{"id": 1, "name": "Edema"}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 8, 16, 12]}],
        }
    )


def forked(deed: str, study: Path, name: str, goes_on: Callable[[], bool]) -> Callable[[], str]:
    """Do a deed again and again in a process of its own; gives what waits for its end and for what it told."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            for number in count():
                saved = _DO[deed](study, f"{name}-{number}")
                os.write(writer, f"{saved}done\n".encode())
                if not goes_on():
                    break
        except BaseException:
            os.write(writer, f"failed: {' | '.join(traceback.format_exc(limit=-3).splitlines())}\n".encode())
        finally:
            os._exit(0)
    os.close(writer)

    def ended() -> str:
        with os.fdopen(reader, encoding="utf-8") as told:
            lines = told.read()
        _, code = os.waitpid(child, 0)
        return lines + ("" if code == 0 else f"ended by {code}\n")

    return ended


def _mark(study: Path, reader: str) -> str:
    """One mark that stays, and one that is taken away again."""
    add_marks(study, [box(IDS[0], reader=reader)])
    add_marks(study, [box(IDS[1], reader=f"{reader}-gone")])
    remove_marks(study, IDS[1], f"{reader}-gone")
    return f"saved {reader}\n"


def _project(study: Path, name: str) -> str:
    """What making maps anew writes, without the seconds that it takes to make them."""
    with changing(study) as now:
        part = "encoders/frozen/umap_2d.npy"
        rewrite_study(now, {part: now.umap("frozen")[::-1].copy()}, seeds={**now.manifest.seeds, "projection": name})
    return ""


def _read(study: Path, _: str) -> str:
    opened = open_study(study)
    assert opened.image_ids == IDS
    assert {"A", "B"} <= {entry.reader.removeprefix("reader ") for entry in opened.annotations()}
    return ""


def _page(study: Path, _: str) -> str:
    """A session of the app that opens the study and shows its classes."""
    from streamlit.testing.v1 import AppTest

    os.environ["CXR_STUDIES"] = str(study)
    page = AppTest.from_file(str(PROJECT / "pages/per_class/page.py"), default_timeout=LONGEST_S)
    page.query_params["study"] = study.name
    page.run()
    assert not page.exception, page.exception[0].message
    assert not page.error, page.error[0].value
    assert page.title[0].value == "Per class"
    return ""


_DO: Final = {"mark": _mark, "project": _project, "read": _read, "page": _page}


def main() -> None:
    """Run the rounds."""
    parser = argparse.ArgumentParser(description="Two processes at a time on one study.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=0.3, help="that each process is at it")
    args = parser.parse_args()
    turns = [pair for pair in combinations_with_replacement((*DEEDS, "page"), 2) if set(pair) & {"mark", "project"}]
    with tempfile.TemporaryDirectory() as folder:
        study = write_study(Path(folder) / "study", golden_contents())
        _page(study, "")  # so that the processes that are forked have loaded everything
        started = time.monotonic()
        found = rounds(study, args.rounds, args.seconds, turns=turns, commands_every=10)
        is_sound = found.tell(study, args.rounds, started)
    raise SystemExit(not is_sound)


if __name__ == "__main__":
    main()
