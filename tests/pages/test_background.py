"""Work in the background: how far it is, calling it off, what went wrong."""

from __future__ import annotations

import threading

import pytest

from core.errors import SaliencyError
from pages.saliency.background import Job, Jobs, Progress


def _ended(job: Job) -> Job:
    job.join(10)
    assert not job.is_running
    return job


def test_a_job_tells_how_far_it_is() -> None:
    may_end = threading.Event()
    told = threading.Event()

    def work(progress: Progress, cancelled: object) -> None:
        progress(3, 12, "films")
        told.set()
        may_end.wait(10)

    job = Job(work)
    assert told.wait(10)
    assert (job.done, job.total, job.what, job.share, job.is_running) == (3, 12, "films", 0.25, True)
    may_end.set()
    assert _ended(job).error is None


def test_cancelling_reaches_the_work_and_is_no_error() -> None:
    def work(progress: Progress, cancelled: object) -> None:
        while not cancelled():  # type: ignore[operator]
            pass
        raise SaliencyError("cancelled", remedy="Start again.")

    job = Job(work)
    job.cancel()
    assert _ended(job).is_cancelled
    assert job.error is None


def test_what_goes_wrong_is_kept_in_words() -> None:
    def work(progress: Progress, cancelled: object) -> None:
        raise SaliencyError("No model.", remedy="Get one.")

    error = _ended(Job(work)).error
    assert error is not None
    assert error.message == "No model."


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_is_not_silent() -> None:
    def work(progress: Progress, cancelled: object) -> None:
        raise ZeroDivisionError

    error = _ended(Job(work)).error
    assert error is not None
    assert "ZeroDivisionError" in error.message


def test_a_key_has_one_running_job_and_may_start_another_afterwards() -> None:
    jobs, may_end = Jobs(), threading.Event()
    first = jobs.start("key", lambda progress, cancelled: may_end.wait(10))
    assert jobs.start("key", lambda progress, cancelled: None) is first
    may_end.set()
    _ended(first)
    assert jobs.start("key", lambda progress, cancelled: None) is not first
    jobs.forget("key")
    assert jobs.get("key") is None
