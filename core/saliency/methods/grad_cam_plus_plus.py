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
    """(C, rows, columns) as pytorch-grad-cam defines it, which depends on the unit of the score.

    Step by step in the library's order and type, so that the same numbers give the same map. Where a channel's
    denominator is a small difference of large terms, the library's own map depends on the last digits of its gradients
    (a millionth more, and it moves by thousandths of its maximum; on large models by a good part of it).
    """
    values, gradients = activations.transpose(2, 0, 1), gradients.transpose(0, 3, 1, 2)
    squares = gradients**2
    cubes = squares * gradients
    sums = values.sum(axis=(1, 2))[:, None, None]
    shares = squares / (2 * squares + sums * cubes + _EPSILON)
    weights = (np.maximum(gradients, 0) * np.where(gradients != 0, shares, 0)).sum(axis=(2, 3))
    return positive(np.stack([(weight[:, None, None] * values).sum(axis=0) for weight in weights]))


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
    "Its map changes with the unit of the score, so maps of settings with other kinds of scores cannot be compared; "
    "where its denominators nearly vanish, it depends on the last digits of the gradients.",
    "gradients",
    grad_cam_plus_plus_library,
    is_scale_free=False,
    in_default_table=False,
)
