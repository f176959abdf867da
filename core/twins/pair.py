"""A film and its twin: the same patient, rays and noise, with something else to see; and where they differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation

from core.datasets.registry import renderer_of
from core.datasets.twins import AskedFilm, FloatArray, Renderer, TakenFilm
from core.errors import DatasetError
from core.geometry import BoolArray
from core.study.read import Study

_ROUNDING = 1e-4
"""Differences of line integrals below are the order of sums."""


@dataclass(frozen=True, eq=False)
class TwinPair:
    """A film and its twin.

    region : where the line integral changed enough to be seen, (H, W), borders aside; None where the rays or the
        development differ, so that the whole film does.
    touched : where it changed at all, with what focal spot and screen blur of it: everywhere else only scatter can
        have changed a grey value. None as `region`.
    """

    film: TakenFilm
    twin: TakenFilm
    region: BoolArray | None
    touched: BoolArray | None

    @property
    def difference(self) -> FloatArray | None:
        """Give the twin's grey values minus the film's, (H, W), -255..255; None where the films' sizes differ."""
        if self.film.pixels.shape != self.twin.pixels.shape:
            return None
        return self.twin.pixels.astype(np.float32) - self.film.pixels

    @property
    def fits(self) -> bool:
        """Tell whether there is anything to see of the change: a finding may have no room, or lie under borders."""
        return self.region is None or bool(self.region.any())


@dataclass(frozen=True)
class GreyChange:
    """Mean absolute difference of grey values, 0..255; NaN where there are no such pixels.

    inside : the region. edge : what is touched, but not seen. outside : everything else.
    """

    inside: float
    edge: float
    outside: float


def study_renderer(study: Study) -> Renderer:
    """Find what takes a study's films again; DatasetError where its films exist once."""
    renderer = renderer_of(study.manifest.dataset)
    if renderer is None:
        raise DatasetError(
            f"The films of the study {study.name} exist once: nothing can take the same patient again without a "
            "finding, so it has no twin films.",
            remedy="Look at its shortcut audit instead, by `python -m core twins STUDY`; or make a study of rendered "
            "films with `python -m core build phantom MODEL --out DIR`.",
        )
    return renderer


def make_pair(renderer: Renderer, image_id: str, asked: AskedFilm, film: TakenFilm | None = None) -> TwinPair:
    """Take a study's film and its twin.

    film : the study's film, where it has been taken before.
    """
    film = film or renderer.take(image_id, renderer.shown(image_id))
    twin = renderer.take(image_id, asked, film)
    return pair_of(film, twin, renderer.visible_change)


def pair_of(film: TakenFilm, twin: TakenFilm, visible_change: float) -> TwinPair:
    """Set a film beside its twin. visible_change : of the line integral."""
    if film.geometry != twin.geometry:
        return TwinPair(film, twin, None, None)
    change = np.abs(twin.path - film.path)
    reach = max(film.reach_px, 0)
    touched = change > _ROUNDING
    if reach:
        touched = binary_dilation(touched, np.ones((2 * reach + 1, 2 * reach + 1), dtype=bool))
    return TwinPair(film, twin, (change >= visible_change) & film.exposed, touched)


def grey_change(pair: TwinPair) -> GreyChange:
    """Measure how far grey values differ in the region, about it, and elsewhere; borders are left out."""
    difference = pair.difference
    if difference is None or pair.region is None or pair.touched is None:
        return GreyChange(math.nan, math.nan, math.nan)
    exposed, size = pair.film.exposed, np.abs(difference)
    parts = (pair.region, pair.touched & ~pair.region & exposed, ~pair.touched & exposed)
    inside, edge, outside = (float(size[part].mean()) if part.any() else math.nan for part in parts)
    return GreyChange(inside, edge, outside)
