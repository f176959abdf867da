"""kill -9 of the app while a reader saves marks: the study is the old one or has the marks, and the next app goes on.

`python -m tests.storms.app_kills [--kills 30] [--seed 0]`: a server and a session at it, by websocket; the server is
killed at a random moment after "Save" was pressed. What the app said was saved must be there; no file but those of the
study may be left when the next app has saved. Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.web import cli

from core.study import check_study, open_study, write_study
from tests.browser.server import free_port
from tests.conftest import PROJECT
from tests.golden.make_study_v1 import golden_contents
from tests.storms.apps import FILM, VIEWER, marks_of
from tests.storms.session import TIMEOUT_S, LostError, Session


@contextmanager
def app(study: Path, log: Path) -> Iterator[tuple[str, int]]:
    """The address and the number of a server that is forked from this process, which has loaded most of it."""
    port = free_port()
    child = os.fork()
    if child == 0:
        _serve(study, log, port)
    try:
        address = f"http://localhost:{port}"
        _wait_until_healthy(address)
        yield address, child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _serve(study: Path, log: Path, port: int) -> None:
    """What `streamlit run app.py` does; never returns."""
    os.environ |= {"CXR_STUDIES": str(study), "CXR_CACHE": str(log.parent / "cache")}
    os.chdir(PROJECT)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = ["streamlit", "run", "app.py", "--server.headless", "true", "--server.port", str(port)]
    try:
        cli.main(sys.argv[1:], standalone_mode=False)
    finally:
        os._exit(1)


def _wait_until_healthy(address: str) -> None:
    until = time.monotonic() + TIMEOUT_S
    while True:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def save(study: Path, log: Path, name: str, after_s: float | None) -> tuple[bool, float]:
    """Save a mark as somebody in an app of its own; whether it said that it was saved, and after how many seconds.

    after_s : from "Save" to the app's kill; None waits for the answer.
    """
    with (
        app(study, log) as (address, server),
        Session.open(address, "saliency", {"study": study.name, "film": FILM}) as session,
    ):
        session.set("reader_name", name)
        session.begin_to_send(VIEWER, "marks", marks_of(name))
        started = time.monotonic()
        if after_s is not None:
            time.sleep(after_s)
            os.kill(server, signal.SIGKILL)
        try:
            session.answer()
        except LostError:
            return False, time.monotonic() - started
        return f"drawn by {name}" in " ".join(session.toasts), time.monotonic() - started


def readers_of(study: Path) -> set[str]:
    """Who has marks in a study, opened as any reader opens it."""
    return {entry.reader for entry in open_study(study).annotations()}


def wrong_after(study: Path, before: set[str], name: str, *, said_saved: bool) -> list[str]:
    """What is wrong with the study after a kill. before : the readers whose marks were there."""
    readers = readers_of(study)
    problems = [problem.message for problem in check_study(study)]
    if readers not in (before, before | {name}):
        problems.append(f"of the marks of {sorted(before)} there are {sorted(readers)}")
    if said_saved and name not in readers:
        problems.append(f"the mark of {name} was said to be saved, and is not there")
    return problems


def main() -> None:
    """Kill and look."""
    parser = argparse.ArgumentParser(description="kill -9 of the app while marks are saved.")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng, came, problems, started = random.Random(args.seed), Counter[str](), list[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        log, study = Path(folder) / "server.log", write_study(Path(folder) / "studies/study", golden_contents())
        is_saved, seconds = save(study, log, "first", None)
        problems += [] if is_saved else ["the first mark was not saved"]
        for number in range(args.kills):
            before, name = readers_of(study), f"reader{number}"
            said, _ = save(study, log, name, rng.uniform(0, 1.2 * seconds))
            problems += [f"{number}: {problem}" for problem in wrong_after(study, before, name, said_saved=said)]
            came["the new" if name in readers_of(study) else "the old"] += 1
        if not save(study, log, "last", None)[0]:
            problems.append("the last mark was not saved")
        left = sorted(path.name for path in study.parent.iterdir())
        problems += [f"beside the study lies {left}"] if left != ["study"] else []
    for problem in problems:
        print(problem)
    print(
        f"{args.kills} kills within {seconds:.1f} s of saving: {dict(came)}, {len(problems)} problems, in "
        f"{(time.monotonic() - started) / 60:.1f} min; load {os.getloadavg()[0]:.1f}"
    )
    raise SystemExit(bool(problems))


if __name__ == "__main__":
    main()
