"""Training of the linear probe: a linear classifier on the embeddings of a frozen image tower."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from core.models.arrays import FloatArray, IntArray, Progress, no_progress
from core.settings.head import LinearHead
from core.settings.linear_probe_options import LinearProbeOptions
from core.settings.training import (
    as_tensor,
    gradient_norm,
    labelled,
    labels_for_training,
    masked_bce,
    train_epochs,
    training_record,
    xavier_head,
)
from core.study.training_record import TrainingRecord


def fit_linear_probe(
    embeddings: FloatArray,
    labels: FloatArray,
    train_rows: IntArray,
    val_rows: IntArray,
    options: LinearProbeOptions | None = None,
    progress: Progress = no_progress,
) -> LinearHead:
    """Train a linear classifier on un-normalised embeddings.

    embeddings : (n, d) of all films.
    labels : (n, C) of {0, 1, NaN}, NaN is left out of the loss.
    train_rows, val_rows : rows of both. Without val_rows all epochs run and the last one is kept.
    The same inputs and seed give the same head. Raises StudyError where no training label was read.
    """
    options = options or LinearProbeOptions()
    targets = as_tensor(labels_for_training(labels, train_rows, len(embeddings)))
    inputs = as_tensor(embeddings).float()
    head = xavier_head(targets.shape[1], inputs.shape[1], options.seed)

    def loss_of(rows: IntArray) -> tuple[torch.Tensor, torch.Tensor]:
        return masked_bce(head(inputs[rows]), targets[rows])

    trained = train_epochs(loss_of, (head.weight, head.bias), train_rows, val_rows, options, progress)
    weight, bias = trained.weights
    return LinearHead(weight.numpy(), bias.numpy(), trained.history, trained.best_epoch)


def probe_record(
    head: LinearHead, embeddings: FloatArray, labels: FloatArray, train_rows: IntArray, options: LinearProbeOptions
) -> TrainingRecord:
    """Record how a classifier was trained, with the gradient of its loss over all train films where it was kept."""
    weight, bias = (as_tensor(part).requires_grad_() for part in (head.weight, head.bias))
    inputs, targets = as_tensor(embeddings[train_rows]).float(), as_tensor(np.asarray(labels, np.float32)[train_rows])
    masked_bce(inputs @ weight.T + bias, targets)[0].backward()
    record = training_record(
        head.history,
        head.best_epoch,
        options.max_epochs,
        n_parameters=weight.numel() + bias.numel(),
        n_films=labelled(labels, train_rows),
        seed=options.seed,
    )
    return replace(record, gradient_norm=float(gradient_norm((weight, bias))))
