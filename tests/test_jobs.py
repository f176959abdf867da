"""Work in a process of its own: how far it is, calling it off, what went wrong, and how much may run at once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import jobs
from core.jobs import ENDING, SILENT_S, Job, JobError, JobProgress, read_progress, write_progress

WAIT_S = 60


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Callable[..., Job]]:
    made: list[Job] = []

    def named(what: str, name: str = "one") -> Job:
        made.append(Job("tests.job_work", (what, str(tmp_path)), tmp_path / f"{name}{ENDING}", tmp_path, "trials"))
        return made[-1]

    yield named
    for each in made:
        each.cancel()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_job_tells_how_far_it_is_and_leaves_what_it_made_alone(job: Callable[..., Job], tmp_path: Path) -> None:
    one = job("wait")
    assert one.progress() == JobProgress("absent")
    one.begin()
    until(lambda: one.progress().done == 3)
    assert one.progress() == JobProgress("running", 3, 12, "films")
    assert one.progress().share == 0.25
    assert one.may_cancel
    (tmp_path / "go").touch()
    until(lambda: one.progress().state == "absent")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["go", "made"]
    until(lambda: not one.may_cancel)


def test_cancelling_ends_the_process_and_forgets_what_it_told_and_had_begun_to_write(
    job: Callable[..., Job], tmp_path: Path
) -> None:
    one = job("wait")
    one.begin()
    until(lambda: one.progress().done == 3)
    worker = jobs._workers[one.path]
    assert [path.read_text() for path in tmp_path.glob("made.*")] == ["whole"]
    one.cancel()
    assert worker.returncode == -signal.SIGKILL
    assert one.progress().state == "absent"
    assert list(tmp_path.iterdir()) == []
    one.cancel()


def test_what_is_refused_is_told_with_its_remedy(job: Callable[..., Job]) -> None:
    one = job("refuse")
    one.begin()
    until(lambda: one.progress().state != "running")
    assert one.progress() == JobProgress("failed", error="No model.", remedy="Get one.")


def test_a_fault_is_not_silent(job: Callable[..., Job]) -> None:
    one = job("break")
    one.begin()
    until(lambda: one.progress().state != "running")
    assert one.progress().error == "The work stopped unexpectedly (ZeroDivisionError: of what)."
    assert one.progress().remedy == "Try again."


@pytest.mark.parametrize("how", ["die", "killed"])
def test_a_process_that_died_is_seen_at_once_by_who_began_it(job: Callable[..., Job], how: str) -> None:
    one = job("die" if how == "die" else "wait")
    one.begin()
    if how == "killed":
        jobs._workers[one.path].send_signal(signal.SIGKILL)
    begun = time.monotonic()
    until(lambda: one.progress().state == "failed")
    assert time.monotonic() - begun < SILENT_S / 2
    assert "has ended" in one.progress().error
    assert not one.may_cancel


def test_others_give_up_a_process_that_fell_silent(job: Callable[..., Job]) -> None:
    one = job("end")
    write_progress(one.path, JobProgress("running", 3, 12, "films"))
    assert one.progress().state == "running"
    assert not one.may_cancel
    os.utime(one.path, (0, time.time() - SILENT_S - 5))
    assert read_progress(one.path).state == one.progress().state == "failed"


def test_what_failed_is_begun_anew_only_where_it_is_asked_for_again(job: Callable[..., Job], tmp_path: Path) -> None:
    one = job("end")
    write_progress(one.path, JobProgress("failed", error="No."))
    one.begin()
    assert one.progress().error == "No."
    one.begin(again=True)
    until(lambda: one.progress().state == "absent")
    assert (tmp_path / "made").read_text() == "whole"


def test_two_work_side_by_side_a_third_is_refused_and_none_is_begun_twice(job: Callable[..., Job]) -> None:
    first, second, third = (job("wait", name) for name in ("one", "two", "three"))
    first.begin()
    second.begin()
    process = jobs._workers[first.path].pid
    first.begin(again=True)
    assert jobs._workers[first.path].pid == process
    with pytest.raises(JobError, match="2 trials"):
        third.begin()
    first.cancel()
    third.begin()
    assert second.progress().state == third.progress().state == "running"


def test_a_folder_that_cannot_be_written_to_is_said_with_a_remedy() -> None:
    root = Path("/proc/nowhere")
    with pytest.raises(JobError, match="trials cannot be kept there") as found:
        Job("tests.job_work", (), root / f"one{ENDING}", root, "trials").begin()
    assert "CXR_CACHE" in found.value.remedy
