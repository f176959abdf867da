"""Writing: what goes in comes out, the same bytes every time, and never half a study."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StudyError
from core.study import StudyContents, open_study, write_study
from core.study import write as writing
from core.study.manifest import Manifest, SettingEntry
from tests.golden.make_study_v1 import golden_contents
from tests.study.damage import tree


def small(**changes: Any) -> StudyContents:
    """Two films, two classes, nothing optional."""
    ids = ["one", "two"]
    contents = StudyContents(
        name="small",
        classes=("A", "B"),
        dataset={"name": "small"},
        images=pd.DataFrame({"image_id": ids, "patient_id": ids, "split": "test"}),
        labels=pd.DataFrame({"image_id": ids, "A": [0, 1], "B": [1, None]}),
    )
    return dataclasses.replace(contents, **changes)


def test_a_study_without_anything_optional(tmp_path: Path) -> None:
    study = open_study(write_study(tmp_path / "study", small()))
    np.testing.assert_array_equal(study.labels, [[0, 1], [1, np.nan]])
    assert study.settings == ()
    assert study.encoders == ()
    assert study.annotations() == ()
    assert study.splits() == {"test": 2}
    assert study.rows("train").tolist() == []
    assert study.film_path("one") is None
    assert study.images["height_px"].isna().all()
    assert sorted(study.manifest.files) == ["images.parquet", "labels.parquet"]


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write_study(tmp_path / name, golden_contents()) for name in ("one", "two"))
    assert tree(one) == tree(two)
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_every_file_is_in_the_manifest(tmp_path: Path) -> None:
    root = write_study(tmp_path / "study", golden_contents())
    assert set(tree(root)) - {"manifest.json"} == set(open_study(root).manifest.files)
    entry = open_study(root).manifest.files["settings/zero_shot/scores.npy"]
    assert (entry.shape, entry.dtype) == ((12, 14), "float32")


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    """Not of names of software and times, but of every number."""
    contents = golden_contents()
    reference = open_study(write_study(tmp_path / "one", contents)).fingerprint
    entries = {name: dataclasses.replace(entry, minutes=9.0) for name, entry in contents.settings.items()}
    same = dataclasses.replace(contents, settings=entries, timings={"embed": 7}, software={"numpy": "other"})
    assert open_study(write_study(tmp_path / "two", same)).fingerprint == reference
    scores = {**contents.scores, "zero_shot": contents.scores["zero_shot"] * 0.999}
    other = dataclasses.replace(contents, scores=scores)
    assert open_study(write_study(tmp_path / "three", other)).fingerprint != reference
    assert open_study(write_study(tmp_path / "four", dataclasses.replace(contents, notice=""))).fingerprint != reference


def test_settings_come_as_written(tmp_path: Path) -> None:
    names = ("zeta", "fine_tune", "alpha", "zero_shot")
    entries = {name: SettingEntry("logit") for name in names}
    scores = {name: np.zeros((2, 2)) for name in names}
    study = open_study(write_study(tmp_path / "study", small(settings=entries, scores=scores)))
    assert study.settings == names


def test_extra_files_are_copied_from_bytes_and_paths(tmp_path: Path) -> None:
    (tmp_path / "film.png").write_bytes(b"film")
    extra = {"images/deep/film.png": tmp_path / "film.png", "settings/x/head.safetensors": b"head"}
    study = open_study(write_study(tmp_path / "study", small(extra=extra)))
    assert study.path("images/deep/film.png").read_bytes() == b"film"
    assert study.path("settings/x/head.safetensors").read_bytes() == b"head"


@pytest.mark.parametrize("part", ["../up.json", "/up.json", "a/../../up.json", "manifest.json", "labels.parquet", ""])
def test_extra_files_stay_inside(tmp_path: Path, part: str) -> None:
    with pytest.raises(StudyError):
        write_study(tmp_path / "study", small(extra={part: b"x"}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scores": {"x": np.zeros((2, 3))}, "settings": {"x": SettingEntry("logit")}}, "2 x 3; 2 x 2"),
        ({"scores": {"x": np.full((2, 2), np.nan)}, "settings": {"x": SettingEntry("logit")}}, "is nan"),
        ({"settings": {"x": SettingEntry("logit")}}, "lists no settings/x/scores.npy"),
        ({"labels": pd.DataFrame({"image_id": ["two", "one"], "A": [0, 1], "B": [0, 1]})}, "not in the order"),
    ],
)
def test_what_would_not_open_is_not_written(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError, match=words) as error:
        write_study(tmp_path / "study", small(**changes))
    assert "partial" not in error.value.message
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    out = write_study(tmp_path / "study", small())
    before = tree(out)
    with pytest.raises(StudyError, match="already there"):
        write_study(out, small(name="other"))
    with pytest.raises(StudyError):
        write_study(out, small(name="other", extra={"../x": b""}), replace=True)
    assert tree(out) == before
    write_study(out, small(name="other"), replace=True)
    assert open_study(out).name == "other"
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_folders_of_something_else_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(StudyError, match="exists and is not a study"):
            write_study(tmp_path, small(), replace=replace)
    with pytest.raises(StudyError, match="exists and is not a study"):
        write_study(tmp_path / "letters.txt", small())
    with pytest.raises(StudyError, match="scratch"):
        write_study(tmp_path / "study.partial", small())
    assert (tmp_path / "letters.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    assert open_study(write_study(tmp_path / "empty", small())).name == "small"


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "_flush_all", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_study(tmp_path / "study", small())
    assert list(tmp_path.iterdir()) == []


def test_a_write_after_a_crash_starts_afresh(tmp_path: Path) -> None:
    scratch = tmp_path / "study.writing.partial"
    scratch.mkdir()
    (scratch / "images.parquet").write_text("half")
    (scratch / "stray.npy").write_text("half")
    study = open_study(write_study(tmp_path / "study", small()))
    assert not study.has("stray.npy")


def test_a_failed_rename_puts_the_old_study_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = write_study(tmp_path / "study", small())
    before, rename = tree(out), Path.rename

    def fail(path: Path, target: Path) -> Path:
        if path.name.endswith(".writing.partial"):
            raise OSError("disk is gone")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(StudyError, match="disk is gone"):
        write_study(out, small(name="other"), replace=True)
    assert tree(out) == before


def test_films_elsewhere(tmp_path: Path) -> None:
    """A root in the manifest; a film that is not there any more is None, one that climbs is refused."""
    films = tmp_path / "films"
    films.mkdir()
    (films / "one.png").write_bytes(b"film")
    images = small().images.assign(file=["one.png", "two.png"])
    study = open_study(write_study(tmp_path / "study", small(images=images, images_root=str(films))))
    assert study.film_path("one") == films / "one.png"
    assert study.film_path("two") is None
    with pytest.raises(StudyError, match="leaves the folder"):
        write_study(tmp_path / "bad", small(images=images.assign(file="../one.png"), images_root=str(films)))


def test_manifests_come_back_as_they_went(tmp_path: Path) -> None:
    manifest = open_study(write_study(tmp_path / "study", golden_contents())).manifest
    again = Manifest.from_json(manifest.to_json())
    assert again == manifest
    assert again.fingerprint == manifest.fingerprint
    assert next(iter(json.loads(manifest.to_json()))) == "schema_version"


@given(
    name=st.text(max_size=30),
    classes=st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=4, unique=True),
    minutes=st.none() | st.floats(0, 1e6, allow_nan=False),
    words=st.dictionaries(
        st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(max_size=5), max_size=3
    ),
)
def test_any_manifest_survives_json(
    name: str, classes: list[str], minutes: float | None, words: dict[str, Any]
) -> None:
    settings = {"s": SettingEntry("logit", None, minutes, words)}
    manifest = Manifest(name=name, classes=tuple(classes), dataset=words, settings=settings, protocol=words)
    assert Manifest.from_json(manifest.to_json()) == manifest
