"""Methods of pytorch-grad-cam that have no file of their own here, computed by its own code.

The library scales every map to its own maximum and blows it up to the film. What is called here is the step before, so
maps stay raw and on the layer's grid. It is imported when the first of these maps is asked for.

Left out are those whose map is no answer here: RandomCAM (there is a random map), EigenGradCAM (the sign of a class's
map is arbitrary), FullGrad and guided backpropagation (convolutions, or ReLU, throughout), RefineCAM, SESS and feature
factorization (no raw map of one layer).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from core.saliency.methods.base import Float32Array, Method, TowerRun, positive

Chosen = Callable[[Any], Any]
"""Which class of the library, which is imported when a map is made."""


@cache
def _library() -> Any:
    import pytorch_grad_cam

    import core.models.torchvision_guard  # noqa: F401  (before torchvision, which the library imports)

    return pytorch_grad_cam


def _formula(chosen: Chosen, values: Float32Array, gradients: Float32Array | None) -> Float32Array:
    """(n, rows, columns) that a class of the library makes of activations, and gradients, (n, d, rows, columns)."""
    import torch

    cam = chosen(_library())(torch.nn.Linear(1, 1), [])
    return positive(cam.get_cam_image(None, None, None, values, gradients, False))


def _from_gradients(chosen: Chosen) -> Callable[[Float32Array, Float32Array], Float32Array]:
    def compute(activations: Float32Array, gradients: Float32Array) -> Float32Array:
        values = np.repeat(activations.transpose(2, 0, 1)[None], len(gradients), axis=0)
        return _formula(chosen, values, np.ascontiguousarray(gradients.transpose(0, 3, 1, 2)))

    return compute


def _from_activations(chosen: Chosen) -> Callable[[Float32Array], Float32Array]:
    def compute(activations: Float32Array) -> Float32Array:
        return np.asarray(_formula(chosen, np.ascontiguousarray(activations.transpose(2, 0, 1)[None]), None)[0])

    return compute


def _from_tower(name: str) -> Callable[[TowerRun], Float32Array]:
    def compute(run: TowerRun) -> Float32Array:
        from core.saliency.methods import library_tower

        return library_tower.COMPUTED[name](run)

    return compute


METHODS = (
    Method(
        "xgrad_cam",
        "XGrad-CAM",
        "Fu et al., BMVC 2020; pytorch-grad-cam 1.5",
        "Gradients weighted by each patch's share of its channel's sum; a channel that sums to nearly 0 counts for "
        "much.",
        "gradients",
        _from_gradients(lambda library: library.XGradCAM),
        in_default_table=False,
    ),
    Method(
        "grad_cam_elementwise",
        "Grad-CAM, element by element",
        "pytorch-grad-cam 1.5",
        "As HiResCAM, but what speaks against the class in a channel is dropped before channels are added up.",
        "gradients",
        _from_gradients(lambda library: library.GradCAMElementWise),
        in_default_table=False,
    ),
    Method(
        "seg_eigen_cam",
        "Seg-Eigen-CAM",
        "Chung and Ying, Applied Sciences 2025; pytorch-grad-cam 1.5",
        "What varies most over the patches once they are weighted by how much they matter to the class, for or against "
        "it.",
        "gradients",
        _from_gradients(lambda library: library.SegEigenCAM),
        in_default_table=False,
    ),
    Method(
        "finer_cam",
        "Finer-CAM",
        "Zhang et al., CVPR 2025; pytorch-grad-cam 1.5, scores stretched to one span",
        "Grad-CAM of what sets a class apart from the three classes whose scores are nearest.",
        "tower",
        _from_tower("finer_cam"),
        is_slow=True,
        reads_gradients=True,
        fewest_classes=2,
    ),
    Method(
        "shapley_cam",
        "ShapleyCAM",
        "Cai, arXiv 2501.06261; pytorch-grad-cam 1.5",
        "As Grad-CAM, with the curvature of the score taken off the gradient.",
        "tower",
        _from_tower("shapley_cam"),
        is_slow=True,
        reads_gradients=True,
    ),
    Method(
        "score_cam",
        "Score-CAM",
        "Wang et al., CVPR Workshops 2020; pytorch-grad-cam 1.5, scores stretched to one span",
        "No gradient: a channel counts by the score of the film seen through it, one forward pass per channel.",
        "tower",
        _from_tower("score_cam"),
        is_slow=True,
    ),
    Method(
        "ablation_cam",
        "Ablation-CAM",
        "Desai and Ramaswamy, WACV 2020; pytorch-grad-cam 1.5, channels set to 0 and drops not divided by the score",
        "No gradient: a channel counts by how far the score falls without it, one forward pass per channel.",
        "tower",
        _from_tower("ablation_cam"),
        is_slow=True,
    ),
    Method(
        "kpca_cam",
        "KPCA-CAM",
        "Karmani et al., arXiv 2410.00267; pytorch-grad-cam 1.5",
        "The same map for all classes: EigenCAM with a kernel, turned so that the most unusual patch is in it.",
        "activations",
        _from_activations(lambda library: library.KPCA_CAM),
        is_class_specific=False,
        in_default_table=False,
    ),
    Method(
        "fem",
        "FEM",
        "Fuad et al., IPTA 2020; pytorch-grad-cam 1.5",
        "The same map for all classes: channels weighted by how many patches stand two deviations above their mean.",
        "activations",
        _from_activations(lambda library: library.FEM),
        is_class_specific=False,
        in_default_table=False,
    ),
)
