"""The command that the product is named after, with BiomedCLIP's full architecture, on IU-Xray in small."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.building.plan import BuildOptions
from core.datasets.registry import load_dataset
from core.models.load import load_clip
from core.paths import PROJECT
from core.settings.fine_tune_options import FineTuneOptions
from core.study import Study, check_study
from pages.shared.navigation import PAGES
from tests.building.interrupted import first_dimensions
from tests.building.planned import built
from tests.datasets.iu_xray_files import write_kaggle
from tests.models.biomedclip import make_biomedclip

pytestmark = pytest.mark.slow
LIMIT = 8


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Three settings on a few films; one epoch, in one precision. Everything is removed afterwards (2 GB)."""
    root = tmp_path_factory.mktemp("full-size")
    folder = make_biomedclip(root / "biomedclip")
    dataset = load_dataset("iu-xray", write_kaggle(root / "iu-xray"))
    training = {"fine_tune": FineTuneOptions(max_epochs=1, batch_size=3, precision="fp32")}
    settings = BuildOptions("full size", limit=LIMIT, precision="fp32", training=training)
    yield built(dataset, load_clip(folder), str(folder), root / "study", settings, project=first_dimensions)
    shutil.rmtree(root)


def test_the_study_is_whole(study: Study) -> None:
    assert check_study(study.root) == []
    assert study.settings == ("zero_shot", "linear_probe", "fine_tune")
    assert np.asarray(study.image_embeddings("frozen")).shape == (len(study.image_ids), 512)
    assert study.manifest.protocol["precision"] == "fp32"
    assert study.manifest.dataset["name"] == "iu-xray"
    assert not np.allclose(study.image_embeddings("frozen"), study.image_embeddings("fine_tuned"))


@pytest.mark.parametrize("stem", [page.stem for page in PAGES])
def test_every_page_opens_it(study: Study, stem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXR_STUDIES", str(study.root))
    page = AppTest.from_file(str(PROJECT / "pages" / stem / "page.py"), default_timeout=120)
    page.query_params["study"] = study.root.name
    page.run()
    assert not page.exception
    assert not page.error
