"""What a build says beforehand: every part that will be built, in proportion to the films, from what was measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.__main__ import main
from core.building import estimate
from core.building.checked import plan_build
from core.building.estimate import estimate_build, estimate_text
from core.building.plan import BuildOptions
from core.datasets.folder import FolderDataset
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.quantities import duration, size
from core.settings.registry import names
from core.settings.steps import PartTime
from tests.building.interrupted import write_films
from tests.models.tiny import make_tiny_clip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return load_clip(make_tiny_clip(tmp_path_factory.mktemp("model") / "tiny"))


def _eight_seconds(work: Callable[[], object], enough: float) -> float:
    """The work is done, so that it is known to run, and said to have taken 8 s."""
    work()
    return 8.0


def test_parts_are_what_was_measured_times_the_films(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every measurement says 8 s: 8 films are read in next to nothing, encoded in 8 s, trained on in 8 s."""
    dataset = FolderDataset(write_films(tmp_path / "films", 60))
    monkeypatch.setattr(estimate, "seconds_of", _eight_seconds)
    n_train, n_val = ((dataset.images["split"] == name).sum() for name in ("train", "val"))
    parts = _parts(dataset, model, BuildOptions("x"), tmp_path)
    assert list(parts) == ["read and encode films", "linear probe", "fine-tuning"]
    assert parts["read and encode films"].seconds == pytest.approx(60 * 1.0, abs=5)
    assert parts["linear probe"].seconds == pytest.approx(10 * 8.0)
    assert parts["fine-tuning"].seconds == pytest.approx(10 * (n_train + n_val) + 60)
    cheap = BuildOptions("x", ("zero_shot", "linear_probe"))
    assert "fine-tuning" not in _parts(dataset, model, cheap, tmp_path)


def _parts(dataset: FolderDataset, model: ClipModel, settings: BuildOptions, folder: Path) -> dict[str, PartTime]:
    plan = plan_build(lambda: dataset, lambda: model, "tiny", folder / "out", settings)
    return {part.title: part for part in estimate_build(plan)[0]}


def test_what_is_dear_comes_with_the_way_to_leave_it_out() -> None:
    dear = PartTime("fine-tuning", 9.5 * 3600, "0.1 films a second", "fine_tune")
    cheap = PartTime("fine-tuning", 60, "fast", "fine_tune")
    text = estimate_text([dear], "cpu", names())
    assert "fine-tuning: about 9.5 h" in text
    others = ",".join(name for name in names() if name != "fine_tune")
    assert f"Add --settings {others} to leave fine-tuning out" in text
    assert "--settings" not in estimate_text([cheap], "cpu", names())
    assert "--settings" not in estimate_text([dear], "cpu", ("fine_tune",))


def test_the_command_says_it_and_builds_nothing(
    model: ClipModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    films = write_films(tmp_path / "films", 30)
    arguments = ["folder", str(model.folder), "--root", str(films), "--out", str(tmp_path / "out"), "--estimate"]
    assert main(["build", *arguments]) == 0
    said = capsys.readouterr().out
    assert "films per second" in said
    assert "fine-tuning" in said
    assert [path.name for path in tmp_path.iterdir()] == ["films"]


def test_quantities_are_said_as_readers_say_them() -> None:
    assert [duration(s) for s in (0.2, 40, 720, 34200)] == ["1 s", "40 s", "12 min", "9.5 h"]
    assert [size(n) for n in (512, 4_000, 1_112_632, 1_360_000_000)] == ["512 B", "4 kB", "1.1 MB", "1.36 GB"]
