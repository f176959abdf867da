"""EigenCAM: what varies most over the patches, whatever the class."""

from __future__ import annotations

import numpy as np

from core.saliency.methods.base import Float32Array, Method, positive


def eigen_cam(activations: Float32Array) -> Float32Array:
    """Compute the map (rows, columns): activations (rows, columns, d), centred over the patches,
    along their first principal direction.

    The sign of a principal direction is arbitrary. It is taken as numpy's singular value decomposition gives it, as
    pytorch-grad-cam does, so a map may show the ground instead of the figure.
    """
    return positive(_projection(activations))


def eigen_cam_signed(activations: Float32Array) -> Float32Array:
    """Compute the map (rows, columns) as `eigen_cam`, turned to the side of the strongest patch.

    Turned so that the patch that is farthest from the mean is in the map.
    """
    tokens = activations.reshape(-1, activations.shape[-1]).astype(np.float64)
    centred = tokens - tokens.mean(axis=0)
    if len(centred) <= centred.shape[1]:  # the smaller of two squares, far quicker than the singular values of both
        values, vectors = np.linalg.eigh(centred @ centred.T)
        projection = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    else:
        projection = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1]
    projection = projection.reshape(activations.shape[:2])
    return positive(projection if projection.max() >= -projection.min() else -projection)


def _projection(activations: Float32Array) -> Float32Array:
    tokens = activations.reshape(-1, activations.shape[-1])
    centred = tokens - tokens.mean(axis=0)
    direction = np.linalg.svd(centred, full_matrices=False)[2][0]
    projection: Float32Array = (centred @ direction).reshape(activations.shape[:2])
    return projection


METHOD = Method(
    "eigen_cam",
    "EigenCAM",
    "Muhammad and Yeasin, IJCNN 2020",
    "The same map for all classes, of what stands out; its sign is arbitrary, so it may show the ground instead.",
    "activations",
    eigen_cam,
    is_class_specific=False,
    in_default_table=False,
)

SIGNED_METHOD = Method(
    "eigen_cam_signed",
    "EigenCAM, turned",
    "Muhammad and Yeasin, IJCNN 2020; turned as in Chung and Ying, Applied Sciences 2025",
    "The same map for all classes, of what stands out, turned so that the most unusual patch is in it.",
    "activations",
    eigen_cam_signed,
    is_class_specific=False,
)
