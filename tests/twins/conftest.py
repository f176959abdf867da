"""One planted study for all tests of twin films."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.study.read import Study
from tests.twins.planted_study import planted_study


@pytest.fixture(autouse=True, scope="package")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What is kept between runs is kept here, by all of these tests together."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXR_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Films whose devices are called pneumothorax."""
    return planted_study(tmp_path_factory.mktemp("planted") / "planted")
