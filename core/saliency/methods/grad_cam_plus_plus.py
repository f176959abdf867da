"""Grad-CAM++: channels weighted by their positive gradients, and those by what they share among patches.

A gradient g counts g^2 / (2 g^2 + S g^3), S being the channel's sum of activations: 1 / (2 + S g). That is defined
for the exponential of the score, so the same score in other units gives another map, and where S g is near -2 the
share is without bounds, which activations of either sign make happen. Here the unit is chosen for each class so that
S g lies within -1 and 1, and is given back to the map at the end: the map keeps its shape whatever the unit.
pytorch-grad-cam's own, the gradient as it comes and 1e-6 added to the denominator, is offered beside it.
"""

from __future__ import annotations

import numpy as np

from core.saliency.methods.base import Float32Array, Method, positive

_EPSILON = 1e-6


def grad_cam_plus_plus(activations: Float32Array, gradients: Float32Array) -> Float32Array:
    """(C, rows, columns), indifferent to the unit of the score: ten times the score, ten times the map.

    activations : (rows, columns, d).  gradients : (C, rows, columns, d).
    """
    shares = activations.sum(axis=(0, 1)) * gradients
    units = np.abs(shares).max(axis=(1, 2, 3), keepdims=True)
    alphas = 1 / (2 + np.divide(shares, units, out=np.zeros_like(shares), where=units > 0))
    return _weighted(activations, (np.maximum(gradients, 0) * alphas).sum(axis=(1, 2)))


def grad_cam_plus_plus_library(activations: Float32Array, gradients: Float32Array) -> Float32Array:
    """(C, rows, columns) as pytorch-grad-cam defines it, which depends on the unit of the score."""
    squares = gradients * gradients
    shares = 2 * squares + activations.sum(axis=(0, 1)) * squares * gradients + np.float32(_EPSILON)
    alphas = np.where(gradients != 0, squares / shares, 0)
    return _weighted(activations, (np.maximum(gradients, 0) * alphas).sum(axis=(1, 2)))


def _weighted(activations: Float32Array, weights: Float32Array) -> Float32Array:
    """(C, rows, columns) from weights (C, d)."""
    return positive(np.einsum("hwd,cd->chw", activations, weights, optimize=True))


METHOD = Method(
    "grad_cam_plus_plus",
    "Grad-CAM++",
    "Chattopadhay et al., WACV 2018",
    "Weights channels by their positive gradients; made indifferent to the unit of the score (the original is not).",
    "gradients",
    grad_cam_plus_plus,
)

LIBRARY_METHOD = Method(
    "grad_cam_plus_plus_library",
    "Grad-CAM++ (as pytorch-grad-cam)",
    "Chattopadhay et al., WACV 2018; pytorch-grad-cam 1.5",
    "Its map changes with the unit of the score, so maps of settings with other kinds of scores cannot be compared.",
    "gradients",
    grad_cam_plus_plus_library,
    is_scale_free=False,
)
