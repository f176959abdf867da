"""UMAP in a process beside: the same points, errors as here, and no process that outlives the one that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.paths import PROJECT
from core.projection import beside
from core.projection.beside import umap_beside
from core.projection.umap import ProjectionOptions, project

OPTIONS = ProjectionOptions(n_neighbors=5, seed=3)


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(40, 6)).astype(np.float32)


def test_its_points_are_those_made_here(rows: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """In two and three dimensions, and from a start; nothing is made in this process meanwhile."""
    flat, deep = project(rows, 2, OPTIONS), project(rows, 3, OPTIONS)
    turned = project(rows + 1, 2, OPTIONS, start=flat)
    monkeypatch.setattr(beside, "project", None)
    with umap_beside() as there:
        np.testing.assert_array_equal(there(rows, 2, OPTIONS), flat)
        np.testing.assert_array_equal(there(rows, 3, OPTIONS), deep)
        np.testing.assert_array_equal(there(rows + 1, 2, OPTIONS, start=flat), turned)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_died_is_made_up_for_here(
    rows: np.ndarray, how: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: object, **rest: object) -> None:
            super().__init__(*args, **rest)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    with umap_beside() as there:
        started[0].send_signal(how)
        np.testing.assert_array_equal(there(rows, 2, OPTIONS), project(rows, 2, OPTIONS))
    assert started[0].returncode == -how


def test_an_error_is_the_one_that_is_raised_here(rows: np.ndarray) -> None:
    wrong = ProjectionOptions(min_dist=float("nan"))
    with pytest.raises(Exception) as here:
        project(rows, 2, wrong)
    with umap_beside() as there, pytest.raises(type(here.value)) as beside_error:
        there(rows, 2, wrong)
    assert str(beside_error.value) == str(here.value)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the process in /proc")
def test_it_ends_when_the_process_that_started_it_is_killed() -> None:
    code = (
        "import time\nfrom core.projection.beside import umap_beside\n"
        "with umap_beside():\n print('up', flush=True)\n time.sleep(100)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    parent.stdout.readline()
    (child,) = _children(parent.pid)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 60
    while _is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not _is_alive(child)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_alive(pid: int) -> bool:
    """A process that has ended and was not waited for by anyone is not alive."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
