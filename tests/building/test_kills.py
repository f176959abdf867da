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


def test_what_a_kill_leaves_of_another_plan_is_thrown_away_even_without_its_record(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "study", {"a": 1})
    (scratch.folder / "marks_00000000.json").write_text("[]")
    (scratch.folder / "plan.json").unlink()
    assert list(Scratch(tmp_path / "study", {"a": 2}).folder.iterdir()) == [scratch.folder / "plan.json"]


def test_a_study_in_place_is_told_from_one_that_was_there_before(tmp_path: Path) -> None:
    """A kill between the study's last rename and the end of its scratch folder, with and without a study to replace."""
    out, plan = tmp_path / "study", {"a": 1}
    scratch = Scratch(out, plan)
    assert not Scratch.was_written(out, plan)
    scratch.begin_writing(out)
    assert not Scratch.was_written(out, plan)
    make_study(out, n_films=30)
    assert Scratch.was_written(out, plan)
    assert not Scratch.was_written(out, {"a": 2})
    scratch.begin_writing(out)
    assert not Scratch.was_written(out, plan)
    scratch.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
