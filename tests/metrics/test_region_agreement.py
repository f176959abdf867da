"""Regions of several readers: planted squares whose overlap is known, and who marked what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from core.metrics.agreement import cohen_kappa
from core.metrics.region_agreement import RegionAgreement, region_agreement
from core.metrics.resampling import draw_resamples

N = 20


def _square(left: int) -> Any:
    """Ten rows and ten columns, from column `left` on, of a film of 40 x 60."""
    mask = np.zeros((40, 60), np.uint8)
    mask[5:15, left : left + 10] = 1
    return coco.encode(np.asfortranarray(mask))


def _agreement(regions: dict[str, dict[int, Any]], read: dict[str, list[int]] | None = None) -> RegionAgreement:
    films = read or {name: list(range(N)) for name in regions}
    return region_agreement("Edema", films, regions, draw_resamples([f"p{film}" for film in range(N)]))


def test_a_planted_overlap_is_found() -> None:
    """Squares of 10 x 10 that are 5 apart: half of each is common, a third of both together."""
    found = _agreement({"A": {film: _square(3) for film in range(N)}, "B": {film: _square(8) for film in range(N)}})
    assert found.overlap.n_films == N
    assert found.overlap.dice.value == pytest.approx(0.5)
    assert found.overlap.iou.value == pytest.approx(1 / 3)
    assert not found.overlap.dice.interval.is_estimable  # all resamples agree
    assert list(found.pairs) == [("A", "B")]


def test_a_film_weighs_once_however_many_read_it() -> None:
    """Film 0: three readers, pairs of Dice 1, .5, .5; film 1: two readers, 0. Their mean is (2/3 + 0) / 2."""
    found = _agreement(
        {"A": {0: _square(3), 1: _square(3)}, "B": {0: _square(3), 1: _square(30)}, "C": {0: _square(8)}},
        {"A": [0, 1], "B": [0, 1], "C": [0]},
    )
    assert found.overlap.n_films == 2
    assert found.overlap.dice.value == pytest.approx(1 / 3)
    assert not found.overlap.dice.interval.is_estimable
    assert {pair: one.n_films for pair, one in found.pairs.items()} == {("A", "B"): 2, ("A", "C"): 1, ("B", "C"): 1}
    assert found.pairs["A", "B"].dice.value == pytest.approx(0.5)
    assert found.pairs["B", "C"].iou.value == pytest.approx(1 / 3)


def test_whether_readers_mark_the_same_films_is_their_kappa() -> None:
    rng = np.random.default_rng(2)
    marks = {name: rng.random(N) < 0.5 for name in "AB"}
    found = _agreement(
        {name: {int(film): _square(3) for film in np.flatnonzero(chosen)} for name, chosen in marks.items()}
    )
    first, second = (marks[name].astype(float) for name in "AB")
    assert found.presence.kappa.value == pytest.approx(cohen_kappa(first, second))
    assert found.presence.agreement.value == pytest.approx((first == second).mean())
    assert found.overlap.n_films == int((marks["A"] & marks["B"]).sum())
    assert found.presence.kappa.interval.low < found.presence.kappa.value < found.presence.kappa.interval.high


def test_films_of_one_patient_are_resampled_together() -> None:
    """Two patients of ten films each, one with the same squares, one with squares apart: 0, .5 or 1 in a resample."""
    regions = {
        "A": {film: _square(3) for film in range(N)},
        "B": {film: _square(3 if film < N // 2 else 30) for film in range(N)},
    }
    read = {name: list(range(N)) for name in "AB"}
    by_patient = region_agreement("Edema", read, regions, draw_resamples(["p"] * 10 + ["q"] * 10))
    by_film = _agreement(regions)
    assert by_patient.overlap.dice.value == by_film.overlap.dice.value == 0.5
    assert (by_patient.overlap.dice.interval.low, by_patient.overlap.dice.interval.high) == (0, 1)
    assert by_film.overlap.dice.interval.low > 0.2


def test_what_nobody_marked_together_is_undefined() -> None:
    found = _agreement({"A": {0: _square(3)}, "B": {1: _square(3)}})
    assert found.overlap.n_films == 0
    assert np.isnan(found.overlap.dice.value)
    assert np.isnan(found.overlap.iou.value)
    assert not found.pairs
