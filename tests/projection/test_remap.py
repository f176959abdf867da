"""Maps of a finished study, made anew: nothing else in it changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.metrics.map_quality import map_quality
from core.projection.record import map_quality_of, map_record
from core.study import Study, StudyContents, check_study, open_study, write_study
from core.study.manifest import EncoderEntry
from tests.golden.make_study_v1 import STUDY


def embeddings_only(out: Path, n_films: int = 40) -> Study:
    """Labels and embeddings of two encoders, no scores and no maps."""
    rng = np.random.default_rng(0)
    ids = [f"film-{row}" for row in range(n_films)]
    images = pd.DataFrame({"image_id": ids, "patient_id": ids, "split": "test"})
    labels = pd.DataFrame({"image_id": ids, "Edema": rng.integers(0, 2, n_films)})
    space = rng.normal(size=(n_films, 6)) + 3 * labels[["Edema"]].to_numpy()
    contents = StudyContents(
        name="Embeddings",
        classes=("Edema",),
        dataset={"name": "made-up"},
        images=images,
        labels=labels,
        encoders={"first": EncoderEntry(6, normalised=False), "second": EncoderEntry(6, normalised=False)},
        image_embeddings={"first": space, "second": space + rng.normal(0, 0.1, space.shape)},
    )
    return open_study(write_study(out, contents))


def test_more_neighbours_than_there_are_films_are_not_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = embeddings_only(tmp_path / "study", n_films=12).root
    assert main(["project", str(root), "--n-neighbors", "200"]) == 0
    assert "11 neighbours in place of 200" in capsys.readouterr().out
    record = map_record(open_study(root), "first")
    assert record["n_neighbors"] == 11


def test_a_study_of_embeddings_gets_its_maps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = embeddings_only(tmp_path / "study")
    assert main(["project", str(before.root), "--n-neighbors", "8"]) == 0
    now = open_study(before.root)
    assert check_study(now.root) == []
    for part, entry in before.manifest.files.items():
        assert now.manifest.files[part] == entry
    assert set(now.manifest.files) - set(before.manifest.files) == {
        f"encoders/{encoder}/{name}"
        for encoder in ("first", "second")
        for name in ("umap_2d.npy", "umap_3d.npy", "umap.json")
    }
    assert now.fingerprint != before.fingerprint
    assert now.fingerprint in capsys.readouterr().out
    assert [map_record(now, name)["started_from"] for name in now.encoders] == [None, "first"]
    for encoder in now.encoders:
        stored = map_quality_of(now, encoder, 3)
        measured = map_quality(np.asarray(now.image_embeddings(encoder)), np.asarray(now.umap(encoder, 3)))
        assert stored.trustworthiness == pytest.approx(measured.trustworthiness, abs=1e-6)


def test_without_embeddings_nothing_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = ["a", "b"]
    labels = pd.DataFrame({"image_id": ids, "Edema": [0, 1]})
    images = pd.DataFrame({"image_id": ids, "patient_id": ids, "split": "test"})
    root = write_study(tmp_path / "study", StudyContents("Bare", ("Edema",), {"name": "bare"}, images, labels))
    manifest = (root / "manifest.json").read_bytes()
    assert main(["project", str(root)]) == 2
    assert "no image embeddings" in capsys.readouterr().err
    assert (root / "manifest.json").read_bytes() == manifest


def test_a_study_of_one_film_is_told_that_a_map_needs_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = embeddings_only(tmp_path / "study", n_films=1)
    assert main(["project", str(study.root)]) == 2
    assert "holds 1 film; a map lays out 2 or more" in capsys.readouterr().err
    assert open_study(study.root).fingerprint == study.fingerprint


def test_quality_is_measured_where_an_older_study_does_not_say(tmp_path: Path) -> None:
    shutil.copytree(STUDY, tmp_path / "study")
    old = open_study(tmp_path / "study")
    assert "quality" not in map_record(old, "frozen")
    assert map_record(old, "fine_tuned") == {}
    assert 0 < map_quality_of(old, "frozen").trustworthiness <= 1
