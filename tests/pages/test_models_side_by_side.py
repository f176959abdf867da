"""Pages on a study of several models of real films: every one opens, and compares across models as across settings."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
import torch

from core.__main__ import main
from core.projection import beside
from core.study import open_study
from pages.shared.navigation import PAGES
from pages.shared.notices import readable
from tests.building.interrupted import first_dimensions
from tests.building.side_by_side import make_models
from tests.pages.conftest import Open
from tests.pages.test_pages import tables, words

pytestmark = pytest.mark.real
STEMS = [page.stem for page in PAGES]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def nih(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of different families and an image tower alone on 207 real films, by one command."""
    root = tmp_path_factory.mktemp("nih")
    models = [str(folder) for folder in make_models(root)]
    arguments = ["--root", str(real_data / "nih-det-207"), "--out", str(root / "study")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(beside, "umap_beside", lambda: nullcontext(first_dimensions))
        assert (
            main(["build", "folder", *models, *arguments, "--settings", "zero_shot,linear_probe", "--films", "all"])
            == 0
        )
    return root / "study"


def test_overview_names_the_models_and_compares_all_settings(open_page: Open, nih: Path) -> None:
    page = open_page("overview", nih)
    rows = [row[0].replace("\N{NO-BREAK SPACE}", " ") for row in tables(page)[0][1:]]
    titles = ["Zero-shot", "Linear probe", "Zero-shot (med-siglip)", "Linear probe (med-siglip)"]
    assert rows == [*titles, "Linear probe (rad-dino)"]
    said = words(page)
    assert "scored by tiny and by med.siglip (med-siglip) and by rad-dino (rad-dino)" in said
    assert "rad-dino has no text tower" in open_study(nih).manifest.notice


def test_a_layer_is_read_as_deep_in_every_model(open_page: Open, nih: Path) -> None:
    page = open_page("saliency", nih, layer="trunk.blocks[0].norm1", method="grad_cam")
    assert not page.exception
    assert "has no layer" not in words(page)


def test_a_sentence_calls_settings_of_every_model_by_their_titles() -> None:
    settings = ("linear_probe", "linear_probe_converged", "linear_probe.rad-dino")
    said = readable("linear_probe.rad-dino learnt nothing; linear_probe and linear_probe_converged did.", settings)
    assert said == "Linear probe (rad-dino) learnt nothing; Linear probe and Converged probe did."


@pytest.mark.parametrize("stem", STEMS)
def test_every_page_opens_on_207_real_films(open_page: Open, nih: Path, stem: str) -> None:
    page = open_page(stem, nih)
    assert not page.exception
    assert not page.error


def test_one_command_makes_a_sound_study_of_real_films(nih: Path) -> None:
    study = open_study(nih)
    assert len(study.image_ids) == 207
    others = ("zero_shot.med-siglip", "linear_probe.med-siglip", "linear_probe.rad-dino")
    assert study.settings == ("zero_shot", "linear_probe", *others)
    assert len(study.annotated_ids()) == 152
