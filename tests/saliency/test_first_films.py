"""Maps of the first films, kept in a study: what the model gives, there before it, and gone when they are another's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.datasets.films import film_pixels
from core.errors import StudyError
from core.paths import PROJECT, STUDIES
from core.saliency import first_films
from core.saliency.film_maps import film_maps
from core.saliency.first_films import N_FILMS, PART, first_layers, first_maps, store_first_maps
from core.saliency.tower.layers import layer_choices
from core.saliency.tower.setting_model import load_setting_model
from core.study import Study, check_study, open_study
from core.study.rewrite import rewrite_study
from tests.pages.made_study import make_study

METHOD = "grad_cam"
PAGE = f"""
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(PROJECT / "pages" / "saliency" / "page.py")!r}, default_timeout=60)
page.query_params["study"] = "phantom"
page.run()
assert not page.exception, page.exception
print(page.session_state["saliency_film"], "torch" in sys.modules)
"""


@pytest.fixture(scope="module")
def shipped() -> Study:
    return open_study(STUDIES / "phantom")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study that ships, with the maps of two films that were computed here."""
    root = tmp_path_factory.mktemp("stored") / "study"
    shutil.copytree(STUDIES / "phantom", root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_films, "N_FILMS", 2)
        return store_first_maps(root)


@pytest.fixture
def copied(stored: Study, tmp_path: Path) -> Path:
    shutil.copytree(stored.root, tmp_path / "study")
    return tmp_path / "study"


def test_the_first_films_of_test_that_readers_drew_on(shipped: Study) -> None:
    films = first_films.first_films(shipped)
    assert len(films) == N_FILMS
    rows = [shipped.row_of(name) for name in films]
    assert rows == sorted(rows)
    assert set(rows) <= set(shipped.rows("test").tolist())
    between = [shipped.image_ids[row] for row in shipped.rows("test") if row <= rows[-1]]
    assert [name for name in between if shipped.annotations(name)] == list(films)


def test_they_are_what_the_model_gives_to_the_last_bit(stored: Study) -> None:
    film = first_films.first_films(stored)[1]
    for setting in ("zero_shot", "fine_tune"):
        model = load_setting_model(stored, setting)
        expected = film_maps(model, film_pixels(stored, film), method=METHOD)
        found = first_maps(stored, setting, film, METHOD)
        assert found is not None
        np.testing.assert_array_equal(found.values[0], expected.values[0])
        np.testing.assert_array_equal(found.scores, expected.scores)
        for name in ("method", "layers", "classes", "problems", "targets", "untrained", "geometry"):
            assert getattr(found, name) == getattr(expected, name), name
        assert first_layers(stored, setting) == layer_choices(model.visual)
    assert check_study(stored.root) == []


def test_what_ships_is_what_the_model_gives_here_but_for_rounding(shipped: Study) -> None:
    film = first_films.first_films(shipped)[0]
    expected = film_maps(load_setting_model(shipped, "fine_tune"), film_pixels(shipped, film), method=METHOD)
    found = first_maps(shipped, "fine_tune", film, METHOD)
    assert found is not None
    np.testing.assert_allclose(found.values[0], expected.values[0], atol=1e-4 * expected.values[0].max())


def test_the_page_opens_on_such_a_film_and_waits_for_no_model(shipped: Study) -> None:
    done = subprocess.run([sys.executable, "-c", PAGE], capture_output=True, text=True, cwd=PROJECT, check=False)
    assert done.returncode == 0, done.stderr
    film, has_torch = done.stdout.split()
    assert film in first_films.first_films(shipped)
    assert has_torch == "False"


def test_other_methods_and_films_are_left_to_the_model(stored: Study) -> None:
    film = first_films.first_films(stored)[0]
    assert first_maps(stored, "fine_tune", film, "hires_cam") is None
    assert first_maps(stored, "fine_tune", stored.image_ids[0], METHOD) is None
    assert first_maps(stored, "nobody", film, METHOD) is None


def test_maps_of_other_weights_are_not_shown(copied: Path) -> None:
    """As where a setting was trained anew in a study that kept its maps."""
    part = "settings/linear_probe/head.safetensors"
    weights = (copied / part).read_bytes()
    changed = rewrite_study(open_study(copied), {part: weights[:-1] + bytes([weights[-1] ^ 1])})
    film = first_films.first_films(changed)[0]
    assert first_maps(changed, "linear_probe", film, METHOD) is None
    assert first_layers(changed, "linear_probe") is None
    assert first_maps(changed, "fine_tune", film, METHOD) is not None


def test_a_damaged_file_is_told(copied: Path) -> None:
    study = open_study(copied)
    (copied / PART).write_bytes(b"\0" * (copied / PART).stat().st_size)
    with pytest.raises(StudyError, match=r"first_films\.safetensors has changed"):
        first_maps(study, "fine_tune", first_films.first_films(study)[0], METHOD)


def test_a_study_without_a_model_stays_as_it_is(tmp_path: Path) -> None:
    root = make_study(tmp_path / "study", n_films=20)
    before = open_study(root).fingerprint
    assert store_first_maps(root).fingerprint == before
