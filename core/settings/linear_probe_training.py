"""Training of the linear probe: a linear classifier on the embeddings of a frozen image tower."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from core.models.arrays import FloatArray, IntArray, Progress, no_progress
from core.settings.head import LinearHead
from core.settings.linear_probe_options import LinearProbeOptions
from core.settings.training import (
    EarlyStopping,
    Epoch,
    MeanLoss,
    as_tensor,
    batches,
    cosine_rate,
    gradient_norm,
    labelled,
    labels_for_training,
    masked_bce,
    set_rate,
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
    optimizer = torch.optim.AdamW(head.parameters(), options.learning_rate, weight_decay=options.weight_decay)
    stopping = EarlyStopping(options.patience, options.min_delta)
    history: list[Epoch] = []
    best = _copy(head)
    for epoch in range(options.max_epochs):
        rate = cosine_rate(options.learning_rate, epoch, options.max_epochs)
        set_rate(optimizer, rate)
        train_loss = _train_epoch(head, optimizer, inputs, targets, train_rows, options, epoch)
        val_loss = _loss(head, inputs, targets, val_rows)
        history.append(Epoch(train_loss, val_loss, rate))
        progress(epoch + 1, options.max_epochs, "epochs")
        if stopping.improves(epoch, val_loss):
            best = _copy(head)
        if stopping.is_over:
            break
    return LinearHead(best[0].numpy(), best[1].numpy(), tuple(history), stopping.best_epoch)


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


def _train_epoch(
    head: torch.nn.Linear,
    optimizer: torch.optim.Optimizer,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    rows: IntArray,
    options: LinearProbeOptions,
    epoch: int,
) -> float:
    mean = MeanLoss()
    for batch in batches(rows, options.batch_size, seed=options.seed, epoch=epoch):
        loss, n_labels = masked_bce(head(inputs[batch]), targets[batch])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        mean = mean.plus(loss, n_labels)
    return mean.value or 0.0


def _loss(head: torch.nn.Linear, inputs: torch.Tensor, targets: torch.Tensor, rows: IntArray) -> float | None:
    if len(rows) == 0:
        return None
    with torch.inference_mode():
        return MeanLoss().plus(*masked_bce(head(inputs[rows]), targets[rows])).value


def _copy(head: torch.nn.Linear) -> tuple[torch.Tensor, torch.Tensor]:
    return head.weight.detach().clone(), head.bias.detach().clone()
