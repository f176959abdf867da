"""Training of CLIP-Adapter: two small layers that change the film's embedding, judged by the prompts as before.

Source: Gao et al., arXiv 2110.04544.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from core.models.arrays import FloatArray, IntArray, Progress, no_progress
from core.settings.clip_adapter_options import ClipAdapterOptions
from core.settings.training import (
    as_tensor,
    labelled,
    labels_for_training,
    masked_bce,
    train_epochs,
    training_record,
)
from core.study.training_record import TrainingRecord

Weights = dict[str, torch.Tensor]


def adapted_logits(
    weights: Mapping[str, torch.Tensor], directions: torch.Tensor, ratio: float, embeddings: torch.Tensor
) -> torch.Tensor:
    """Compute (n, C) logits of un-normalised embeddings (n, d).

    weights : "down" (d / r, d), "up" (d, d / r). directions : (C, d), CLIP's scale among them.
    """
    films = torch.nn.functional.normalize(embeddings, dim=-1)
    adapted = torch.relu(torch.relu(films @ weights["down"].T) @ weights["up"].T)
    mixed = torch.nn.functional.normalize(ratio * adapted + (1 - ratio) * films, dim=-1)
    return mixed @ directions.T


def fit_clip_adapter(
    embeddings: FloatArray,
    labels: FloatArray,
    train_rows: IntArray,
    val_rows: IntArray,
    directions: FloatArray,
    options: ClipAdapterOptions,
    progress: Progress = no_progress,
) -> tuple[Weights, TrainingRecord]:
    """Train the adapter; give the weights of the epoch with the lowest loss on val, and how that went.

    embeddings : (n, d) of all films. labels : (n, C), NaN is left out of the loss. directions : (C, d), CLIP's scale
    among them. The same inputs and seed give the same weights. Raises StudyError where no training label was read.
    """
    targets = as_tensor(labels_for_training(labels, train_rows, len(embeddings)))
    inputs, texts = as_tensor(embeddings).float(), as_tensor(directions).float()
    weights = _start(inputs.shape[1], options)

    def loss_of(rows: IntArray) -> tuple[torch.Tensor, torch.Tensor]:
        return masked_bce(adapted_logits(weights, texts, options.ratio, inputs[rows]), targets[rows])

    trained = train_epochs(loss_of, tuple(weights.values()), train_rows, val_rows, options, progress)
    best = dict(zip(weights, trained.weights, strict=True))
    size, films = sum(weight.numel() for weight in weights.values()), labelled(labels, train_rows)
    return best, training_record(
        trained.history, trained.best_epoch, options.max_epochs, n_parameters=size, n_films=films, seed=options.seed
    )


def _start(width: int, options: ClipAdapterOptions) -> Weights:
    """Xavier-uniform layers; torch's global generator is left alone."""
    narrow, generator = max(1, width // options.reduction), torch.Generator().manual_seed(options.seed)
    weights = {"down": torch.empty(narrow, width), "up": torch.empty(width, narrow)}
    return {
        name: torch.nn.init.xavier_uniform_(weight, generator=generator).requires_grad_()
        for name, weight in weights.items()
    }


def scores_of(
    weights: Weights, directions: FloatArray, ratio: float, embeddings: FloatArray
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Compute (n, C) logits of all films, in single precision."""
    with torch.inference_mode():
        texts = as_tensor(directions).float()
        return np.asarray(adapted_logits(weights, texts, ratio, as_tensor(embeddings).float()).numpy())
