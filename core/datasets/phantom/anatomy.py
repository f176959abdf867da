"""One synthetic patient: the sizes and places of the thorax, drawn from a generator, in cm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.datasets.phantom.projection import FloatArray, Profile

RIGHT, LEFT = -1, 1
"""The patient's right is on the left of the image (x < 0)."""


@dataclass(frozen=True)
class Anatomy:
    """What stays the same from film to film of a patient. Lengths in cm; `girth` scales soft tissue (about 1)."""

    sex: str
    age: int
    girth: float
    lung_height: float
    chest_half_width: float
    dome_height: tuple[float, float]
    heart_half_width: float
    mediastinum_half_width: float
    aortic_knob: float
    rib_slope: float
    vessel_seed: int

    def lung(self, side: int) -> Profile:
        """Shape the cavity of one lung, from its apex (z = 0) down to the costophrenic recess."""
        t = np.array([0.0, 0.03, 0.10, 0.22, 0.45, 0.70, 0.90, 1.0, 1.04])
        lateral = np.array([0.42, 0.52, 0.63, 0.75, 0.89, 0.97, 1.0, 0.99, 0.97]) * self.chest_half_width
        medial = np.array([0.36, 0.20, 0.10, 0.06, 0.04, 0.04, 0.05, 0.30, 0.90]) * self.chest_half_width
        depth = np.array([0.3, 2.6, 4.6, 6.6, 8.6, 9.4, 9.6, 8.5, 5.0]) * (0.85 + 0.15 * self.girth)
        return Profile(
            tuple(t * self.lung_height),
            tuple(side * (lateral + medial) / 2),
            tuple((lateral - medial) / 2),
            tuple(depth),
        )

    def lateral_wall(self, z: float) -> float:
        """Give half the width of the thoracic cavity at height z."""
        t = [0.0, 0.03, 0.10, 0.22, 0.45, 0.70, 0.90, 1.0]
        share = [0.42, 0.52, 0.63, 0.75, 0.89, 0.97, 1.0, 0.99]
        return float(np.interp(z / self.lung_height, t, share)) * self.chest_half_width

    def dome(self, side: int) -> float:
        """Give the height z of the top of the diaphragm on one side; the right is normally higher."""
        return self.lung_height * 0.97 - self.dome_height[0 if side == RIGHT else 1]

    def hilum(self, side: int) -> FloatArray:
        """Say where vessels and bronchus enter the lung: x, y, z."""
        return np.array([side * 3.4, 0.0, self.lung_height * (0.45 if side == RIGHT else 0.42)], dtype=np.float32)

    def body(self) -> Profile:
        """Shape neck, shoulders and trunk."""
        w = self.chest_half_width + 3.2 * self.girth
        return Profile(
            (-12.0, -5.0, -2.5, 1.5, 6.0, 16.0, 34.0),
            (0.0,) * 7,
            (5.6, 6.2, 9.5, w + 3.5, w + 2.6, w, w - 0.3),
            (5.5, 6.0, 7.0, 9.0, 10.5 * self.girth, 11.5 * self.girth, 11.8 * self.girth),
        )

    def mediastinum(self, widen: float = 0.0) -> Profile:
        """Shape the soft tissue between the lungs; `widen` cm to each side at the level of the great vessels."""
        m = self.mediastinum_half_width
        upper = np.array([0.0, 0.35, 1.0, 1.0, 0.5, 0.0, 0.0]) * widen
        half = np.array([2.2, 2.3, 2.6, 2.9, 2.8, 2.7, 2.7]) * m / 2.7
        return Profile(
            (-6.0, 0.0, 4.5, 8.0, 12.0, 18.0, 30.0),
            (0.0, 0.0, 0.1, 0.25, 0.2, 0.1, 0.1),
            tuple(half + upper),
            (6.0, 7.0, 8.5, 9.2, 9.5, 9.8, 10.0),
        )

    def heart(self, enlarge: float = 1.0) -> tuple[tuple[float, float, float], tuple[float, float, float], float]:
        """Give the centre, semi-axes and tilt of the heart; `enlarge` multiplies its width."""
        a = self.heart_half_width * enlarge
        centre = (1.6 + 0.30 * (a - 5.0), 4.0, self.dome(LEFT) - 3.3 - 0.12 * (a - 5.0))
        return centre, (a, 4.6 * enlarge**0.5, 4.6 * enlarge**0.6), 24.0


def draw_anatomy(rng: np.random.Generator) -> Anatomy:
    """Draw a patient. Same generator state, same patient."""
    sex = "F" if rng.random() < 0.5 else "M"
    small = 0.94 if sex == "F" else 1.0
    chest = float(rng.normal(13.4, 0.7)) * small
    base = float(rng.normal(3.6, 0.5))
    return Anatomy(
        sex=sex,
        age=int(rng.integers(19, 88)),
        girth=float(np.clip(rng.normal(1.0, 0.12), 0.78, 1.35)),
        lung_height=float(rng.normal(25.0, 1.4)) * small,
        chest_half_width=chest,
        dome_height=(base + float(rng.uniform(0.5, 1.4)), base),
        heart_half_width=chest * float(rng.normal(0.445, 0.022)),
        mediastinum_half_width=float(rng.normal(2.65, 0.18)),
        aortic_knob=float(rng.uniform(1.3, 1.9)),
        rib_slope=float(rng.normal(3.4, 0.6)),
        vessel_seed=int(rng.integers(2**31)),
    )
