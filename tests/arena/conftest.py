"""The study that ships, opened once."""

from __future__ import annotations

import pytest

from core.paths import STUDIES
from core.study import Study, open_study


@pytest.fixture(scope="session")
def study() -> Study:
    return open_study(STUDIES / "phantom")
