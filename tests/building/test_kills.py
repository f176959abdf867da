"""A build that is killed at random moments ends as one in peace; `tests.benchmarks.kills` does this twenty times."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

import core.building.build as building
from core.__main__ import main
from core.building.crop_file import take_room
from core.building.plan import Scratch, scratch_folder
from core.files import aside_of
from core.locks import lock_file, only_writer
from core.projection import beside
from core.study import check_study
from tests.building.interrupted import QUICK, build, build_killed, differences, first_dimensions, write_films
from tests.models.tiny import make_tiny_clip
from tests.pages.made_study import make_study


@pytest.mark.slow
def test_two_kills_change_no_byte_and_nothing_whole_is_encoded_again(tmp_path: Path) -> None:
    films, model = write_films(tmp_path / "films", 150), make_tiny_clip(tmp_path / "model")
    seconds = build(films, model, tmp_path / "peace", QUICK)
    killed = build_killed(films, model, tmp_path / "killed", 2, seconds / 2, random.Random(1), QUICK)
    assert killed.kills >= 1
    assert differences(tmp_path / "peace", tmp_path / "killed") == []
    assert killed.again() == []
    assert not scratch_folder(tmp_path / "killed").exists()


def test_a_build_that_was_stopped_when_its_study_stood_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock and the study that it replaced lie beside it still; the same command takes them away."""
    films, model = write_films(tmp_path / "films", 12), make_tiny_clip(tmp_path / "model")
    monkeypatch.setattr(beside, "umap_beside", lambda: nullcontext(first_dimensions))
    out = tmp_path / "study"
    command = ["build", "folder", str(model), "--root", str(films), "--out", str(out), "--settings", "zero_shot"]
    with monkeypatch.context() as patch:
        patch.setattr(Scratch, "remove", lambda _: None)
        assert main(command) == 0
    for path in (aside_of(out), scratch_folder(out)):
        path.mkdir(exist_ok=True)
    for path in (out, scratch_folder(out)):
        lock_file(path).write_text('{"pid": 1}')
    assert main(command) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["films", "model", "study"]
    assert check_study(out) == []


def test_two_builds_of_one_study_are_not_at_it_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    films, model = write_films(tmp_path / "films", 12), make_tiny_clip(tmp_path / "model")
    monkeypatch.setattr(beside, "umap_beside", lambda: nullcontext(first_dimensions))
    monkeypatch.setattr(building, "_WAIT_S", 0.05)
    out = tmp_path / "study"
    with ThreadPoolExecutor(1) as pool, only_writer(scratch_folder(out)):
        command = ["build", "folder", str(model), "--root", str(films), "--out", str(out), "--settings", "zero_shot"]
        assert pool.submit(main, command).result() == 2
    assert "has been writing to it for more than" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["films", "model"]


def test_a_disk_that_is_full_stops_a_build_in_a_sentence_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    films, model = write_films(tmp_path / "films", 12), make_tiny_clip(tmp_path / "model")
    monkeypatch.setattr(beside, "umap_beside", lambda: nullcontext(first_dimensions))
    out = tmp_path / "study"
    command = ["build", "folder", str(model), "--root", str(films), "--out", str(out), "--settings", "zero_shot"]

    def full(path: Path, content: bytes, **_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("core.building.films.write_whole", full)
        assert main(command) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(f"{scratch_folder(out)}: cannot be read or written (No space left on device).")
    assert "goes on" in said
    assert main(command) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["films", "model", "study"]


def test_the_room_of_all_crops_is_taken_at_once(tmp_path: Path) -> None:
    """A file of holes on a disk that is full later ends the process that writes into it, by SIGBUS."""
    path = tmp_path / "crops.npy"
    np.lib.format.open_memmap(path, "w+", np.uint8, (64, 64, 64)).flush()
    take_room(path)
    assert path.stat().st_blocks * 512 >= path.stat().st_size >= 64**3


def test_what_a_kill_leaves_without_its_record_is_thrown_away(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "study", {"films": "1"})
    (scratch.folder / "films").mkdir()
    (scratch.folder / "plan.json").unlink()
    again = Scratch(tmp_path / "study", {"films": "1"})
    assert list(again.folder.iterdir()) == [scratch.folder / "plan.json"]
    assert (again.kept, again.thrown_away) == ((), ("films",))


def test_a_stage_goes_with_what_it_depends_on_and_no_other_does(tmp_path: Path) -> None:
    out = tmp_path / "study"
    for name in ("films", "frozen"):
        folder = Scratch(out, {"films": "1", "frozen": "1"}).folder / name
        folder.mkdir()
        (folder / "file").write_text(name)
    again = Scratch(out, {"films": "1", "frozen": "2"})
    assert (again.kept, again.thrown_away) == (("films",), ("frozen",))
    assert sorted(path.name for path in again.folder.rglob("*")) == ["file", "films", "plan.json"]


def test_a_study_in_place_is_told_from_one_that_was_there_before(tmp_path: Path) -> None:
    """A kill between the study's last rename and the end of its scratch folder, with and without a study to replace."""
    out, plan = tmp_path / "study", "a"
    scratch = Scratch(out, {})
    assert not Scratch.was_written(out, plan)
    scratch.begin_writing(out, plan)
    assert not Scratch.was_written(out, plan)
    make_study(out, n_films=30)
    assert Scratch.was_written(out, plan)
    assert not Scratch.was_written(out, "b")
    scratch.begin_writing(out, plan)
    assert not Scratch.was_written(out, plan)
    scratch.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
