"""What the app says that a study lacks, and which command adds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.report.parts import map_encoders, parts_of
from core.study import StudyContents, open_study, write_study
from core.study.manifest import SettingEntry
from tests.pages.made_study import make_study


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("parts") / "whole", n_films=100)


def test_a_whole_study_lacks_only_the_model_and_what_that_would_be_asked(whole: Path) -> None:
    study = open_study(whole)
    assert [part.title for part in parts_of(study) if not part.is_there] == ["Model", "Wordings"]
    assert map_encoders(study) == ("frozen", "fine_tuned")


def test_every_missing_part_comes_with_a_command(tmp_path: Path) -> None:
    ids = ["a", "b"]
    images = pd.DataFrame({"image_id": ids, "patient_id": ids, "split": "test"})
    study = open_study(
        write_study(
            tmp_path / "bare",
            StudyContents(
                name="bare",
                classes=("Edema",),
                dataset={"name": "bare"},
                images=images,
                labels=pd.DataFrame({"image_id": ids, "Edema": [0, 1]}),
                settings={"densenet": SettingEntry("probability")},
                scores={"densenet": np.array([[0.2], [0.7]])},
            ),
        )
    )
    missing = {part.title: part.command for part in parts_of(study) if not part.is_there}
    assert set(missing) == {"Films", "Masks", "Embeddings", "UMAP", "Model", "Wordings"}
    assert all(str(command).startswith("python -m core ") for command in missing.values())
    assert parts_of(study)[0].detail == "densenet (probability)"
