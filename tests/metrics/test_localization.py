"""Maps against masks: by hand on 4 x 4 pixels, against scikit-learn, pycocotools and OpenCV, and special cases."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco
from sklearn.metrics import average_precision_score

from core.annotations.annotation import annotation_from_mask
from core.geometry import Geometry, map_to_film
from core.metrics.localization import (
    LEVELS,
    Localization,
    chexlocalize_iou,
    localize,
    mask_of,
    mask_overlap,
    reader_agreement,
)
from core.metrics.otsu import otsu_level

MAP = np.array([[8, 4, 0, 0], [4, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float32)
"""On a film of 4 x 4 pixels every value stands on a pixel of its own."""

MASK = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]], dtype=bool)

SHARES = ("hit", "energy", "relevance_rank", "average_precision")


def test_a_case_worked_by_hand() -> None:
    found = localize(MAP, MASK)
    assert found.hit == 1  # the 8 is in the mask
    assert found.energy == pytest.approx((8 + 4 + 2 + 1) / 20)
    assert found.relevance_rank == pytest.approx(3 / 4)  # of 8, 4, 4, 2 all but one 4 are in the mask
    # precision at the masked pixels, ties together: 8: 1/1; 4: 2/3; 2: 3/4; 1: 4/6
    assert found.average_precision == pytest.approx((1 + 2 / 3 + 3 / 4 + 4 / 6) / 4)
    at_half = list(LEVELS).index(0.5)  # from 4 on: three pixels, two of them in the mask of four
    assert found.iou[at_half] == pytest.approx(2 / 5)
    assert found.dice[at_half] == pytest.approx(4 / 7)
    at_a_fifth = list(LEVELS).index(0.2)  # from 1.6 on: four pixels, three of them in the mask
    assert found.iou[at_a_fifth] == pytest.approx(3 / 5)
    assert found.dice[at_a_fifth] == pytest.approx(6 / 8)
    assert found.chance == 4 / 16
    assert found.outside == 0
    assert not found.is_below_resolution
    assert found.is_defined
    assert not found.is_zero


def test_a_hit_beside_the_mask_and_ties() -> None:
    assert localize(MAP, ~MASK).hit == 0
    two_peaks = np.where(MAP == 4, np.float32(8), MAP)  # three pixels share the maximum, two are in the mask
    assert localize(two_peaks, MASK).hit == pytest.approx(2 / 3)
    tied = np.where(MAP > 1, np.float32(3), np.float32(0))  # four at 3, three of them in the mask
    assert localize(tied, MASK).relevance_rank == pytest.approx(3 / 4)
    half = np.zeros((4, 4), bool)
    half[0, :2] = True  # the mask has two pixels, four are tied: the two highest are any two of them
    assert localize(tied, half).relevance_rank == pytest.approx(2 / 4)


@pytest.mark.parametrize(
    ("map_", "mask", "expected"),
    [
        ("map", "empty", math.nan),
        ("map", "full", 1.0),
        ("zero", "mask", 0.0),
        ("zero", "full", 0.0),
        ("zero", "empty", math.nan),
        ("constant", "mask", 4 / 16),
        ("constant", "full", 1.0),
    ],
)
def test_what_is_special_has_a_stated_result(map_: str, mask: str, expected: float) -> None:
    maps = {"map": MAP, "zero": np.zeros_like(MAP), "constant": np.full_like(MAP, 0.3)}
    masks = {"mask": MASK, "empty": np.zeros_like(MASK), "full": np.ones_like(MASK)}
    found = localize(maps[map_], masks[mask])
    np.testing.assert_allclose([getattr(found, name) for name in SHARES], expected, rtol=1e-6)
    assert found.is_zero == (map_ == "zero")
    assert found.is_defined == (mask != "empty")
    if map_ == "constant":  # no level: the whole crop is taken
        assert math.isnan(found.level_otsu)
        np.testing.assert_allclose([found.iou_otsu, *found.iou], expected)
    if math.isnan(expected):
        assert np.isnan([found.iou_otsu, found.dice_otsu, *found.iou, *found.dice]).all()
    if map_ == "zero" and mask != "empty":
        assert not np.any([found.iou_otsu, found.dice_otsu, *found.iou, *found.dice])


def test_what_lies_outside_the_crop_is_told_and_cannot_be_found() -> None:
    mask = np.zeros((8, 4), bool)  # the model sees rows 2 to 5
    mask[0:2] = True
    found = localize(MAP, mask)
    assert not found.is_defined
    assert found.outside == 1
    assert math.isnan(found.energy)
    mask[2, :2] = True
    found = localize(MAP, mask)
    assert found.outside == pytest.approx(8 / 10)
    assert found.energy == pytest.approx(12 / 20)
    assert found.chance == 2 / 16


def test_a_mask_below_the_resolution_of_the_map_is_marked() -> None:
    mask = np.zeros((40, 40), bool)  # a patch of a 4 x 4 map has 100 pixels
    mask[3:12, 3:14] = True
    assert localize(MAP, mask).is_below_resolution
    mask[3:13, 3:14] = True
    assert not localize(MAP, mask).is_below_resolution


@given(seed=st.integers(0, 10_000), height=st.integers(20, 50), width=st.integers(20, 50))
@settings(max_examples=30, deadline=None)
def test_average_precision_is_scikit_learns_and_overlap_is_cocos(seed: int, height: int, width: int) -> None:
    values, mask = random_case(seed, height, width)
    found = localize(values, mask, Geometry("crop", 16))
    film = map_to_film(values, height, width, Geometry("crop", 16))
    seen = np.isfinite(film)
    if not mask[seen].any():
        assert not found.is_defined
        return
    expected = average_precision_score(mask[seen], film[seen])
    assert found.average_precision == pytest.approx(expected, abs=1e-6)
    assert found.energy == pytest.approx(film[seen & mask].sum() / film[seen].sum(), rel=1e-5)
    assert found.chance == pytest.approx(mask[seen].mean())
    for level in (2, 10, 15):
        height_of_cut = LEVELS[level] * np.nanmax(film)
        if np.abs(film[seen] - height_of_cut).min() < 1e-6:
            continue  # a pixel lies at the level itself, on one side or the other by rounding
        cut = np.nan_to_num(film) >= height_of_cut
        assert found.iou[level] == pytest.approx(coco_iou(cut, mask & seen), abs=1e-9)
        assert found.dice[level] == pytest.approx(2 * found.iou[level] / (1 + found.iou[level]))


@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-6, 0.5, 85.0, 1e4]))
@settings(max_examples=20, deadline=None)
def test_no_figure_knows_the_scale_of_the_map(seed: int, factor: float) -> None:
    values, mask = random_case(seed, 30, 30)
    mask[12:18, 12:18] = True
    one, other = localize(values, mask), localize(values * np.float32(factor), mask)
    for name in (*SHARES, "iou_otsu", "dice_otsu"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=0.02)
    np.testing.assert_allclose(one.iou, other.iou, atol=0.02)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_otsus_level_is_opencvs(seed: int) -> None:
    values, _ = random_case(seed, 24, 31)
    film = map_to_film(values, 24, 24)
    low, high = float(film.min()), float(film.max())
    picture = (255 * ((film.astype(np.float64) - low) / (high - low))).astype(np.uint8)
    _, cut = cv2.threshold(picture, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    np.testing.assert_array_equal(film >= otsu_level(film), cut.astype(bool))


def test_otsus_level_of_two_greys_and_of_one() -> None:
    assert otsu_level(np.array([[1.0, 1, 5], [5, 5, 1]])) == 5
    assert math.isnan(otsu_level(np.full((3, 3), 2.0)))


def test_a_bad_map_is_refused() -> None:
    for bad in (np.full((4, 4), np.nan), np.full((4, 4), -1.0)):
        with pytest.raises(ValueError, match="finite"):
            localize(bad, MASK)


def test_chexlocalizes_protocol_leaves_misses_out() -> None:
    """On a square film its IoU is the one at Otsu's level; an empty map is no case of it, where ours is a miss."""
    assert chexlocalize_iou(MAP, MASK) == pytest.approx(localize(MAP, MASK).iou_otsu)
    assert math.isnan(chexlocalize_iou(np.zeros_like(MAP), MASK))
    assert localize(np.zeros_like(MAP), MASK).iou_otsu == 0
    assert math.isnan(chexlocalize_iou(MAP, np.zeros_like(MASK)))
    tall = np.zeros((8, 4), bool)
    tall[0:3, 0] = True  # two of its pixels are above what the model sees; here they count as not found
    seen = localize(MAP, tall)
    assert seen.iou_otsu == pytest.approx(1 / coco_size(seen.level_otsu * 8 <= MAP))
    assert chexlocalize_iou(MAP, tall) == pytest.approx(1 / (2 + coco_size(seen.level_otsu * 8 <= MAP)))


def test_readers_agree_as_far_as_their_masks_overlap() -> None:
    masks = {"A": MASK, "B": MASK, "C": ~MASK}
    found = reader_agreement(masks)
    assert found.iou == pytest.approx(1 / 3)  # one pair agrees, two do not
    assert found.dice == pytest.approx(1 / 3)
    assert found.n_readers == 3
    alone = reader_agreement({"A": MASK})
    assert math.isnan(alone.iou)
    assert alone.n_readers == 1
    assert math.isnan(mask_overlap(np.zeros_like(MASK), np.zeros_like(MASK))[0])


def test_the_mask_of_a_finding_is_all_that_was_drawn_of_it() -> None:
    other = np.zeros_like(MASK)
    other[3, 0] = True
    drawn = [
        annotation_from_mask("film", "Edema", "A", MASK),
        annotation_from_mask("film", "Edema", "B", other),
        annotation_from_mask("film", "Fracture", "A", ~MASK),
    ]
    np.testing.assert_array_equal(mask_of(drawn, "Edema"), MASK | other)
    np.testing.assert_array_equal(mask_of(drawn, "Edema", "B"), other)
    assert mask_of(drawn, "Pneumonia") is None


def random_case(seed: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A map of 5 x 5 with ties and zeros, and a mask (height, width)."""
    rng = np.random.default_rng(seed)
    values = np.maximum(np.round(rng.normal(size=(5, 5)), 1), 0).astype(np.float32)
    values[2, 2] += 1
    y, x = np.mgrid[0:height, 0:width]
    cy, cx, radius = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(3, 12)
    return values, (y - cy) ** 2 + (x - cx) ** 2 < radius**2


def coco_iou(one: np.ndarray, other: np.ndarray) -> float:
    """pycocotools' own."""
    runs = [coco.encode(np.asfortranarray(mask, dtype=np.uint8)) for mask in (one, other)]
    return float(coco.iou([runs[0]], [runs[1]], [0])[0, 0])


def coco_size(mask: np.ndarray) -> int:
    """Pixels in a mask, by pycocotools."""
    return int(coco.area(coco.encode(np.asfortranarray(mask, dtype=np.uint8))))


def test_a_localization_holds_the_sweep_at_every_level() -> None:
    found = localize(MAP, MASK)
    assert isinstance(found, Localization)
    assert len(found.iou) == len(found.dice) == len(LEVELS) == 19
    assert (np.diff([np.count_nonzero(level * 8 <= MAP) for level in LEVELS]) <= 0).all()


@pytest.mark.parametrize("unit", [1e-300, 1e-46, 1e-40, 1e-6, 1e30])
def test_no_figure_changes_with_the_unit_of_the_map_however_small(unit: float) -> None:
    values = np.array([[8, 4, 0, 0], [4, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float64)
    mask = np.zeros((16, 16), bool)
    mask[:6, :5] = True
    with np.errstate(all="raise", under="ignore"):
        one, other = (localize(each, mask) for each in (values, values * unit))
        assert chexlocalize_iou(values * unit, mask) == chexlocalize_iou(values, mask)
    for name, expected in vars(one).items():
        np.testing.assert_allclose(getattr(other, name), expected, rtol=1e-6, err_msg=name)
