"""From attenuation to a film: Beer-Lambert, scatter, quantum noise, tone, collimation, side marker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from core.datasets.phantom.projection import BoolArray, FloatArray

BODY = 0.8
"""Line integral above which a pixel counts as body when the film's range is set."""

TOE = 0.14
"""Share of the film's range kept below its darkest body pixels, so that air in the lung is not cut to black."""


@dataclass(frozen=True)
class FilmStyle:
    """How a film was exposed and developed.

    scatter : scattered over primary light (0 to 1).
    photons : per pixel in air.
    blur_px : focal spot and screen.
    gamma : of the tone curve.
    white, black : share of the body's pixels cut at each end.
    shade : heel effect, 0 to .3.
    collimation : (top, right, bottom, left) in pixels, unexposed.
    marker : "L", "R" or "" and its corner and size.
    """

    scatter: float
    photons: float
    blur_px: float
    gamma: float
    contrast: float
    white: float
    black: float
    shade: float
    collimation: tuple[int, int, int, int]
    marker: str
    marker_at: tuple[float, float]


Window = tuple[float, float]
"""The densities that become black and white."""


def expose(
    attenuation: FloatArray, look: FilmStyle, rng: np.random.Generator, window: Window | None = None
) -> np.ndarray:
    """Expose an 8-bit film (H, W), white where little light came through.

    window : as another film was developed; None finds it on this one.
    """
    density = density_of(attenuation, look, rng)
    return develop(density, window or window_of(density, attenuation, look), look)


def density_of(attenuation: FloatArray, look: FilmStyle, rng: np.random.Generator) -> FloatArray:
    """Compute the density (H, W) before development: less light, higher."""
    height, width = attenuation.shape
    tilt = 1 + look.shade * np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    primary = np.exp(-attenuation) * tilt
    scattered = look.scatter * blur(primary + 0.15 * primary.mean(), width / 9)
    light = blur(primary + scattered, look.blur_px)
    light = np.maximum(
        light + np.sqrt(light / look.photons) * rng.standard_normal(light.shape).astype(np.float32), 1e-5
    )
    return np.asarray(-np.log(light))


def window_of(density: FloatArray, attenuation: FloatArray, look: FilmStyle) -> Window:
    """Find the densities between which a film is developed, from those of the body."""
    inside = density[::3, ::3][attenuation[::3, ::3] > BODY]
    low, high = np.quantile(inside, [look.black, 1 - look.white])
    low -= TOE * (high - low)
    return low, high


def develop(density: FloatArray, window: Window, look: FilmStyle) -> np.ndarray:
    """Make a film (H, W), uint8, of densities, with its borders and its side marker."""
    low, high = window
    tone = np.clip((density - low) / max(high - low, 1e-3), 0, 1)
    tone = tone**look.gamma
    tone = tone + look.contrast * (tone * tone * (3 - 2 * tone) - tone)
    pixels = np.clip(np.rint(tone * 255), 0, 255).astype(np.uint8)
    return _finish(pixels, look)


def blur(image: FloatArray, radius_px: float) -> FloatArray:
    """Blur a float image, (H, W), with a Gaussian; wide ones are done on a coarser grid."""
    if radius_px <= 0:
        return image
    if radius_px < 8:
        return np.asarray(gaussian_filter(image, radius_px, mode="nearest", truncate=3.0), dtype=np.float32)
    coarse = Image.fromarray(image.astype(np.float32)).reduce(4)
    smooth = gaussian_filter(np.asarray(coarse), radius_px / 4, mode="nearest")
    wide = Image.fromarray(smooth).resize((image.shape[1], image.shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(wide, dtype=np.float32)


def is_exposed(shape: tuple[int, int], look: FilmStyle) -> BoolArray:
    """Tell which pixels (H, W) lie inside the collimation."""
    top, right, bottom, left = look.collimation
    inside = np.zeros(shape, dtype=bool)
    inside[top : shape[0] - bottom, left : shape[1] - right] = True
    return inside


def _finish(pixels: np.ndarray, look: FilmStyle) -> np.ndarray:
    top, right, bottom, left = look.collimation
    height, width = pixels.shape
    film = Image.fromarray(pixels)
    if look.marker:
        size = max(9, round(width * 0.055))
        where = (left + (width - left - right) * look.marker_at[0], top + (height - top - bottom) * look.marker_at[1])
        ImageDraw.Draw(film).text(where, look.marker, fill=250, font_size=size, anchor="mm")
    out = np.array(film)
    out[:top], out[height - bottom :], out[:, :left], out[:, width - right :] = 6, 6, 6, 6
    return out
