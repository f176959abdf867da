"""Geometry by hand, and against open_clip's and torchvision's preprocessing and torch's interpolation."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from core.errors import SaliencyError
from core.geometry import OPEN_CLIP, Box, Geometry, map_to_film, mask_outlines, model_geometry, share_outside


@pytest.mark.parametrize(
    ("height", "width", "box"),
    [
        (100, 100, Box(0, 0, 100, 100)),
        (2500, 2048, Box(226, 0, 2048, 2048)),
        (100, 131, Box(0, 15.5, 100, 100)),
    ],
)
def test_the_central_square(height: int, width: int, box: Box) -> None:
    assert Geometry().box(height, width) == box


def test_a_crop_of_a_film_that_is_not_square_loses_its_borders() -> None:
    """2048 x 2500: 18 % of the height."""
    box = Geometry().box(2500, 2048)
    assert 1 - box.height / 2500 == pytest.approx(0.1808)


@pytest.mark.parametrize(("height", "width"), [(640, 512), (512, 641), (700, 333), (224, 224), (100, 80), (225, 224)])
def test_rounding_is_torchvisions(height: int, width: int) -> None:
    """Against torchvision's own formulas, and within a resized pixel of the ideal square."""
    side = 224
    short, long = min(height, width), max(height, width)
    resized = int(side * long / short)
    first = round((resized - side) / 2.0)
    box = Geometry("crop", side).box(height, width)
    start, extent = (box.top, box.height) if height > width else (box.left, box.width)
    assert start == pytest.approx(first * long / resized)
    assert extent == pytest.approx(side * long / resized)
    ideal = Geometry().box(height, width)
    assert abs(start - max(ideal.top, ideal.left)) < 1.0 * short / side
    assert start >= 0
    assert start + extent <= long + 1e-9


def test_lengths_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        Geometry().box(0, 10)
    with pytest.raises(ValueError, match="positive"):
        Geometry("pad", 0).box(10, 10)


@pytest.mark.parametrize(("height", "width"), [(640, 512), (333, 700), (300, 300), (2500, 3056)])
def test_squashed_and_padded_films_by_hand(height: int, width: int) -> None:
    assert Geometry("squash", 224).box(height, width) == Box(0, 0, height, width)
    long = max(height, width)
    assert Geometry("pad").box(height, width) == Box((height - long) / 2, (width - long) / 2, long, long)
    rounded = Geometry("pad", 224).box(height, width)
    assert rounded.top == pytest.approx((height - long) / 2, abs=long / 224)
    assert rounded.width == pytest.approx(long, rel=1 / 100)


@pytest.mark.parametrize("mode", [*OPEN_CLIP, "inner"])
@pytest.mark.parametrize(("height", "width"), [(640, 400), (300, 520), (901, 700), (400, 400)])
def test_a_landmark_is_in_the_input_where_the_geometry_says(height: int, width: int, mode: str) -> None:
    """open_clip's own transforms, and torchvision's "256, then 224", move a landmark to where `box` has it: to half a
    pixel of the input.
    """
    from core.models.preprocess import film_transform  # before torchvision, which it makes safe to import

    transforms = pytest.importorskip("torchvision.transforms")
    y, x = 0.45 * height, 0.62 * width
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    film = (255 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * (min(height, width) / 30) ** 2))).astype(
        "uint8"
    )
    if mode == "inner":
        geometry = Geometry("crop", 224, 256)
        inner = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])
        seen = np.asarray(inner(Image.fromarray(film)), dtype=float)
    else:
        transform = film_transform({"size": 224, "resize_mode": mode, "mean": [0.5] * 3, "std": [0.5] * 3})
        geometry, seen = transform.geometry, transform.crop(film).astype(float)
    box = geometry.box(height, width)
    at = np.array([(seen.sum(axis=axis) * (np.arange(224) + 0.5)).sum() / seen.sum() for axis in (0, 1)])
    across = (x - box.left) / box.width, (y - box.top) / box.height
    np.testing.assert_allclose(224 * np.array(across), at, atol=0.5)


def test_a_manifest_says_what_its_model_does_to_films() -> None:
    """A recorded geometry, before open_clip's configuration, before the side alone of older manifests."""
    squash = Geometry("squash", 224, interpolation="bicubic")
    cfg = {"resize_mode": "longest", "size": 96, "interpolation": "bilinear"}
    assert model_geometry({"geometry": squash.to_json(), "preprocess_cfg": cfg, "crop_px": 96}) == squash
    assert model_geometry({"preprocess_cfg": cfg, "crop_px": 96}) == Geometry("pad", 96, interpolation="bilinear")
    assert model_geometry({"crop_px": 160}) == Geometry("crop", 160)
    assert Geometry("crop", 224, 256).to_json() == {"resize": "crop", "input_px": 224, "resize_px": 256}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"geometry": {"resize": "stretch"}, "crop_px": 96},
        {"geometry": None, "crop_px": 96},
        {"geometry": {"resize": "crop", "input_px": "96"}},
        {"preprocess_cfg": {"resize_mode": "weird"}, "crop_px": 96},
    ],
)
def test_a_geometry_that_is_not_known_is_refused_in_words(said: dict[str, object]) -> None:
    with pytest.raises(SaliencyError, match="the input of the model it is not known"):
        model_geometry({"name": "it", **said})


def test_a_map_of_a_padded_film_leaves_its_filling_out() -> None:
    """A film twice as wide as high fills the middle two rows of a grid of four; a squashed one fills all."""
    map_ = np.arange(16.0).reshape(4, 4)
    film = map_to_film(map_, 2, 4, Geometry("pad"))
    np.testing.assert_allclose(film, map_[1:3])
    np.testing.assert_allclose(
        map_to_film(map_, 4, 8, Geometry("squash"))[:, ::2], map_ - np.array([[0, 0.25, 0.25, 0.25]])
    )


def test_share_outside_by_hand() -> None:
    mask = np.zeros((10, 6), dtype=bool)
    mask[:, 2] = True
    assert share_outside(mask, Box(2, 0, 6, 6)) == pytest.approx(0.4)
    assert share_outside(mask, Box(0, 0, 10, 6)) == 0
    assert share_outside(mask, Box(0, 3, 10, 3)) == 1
    assert share_outside(mask, Box(2.5, 0, 5, 6)) == pytest.approx(0.5)
    assert np.isnan(share_outside(np.zeros((4, 4), dtype=bool), Box(0, 0, 2, 2)))


@pytest.mark.parametrize(("height", "width"), [(64, 64), (97, 61), (61, 97), (50, 51), (14, 14), (7, 9)])
@pytest.mark.parametrize("grid", [1, 4, 14])
def test_map_to_film_is_bilinear_in_the_crop(height: int, width: int, grid: int) -> None:
    """Where the crop is whole pixels, it is torch's align_corners=False interpolation; outside it is NaN."""
    torch = pytest.importorskip("torch")
    map_ = np.random.default_rng(0).random((grid, grid))
    film = map_to_film(map_, height, width)
    assert film.shape == (height, width)
    assert film.dtype == np.float32
    side = min(height, width)
    inside = np.isfinite(film)
    assert inside.sum() == side * side
    if (height - width) % 2 == 0:
        expected = torch.nn.functional.interpolate(
            torch.from_numpy(map_)[None, None], size=(side, side), mode="bilinear", align_corners=False
        )[0, 0].numpy()
        np.testing.assert_allclose(film[inside].reshape(side, side), expected, atol=1e-6)


def test_map_to_film_puts_a_patch_where_the_model_saw_it() -> None:
    map_ = np.zeros((4, 4))
    map_[0, 3] = 1
    film = map_to_film(map_, 120, 80)
    assert np.isnan(film[:20]).all()
    assert np.isnan(film[100:]).all()
    assert np.unravel_index(np.nanargmax(film), film.shape)[0] in range(20, 40)
    assert film[20, 79] == 1
    assert film[99, 0] == 0


def test_outlines_by_hand() -> None:
    mask = np.zeros((4, 5), dtype=bool)
    mask[1:3, 1:4] = True
    (ring,) = mask_outlines(mask)
    assert ring.tolist() == [[1, 1], [4, 1], [4, 3], [1, 3], [1, 1]]
    assert mask_outlines(np.zeros((3, 3), dtype=bool)) == ()


def test_outlines_of_touching_corners_and_holes() -> None:
    corners = np.eye(2, dtype=bool)
    assert len(mask_outlines(corners)) == 2
    ring = np.ones((3, 3), dtype=bool)
    ring[1, 1] = False
    outer, hole = mask_outlines(ring)
    assert _area(outer) == 9
    assert _area(hole) == -1


@pytest.mark.parametrize("seed", range(8))
def test_outlines_enclose_the_mask(seed: int) -> None:
    """The rings' signed areas add up to the mask's, and filling them gives the mask back."""
    rng = np.random.default_rng(seed)
    mask = rng.random((23, 17)) < (0.2, 0.5, 0.8)[seed % 3]
    rings = mask_outlines(mask)
    assert sum(_area(ring) for ring in rings) == mask.sum()
    assert all((ring[0] == ring[-1]).all() for ring in rings)
    filled = np.zeros(mask.shape, dtype=int)
    for ring in rings:
        filled += int(np.sign(_area(ring))) * _crossings(ring, mask.shape)
    assert (filled.astype(bool) == mask).all()


def test_outlines_of_a_polygon_lie_on_it() -> None:
    runs = coco.merge(coco.frPyObjects([[10, 10, 30, 10, 30, 40, 10, 40]], 64, 48))
    (ring,) = mask_outlines(coco.decode(runs).astype(bool))
    assert sorted(map(tuple, ring[:-1].tolist())) == [(10, 10), (10, 40), (30, 10), (30, 40)]


def _area(ring: np.ndarray) -> float:
    """Positive where the ring runs clockwise as seen with y downward."""
    x, y = ring[:-1].T
    next_x, next_y = ring[1:].T
    return float((x * next_y - next_x * y).sum() / 2)


def _crossings(ring: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Which pixel centres are inside one ring, by counting edges to the left."""
    inside = np.zeros(shape, dtype=int)
    for (x, y), (_, next_y) in pairwise(ring):
        if y != next_y:
            inside[int(min(y, next_y)) : int(max(y, next_y)), int(x) :] += 1
    return inside % 2
