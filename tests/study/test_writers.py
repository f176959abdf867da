"""Several processes that write and read one study: it opens after each, and every mark that was saved is there."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.building.annotate import add_marks
from core.errors import ReplacedError, StudyError
from core.files import aside_of, scratch_beside
from core.locks import lock_file
from core.study import check_study, open_study, write_study
from core.study import open as opening
from core.study.rewrite import changing, rewrite_study
from tests.golden.make_study_v1 import IDS, golden_contents
from tests.storms.writers import rounds
from tests.study.damage import tree
from tests.study.test_marks import box


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study", golden_contents())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_two_processes_mark_project_and_read_one_study(study: Path) -> None:
    found = rounds(study, 10)
    assert found.problems == []
    assert found.n_saved >= 8  # one of every process that marks, at least
    assert names(study.parent) == ["study"]
    assert check_study(study) == []


def test_a_writer_that_was_killed_between_the_renames(study: Path) -> None:
    """A reader finds the old study again, and so does a writer, which cleans up."""
    before = tree(study)
    study.rename(aside_of(study))
    scratch_beside(study).mkdir()
    assert open_study(study).root == study
    assert tree(study) == before
    study.rename(aside_of(study))
    add_marks(study, [box(IDS[0])])
    assert check_study(study) == []


def test_a_writer_that_was_killed_after_the_renames(study: Path) -> None:
    write_study(aside_of(study).with_name("old"), golden_contents()).rename(aside_of(study))
    lock_file(study).write_text('{"pid": 1}')
    now = add_marks(study, [box(IDS[0])])
    assert {entry.reader for entry in now.annotations(IDS[0])} >= {"C"}
    assert names(study.parent) == ["study"]


def test_a_reader_waits_while_the_study_is_aside(study: Path) -> None:
    """The writer is slow between its two renames, but alive."""
    code = f"""
import pathlib, sys, time
from core.locks import only_writer
from core.files import aside_of
study = pathlib.Path({str(study)!r})
with only_writer(study):
    study.rename(aside_of(study))
    print("aside", flush=True)
    time.sleep(0.4)
    aside_of(study).rename(study)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "aside\n"
        assert open_study(study).image_ids == IDS
        assert writer.wait() == 0


def test_a_reader_does_not_try_for_ever(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "REPLACED_S", 0.3)
    identities = iter(range(10**9))
    monkeypatch.setattr(opening, "_identity", lambda root: (next(identities),))
    (study / "labels.parquet").write_bytes(b"")
    started = time.monotonic()
    with pytest.raises(StudyError, match=r"labels\.parquet has 0 bytes"):
        open_study(study)
    assert time.monotonic() - started < 5


def test_a_study_that_changed_since_it_was_read_is_not_written_over(study: Path) -> None:
    old = open_study(study)
    add_marks(study, [box(IDS[0])])
    before = tree(study)
    with pytest.raises(StudyError, match="another program has changed the study"):
        rewrite_study(old, {}, notice="mine")
    assert tree(study) == before


def test_what_is_read_of_a_study_that_was_replaced(study: Path) -> None:
    """Parts that are the same are read; one that is another's is not taken for it."""
    old = open_study(study)
    contents = golden_contents()
    contents.scores["zero_shot"][0, 0] += 0.1  # type: ignore[index]
    write_study(study, contents, replace=True)
    assert old.scores("linear_probe").shape == (12, 14)
    with pytest.raises(ReplacedError, match="another study has taken its place"):
        old.scores("zero_shot")


def test_changing_says_what_is_no_study_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no such folder"), changing(tmp_path / "absent/study"):
        pass
    assert names(tmp_path) == []


def test_a_study_that_goes_away_while_it_is_read(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drive that is pulled out, at any moment: a sentence."""

    def gone(_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(study))

    monkeypatch.setattr(opening, "CHECKS", (gone,))
    with pytest.raises(StudyError, match=r"study: cannot be read \(No such file or directory\)"):
        open_study(study)
