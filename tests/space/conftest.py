"""A made-up study with every part but films of interest."""

from __future__ import annotations

import pytest

from core.study import Study, open_study
from tests.pages.made_study import make_study


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("made") / "made", n_films=300))
