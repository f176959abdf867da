"""A slice of the damaged films; more with a loop over `film_cases`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from core.intake.uploads import read_upload
from tests.fuzz.damaged_films import film_cases, film_fault, whole_films


def test_every_whole_film_is_read() -> None:
    for name, content in whole_films():
        film = read_upload(content)
        assert np.ptp(film.pixels.astype(int)) > 150, name


@pytest.mark.filterwarnings("ignore")  # Pillow's and pydicom's, of what they find damaged
@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_film_is_read_or_refused_in_a_sentence(seed: int, tmp_path: Path) -> None:
    cases = islice(film_cases(np.random.default_rng(seed)), 60)
    faults = [(name, fault) for name, content in cases if (fault := film_fault(content, tmp_path))]
    assert faults == []
