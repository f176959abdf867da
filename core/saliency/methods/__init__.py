"""The saliency methods: one file and one line each. Importing them loads no torch."""

from __future__ import annotations

from core.errors import SaliencyError
from core.registries import find_by_name
from core.saliency.methods import (
    attn_lrp,
    baselines,
    chefer,
    eigen_cam,
    gem,
    grad_cam,
    grad_cam_plus_plus,
    grad_eclip,
    hires_cam,
    imported,
    layer_cam,
    legrad,
    library,
    m2ib,
    occlusion,
    rise,
    rollout,
)
from core.saliency.methods.base import Method

__all__ = ["EVERY", "IMPORTED", "METHODS", "Method", "method_of"]

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
    *library.METHODS,
    legrad.METHOD,
    grad_eclip.METHOD,
    gem.METHOD,
    attn_lrp.METHOD,
    m2ib.METHOD,
    rise.METHOD,
    baselines.RANDOM,
    baselines.CENTRE,
)
IMPORTED = imported.METHOD
"""Of maps that are in the study already, and need no model."""

EVERY = (IMPORTED, *METHODS)


def method_of(name: str) -> Method:
    """Find the method of a name; SaliencyError where there is none."""
    return find_by_name(EVERY, name, "saliency method", SaliencyError)
