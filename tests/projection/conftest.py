"""A made-up study that tests may write to, and a cache of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.study import Study, open_study
from tests.pages.made_study import make_study


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("made") / "made", n_films=240))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """CXR_CACHE names an empty folder."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CXR_CACHE", str(folder))
    return folder
