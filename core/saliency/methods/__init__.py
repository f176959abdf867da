"""The saliency methods: one file and one line each. Importing them loads no torch."""

from __future__ import annotations

from core.errors import SaliencyError
from core.saliency.methods import (
    baselines,
    chefer,
    eigen_cam,
    grad_cam,
    grad_cam_plus_plus,
    hires_cam,
    layer_cam,
    occlusion,
    rollout,
)
from core.saliency.methods.base import Method

__all__ = ["METHODS", "Method", "method_of"]

METHODS: tuple[Method, ...] = (
    grad_cam.METHOD,
    grad_cam_plus_plus.METHOD,
    grad_cam_plus_plus.LIBRARY_METHOD,
    hires_cam.METHOD,
    layer_cam.METHOD,
    eigen_cam.METHOD,
    eigen_cam.SIGNED_METHOD,
    chefer.METHOD,
    rollout.METHOD,
    occlusion.METHOD,
    baselines.RANDOM,
    baselines.CENTRE,
)


def method_of(name: str) -> Method:
    """The method of a name; SaliencyError where there is none."""
    for method in METHODS:
        if method.name == name:
            return method
    raise SaliencyError(
        f"There is no saliency method {name!r}.",
        remedy=f"Choose one of {', '.join(method.name for method in METHODS)}.",
    )
