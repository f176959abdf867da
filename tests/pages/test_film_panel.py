"""What the map's side says of one film: labels, scores in words, and the films nearest to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.study import open_study
from core.words import number_words
from pages.embedding_space.film_panel import about_film
from tests.pages.made_study import make_study
from tests.unpacked import unpacked

ROW = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("panel") / "made-up")


def test_labels_and_scores_are_those_of_the_row(folder: Path) -> None:
    study = open_study(folder)
    told = unpacked(about_film(study, "frozen", ROW))
    assert (told["row"], told["title"], told["of"]) == (ROW, study.image_ids[ROW], study.fingerprint)
    assert told["labels"] == "".join("?" if np.isnan(one) else str(int(one)) for one in study.labels[ROW])
    for words, setting in zip(told["scores"], study.settings, strict=True):
        assert words.split(" ") == [number_words(float(score)) for score in study.scores(setting)[ROW]]


def test_nearest_films_are_those_of_the_largest_cosine(folder: Path) -> None:
    study = open_study(folder)
    told = unpacked(about_film(study, "frozen", ROW))
    space = np.asarray(study.image_embeddings("frozen"), dtype=np.float64)
    space /= np.linalg.norm(space, axis=1, keepdims=True)
    distances = 1 - space @ space[ROW]
    distances[ROW] = np.inf
    nearest = np.argsort(distances, kind="stable")[:6]
    assert [tile["row"] for tile in told["nearest"]] == nearest.tolist()
    for tile, row in zip(told["nearest"], nearest, strict=True):
        assert tile["title"] == study.image_ids[row]
        assert tile["findings"] == np.flatnonzero(study.labels[row] == 1).tolist()
        assert tile["note"].endswith(f"cosine distance {number_words(distances[row])}")
        assert tile["note"].startswith("same patient, ") == (
            study.images["patient_id"].iloc[row] == study.images["patient_id"].iloc[ROW]
        )
        assert tile["bare"]  # the app's server, which has the pictures, does not run here
