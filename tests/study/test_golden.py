"""The golden study of schema version 1 opens, and holds what its script put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from core.errors import StudyError
from core.findings import CLASSES
from core.study import Study, check_study, open_study
from core.study.manifest import SettingEntry
from tests.golden.make_study_v1 import IDS, PROMPTS, STUDY, golden_contents

FINGERPRINT = "51d1cc31b8c4d120"


@pytest.fixture(scope="module")
def golden() -> Study:
    return open_study(STUDY)


def test_nothing_is_wrong_with_it() -> None:
    assert check_study(STUDY) == []


def test_who_it_is(golden: Study) -> None:
    assert golden.fingerprint == FINGERPRINT
    assert golden.name == "Golden study, version 1"
    assert golden.classes == CLASSES
    assert golden.manifest.synthetic
    assert golden.manifest.schema_version == 1
    assert golden.settings == ("zero_shot", "linear_probe", "fine_tune")
    assert golden.encoders == ("frozen", "fine_tuned")
    assert golden.manifest.settings["linear_probe"] == SettingEntry(
        "logit", "frozen", 0.2, {"learning_rate": 1e-4}, "A random head."
    )
    assert golden.manifest.encoders["frozen"].logit_scale == 50
    assert golden.manifest.prompts == PROMPTS


def test_films_and_labels(golden: Study) -> None:
    assert golden.image_ids == IDS
    assert list(golden.images.columns[:7]) == [
        "image_id",
        "patient_id",
        "split",
        "view",
        "height_px",
        "width_px",
        "file",
    ]
    assert golden.images["age"].tolist()[0] == 50
    assert pd.isna(golden.images["age"].iloc[1])
    assert golden.labels.shape == (12, 14)
    assert golden.labels.dtype == np.float64
    assert np.isnan(golden.labels[11]).all()
    assert np.isnan(golden.labels[5]).sum() == 1
    assert golden.labels[0, [1, 9]].tolist() == [1, 1]
    assert np.nansum(golden.labels) == 13
    with pytest.raises(ValueError, match="read-only"):
        golden.labels[0, 0] = 1


def test_rows_and_splits(golden: Study) -> None:
    assert golden.splits() == {"train": 6, "val": 3, "test": 3}
    assert golden.rows("val").tolist() == [6, 7, 8]
    assert golden.rows("all").tolist() == list(range(12))
    assert golden.row_of("golden-07") == 7
    for call in (lambda: golden.rows("dev"), lambda: golden.row_of("golden-12")):
        with pytest.raises(StudyError):
            call()


def test_arrays_are_mapped_and_read_only(golden: Study) -> None:
    contents = golden_contents()
    for setting in golden.settings:
        scores = golden.scores(setting)
        np.testing.assert_array_equal(scores, contents.scores[setting].astype(np.float32))
        assert isinstance(scores, np.memmap)
        assert not scores.flags.writeable
    for encoder in golden.encoders:
        expected = contents.image_embeddings[encoder].astype(np.float32)
        np.testing.assert_array_equal(golden.image_embeddings(encoder), expected)
    np.testing.assert_array_equal(golden.text_embeddings("frozen").shape, (42, 8))
    assert golden.umap("frozen").shape == (12, 2)
    assert golden.umap("frozen", 3).shape == (12, 3)


def test_heads_give_the_scores(golden: Study) -> None:
    """Embeddings, heads and scores belong together: rows are rows."""
    for setting, encoder in (("linear_probe", "frozen"), ("fine_tune", "fine_tuned")):
        head = load_file(golden.path(f"settings/{setting}/head.safetensors"))
        logits = golden.image_embeddings(encoder) @ head["weight"].T + head["bias"]
        np.testing.assert_allclose(logits, golden.scores(setting), rtol=1e-4, atol=1e-4)


def test_what_is_missing_is_said(golden: Study) -> None:
    assert golden.has("encoders/frozen/text_embeddings.npy")
    assert not golden.has("encoders/fine_tuned/text_embeddings.npy")
    for call in (
        lambda: golden.text_embeddings("fine_tuned"),
        lambda: golden.umap("fine_tuned", 3),
        lambda: golden.scores("other"),
        lambda: golden.image_embeddings("other"),
    ):
        with pytest.raises(StudyError, match="this study has no") as error:
            call()
        assert "python -m core build" in error.value.remedy


def test_annotations_in_row_order(golden: Study) -> None:
    assert golden.annotated_ids() == ("golden-00", "golden-09")
    polygon, box = golden.annotations("golden-00")
    assert (polygon.kind, box.kind) == ("polygon", "box")
    assert polygon.mask()[10:40, 10:30].all()
    assert polygon.mask().sum() == 600
    assert box.mask()[8:40, 4:20].all()
    assert box.mask().sum() == 512
    (runs,) = golden.annotations("golden-09")
    assert runs.mask().sum() == 116
    assert runs.mask()[30:32, 40:48].all()
    assert golden.annotations("golden-01") == ()
    assert len(golden.annotations()) == 3


def test_films_are_where_they_are_said_to_be(golden: Study) -> None:
    path = golden.film_path("golden-03")
    assert path is not None
    assert path == STUDY / "images" / "golden-03.png"
    assert golden.film_path("golden-04") is None


def test_the_study_moves(tmp_path: Path, golden: Study) -> None:
    """A copy elsewhere, reached through a link, is the same study."""
    import shutil

    shutil.copytree(STUDY, tmp_path / "copy")
    (tmp_path / "link").symlink_to(tmp_path / "copy")
    assert open_study(tmp_path / "link").fingerprint == golden.fingerprint
    assert open_study(str(tmp_path / "copy")).fingerprint == golden.fingerprint
