"""A story in a study's folder is no part of the study."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.story import Story, write_story
from core.study.folder import hash_problems, read_manifest
from tests.golden.make_study_v1 import STUDY


def test_a_study_with_a_story_is_sound(tmp_path: Path) -> None:
    root = tmp_path / "study"
    shutil.copytree(STUDY, root)
    write_story(root, Story().with_slide("overview?study=study", "All of it"))
    assert not list(hash_problems(root, read_manifest(root)))
    (root / "other.json").write_text("{}")
    assert "other.json is not in the manifest" in next(hash_problems(root, read_manifest(root))).message
