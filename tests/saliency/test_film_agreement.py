"""One map against every reader of its film."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.annotations.annotation import annotation_from_mask
from core.saliency.localization.film_agreement import film_agreement

VALUES = np.array([[8, 4, 0, 0], [4, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float32)


def _mask(rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros((4, 4), bool)
    mask[rows, columns] = True
    return mask


CORNER, QUARTER = _mask(slice(1), slice(1)), _mask(slice(2, 4), slice(2, 4))


def test_every_reader_and_their_mean_not_their_union() -> None:
    """The corner holds 8 of 20 and the maximum, the quarter 2 of 20; their union would hold half."""
    drawn = [annotation_from_mask("f", "Edema", reader, mask) for reader, mask in (("A", CORNER), ("B", QUARTER))]
    first, second, mean = film_agreement(VALUES, drawn, "Edema")
    assert [(entry.reader, entry.energy, entry.hit) for entry in (first, second)] == [
        ("A", pytest.approx(8 / 20), 1),
        ("B", pytest.approx(2 / 20), 0),
    ]
    assert (mean.reader, mean.n_readers, mean.energy, mean.hit) == ("", 2, pytest.approx(5 / 20), 0.5)
    assert mean.chance == pytest.approx((1 / 16 + 4 / 16) / 2)


def test_one_reader_is_one_entry_and_a_finding_that_nobody_drew_none() -> None:
    drawn = [annotation_from_mask("f", "Edema", "A", CORNER)]
    assert len(film_agreement(VALUES, drawn, "Edema")) == 1
    assert film_agreement(VALUES, drawn, "Fracture") == ()


def test_a_mask_that_the_model_does_not_see_is_undefined_and_not_in_the_mean() -> None:
    tall, outside = np.zeros((8, 4), bool), np.zeros((8, 4), bool)
    tall[2, 0] = outside[0, 0] = True
    drawn = [annotation_from_mask("f", "Edema", reader, mask) for reader, mask in (("A", tall), ("B", outside))]
    _, second, mean = film_agreement(VALUES, drawn, "Edema")
    assert not second.is_defined
    assert math.isnan(second.energy)
    assert mean.n_readers == 1
    assert mean.energy == pytest.approx(8 / 20)


def test_an_empty_map_is_a_miss() -> None:
    drawn = [annotation_from_mask("f", "Edema", "A", CORNER)]
    (found,) = film_agreement(np.zeros((4, 4)), drawn, "Edema")
    assert (found.hit, found.energy) == (0, 0)
