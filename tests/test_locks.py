"""One writer at a time, among processes and threads."""

from __future__ import annotations

import errno
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core import locks
from core.errors import StudyError
from core.locks import holder, lock_file, only_writer
from tests.conftest import PROJECT


@contextmanager
def held_by_another(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until it is told to go on or killed."""
    code = f"""
import pathlib, sys
from core.locks import only_writer
sys.argv = ["python -m core", "annotate", "x"]
with only_writer(pathlib.Path({str(path)!r})):
    print("held", flush=True)
    sys.stdin.readline()
"""
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_may_be_asked_for_again_and_leaves_nothing(tmp_path: Path) -> None:
    with only_writer(tmp_path / "study"):
        with only_writer(tmp_path / "study"):
            assert lock_file(tmp_path / "study").is_file()
        assert lock_file(tmp_path / "study").is_file()
    assert list(tmp_path.iterdir()) == []


def test_who_waits_is_told_for_whom_and_not_for_ever(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "study"
    with held_by_another(path) as other:
        words = f"'python -m core annotate x' \\(process {other.pid}, since .*\\)"
        with pytest.raises(StudyError, match=f"{words} has been writing") as error, only_writer(path, wait_s=1.3):
            pass
        assert "hangs" in error.value.remedy
        assert f"waiting for 'python -m core annotate x' (process {other.pid}" in caplog.text


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "study"
    with held_by_another(path) as other:
        other.kill()
        other.wait()
        assert lock_file(path).is_file()
        started = time.monotonic()
        with only_writer(path):
            assert time.monotonic() - started < 1
    assert list(tmp_path.iterdir()) == []


def test_who_waits_has_it_when_the_other_ends(tmp_path: Path) -> None:
    path = tmp_path / "study"
    with held_by_another(path) as other:
        assert other.stdin is not None
        stdin = other.stdin
        threading.Timer(0.3, lambda: (stdin.write("\n"), stdin.flush())).start()
        with only_writer(path, wait_s=10):
            other.wait(timeout=10)


def test_threads_take_turns(tmp_path: Path) -> None:
    inside, most, total = [0], [0], [0]

    def write() -> None:
        for _ in range(20):
            with only_writer(tmp_path / "study"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                number = total[0]
                time.sleep(0.0005)
                total[0] = number + 1
                inside[0] -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most[0], total[0]) == (1, 80)


def test_a_disk_without_locks_is_written_to_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locks.fcntl, "flock", refuse)
    with caplog.at_level(logging.WARNING), only_writer(tmp_path / "study"):
        assert "knows no locks, so let only one program at a time write" in caplog.text
    monkeypatch.setattr(locks, "fcntl", None)
    with caplog.at_level(logging.WARNING), only_writer(tmp_path / "other"):
        assert f"{tmp_path / 'other'}: this disk knows no locks" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cannot be written"), only_writer(tmp_path / "absent/study"):
        pass


def test_whose_lock_it_is_where_nothing_is_said(tmp_path: Path) -> None:
    lock_file(tmp_path / "study").write_text("{")
    assert holder(tmp_path / "study") == "another process"
