"""`python -m core build iu-xray MODEL` from the command line to a study, every stage real, with a tiny model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.paper.labels import label_source_note
from core.study import check_study, open_study
from tests.datasets.iu_xray_files import UIDS, film_names, write_kaggle
from tests.models.tiny import make_tiny_clip


@pytest.mark.slow
def test_the_command_makes_a_study_of_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Films, labels, three settings and both maps; then again, refused; one film without a file is left out."""
    root, model, out = write_kaggle(tmp_path / "iu"), make_tiny_clip(tmp_path / "model"), tmp_path / "study"
    (root / "images" / "images_normalized" / f"{film_names(24)[0]}.dcm.png").unlink()
    command = ["build", "iu-xray", str(model), "--root", str(root), "--out", str(out), "--films", "all"]
    assert main(command) == 0
    said = capsys.readouterr()
    assert "measured just now" in said.out
    assert "fine-tuning: about" in said.out
    assert f"Wrote the study 'study' to {out}." in said.out
    assert "23 of 23 films read and encoded" in said.err
    assert "python -m core saliency" not in said.out  # readers drew on none of these films
    assert main(["check", str(out)]) == 0
    study = open_study(out)
    assert check_study(out) == []
    assert sorted(study.image_ids) == sorted(film_names(uid)[0] for uid in UIDS if uid != 24)
    assert study.settings == ("zero_shot", "linear_probe", "fine_tune")
    assert sum(study.splits().values()) == 23
    for encoder in ("frozen", "fine_tuned"):
        for dimensions in (2, 3):
            assert np.isfinite(study.umap(encoder, dimensions)).all()
    assert "1 frontal film" in study.manifest.notice
    assert "not the labels of arXiv 2506.14136" in study.manifest.notice
    note = label_source_note(study)
    assert note is not None
    assert note.startswith("Labels: derived from OpenI's expert coding (rules version 1).")
    assert study.film_path(study.image_ids[0]) is not None
    assert main(["report", str(out)]) == 0
    capsys.readouterr()
    assert main(command) == 2
    assert "a study is already there" in capsys.readouterr().err


@pytest.mark.slow
def test_where_readers_drew_the_next_command_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "study"
    options = ["--settings", "zero_shot", "--limit", "20", "--out", str(out)]
    assert main(["build", "phantom", str(make_tiny_clip(tmp_path / "model")), *options]) == 0
    assert f"python -m core saliency {out}" in capsys.readouterr().out
