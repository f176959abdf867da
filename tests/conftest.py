"""What every test may lean on: where the real films are, and that CI never skips them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side; threads that wait for each other cost more

import pytest

from tests import real_tables

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

PROJECT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() == "true"
MAY_LACK_REAL_DATA = not IN_CI or os.environ.get("WITHOUT_REAL_DATA", "").lower() == "true"


TOGETHER = (
    "tests/browser/", "tests/building/test_build.py", "tests/building/test_full_size.py",
    "tests/models/test_biomedclip.py", "tests/pages/test_annotated_page.py", "tests/prompts/test_ask.py",
    "tests/space/test_prompt_lab.py", "tests/twins/",
)  # fmt: skip
"""Whose tests go to one process where there are several: they share a server, a model or a table that is made once."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Where tests run side by side, those of `TOGETHER` stay together, and every other goes to who is free."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((start for start in TOGETHER if nodeid.startswith(start)), nodeid)

    return Together(config, log)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one Chromium of a process, which can drive no second one."""
    from tests.browser.server import chromium

    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real films and tables beside the project; skips where it is absent.

    In CI it fails instead, unless WITHOUT_REAL_DATA=true says that this CI has none.
    """
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        if not MAY_LACK_REAL_DATA:
            pytest.fail(f"{folder} is absent, and tests on real data may not skip in CI.")
        pytest.skip(f"{folder} is absent: no real films to test on.")
    return folder


@pytest.fixture(scope="session")
def published_tables() -> Path:
    """The folder of label tables as published, named in `tests.real_tables`; skips, or in CI fails, without them."""
    try:
        return real_tables.cached_tables()
    except OSError as error:
        if not MAY_LACK_REAL_DATA:
            pytest.fail(f"{error}; tests on published tables may not skip in CI.")
        pytest.skip(f"{error}: no published tables to test on.")
