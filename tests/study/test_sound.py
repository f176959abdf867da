"""A figure never comes from a file that is not the one that was written."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest

from core.building.annotate import add_marks
from core.errors import StudyError
from core.study import check_study, open_study, sound, write_study
from tests.golden.make_study_v1 import IDS, golden_contents
from tests.study.test_marks import box

SCORES = "settings/zero_shot/scores.npy"
EMBEDDINGS = "encoders/frozen/image_embeddings.npy"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study", golden_contents())


def flip(path: Path, place: int = -3) -> None:
    """One bit of a number, in place."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    "part", [SCORES, EMBEDDINGS, "encoders/frozen/umap_2d.npy", "images.parquet", "labels.parquet", "masks.parquet"]
)
def test_one_flipped_bit_is_noticed_on_opening(study: Path, part: str) -> None:
    flip(study / part, 200 if part.endswith("parquet") else -3)
    with pytest.raises(StudyError, match=f"{part} has changed since the study was written"):
        open_study(study)
    assert [problem.message for problem in check_study(study)].count(
        f"{study}: {part} has changed since the study was written."
    ) == 1


def test_a_part_damaged_while_the_study_is_open(study: Path) -> None:
    opened = open_study(study)
    before = np.array(opened.scores("zero_shot"))
    flip(study / SCORES)
    with pytest.raises(StudyError, match="has changed since"):
        opened.scores("zero_shot")
    flip(study / SCORES)
    np.testing.assert_array_equal(opened.scores("zero_shot"), before)
    (study / SCORES).write_bytes((study / SCORES).read_bytes()[:100])
    with pytest.raises(StudyError, match="has changed since"):
        opened.scores("zero_shot")
    (study / SCORES).unlink()
    with pytest.raises(StudyError, match="No such file"):
        opened.scores("zero_shot")
    os.mkfifo(study / SCORES)
    with pytest.raises(StudyError, match="named pipe"):
        opened.scores("zero_shot")


def test_large_parts_are_hashed_when_used_and_in_the_background(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "LARGE_BYTES", 500)
    opened = open_study(study)
    assert EMBEDDINGS in opened.sound.large
    assert opened.sound.state == "pending"
    opened.sound.check_in_background()
    _wait(opened.sound)
    assert (opened.sound.state, opened.sound.problem) == ("sound", None)

    flip(study / EMBEDDINGS)
    opened = open_study(study)
    with pytest.raises(StudyError, match=r"image_embeddings\.npy has changed"):
        opened.image_embeddings("frozen")
    opened.sound.check_in_background()
    _wait(opened.sound)
    assert opened.sound.state == "damaged"
    assert "image_embeddings.npy has changed" in str(opened.sound.problem)


def _wait(parts: sound.SoundParts) -> None:
    until = time.monotonic() + 10
    while parts.state == "checking" and time.monotonic() < until:
        time.sleep(0.01)


def test_marks_do_not_hash_again_what_is_the_same_file(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time.sleep(0.15)
    open_study(study)
    hashed: list[str] = []
    real = sound.sha256_of
    monkeypatch.setattr(sound, "sha256_of", lambda path: hashed.append(path.name) or real(path))
    add_marks(study, [box(IDS[0])])
    assert hashed
    assert set(hashed) == {"masks.parquet"}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (EMBEDDINGS, "column 0 of row 2 is nan; every value must be finite"),
        (SCORES, "is 7; a margin is from -2 to 2"),
    ],
)
def test_the_numbers_of_large_parts_are_looked_at_when_used(
    study: Path, monkeypatch: pytest.MonkeyPatch, part: str, words: str
) -> None:
    """Opening leaves them alone; using them, looking in the background and checking the study do not."""
    array = np.load(study / part)
    array[2, 0] = np.nan if part == EMBEDDINGS else 7
    np.save(study / part, array)
    _sign(study, part)
    with pytest.raises(StudyError, match=re.escape(words)):
        open_study(study)
    assert any(words in problem.message for problem in check_study(study))
    monkeypatch.setattr(sound, "LARGE_BYTES", 500)
    opened = open_study(study)
    assert part in opened.sound.large
    with pytest.raises(StudyError, match=re.escape(words)):
        opened.image_embeddings("frozen") if part == EMBEDDINGS else opened.scores("zero_shot")
    opened.sound.check_in_background()
    _wait(opened.sound)
    assert words in str(opened.sound.problem)
    assert any(words in problem.message for problem in check_study(study))


def _sign(study: Path, part: str) -> None:
    """Makes the manifest say that a part was written as it is."""
    manifest = json.loads((study / "manifest.json").read_text())
    manifest["files"][part]["sha256"] = sound.sha256_of(study / part)
    (study / "manifest.json").write_text(json.dumps(manifest))


def test_an_array_is_mapped_once_while_it_is_held(study: Path) -> None:
    opened = open_study(study)
    first = opened.image_embeddings("frozen")
    assert opened.image_embeddings("frozen") is first
    assert open_study(study).image_embeddings("frozen") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 1
    flip(study / EMBEDDINGS)
    with pytest.raises(StudyError, match="has changed since"):
        opened.image_embeddings("frozen")
