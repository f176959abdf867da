"""The pages in this process, on studies that the tests make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.paths import PROJECT
from tests.pages.made_study import make_study

Open = Callable[..., AppTest]


def components(page: AppTest) -> list[Any]:
    """The browser components of a page, without the menu that takes its figures along, which every page has."""
    return [one for one in page.get("bidi_component") if one.proto.component_name != "take_figures"]


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with every part but the model."""
    return make_study(tmp_path_factory.mktemp("studies") / "made-up", n_films=200)


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Runs one page on some studies: open_page("overview", folder, ..., film="film-0001")."""
    monkeypatch.setenv("CXR_CACHE", str(tmp_path_factory.mktemp("cache")))

    def run(stem: str, *studies: Path, **query: str) -> AppTest:
        monkeypatch.setenv("CXR_STUDIES", ":".join(str(path) for path in studies))
        script = PROJECT / "app.py" if stem == "app" else PROJECT / "pages" / stem / "page.py"
        page = AppTest.from_file(str(script), default_timeout=60)
        if studies:
            page.query_params["study"] = studies[0].name
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    return run
