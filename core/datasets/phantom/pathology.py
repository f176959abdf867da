"""The 13 findings, each rendered as what it is on a film, with its exact mask.

A finding first says how it changes the large shapes (`Change.shapes`), then paints itself on the scene and returns its
mask. Severity is in 0..1. One function per finding and one line in `PATHOLOGIES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from core.datasets.phantom.anatomy import LEFT, RIGHT, Anatomy
from core.datasets.phantom.exposure import blur
from core.datasets.phantom.projection import BoolArray, FloatArray, ellipsoid, tube
from core.datasets.phantom.scene import (
    CALCIUM,
    CORTEX,
    LUNG,
    METAL,
    SIDES,
    SOFT,
    Scene,
    Shapes,
    clavicle_axis,
    paint_bone,
    rib_axis,
    vessel_chord,
)
from core.datasets.phantom.wishes import AS_DRAWN, Wish

Painter = Callable[[Scene], BoolArray]
VISIBLE_CM = 0.25
"""A pixel belongs to a soft-tissue mask where the finding is at least this thick along the ray."""


@dataclass(frozen=True)
class Change:
    """What one finding does: to the large shapes, and on the scene."""

    paint: Painter
    shapes: Shapes = field(default_factory=Shapes)


def _side(rng: np.random.Generator, wish: Wish) -> int:
    return wish.one_side(RIGHT if rng.random() < 0.5 else LEFT)


def _blob(scene: Scene, centre: FloatArray, axes: FloatArray, side: int) -> FloatArray:
    """Path length (cm) of an ellipsoid that is also inside one lung's cavity."""
    shape = ellipsoid(scene.beam, tuple(map(float, centre)), tuple(map(float, axes)))  # type: ignore[arg-type]
    return shape.meet(scene.cavity[side]).length()


def _place(
    anatomy: Anatomy, rng: np.random.Generator, side: int, low: float, high: float, wish: Wish = AS_DRAWN
) -> FloatArray:
    """A point inside one lung between two shares of its height, away from the wall."""
    z = wish.level_between(low, high, rng.uniform(low, high)) * anatomy.lung_height
    x = side * rng.uniform(0.36, 0.80) * anatomy.lateral_wall(z)
    return np.array([x, rng.uniform(-4, 4), z], dtype=np.float32)


def _texture(scene: Scene, seed: int, grain_cm: float) -> FloatArray:
    """Smooth random texture of mean about 0 and standard deviation 1, (H, W), with grains of `grain_cm`."""
    noise = np.random.default_rng(seed).standard_normal(scene.attenuation.shape).astype(np.float32)
    smooth = blur(noise, grain_cm / scene.beam.cm_per_px / 2)
    return smooth / max(float(smooth.std()), 1e-6)


def enlarged_cardiomediastinum(
    anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN
) -> Change:
    """Model a wide upper mediastinum; the heart stays as it is."""
    widen = 1.1 + 1.9 * severity

    def paint(scene: Scene) -> BoolArray:
        _, z = scene.grid()
        level = (z > 0.04 * anatomy.lung_height) & (z < 0.50 * anatomy.lung_height)
        return (scene.mediastinum > VISIBLE_CM) & level

    return Change(paint, Shapes(widen=widen))


def cardiomegaly(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model a heart wider than half the chest."""
    enlarge = 1.22 + 0.33 * severity
    return Change(lambda scene: scene.heart > VISIBLE_CM, Shapes(heart=enlarge))


def lung_opacity(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model one hazy, ill-defined area through which vessels still show."""
    side = _side(rng, wish)
    centre = _place(anatomy, rng, side, 0.2, 0.8, wish)
    axes = np.array([rng.uniform(2.6, 4.2), 3.5, rng.uniform(2.8, 4.8)], dtype=np.float32)
    seed = int(rng.integers(2**31))

    def paint(scene: Scene) -> BoolArray:
        chord = blur(_blob(scene, centre, axes, side), 0.5 / scene.beam.cm_per_px)
        haze = chord * (0.34 + 0.30 * severity) * np.clip(1 + 0.2 * _texture(scene, seed, 1.2), 0.2, 2)
        return scene.fill(side, haze) > VISIBLE_CM

    return Change(paint)


def lung_lesion(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model one to three round, sharp nodules."""
    nodules = []
    for _ in range(int(rng.integers(1, 4))):
        side = _side(rng, wish)
        nodules.append((side, _place(anatomy, rng, side, 0.15, 0.85), 0.75 + 0.9 * severity * rng.uniform(0.6, 1.2)))

    def paint(scene: Scene) -> BoolArray:
        mask = np.zeros(scene.attenuation.shape, dtype=bool)
        for side, centre, radius in nodules:
            chord = _blob(scene, centre, np.full(3, radius, dtype=np.float32), side)
            mask |= scene.fill(side, chord * 1.3) > VISIBLE_CM
        return mask

    return Change(paint)


def edema(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model haze about both hila, thick upper vessels, septal lines at the bases."""
    seeds = [int(s) for s in rng.integers(2**31, size=2)]

    def paint(scene: Scene) -> BoolArray:
        x, z = scene.grid()
        mask = np.zeros(scene.attenuation.shape, dtype=bool)
        for side, seed in zip(SIDES, seeds, strict=True):
            hilum = anatomy.hilum(side)
            spread = ((x - hilum[0] - side * 1.6) / 4.6) ** 2 + ((z - hilum[2] - 1.5) / 6.5) ** 2
            haze = (1.4 + 2.6 * severity) * np.exp(-1.2 * spread) * np.clip(1 + 0.35 * _texture(scene, seed, 0.9), 0, 3)
            mask |= scene.fill(side, haze) > 3 * VISIBLE_CM
            scene.fill(side, 0.8 * vessel_chord(scene, side, 1.0 + 0.5 * severity))
            _septal_lines(scene, anatomy, side, seed, severity)
        return mask

    return Change(paint)


def _septal_lines(scene: Scene, anatomy: Anatomy, side: int, seed: int, severity: float) -> None:
    rng, chord = np.random.default_rng([seed, 1]), np.zeros_like(scene.attenuation)
    for z in np.linspace(0.68, 0.84, 7) * anatomy.lung_height + rng.normal(0, 0.15, 7):
        wall = side * (anatomy.lateral_wall(float(z)) - 0.1)
        line = np.array([[wall, 0, z], [wall - side * rng.uniform(1.2, 2.0), 0, z - 0.2]], dtype=np.float32)
        tube(scene.beam, line, np.full(2, 0.06 + 0.05 * severity, dtype=np.float32), chord)
    scene.fill(side, 3 * chord)


def consolidation(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model a dense lobe with a sharp fissure edge and dark air bronchograms."""
    side, upper = _side(rng, wish), wish.is_upper(rng.random() < 0.5)
    edge = anatomy.lung_height * rng.uniform(0.42, 0.5)
    slope = rng.uniform(-0.15, 0.15)
    top, bottom = (0.08, edge) if upper else (edge, anatomy.lung_height * 1.1)

    def paint(scene: Scene) -> BoolArray:
        x, z = scene.grid()
        fissure = edge + slope * (np.abs(x) - 6)
        inside = (z > anatomy.lung_height * top) & (z < fissure) if upper else (z > fissure) & (z < bottom)
        lateral = np.clip(1.15 - 0.05 * np.abs(x), 0.3, 1)
        thickness = blur(inside.astype(np.float32), 0.12 / scene.beam.cm_per_px) * lateral
        airways = np.minimum(vessel_chord(scene, side, 0.75), 0.6) * 2.2
        room = scene.fill(side, np.maximum((3.6 + 3.4 * severity) * thickness - airways * inside, 0.0))
        return (room > VISIBLE_CM) & (thickness > 0.1)

    return Change(paint)


def pneumonia(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model many small blotchy patches that run together in one lower zone."""
    side = _side(rng, wish)
    heart = _place(anatomy, rng, side, 0.55, 0.72, wish)
    spots = [heart + rng.normal(0, 1.0, 3) * [2.1, 1.5, 2.4] for _ in range(int(rng.integers(12, 20)))]
    sizes = rng.uniform(0.55, 1.25, len(spots)) * (0.8 + 0.4 * severity)

    def paint(scene: Scene) -> BoolArray:
        total = np.zeros_like(scene.attenuation)
        for spot, size in zip(spots, sizes, strict=True):
            total = np.maximum(total, _blob(scene, spot, np.array([size, 2.2, size * 0.9]), side))
        total = blur(total, 0.22 / scene.beam.cm_per_px)
        return scene.fill(side, (0.7 + 0.6 * severity) * total) > VISIBLE_CM

    return Change(paint)


def atelectasis(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model plate-like bands above a raised diaphragm."""
    side = _side(rng, wish)
    raised = 0.8 + 1.8 * severity
    level = anatomy.dome(side) - raised
    bands = [
        (rng.uniform(0.5, 2.8), rng.uniform(-0.25, 0.25), rng.uniform(0.26, 0.5))
        for _ in range(int(rng.integers(2, 5)))
    ]

    def paint(scene: Scene) -> BoolArray:
        chord = np.zeros_like(scene.attenuation)
        for above, slope, radius in bands:
            z = level - above
            x = np.array([0.32, 0.55, 0.8]) * anatomy.lateral_wall(z) * side
            heights = z + slope * (np.abs(x) - 6) + np.array([0.2, 0.0, 0.25])
            axis = np.stack([x, np.zeros(3), heights], axis=1).astype(np.float32)
            tube(scene.beam, axis, np.array([0.6, 1.0, 0.5], dtype=np.float32) * radius, chord)
        return scene.fill(side, chord * (4 + 4 * severity)) > VISIBLE_CM

    return Change(
        paint, Shapes(raised_right=raised if side == RIGHT else 0.0, raised_left=raised if side == LEFT else 0.0)
    )


def pneumothorax(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model a dark rim without vessels outside a thin pleural line, widest at the apex."""
    side = _side(rng, wish)
    rim = 1.4 + 2.6 * severity

    def paint(scene: Scene) -> BoolArray:
        x, z = scene.grid()
        height = anatomy.lung_height
        reach = np.interp(z, [0, 0.75 * height, height], [1.0, 0.35, 0.1])
        profile = anatomy.lung(side)
        wall = np.interp(z - rim * 1.1, profile.z, np.array(profile.x) * side + np.array(profile.half_width))
        depth_in = wall - rim * reach - np.abs(x)
        gone = (depth_in < 0) | (z < rim * 1.1)
        outside = gone & (scene.air[side] > VISIBLE_CM)
        vessels = np.minimum(vessel_chord(scene, side), scene.air[side])
        scene.attenuation[...] -= outside * (LUNG * scene.air[side] + (SOFT - LUNG) * vessels)
        line = np.exp(-((depth_in / 0.11) ** 2)) * (z > rim * 1.1) * (scene.air[side] > VISIBLE_CM)
        scene.attenuation[...] += 0.16 * line
        scene.attenuation[...] += 0.12 * (severity * ~outside * (scene.air[side] > VISIBLE_CM))
        scene.air[side][outside] = 0.0
        return np.asarray(outside)

    return Change(paint)


def pleural_effusion(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model fluid at the base with a meniscus that climbs the wall and blunts the angle."""
    sides = wish.sides(SIDES if rng.random() < 0.3 else (_side(rng, wish),))
    depths = {side: (3.2 + 6.0 * severity) * rng.uniform(0.8, 1.1) for side in sides}

    def paint(scene: Scene) -> BoolArray:
        x, z = scene.grid()
        mask = np.zeros(scene.attenuation.shape, dtype=bool)
        for side, depth in depths.items():
            wall = np.interp(
                z,
                np.linspace(0, anatomy.lung_height, 16),
                [anatomy.lateral_wall(t) for t in np.linspace(0, anatomy.lung_height, 16)],
            )
            from_wall = np.maximum(wall - side * x, 0)
            surface = anatomy.dome(side) + 2.4 - depth * (0.62 + 0.65 * np.exp(-from_wall / 2.2))
            share = np.clip((z - surface) / 1.6, 0, 1)
            room = scene.fill(side, share * scene.air[side])
            mask |= room > VISIBLE_CM
        return mask

    return Change(paint)


def pleural_other(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model a thickened pleura along the wall with calcified plaques."""
    side = _side(rng, wish)
    thick = 0.5 + 0.8 * severity
    top, bottom = rng.uniform(0.08, 0.3), rng.uniform(0.62, 0.85)
    plaques = [(rng.uniform(top, bottom), rng.uniform(0.5, 1.3)) for _ in range(int(rng.integers(2, 5)))]

    def paint(scene: Scene) -> BoolArray:
        x, z = scene.grid()
        heights = np.linspace(0, anatomy.lung_height, 16)
        wall = np.interp(z, heights, [anatomy.lateral_wall(t) for t in heights])
        within = np.clip((z / anatomy.lung_height - top) / 0.06, 0, 1) * np.clip(
            (bottom - z / anatomy.lung_height) / 0.06, 0, 1
        )
        rind = np.exp(-(((wall - side * x) / thick) ** 4)) * within
        room = scene.fill(side, (4.0 + 4.0 * severity) * rind)
        for share, half in plaques:
            level = share * anatomy.lung_height
            plaque = np.exp(-(((wall - side * x - 0.5 * thick) / 0.32) ** 2) - (((z - level) / half) ** 4))
            scene.attenuation[...] += (0.5 + 0.5 * severity) * CALCIUM * plaque * (scene.air[side] > 0)
        return room > VISIBLE_CM

    return Change(paint)


def fracture(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model one to three neighbouring ribs, or a clavicle, broken: a gap, a step and callus."""
    side, clavicle = _side(rng, wish), rng.random() < 0.3 and wish.level is None
    first = round(wish.level_between(3, 7, int(rng.integers(3, 8))))
    count = 1 if clavicle else int(rng.integers(1, 4))
    step = 0.7 + 0.9 * severity
    where = rng.uniform(0.18, 0.34) if rng.random() < 0.6 else rng.uniform(0.64, 0.8)
    where = 0.45 if clavicle else where

    def paint(scene: Scene) -> BoolArray:
        mask = np.zeros(scene.attenuation.shape, dtype=bool)
        for number in range(first, first + count):
            axis = clavicle_axis(anatomy, side) if clavicle else rib_axis(anatomy, side, number)
            mask |= _break_bone(scene, axis, where, step, 0.62 if clavicle else 0.47 + 0.012 * number)
        return mask

    return Change(paint)


def _break_bone(scene: Scene, axis: FloatArray, where: float, step: float, radius: float) -> BoolArray:
    """Take a piece of bone away about `where` (0..1 along it), put the far end back displaced, with callus."""
    fine = np.stack(
        [np.interp(np.linspace(0, 1, 60), np.linspace(0, 1, len(axis)), axis[:, k]) for k in range(3)], axis=1
    )
    fine = fine.astype(np.float32)
    at = int(where * 59)
    gone = np.zeros_like(scene.attenuation)
    tube(scene.beam, fine[at - 2 : at + 10], np.full(12, radius, dtype=np.float32), gone)
    scene.add(gone, SOFT, CORTEX * 0.62)
    moved = fine[at + 2 : at + 11] + np.array([0, 0, step], dtype=np.float32)
    piece = paint_bone(scene, moved, radius)
    callus = np.zeros_like(scene.attenuation)
    tube(scene.beam, fine[at - 3 : at], np.full(3, radius * 1.5, dtype=np.float32), callus)
    scene.add(callus * 0.7, CORTEX)
    return (gone > 0) | (piece > 0) | (callus > 0)


def support_devices(anatomy: Anatomy, rng: np.random.Generator, severity: float, wish: Wish = AS_DRAWN) -> Change:
    """Model a pacemaker with leads, a tube in the trachea, a central line, sternal wires: one to three of them."""
    kinds = rng.choice(4, size=int(rng.integers(1, 4)), replace=False)
    seed = int(rng.integers(2**31))
    painters = (_pacemaker, _tracheal_tube, _central_line, _sternal_wires)

    def paint(scene: Scene) -> BoolArray:
        metal = np.zeros_like(scene.attenuation)
        for kind in sorted(int(k) for k in kinds):
            painters[kind](scene, anatomy, metal, np.random.default_rng([seed, kind]))
        scene.attenuation[...] += (0.35 + 0.65 * severity) * METAL * 0.5 * np.minimum(metal, 0.9)
        return metal > 0

    return Change(paint)


def _wire(scene: Scene, metal: FloatArray, points: list[list[float]], radius: float) -> None:
    """A smooth wire through control points (x, y, z)."""
    knots = np.array(points, dtype=np.float32)
    t = np.linspace(0, len(knots) - 1, 8 * len(knots))
    line = np.stack([np.interp(t, np.arange(len(knots)), knots[:, k]) for k in range(3)], axis=1)
    kernel = np.ones(7) / 7
    padded = np.pad(line, ((3, 3), (0, 0)), mode="edge")
    smooth = np.stack([np.convolve(padded[:, k], kernel, mode="valid") for k in range(3)], axis=1)
    tube(scene.beam, smooth.astype(np.float32), np.full(len(smooth), radius, dtype=np.float32), metal)


def _pacemaker(scene: Scene, anatomy: Anatomy, metal: FloatArray, rng: np.random.Generator) -> None:
    side = LEFT if rng.random() < 0.8 else RIGHT
    x, z = side * rng.uniform(8.2, 9.6), rng.uniform(4.0, 5.6)
    box = ellipsoid(scene.beam, (x, 9.0, z), (2.3, 0.45, 1.9)).length()
    np.maximum(metal, box, out=metal)
    apex = anatomy.dome(LEFT)
    _wire(
        scene,
        metal,
        [[x, 9, z], [side * 5, 6, 2.0], [-1.8, 2, 4.5], [-2.4, 2, 11], [0.5, 4, 16], [4.5, 6, apex - 1.5]],
        0.13,
    )
    if rng.random() < 0.6:
        _wire(scene, metal, [[x, 9, z], [side * 5, 6, 2.4], [-2.1, 2, 5], [-2.8, 2, 12], [-2.0, 4, 14.5]], 0.12)


def _tracheal_tube(scene: Scene, anatomy: Anatomy, metal: FloatArray, rng: np.random.Generator) -> None:
    end = anatomy.lung_height * rng.uniform(0.18, 0.28)
    for offset in (-0.38, 0.42):
        _wire(scene, metal, [[0.2 + offset, 0, -10], [0.2 + offset, 0, end * 0.4], [0.1 + offset, 0, end]], 0.10)


def _central_line(scene: Scene, anatomy: Anatomy, metal: FloatArray, rng: np.random.Generator) -> None:
    side = RIGHT if rng.random() < 0.7 else LEFT
    _wire(
        scene,
        metal,
        [[side * 4.5, 6, -7], [side * 3.6, 4, -2], [side * 2.4, 2, 2.4], [-2.2, 1, 6], [-2.5, 1, 11.5]],
        0.12,
    )


def _sternal_wires(scene: Scene, anatomy: Anatomy, metal: FloatArray, rng: np.random.Generator) -> None:
    for level in np.linspace(5.0, 17.0, int(rng.integers(4, 7))):
        angle = np.linspace(0, 2 * np.pi, 14)
        ring = np.stack(
            [0.85 * np.cos(angle), np.full(14, 9.0), level + 0.55 * np.sin(angle) + 0.1 * np.cos(3 * angle)], axis=1
        )
        tube(scene.beam, ring.astype(np.float32), np.full(14, 0.10, dtype=np.float32), metal)


Plan = Callable[[Anatomy, np.random.Generator, float, Wish], Change]

PATHOLOGIES: tuple[tuple[str, Plan], ...] = (
    ("Enlarged Cardiomediastinum", enlarged_cardiomediastinum),
    ("Cardiomegaly", cardiomegaly),
    ("Lung Opacity", lung_opacity),
    ("Lung Lesion", lung_lesion),
    ("Edema", edema),
    ("Consolidation", consolidation),
    ("Pneumonia", pneumonia),
    ("Atelectasis", atelectasis),
    ("Pneumothorax", pneumothorax),
    ("Pleural Effusion", pleural_effusion),
    ("Pleural Other", pleural_other),
    ("Fracture", fracture),
    ("Support Devices", support_devices),
)
