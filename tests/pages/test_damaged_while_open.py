"""What the app says when a study's files are damaged, or are replaced, while it is open."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from core.errors import ReplacedError
from core.files import aside_of
from core.study import sound
from pages.shared import cache, studies
from tests.pages.conftest import Open
from tests.pages.made_study import make_study

SCORES = "settings/zero_shot/scores.npy"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study(tmp_path / "study", n_films=60)


def test_a_part_that_is_cut_is_said_on_the_page(study: Path, open_page: Open) -> None:
    cache.opened(study)
    content = (study / SCORES).read_bytes()
    (study / SCORES).write_bytes(content[: len(content) // 2])
    page = open_page("app", study)
    assert not page.exception
    assert f"{SCORES} has changed since" in page.error[0].value.replace("\\", "")
    (study / SCORES).write_bytes(content)
    page.run()
    assert not page.exception
    assert not any("has changed since" in one.value for one in page.error)


def test_a_page_runs_again_on_a_study_that_was_replaced(
    study: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = cache.report, [0]

    def replaced(*args: object, **named: object) -> object:
        calls[0] += 1
        if calls[0] <= most:
            raise ReplacedError("Another study has taken its place.", remedy="Load the page again.")
        return real(*args, **named)

    monkeypatch.setattr(cache, "report", replaced)
    most = 2
    page = open_page("app", study)
    assert not page.exception
    assert not any("Another study" in one.value for one in page.error)
    assert calls[0] > 2
    calls[0], most = 0, 10**9
    page.run()
    assert not page.exception
    assert "Another study has taken its place" in page.error[0].value


def test_a_study_that_is_being_replaced_stays_in_the_picker(study: Path) -> None:
    other = shutil.copytree(study, study.with_name("other"))
    study.rename(aside_of(study))
    assert studies.find_studies([study.parent]) == {"other": other, "study": study}


def test_a_large_part_that_is_damaged_is_said_when_it_is_found(
    study: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "LARGE_BYTES", 500)
    large = cache.opened(study).sound.large
    assert large
    _wait()
    page = open_page("app", study)
    assert "large files checked" in " ".join(entry.value for entry in page.sidebar.caption)
    part = study / large[-1]
    content = bytearray(part.read_bytes())
    content[-3] ^= 1
    part.write_bytes(bytes(content))
    (study / "manifest.json").touch()
    opened = cache.opened(study)
    _wait()
    assert opened.sound.state == "damaged"
    page = open_page("app", study)
    assert not page.exception
    assert "has changed since" in page.error[0].value


def _wait() -> None:
    """Until nothing is hashed in the background."""
    for thread in threading.enumerate():
        if thread.name == "hash the study":
            thread.join()
