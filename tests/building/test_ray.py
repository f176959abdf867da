"""`--engine ray`: the study that the engine in the process makes, though a worker is killed; and what is refused."""

from __future__ import annotations

import importlib.util
import tempfile
import time
from pathlib import Path

import pytest

from core.__main__ import main
from core.building.build import build_study
from core.building.films import CHUNK
from core.building.plan import BuildOptions
from core.building.ray_crew import _require_answer, batches
from core.building.ray_engine import REQUIREMENTS, RayEngine
from core.datasets.folder import FolderDataset
from core.errors import StudyError
from core.paths import PROJECT
from tests.building.interrupted import differences, first_dimensions, write_films
from tests.building.observed import Observed, chunks_again, marked, reads
from tests.building.side_by_side import plan
from tests.models.tiny import make_tiny_clip

DEADLY = CHUNK + 40
N_FILMS = 3 * CHUNK + 5
OPTIONS = BuildOptions("by ray", ("zero_shot",), films="all", precision="fp32")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning:ray")
def test_two_workers_of_which_one_is_killed_make_the_same_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Path(tempfile.mkdtemp())  # a short path: sockets lie there
    monkeypatch.setattr(tempfile, "tempdir", str(sessions))
    monkeypatch.setenv("BUILT_BY", str(tmp_path))  # which Ray's processes have of this one
    films, model = write_films(tmp_path / "films", N_FILMS), make_tiny_clip(tmp_path / "model")
    here = build_study(plan(FolderDataset(films), [model], tmp_path / "here", OPTIONS), project=first_dimensions)
    observed, told = Observed(films, tmp_path / "log", deadly=DEADLY), list[int]()
    by_ray = build_study(
        plan(observed, [model], tmp_path / "by_ray", OPTIONS),
        project=first_dimensions,
        engine=RayEngine(n_workers=2),
        progress=lambda done, total, what: told.append(done) if what == "films read and encoded" else None,
    )
    assert differences(here.root, by_ray.root) == []
    assert (tmp_path / "log.killed").exists()
    assert {row for _, row, _ in reads(tmp_path / "log")} == set(range(N_FILMS))
    assert chunks_again(tmp_path / "log") == {1: 1}  # that which the worker was at, once
    assert told == sorted(told)
    assert told[-1] == N_FILMS
    until = time.monotonic() + 30
    while (left := marked("BUILT_BY", str(tmp_path))) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []
    sessions.rmdir()


def test_batches_are_counted_from_the_first_film() -> None:
    """What one batch holds must not hang on what is missing."""
    missing = [0, 2 * CHUNK, 3 * CHUNK, 9 * CHUNK]
    assert batches(missing, 1) == missing
    assert batches(missing, 4) == [0, 8 * CHUNK]
    assert batches([5 * CHUNK], 4) == [4 * CHUNK]
    assert batches([], 4) == []


def test_without_ray_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StudyError, match="Ray, which is not installed") as caught:
        RayEngine()
    assert caught.value.remedy == f"Run `pip install -r {REQUIREMENTS}`."
    asked = (PROJECT / REQUIREMENTS).read_text()
    assert asked.splitlines()[0] in (PROJECT / "tests" / "requirements.txt").read_text().splitlines()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "127.0.0.1:many", "127.0.0.1:99999"])
def test_a_head_that_does_not_answer_is_named_at_once(address: str) -> None:
    with pytest.raises(StudyError, match=f"--address {address}: nothing answers there"):
        _require_answer(address)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--address", "head:6379"], "--address is of Ray alone. Add --engine ray, or leave --address out."),
        (["--workers", "2"], "--workers is of Ray alone. Add --engine ray, or leave --workers out."),
        (["--engine", "ray", "--workers", "0"], "--workers is 0. Give the number of workers, 1 or more."),
        (["--engine", "ray", "--estimate"], "--estimate measures this computer, and not the workers of Ray."),
    ],
)
def test_options_that_say_nothing_are_refused(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "phantom", "phantom-clip", "--out", str(tmp_path / "study"), *options]) == 2
    assert capsys.readouterr().err.startswith(said)
    assert list(tmp_path.iterdir()) == []
