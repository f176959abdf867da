"""How classes move between encoders, on planted movements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.space.movement import ClassMovement, class_movements
from core.study import Study, StudyContents, open_study, write_study
from core.study.manifest import EncoderEntry

CLASSES = ("Moves", "Stays", "Turns", "Rare")


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Fine-tuning halves the space, moves one class away, leaves one, turns one by a right angle."""
    rng = np.random.default_rng(0)
    labels = (rng.random((400, 4)) < 0.3).astype(float)
    labels[:, 3] = np.arange(400) < 4
    noise = rng.normal(size=(400, 6))
    before = (
        noise + labels[:, :1] * np.eye(6)[0] + 2 * labels[:, 1:2] * np.eye(6)[1] + 3 * labels[:, 2:3] * np.eye(6)[2]
    )
    after = (
        noise + 4 * labels[:, :1] * np.eye(6)[0] + 2 * labels[:, 1:2] * np.eye(6)[1] + 3 * labels[:, 2:3] * np.eye(6)[3]
    )
    spaces = {"frozen": before, "fine_tuned": after / 2}
    ids = [str(row) for row in range(400)]
    contents = StudyContents(
        name="Moved",
        classes=CLASSES,
        dataset={"name": "moved"},
        images=pd.DataFrame({"image_id": ids, "patient_id": ids, "split": "test"}),
        labels=pd.DataFrame({"image_id": ids, **dict(zip(CLASSES, labels.T, strict=True))}),
        encoders={name: EncoderEntry(6, normalised=False) for name in spaces},
        image_embeddings=spaces,
        umaps={name: {2: space[:, :2]} for name, space in spaces.items()},
    )
    return open_study(write_study(Path(tmp_path_factory.mktemp("moved")) / "study", contents))


def of(study: Study, finding: str) -> ClassMovement:
    return class_movements(study)[CLASSES.index(finding)]


def test_a_class_that_moves_away_is_further_apart(moved: Study) -> None:
    got = of(moved, "Moves")
    assert got.apart_after > 2 * got.apart_before
    assert got.turn < 0.1


def test_shrinking_alone_changes_nothing(moved: Study) -> None:
    """It stays as far from the others, but those spread more, as one of its neighbours moved."""
    got = of(moved, "Stays")
    assert 0.5 < got.apart_after / got.apart_before < 1.05
    assert got.turn < 0.1


def test_a_class_that_turns_a_right_angle_is_said(moved: Study) -> None:
    assert of(moved, "Turns").turn == pytest.approx(1, abs=0.15)


def test_arrows_run_between_mean_positions(moved: Study) -> None:
    got, own = of(moved, "Moves"), moved.labels[:, 0] == 1
    np.testing.assert_allclose(got.start, np.asarray(moved.umap("frozen"))[own].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(got.end, np.asarray(moved.umap("fine_tuned"))[own].mean(axis=0), rtol=1e-5)
    assert got.n_films == own.sum()


def test_under_five_films_there_is_no_arrow(moved: Study) -> None:
    got = of(moved, "Rare")
    assert got.n_films == 4
    assert np.isnan([*got.start, *got.end, got.apart_before, got.apart_after, got.turn]).all()
