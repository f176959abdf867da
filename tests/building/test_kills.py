"""A build that is killed at random moments ends as one in peace; `tests.benchmarks.kills` does this twenty times."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.building.plan import Scratch, scratch_folder
from tests.building.interrupted import QUICK, build, build_killed, differences, write_films
from tests.models.tiny import make_tiny_clip
from tests.pages.made_study import make_study


@pytest.mark.slow
def test_three_kills_change_no_byte_and_nothing_whole_is_encoded_again(tmp_path: Path) -> None:
    films, model = write_films(tmp_path / "films", 150), make_tiny_clip(tmp_path / "model")
    seconds = build(films, model, tmp_path / "peace", QUICK)
    killed = build_killed(films, model, tmp_path / "killed", 3, seconds / 2, random.Random(1), QUICK)
    assert killed.kills >= 1
    assert differences(tmp_path / "peace", tmp_path / "killed") == []
    assert killed.again() == []
    assert not scratch_folder(tmp_path / "killed").exists()


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
