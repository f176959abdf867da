"""The healthy thorax on the detector: a line integral of attenuation, and the lungs that findings change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.datasets.phantom.anatomy import LEFT, RIGHT, Anatomy
from core.datasets.phantom.projection import Beam, FloatArray, Interval, ellipsoid, length_outside, tube

SIDES = (RIGHT, LEFT)
SOFT, LUNG, CORTEX, MARROW, CALCIUM, METAL = 0.19, 0.045, 0.55, 0.26, 0.9, 5.0
"""Linear attenuation in 1/cm at about 60 keV; LUNG is inflated lung, air is 0."""


@dataclass(frozen=True)
class Shapes:
    """How findings change the large shapes: heart width (factor), mediastinum (cm per side), diaphragm (cm upwards)."""

    heart: float = 1.0
    widen: float = 0.0
    raised_right: float = 0.0
    raised_left: float = 0.0

    def raised(self, side: int) -> float:
        """Say how far the diaphragm is raised on one side, in cm."""
        return self.raised_right if side == RIGHT else self.raised_left


@dataclass(frozen=True)
class Scene:
    """A thorax being projected. `attenuation` (H, W) is the line integral so far, changed in place by findings.

    cavity : each lung's Interval.
    air : path length in aerated lung, cm.
    body, heart, mediastinum : path lengths, cm.
    """

    anatomy: Anatomy
    shapes: Shapes
    beam: Beam
    attenuation: FloatArray
    cavity: dict[int, Interval]
    air: dict[int, FloatArray]
    body: FloatArray
    heart: FloatArray
    mediastinum: FloatArray

    def fill(self, side: int, thickness: FloatArray, material: float = SOFT) -> FloatArray:
        """Replace `thickness` cm of aerated lung by `material`; returns the thickness that there was room for."""
        room = np.clip(thickness, 0.0, self.air[side])
        self.attenuation[...] += (material - LUNG) * room
        return room

    def add(self, chord: FloatArray, material: float, instead_of: float = SOFT) -> None:
        """Put `chord` cm of `material` where there was `instead_of`, inside the body."""
        self.attenuation[...] += (material - instead_of) * chord * (self.body > 0)

    def grid(self) -> tuple[FloatArray, FloatArray]:
        """Give x and z in cm at the middle of the patient."""
        return self.beam.coordinates(0.0)


def build_scene(anatomy: Anatomy, shapes: Shapes, beam: Beam) -> Scene:
    """Project the healthy thorax, with the large shapes changed as `shapes` says; findings may change what is given."""
    healthy = _healthy(anatomy, shapes, beam)
    air = {side: thickness.copy() for side, thickness in healthy.air.items()}
    return replace(healthy, attenuation=healthy.attenuation.copy(), air=air)


@lru_cache(maxsize=8)
def _healthy(anatomy: Anatomy, shapes: Shapes, beam: Beam) -> Scene:
    """Films that differ in what is painted on it share it; nobody may change it."""
    body = anatomy.body().interval(beam).length()
    mediastinum = anatomy.mediastinum(shapes.widen).interval(beam)
    centre, axes, tilt = anatomy.heart(shapes.heart)
    heart = ellipsoid(beam, centre, axes, tilt)
    cavity = {side: anatomy.lung(side).interval(beam) for side in SIDES}
    air = {side: length_outside(cavity[side], mediastinum, heart, _dome(anatomy, shapes, beam, side)) for side in SIDES}
    scene = Scene(anatomy, shapes, beam, SOFT * body, cavity, air, body, heart.length(), mediastinum.length())
    for side in SIDES:
        scene.add(air[side], LUNG)
    _paint_airways(scene)
    _paint_aorta(scene)
    _paint_stomach(scene)
    _paint_spine(scene)
    _paint_ribs(scene)
    _paint_clavicles(scene)
    _paint_vessels(scene)
    if anatomy.sex == "F":
        _paint_breasts(scene)
    return scene


def _dome(anatomy: Anatomy, shapes: Shapes, beam: Beam, side: int) -> Interval:
    top = anatomy.dome(side) - shapes.raised(side)
    x, z = beam.coordinates(0.0)
    low = anatomy.lung_height * 1.06
    rise = low - top
    inside = 1 - ((x - side * anatomy.chest_half_width * 0.48) / (anatomy.chest_half_width * 0.60)) ** 2
    inside -= np.minimum((z - low) / rise, 0.0) ** 2
    half = np.where(inside > 0, 11.0 * np.sqrt(np.maximum(inside, 0.0)), -1.0).astype(np.float32)
    return Interval(-half, half)


def _paint_airways(scene: Scene) -> None:
    carina = scene.anatomy.lung_height * 0.36
    chord = np.zeros_like(scene.attenuation)
    line = np.array([[0.2, 0.0, -9.0], [0.2, 0.0, carina * 0.5], [-0.1, 0.0, carina]], dtype=np.float32)
    tube(scene.beam, line, np.array([0.85, 0.85, 0.8], dtype=np.float32), chord)
    for side in SIDES:
        hilum = scene.anatomy.hilum(side)
        line = np.stack([[-0.1, 0.0, carina], hilum * [0.6, 1.0, 0.95], hilum]).astype(np.float32)
        tube(scene.beam, line, np.array([0.65, 0.55, 0.4], dtype=np.float32), chord)
    scene.add(chord, 0.0)


def _paint_aorta(scene: Scene) -> None:
    anatomy = scene.anatomy
    r, m = anatomy.aortic_knob, anatomy.mediastinum_half_width
    knob = ellipsoid(scene.beam, (m * 0.55, 0.0, anatomy.lung_height * 0.27), (r, r, r * 1.1)).length()
    scene.fill(LEFT, knob * (scene.air[LEFT] > 0))
    descending = np.array([[m * 0.6, -4, 8.0], [m * 0.55, -5, 16.0], [m * 0.3, -5, 30.0]], dtype=np.float32)
    chord = np.zeros_like(scene.attenuation)
    tube(scene.beam, descending, np.array([1.15, 1.1, 1.0], dtype=np.float32), chord)
    scene.add(chord, SOFT * 1.12)


def _paint_stomach(scene: Scene) -> None:
    z = scene.anatomy.dome(LEFT) - scene.shapes.raised_left + 2.6
    bubble = ellipsoid(scene.beam, (scene.anatomy.chest_half_width * 0.46, 3.0, z), (2.6, 2.4, 1.3), -8.0)
    scene.add(bubble.length() * 0.7, 0.0)


def _paint_spine(scene: Scene) -> None:
    x, z = scene.beam.coordinates(-6.0)
    half_width = 1.75 + 0.03 * z
    within = np.sqrt(np.maximum(1 - (x / half_width) ** 2, 0.0))
    disc = 0.5 + 0.5 * np.tanh(4 * (np.cos(2 * np.pi * z / 2.5) + 0.75))
    scene.add((3.2 * within * (0.45 + 0.55 * disc)).astype(np.float32), MARROW)
    pedicles = np.exp(-((np.abs(x) - 1.25) ** 2) / 0.08 - ((np.mod(z, 2.5) - 1.25) ** 2) / 0.25)
    scene.add((0.5 * pedicles).astype(np.float32), CORTEX)


def rib_axis(anatomy: Anatomy, side: int, number: int) -> FloatArray:
    """Trace the axis of rib `number` (1 to 10) of one side as points (k, 3): spine, lateral wall, front."""
    start = -1.6 + 2.05 * number * anatomy.lung_height / 25.0
    angle = np.linspace(np.deg2rad(6), np.deg2rad(150 if number < 8 else 120), 26)
    wall = anatomy.lateral_wall(min(max(start + 1.5, 0.2), anatomy.lung_height)) + 0.35
    drop = anatomy.rib_slope * (0.55 + 0.09 * number)
    x = side * (1.4 + (wall - 1.4) * np.sin(angle) ** 0.75)
    y = -np.cos(angle) * 9.0 * (0.55 + 0.05 * number)
    z = start - 0.5 * np.sin(2 * angle).clip(0) + drop * (1 - np.cos(angle)) / 1.6
    return np.stack([x, y, z], axis=1).astype(np.float32)


def paint_bone(scene: Scene, axis: FloatArray, radius: float) -> FloatArray:
    """Paint a bent bone with a cortex around marrow; return its chord in cm, (H, W)."""
    outer, inner = np.zeros_like(scene.attenuation), np.zeros_like(scene.attenuation)
    tube(scene.beam, axis, np.full(len(axis), radius, dtype=np.float32), outer)
    tube(scene.beam, axis, np.full(len(axis), radius * 0.72, dtype=np.float32), inner)
    scene.add(outer - inner, CORTEX)
    scene.add(inner, MARROW)
    return outer


def _paint_ribs(scene: Scene) -> None:
    for side in SIDES:
        for number in range(1, 11):
            paint_bone(scene, rib_axis(scene.anatomy, side, number), 0.47 + 0.012 * number)


def clavicle_axis(anatomy: Anatomy, side: int) -> FloatArray:
    """Trace the axis of one clavicle, from the breastbone outwards."""
    reach = np.array([1.6, 4.5, 8.5, 12.0, 15.5])
    height = np.array([2.6, 1.9, 0.4, -0.9, -1.0])
    return np.stack([side * reach, np.full(5, 5.0), height], axis=1).astype(np.float32)


def _paint_clavicles(scene: Scene) -> None:
    for side in SIDES:
        paint_bone(scene, clavicle_axis(scene.anatomy, side), 0.62)


@lru_cache(maxsize=64)
def vessel_tree(anatomy: Anatomy, side: int) -> list[tuple[FloatArray, FloatArray]]:
    """Grow the pulmonary vessels of one lung: axes (3, 3) and radii (3,) of branches,
    thick to thin, the same for a patient.
    """
    rng = np.random.default_rng([anatomy.vessel_seed, side + 1])
    branches: list[tuple[FloatArray, FloatArray]] = []
    hilum = anatomy.hilum(side)
    ends: list[tuple[FloatArray, float, float, float]] = [
        (hilum, angle, 0.78, 4.2) for angle in np.deg2rad([-62, -25, 12, 40, 66])
    ]
    for generation in range(4):
        grown: list[tuple[FloatArray, float, float, float]] = []
        for origin, angle, radius, run in ends:
            bend = angle + rng.normal(0, 0.22)
            step = np.array([side * np.cos(bend), rng.normal(0, 0.35), np.sin(bend)]) * run * rng.uniform(0.75, 1.2)
            middle = origin + step / 2 + rng.normal(0, 0.12, 3)
            axis = np.stack([origin, middle, origin + step]).astype(np.float32)
            branches.append((axis, (radius * np.array([1.0, 0.85, 0.7])).astype(np.float32)))
            for sign in (-1, 1):
                if generation < 3 or rng.random() < 0.5:
                    grown.append((origin + step, bend + sign * rng.uniform(0.2, 0.6), radius * 0.66, run * 0.78))
        ends = grown
    return branches


def _paint_vessels(scene: Scene) -> None:
    for side in SIDES:
        scene.fill(side, vessel_chord(scene, side))


def vessel_chord(scene: Scene, side: int, thicker: float = 1.0) -> FloatArray:
    """Compute the path length in the vessels of one lung, cm, (H, W)."""
    chord = np.zeros_like(scene.attenuation)
    for axis, radii in vessel_tree(scene.anatomy, side):
        tube(scene.beam, axis, radii * thicker, chord)
    return chord


def _paint_breasts(scene: Scene) -> None:
    anatomy = scene.anatomy
    for side in SIDES:
        centre = (side * anatomy.chest_half_width * 0.56, 12.5, anatomy.lung_height * 0.72)
        size = 4.6 * anatomy.girth
        chord = ellipsoid(scene.beam, centre, (size, 2.6 * anatomy.girth, size * 0.95)).length()
        scene.attenuation[...] += 0.4 * SOFT * chord
