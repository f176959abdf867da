"""The image tower of a fine-tuned model: embeddings with it, its file, and a copy of a tower with its weights."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from core.errors import StudyError
from core.files import reading
from core.models.arrays import Float32Array, Progress, UInt8Array, no_progress
from core.models.device import Precision
from core.models.image_tower import ImageTower
from core.models.preprocess import FilmTransform, film_transform

VISUAL = "visual.safetensors"
"""Its file below the folder of its setting."""


def embed_with(
    visual: torch.nn.Module,
    films: UInt8Array,
    *,
    batch_size: int | None = None,
    precision: Precision = "fp32",
    progress: Progress = no_progress,
) -> Float32Array:
    """Un-normalised embeddings (n, d) of cropped films (n, S, S) or (n, S, S, 3), uint8, by an open_clip image tower.

    The tower is used where it is (its device) and as it is: put it into evaluation mode before.
    """
    transform = film_transform(visual.preprocess_cfg)  # type: ignore[arg-type]
    check_crops(films, transform)
    return ImageTower.of(visual, transform, precision, batch_size=batch_size).encode(films, progress=progress)


def tuned_visual(visual: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """A copy of an image tower with other weights, in evaluation mode, gradients off.

    Nobody may have hooks on the tower meanwhile: the copy would keep them.
    Raises StudyError where the weights are not of this architecture.
    """
    return with_weights(copy.deepcopy(visual), state)


def with_weights(visual: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """The image tower itself, with other weights, in evaluation mode, gradients off; errors as `tuned_visual`."""
    try:
        visual.load_state_dict(dict(state))
    except RuntimeError as error:
        raise StudyError(
            f"The fine-tuned image tower does not fit the model: {' '.join(str(error).split())[:200]}.",
            remedy="Put the model there that the study was built with, or build the study again.",
        ) from error
    return visual.eval().requires_grad_(False)


def load_visual_state(path: Path) -> dict[str, torch.Tensor]:
    """The weights in a visual.safetensors. StudyError where the file is missing or damaged."""
    remedy = "Build the study again with `python -m core build`, which trains it."
    with reading(path, "the fine-tuned image tower cannot be read", remedy=remedy):
        state: dict[str, torch.Tensor] = load_file(path)
    return state


def check_crops(films: UInt8Array, transform: FilmTransform) -> None:
    """StudyError where films are not what `transform.crop` gives: (n, S, S) or (n, S, S, 3) of uint8."""
    side = transform.crop_px
    if films.dtype != np.uint8 or films.shape[1:3] != (side, side):
        raise StudyError(
            f"The films have shape {films.shape}, type {films.dtype}; the model takes {side} x {side} pixels, uint8.",
            remedy="Crop the films with the model's own transform first.",
        )
