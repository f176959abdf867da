"""`python -m core build COLLECTION MODEL` from the published layout to a study, every stage real, with a tiny model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.building.plan import BuildOptions
from core.building.stages import stages_of
from core.datasets.registry import load_dataset
from core.models.load import load_clip
from core.study import check_study, open_study
from tests.datasets.collection_files import WRITERS
from tests.models.tiny import make_tiny_clip


@pytest.mark.slow
def test_a_collection_becomes_a_study_that_knows_where_it_came_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, model, out = WRITERS["nih"](tmp_path / "nih"), make_tiny_clip(tmp_path / "model"), tmp_path / "study"
    command = ["build", "nih", str(model), "--root", str(root), "--out", str(out), "--films", "all"]
    command += ["--settings", "zero_shot,linear_probe", "--classes", "Nodule,No Finding", "--split-seed", "3"]
    assert main(command) == 0, capsys.readouterr().err
    assert main(["check", str(out)]) == 0
    study = open_study(out)
    assert check_study(out) == []
    dataset = load_dataset("nih", root, classes="Nodule,No Finding", split_seed="3")
    assert study.classes == ("Nodule", "No Finding")
    assert np.array_equal(study.labels, dataset.labels)
    assert study.images["split"].tolist() == dataset.images["split"].tolist()
    assert study.manifest.dataset["name"] == "nih"
    assert study.manifest.dataset["split"]["seed"] == 3
    assert sorted(study.manifest.dataset["tables"]) == sorted(
        ["Data_Entry_2017_v2020.csv", "test_list.txt", "train_val_list.txt"]
    )
    assert list(study.manifest.dataset["marks"]) == ["BBox_List_2017.csv"]
    assert study.manifest.dataset["convention"]["blank"] == "negative"
    assert "No restriction on use" in study.manifest.licence
    (box,) = study.annotations("00000001_000.png")
    assert (box.finding, json.loads(box.geometry)) == ("Infiltration", [32, 16, 4, 8])


def test_another_reading_of_the_labels_keeps_the_films_that_were_read(tmp_path: Path) -> None:
    """Convention and split change what is trained, not what is encoded."""
    root, model = WRITERS["brax"](tmp_path / "brax"), load_clip(make_tiny_clip(tmp_path / "model"))
    options = BuildOptions("brax", ("zero_shot", "linear_probe"))
    own, other = (
        stages_of(load_dataset("brax", root, **given), range(10), model, options)
        for given in ({}, {"uncertain": "positive", "split_seed": "1"})
    )
    assert own["films"] == other["films"]
    assert own["linear_probe"] != other["linear_probe"]
