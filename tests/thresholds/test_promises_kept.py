"""A short slice of the simulation in tests.benchmarks.promises: promises are kept, and the plain rule is told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.thresholds import policy_named
from core.thresholds.class_scores import FilmScores
from core.thresholds.promises import SENSITIVITY
from tests.benchmarks.promises import EACH, TOGETHER, drawn, off_by, real_films, simulated, two_normals

DRAWS = 60


def check(whole: FilmScores, promises: tuple[tuple[str, float], ...], n_positive: int, draws: int = DRAWS) -> None:
    rng = np.random.default_rng(n_positive)
    found = list(simulated(whole, promises, n_positive, draws, rng))
    assert {name: off for name, level, values, _ in found if (off := off_by(name, level, values, draws)) > 3} == {}
    assert max(made for *_, made in found) > 0.9


@pytest.mark.parametrize("n_positive", [20, 100])
def test_each_promise_is_kept_where_patients_have_several_films(n_positive: int) -> None:
    check(two_normals([1.5], several=True, n=4000), EACH, n_positive)


def test_promises_of_all_classes_are_kept_together() -> None:
    check(two_normals([0.8, 1.5, 2.5], several=True, n=4000), TOGETHER, 50)


def test_promises_are_kept_on_real_films(real_data: Path) -> None:
    check(real_films(real_data / "nih-621-small", ["Effusion"]), EACH, 50)
    check(real_films(real_data / "nih-621-small", ["Effusion", "Mass", "Edema"]), TOGETHER, 50, draws=20)


def test_the_plain_rule_is_seen_to_break_its_word() -> None:
    """The same count of broken promises, of the cut that just reaches the level: it must not pass."""
    whole, rng = two_normals([1.5], several=False, n=4000), np.random.default_rng(0)
    broken = []
    for _ in range(DRAWS):
        (counts,) = drawn(whole, 50, rng).counts
        cut = policy_named("fixed-sensitivity").fit(counts, 0.9)
        failures, n = SENSITIVITY.counted(whole.by_class[0], cut)
        broken.append(failures > 0.1 * n)
    assert off_by("promised-sensitivity", 0.9, np.array(broken, dtype=float), DRAWS) > 6
