"""One synthetic film from one specification: same specification, same film and masks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.datasets.phantom.anatomy import draw_anatomy
from core.datasets.phantom.exposure import FilmStyle, expose
from core.datasets.phantom.pathology import PATHOLOGIES, Change
from core.datasets.phantom.projection import Beam, BoolArray
from core.datasets.phantom.scene import Shapes, build_scene


@dataclass(frozen=True)
class FilmSpec:
    """What a film shows and how it is taken.

    domain : "source" or "target".
    patient_seed, film_seed : for numpy's generators.
    """

    findings: tuple[str, ...]
    domain: str
    patient_seed: tuple[int, ...]
    film_seed: tuple[int, ...]


@dataclass(frozen=True)
class RenderedFilm:
    """pixels : (H, W) uint8.
    masks : finding -> (H, W) bool, exact.
    """

    pixels: np.ndarray
    masks: dict[str, BoolArray]


def render(spec: FilmSpec) -> RenderedFilm:
    """Project, expose and develop one film."""
    anatomy = draw_anatomy(np.random.default_rng(spec.patient_seed))
    rng = np.random.default_rng(spec.film_seed)
    beam, look, severity = _SAMPLERS[spec.domain](rng)
    beam = replace(beam, centre=(beam.centre[0], anatomy.lung_height * 0.46 + beam.centre[1]))
    changes: dict[str, Change] = {}
    for index, (name, plan) in enumerate(PATHOLOGIES):
        if name in spec.findings:
            own = np.random.default_rng([*spec.film_seed, index])
            changes[name] = plan(anatomy, own, float(own.uniform(*severity)))
    scene = build_scene(anatomy, _combined(changes), beam)
    masks = {name: change.paint(scene) for name, change in changes.items()}
    return RenderedFilm(expose(scene.attenuation, look, rng), masks)


def film_size(spec: FilmSpec) -> tuple[int, int]:
    """Give the height and width in pixels of the film that `render` would give, without rendering it."""
    beam, _, _ = _SAMPLERS[spec.domain](np.random.default_rng(spec.film_seed))
    return beam.height_px, beam.width_px


def _combined(changes: dict[str, Change]) -> Shapes:
    shapes = [change.shapes for change in changes.values()]
    return Shapes(
        heart=max([1.0, *(s.heart for s in shapes)]),
        widen=max([0.0, *(s.widen for s in shapes)]),
        raised_right=max([0.0, *(s.raised_right for s in shapes)]),
        raised_left=max([0.0, *(s.raised_left for s in shapes)]),
    )


def _source(rng: np.random.Generator) -> tuple[Beam, FilmStyle, tuple[float, float]]:
    """Bedside films: short distance, detector at the back, square, sharp and evenly exposed."""
    beam = Beam(
        height_px=192,
        width_px=192,
        cm_per_px=33.5 / 192,
        source_distance_cm=float(rng.uniform(95, 115)),
        toward="AP",
        centre=(float(rng.normal(0, 0.4)), float(rng.normal(0, 0.6))),
        roll_deg=float(rng.normal(0, 1.2)),
    )
    look = FilmStyle(
        scatter=float(rng.uniform(0.10, 0.22)),
        photons=float(rng.uniform(4e4, 9e4)),
        blur_px=0.5,
        gamma=float(rng.uniform(0.95, 1.1)),
        contrast=float(rng.uniform(0.1, 0.3)),
        white=0.02,
        black=float(rng.uniform(0.01, 0.03)),
        shade=float(rng.uniform(-0.03, 0.03)),
        collimation=(0, 0, 0, 0),
        marker="",
        marker_at=(0.9, 0.06),
    )
    return beam, look, (0.4, 1.0)


def _target(rng: np.random.Generator) -> tuple[Beam, FilmStyle, tuple[float, float]]:
    """Upright films: long distance, detector in front, unequal sides, more scatter and noise, borders and markers."""
    height, width = int(rng.integers(248, 313)), 256
    beam = Beam(
        height_px=height,
        width_px=width,
        cm_per_px=float(rng.uniform(32.0, 37.0)) / width,
        source_distance_cm=float(rng.uniform(170, 190)),
        toward="PA",
        centre=(float(rng.normal(0, 0.7)), float(rng.normal(0, 1.0))),
        roll_deg=float(rng.normal(0, 2.2)),
    )
    border = [int(b) if rng.random() < 0.35 else 0 for b in rng.integers(2, 16, size=4)]
    look = FilmStyle(
        scatter=float(rng.uniform(0.25, 0.5)),
        photons=float(np.exp(rng.uniform(np.log(6e3), np.log(3e4)))),
        blur_px=float(rng.uniform(0.5, 1.1)),
        gamma=float(rng.uniform(0.75, 1.45)),
        contrast=float(rng.uniform(0.1, 0.7)),
        white=float(rng.uniform(0.005, 0.06)),
        black=float(rng.uniform(0.005, 0.05)),
        shade=float(rng.uniform(-0.12, 0.12)),
        collimation=(border[0], border[1], border[2], border[3]),
        marker="L" if rng.random() < 0.5 else "R",
        marker_at=(0.93, 0.07),
    )
    if look.marker == "R":
        look = replace(look, marker_at=(0.07, 0.07))
    return beam, look, (0.25, 1.0)


_SAMPLERS = {"source": _source, "target": _target}
