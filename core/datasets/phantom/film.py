"""One synthetic film from one specification: same specification, same film and masks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.datasets.phantom.anatomy import draw_anatomy
from core.datasets.phantom.exposure import FilmStyle, expose
from core.datasets.phantom.pathology import PATHOLOGIES, Change
from core.datasets.phantom.projection import Beam, BoolArray, FloatArray
from core.datasets.phantom.scene import Shapes, build_scene
from core.datasets.phantom.wishes import AS_DRAWN, Wish

BEDSIDE_CM = 105.0
"""From source to detector where a film is asked for from the front."""

_STYLE_STREAM = 997
"""Of the look of another domain, so that the noise stays that of the film's own."""


@dataclass(frozen=True)
class FilmSpec:
    """What a film shows and how it is taken.

    domain : "source" or "target".
    patient_seed, film_seed : for numpy's generators.
    wishes : by finding, what is asked for in place of what would be drawn.
    view : "PA" or "AP", "" as the domain has it.
    style : the domain whose exposure and development it has, "" its own.
    dose : photons, as a factor.
    """

    findings: tuple[str, ...]
    domain: str
    patient_seed: tuple[int, ...]
    film_seed: tuple[int, ...]
    wishes: tuple[tuple[str, Wish], ...] = ()
    view: str = ""
    style: str = ""
    dose: float = 1.0


@dataclass(frozen=True)
class RenderedFilm:
    """pixels : (H, W) uint8.
    masks : finding -> (H, W) bool, exact.
    """

    pixels: np.ndarray
    masks: dict[str, BoolArray]


@dataclass(frozen=True, eq=False)
class ProjectedFilm:
    """A film before it is exposed.

    attenuation : the line integral (H, W).
    masks : as in `RenderedFilm`.
    noise : at the state from which the film's noise is drawn, whatever the film shows.
    """

    attenuation: FloatArray
    masks: dict[str, BoolArray]
    beam: Beam
    look: FilmStyle
    noise: np.random.Generator


def render(spec: FilmSpec) -> RenderedFilm:
    """Project, expose and develop one film."""
    film = project(spec)
    return RenderedFilm(expose(film.attenuation, film.look, film.noise), film.masks)


def project(spec: FilmSpec) -> ProjectedFilm:
    """Project one film. Every finding draws from a stream of its own: one less leaves the others as they are."""
    anatomy = draw_anatomy(np.random.default_rng(spec.patient_seed))
    rng = np.random.default_rng(spec.film_seed)
    beam, look, severity = _SAMPLERS[spec.domain](rng)
    beam = replace(beam, centre=(beam.centre[0], anatomy.lung_height * 0.46 + beam.centre[1]))
    beam, look = _asked_beam(spec, beam), _asked_look(spec, look)
    changes: dict[str, Change] = {}
    wishes = dict(spec.wishes)
    for name, plan in PATHOLOGIES:
        if name in spec.findings:
            wish, own = wishes.get(name, AS_DRAWN), finding_stream(spec, name)
            drawn = float(own.uniform(*severity))
            changes[name] = plan(anatomy, own, drawn if wish.severity is None else wish.severity, wish)
    scene = build_scene(anatomy, _combined(changes), beam)
    masks = {name: change.paint(scene) for name, change in changes.items()}
    return ProjectedFilm(scene.attenuation, masks, beam, look, rng)


def finding_stream(spec: FilmSpec, finding: str) -> np.random.Generator:
    """Make the generator of one finding, at its beginning."""
    index = [name for name, _ in PATHOLOGIES].index(finding)
    return np.random.default_rng([*spec.film_seed, index])


def drawn_severity(spec: FilmSpec, finding: str) -> float:
    """Give the severity 0..1 that a finding has, or would have, on a film where nothing else is asked for."""
    _, _, severity = _SAMPLERS[spec.domain](np.random.default_rng(spec.film_seed))
    return float(finding_stream(spec, finding).uniform(*severity))


def _asked_beam(spec: FilmSpec, beam: Beam) -> Beam:
    if spec.view in ("", beam.toward):
        return beam
    distance = BEDSIDE_CM if spec.view == "AP" else beam.source_distance_cm
    return replace(beam, toward="AP" if spec.view == "AP" else "PA", source_distance_cm=distance)


def _asked_look(spec: FilmSpec, look: FilmStyle) -> FilmStyle:
    """Borders and the side marker stay."""
    if spec.style not in ("", spec.domain):
        _, other, _ = _SAMPLERS[spec.style](np.random.default_rng([*spec.film_seed, _STYLE_STREAM]))
        look = replace(other, collimation=look.collimation, marker=look.marker, marker_at=look.marker_at)
    return replace(look, photons=look.photons * spec.dose)


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
