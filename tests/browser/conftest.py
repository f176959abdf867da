"""One server and one Chromium for all browser tests; studies from real films, the one that ships, a broken one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.paths import STUDIES
from core.study import layout, open_study
from core.study.rewrite import rewrite_study
from core.study.tables import annotations_table
from tests.browser.server import open_page, serving
from tests.conftest import IN_CI
from tests.pages.made_study import make_study
from tests.pages.real_study import import_nih
from tests.saliency.untabled import copied_without_tables

PHANTOM = "phantom"


@dataclass
class Looking:
    """A page of the app in Chromium, and what went wrong while looking."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, stem: str, study: str, query: str = "") -> Page:
        """One page of the app on one study, when it is done."""
        open_page(self.page, f"{self.address}/{stem}?study={study}{query}")
        return self.page


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the studies of these tests lie."""
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="session")
def nih(real_data: Path, folder: Path) -> str:
    """A study imported from real films."""
    (folder / "imported").mkdir(exist_ok=True)
    return import_nih(real_data, folder / "imported").name


@pytest.fixture(scope="session")
def made_up(folder: Path) -> str:
    """A small study with embeddings, maps, films and masks."""
    return make_study(folder / "made-up").name


@pytest.fixture(scope="session")
def newer(folder: Path, made_up: str) -> str:
    """A study of a version that does not exist yet."""
    study = folder / "newer"
    shutil.copytree(folder / made_up, study)
    manifest = json.loads((study / "manifest.json").read_text())
    (study / "manifest.json").write_text(json.dumps({**manifest, "schema_version": 99}))
    return study.name


@pytest.fixture(scope="session")
def phantom() -> str:
    """The study that ships."""
    if not (STUDIES / PHANTOM / "manifest.json").is_file():
        reason = f"{STUDIES / PHANTOM} is absent: `python -m core build phantom phantom-clip` makes it."
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return PHANTOM


@pytest.fixture(scope="session")
def few_masks(folder: Path) -> Path:
    """The study that ships with the masks of one test film only."""
    study = folder / "few-masks"
    shutil.rmtree(study, ignore_errors=True)
    opened = open_study(copied_without_tables(study))
    films = [name for name in opened.annotated_ids() if opened.row_of(name) in set(opened.rows("test").tolist())][:1]
    marks = [entry for name in films for entry in opened.annotations(name)]
    rewrite_study(opened, {layout.MASKS: annotations_table(marks)})
    return study


@pytest.fixture(scope="session")
def address(folder: Path, made_up: str, newer: str) -> Iterator[str]:
    """The app, serving every study of the folder, those that are imported later too."""
    (folder / "imported").mkdir(exist_ok=True)
    with serving(folder / "server.log", studies=[folder, folder / "imported" / "nih-621"]) as url:
        yield url


@pytest.fixture
def looking(browser: Browser, address: str) -> Iterator[Looking]:
    """A new window on the app."""
    with watching(browser, address) as seen:
        yield seen


@contextmanager
def watching(browser: Browser, address: str) -> Iterator[Looking]:
    """A new window at 1440 x 900; script errors and requests to other hosts are noted."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    seen = Looking(context.new_page(), address)
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on(
        "request", lambda request: None if _is_local(request.url, address) else seen.outside.append(request.url)
    )
    yield seen
    context.close()


def _is_local(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws", 1), "data:", "blob:"))
