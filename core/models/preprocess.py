"""From a film to a model's input: crop, squash or pad, then normalise; open_clip's own transform, and those near it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
import torch
from PIL import Image

from core.errors import ModelError
from core.geometry import OPEN_CLIP, Geometry
from core.models.arrays import UInt8Array
from core.models.torchvision_guard import open_clip

_INTERPOLATIONS: Final = ("bicubic", "bilinear", "random")
"""What open_clip's transform takes."""


def _numbers(value: Any) -> list[float]:
    """The number, or the three numbers, of a mean or a spread; none where it is neither."""
    found = list(value) if isinstance(value, list | tuple) else [value] * 3
    is_number = all(isinstance(one, int | float) and math.isfinite(one) for one in found)
    return found if is_number and len(found) == 3 else []


def _is_size(value: Any) -> bool:
    sides = value if isinstance(value, list | tuple) else (value, value)
    return len(sides) == 2 and all(type(side) is int and side > 0 for side in sides)


_EXPECTED: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("size", _is_size, "a whole number above 0, or two"),
    ("mean", lambda value: bool(_numbers(value)), "three numbers"),
    ("std", lambda value: bool(_numbers(value)) and min(_numbers(value)) > 0, "three numbers above 0"),
    ("resize_mode", OPEN_CLIP.__contains__, f"one of {', '.join(OPEN_CLIP)}"),
    ("interpolation", _INTERPOLATIONS.__contains__, f"one of {', '.join(_INTERPOLATIONS)}"),
    ("resize_px", lambda value: type(value) is int and value > 0, "a whole number above 0"),
    ("floors", lambda value: isinstance(value, bool), "true or false"),
)
"""Entries of a preprocess_cfg, whether a value is one, and what is."""

_BEYOND: Final = ("resize_px", "floors")
"""Entries that open_clip does not know: see `core.geometry.Geometry`."""


@dataclass(frozen=True, eq=False)
class FilmTransform:
    """open_clip's evaluation transform, split where pixels become floats so that films can be kept as uint8.

    crop_px : side of the square that a model takes.
    mean, std : (3,) of the red, green and blue channel, in 0..1.
    geometry : whether films are cropped, squashed or padded, and so where a map lies on a film.
    cfg : open_clip's preprocess_cfg as it is used, as JSON values, with `resize_px` and `floors` of a geometry where
        they are not open_clip's own; its size is crop_px.
    """

    crop_px: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    to_crop: Callable[[Image.Image], Image.Image]
    geometry: Geometry
    cfg: Mapping[str, Any] = field(default_factory=dict)

    def crop(self, film: UInt8Array) -> UInt8Array:
        """Crop the part of a film that a model sees, resized:
        (S, S) for a grey film, (S, S, 3) for a colour film, uint8.

        A grey film stays grey: its pixels are those that open_clip gives for the same film as RGB.
        Raises ModelError where the film is not uint8 of shape (H, W) or (H, W, 3).
        """
        return np.asarray(self.to_crop(_picture(film)))

    def normalise(self, crops: UInt8Array, device: torch.device | None = None) -> torch.Tensor:
        """Scale cropped films (n, S, S) or (n, S, S, 3), uint8, as the model's input (n, 3, S, S), float32.

        device : where the input is made; the films go there as bytes, a twelfth of what they become.
        """
        pixels = torch.from_numpy(np.array(crops)).to(device)
        if pixels.ndim == 3:
            pixels = pixels[..., None].expand(-1, -1, -1, 3)
        scaled = pixels.permute(0, 3, 1, 2).to(torch.float32).div(255)
        mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (self.mean, self.std))
        return scaled.sub(mean).div(std)

    def __call__(self, film: UInt8Array) -> torch.Tensor:
        """One film (H, W) or (H, W, 3), uint8, as the model's input (3, S, S), float32."""
        return self.normalise(self.crop(film)[None])[0]


def film_transform(preprocess_cfg: Mapping[str, Any]) -> FilmTransform:
    """Give the transform of a loaded model (`open_clip.get_model_preprocess_cfg`, and what `FilmTransform.cfg` adds).

    Raises ModelError where the model does not see a square, or where a value is none that can be had.
    """
    _check_values(preprocess_cfg)
    known = {name: value for name, value in preprocess_cfg.items() if name not in _BEYOND}
    size = known.get("size", 224)
    cfg = open_clip.transform.PreprocessCfg(**{**known, "size": size if type(size) is int else tuple(size)})
    height_px, width_px = cfg.input_size[1:]
    if height_px != width_px:
        raise ModelError(
            f"The model takes films of {height_px} x {width_px} pixels; only square inputs are supported.",
            remedy="Use a model whose image_size is one number.",
        )
    beyond = _beyond(preprocess_cfg, height_px)
    mean, std = _three(cfg.mean), _three(cfg.std)
    used = {**asdict(cfg), "size": height_px, "mean": list(mean), "std": list(std), **beyond}
    geometry = Geometry(OPEN_CLIP[cfg.resize_mode], height_px, interpolation=str(cfg.interpolation), **beyond)
    to_crop = _shortest(geometry) if beyond else _open_clips(cfg)
    return FilmTransform(height_px, mean, std, to_crop, geometry, json.loads(json.dumps(used)))


def _check_values(preprocess_cfg: Mapping[str, Any]) -> None:
    for name, is_right, expected in _EXPECTED:
        if name in preprocess_cfg and not is_right(preprocess_cfg[name]):
            raise ModelError(
                f"preprocess_cfg: {name} is {str(preprocess_cfg[name])[:80]!r}; expected {expected}.",
                remedy="Copy the model's configuration again.",
            )


def _beyond(preprocess_cfg: Mapping[str, Any], side_px: int) -> dict[str, Any]:
    """What a crop has that open_clip's own has not: none where it is open_clip's."""
    resize_px = preprocess_cfg.get("resize_px", side_px)
    said = {"resize_px": resize_px, "floors": preprocess_cfg.get("floors", False)}
    found = {name: value for name, value in said.items() if value not in (side_px, False)}
    if found and (preprocess_cfg.get("resize_mode", "shortest") != "shortest" or resize_px < side_px):
        raise ModelError(
            f"preprocess_cfg: films are resized to {resize_px} pixels for a square of {side_px}; expected a crop that "
            "is filled.",
            remedy="Copy the model's configuration again.",
        )
    return found


def _open_clips(cfg: Any) -> Callable[[Image.Image], Image.Image]:
    """open_clip's own steps."""
    steps = open_clip.transform.image_transform_v2(cfg, is_train=False).transforms
    resizing = steps[:-3]  # the last three: convert to RGB, to tensor, normalise

    def to_crop(picture: Image.Image) -> Image.Image:
        for step in resizing:
            picture = step(picture)
        return picture

    return to_crop


def _shortest(geometry: Geometry) -> Callable[[Image.Image], Image.Image]:
    """The shortest side resized, then a square in the centre."""
    kind = {"bilinear": Image.Resampling.BILINEAR}.get(geometry.interpolation, Image.Resampling.BICUBIC)
    side, resized = geometry.input_px, geometry.resize_px or geometry.input_px
    assert side is not None
    assert resized is not None

    def to_crop(picture: Image.Image) -> Image.Image:
        shortest = min(picture.size)
        width, height = (resized * length // shortest for length in picture.size)
        left, top = ((n - side) // 2 if geometry.floors else round((n - side) / 2) for n in (width, height))
        return picture.resize((width, height), kind).crop((left, top, left + side, top + side))

    return to_crop


def _three(values: Any) -> tuple[float, ...]:
    return tuple(values) if isinstance(values, (list, tuple)) else (float(values),) * 3


def _picture(film: UInt8Array) -> Image.Image:
    if film.dtype != np.uint8 or not (film.ndim == 2 or (film.ndim == 3 and film.shape[2] == 3)) or film.size == 0:
        raise ModelError(
            f"The film has shape {film.shape}, type {film.dtype}; expected (height, width[, 3]) of uint8.",
            remedy="Window the film to 8 bits before handing it to the model.",
        )
    return Image.fromarray(np.ascontiguousarray(film))
