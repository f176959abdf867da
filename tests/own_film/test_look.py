"""A film that is handed over, against what the study that ships holds of the same film."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.datasets.films import film_pixels
from core.errors import StudyError
from core.own_film.look import OwnFilm, look_at, nearest_films, own_film_archive
from core.paths import STUDIES
from core.projection.placing import place_film
from core.saliency.film_maps import film_maps
from core.saliency.tower.setting_model import load_setting_model
from core.study import Study, open_study
from core.thresholds import fit_thresholds

FILM = "phantom-00002"


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(STUDIES / "phantom")


@pytest.fixture(scope="module")
def own(study: Study) -> OwnFilm:
    thresholds = {setting: fit_thresholds(study, setting) for setting in study.settings}
    return look_at(study, film_pixels(study, FILM), thresholds)


def test_a_film_of_the_study_gets_the_scores_that_the_study_holds(study: Study, own: OwnFilm) -> None:
    assert tuple(own.scores) == study.settings
    assert not own.problems
    for setting in study.settings:
        stored = np.asarray(study.scores(setting)[study.row_of(FILM)])
        np.testing.assert_allclose(own.scores[setting], stored, atol=2e-3 * max(1, np.abs(stored).max()))


def test_decisions_are_scores_at_or_above_the_frozen_thresholds(study: Study, own: OwnFilm) -> None:
    for setting in study.settings:
        cuts = fit_thresholds(study, setting).array()
        for score, cut, decision in zip(own.scores[setting], cuts, own.decisions[setting], strict=True):
            assert np.isnan(decision) if np.isnan(cut) else decision == float(score >= cut)


def test_a_film_of_the_study_is_its_own_nearest_film_and_lands_near_its_own_place(study: Study, own: OwnFilm) -> None:
    assert set(own.embeddings) == set(study.encoders)
    for encoder in study.encoders:
        nearest = nearest_films(study, encoder, own.embeddings[encoder], n=4)
        assert nearest[0].image_id == FILM
        assert nearest[0].cosine == pytest.approx(1, abs=1e-3)
        assert [entry.cosine for entry in nearest] == sorted((entry.cosine for entry in nearest), reverse=True)
        points, row = np.asarray(study.umap(encoder)), study.row_of(FILM)
        apart = np.linalg.norm(points - place_film(study, encoder, own.embeddings[encoder]), axis=1)
        assert np.count_nonzero(apart < apart[row]) < 0.02 * len(points)


def test_what_is_taken_away_is_the_film_the_maps_and_the_scores_and_nothing_else(study: Study) -> None:
    film = film_pixels(study, FILM)
    maps = {name: film_maps(load_setting_model(study, name), film) for name in study.settings}
    dead = {"zero_shot": film_maps(load_setting_model(study, "zero_shot"), film, layers=["blocks[-1].attn.proj"])}
    content = zipfile.ZipFile(io.BytesIO(own_film_archive(study, film, maps, "a,b\n1,2\n")))
    assert set(content.namelist()) == {
        *("film.png", "scores.csv", "about.txt"),
        *(f"maps/{name}.npy" for name in study.settings),
    }
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content.read("film.png")))), film)
    for name, found in maps.items():
        kept = np.load(io.BytesIO(content.read(f"maps/{name}.npy")), allow_pickle=False)
        np.testing.assert_array_equal(kept, found.values[-1])
    assert content.read("scores.csv") == b"a,b\n1,2\n"
    about = content.read("about.txt").decode()
    assert "not for clinical use" in about
    assert "trunk.blocks[5].norm1" in about
    without = zipfile.ZipFile(io.BytesIO(own_film_archive(study, film, dead, "")))
    assert "maps/zero_shot.npy" not in without.namelist()  # a layer without a gradient has no map


def test_a_study_without_settings_is_a_sentence(study: Study) -> None:
    bare = Study(study.root, replace(study.manifest, settings={}))
    with pytest.raises(StudyError, match="has no setting"):
        look_at(bare, film_pixels(study, FILM), {})


def test_nearest_films_agree_with_a_sort_of_all_cosines(study: Study, own: OwnFilm) -> None:
    rows = study.rows("val")
    vectors = np.asarray(study.image_embeddings("frozen")[rows], dtype=float)
    embedding = own.embeddings["frozen"].astype(float)
    cosines = vectors @ embedding / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(embedding))
    expected = [study.image_ids[rows[index]] for index in np.argsort(-cosines)[:5]]
    found = nearest_films(study, "frozen", own.embeddings["frozen"], n=5, split="val")
    assert [entry.image_id for entry in found] == expected
