"""Fitting of the converged linear probe: class by class, along strengths, the one kept that val says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.models.arrays import FloatArray, IntArray, Progress, no_progress
from core.settings.converged_options import ConvergedOptions
from core.settings.head import LinearHead
from core.settings.logistic import Logistic, fit_logistic, log_losses
from core.settings.training import labelled, labels_for_training
from core.study.training_record import TrainingRecord


@dataclass(frozen=True, eq=False)
class _Class:
    """What one class is fitted from. train, val : rows with the column of ones. shares : of the val films, sum 1."""

    train: FloatArray
    labels: FloatArray
    val: FloatArray
    val_labels: FloatArray
    shares: FloatArray

    def val_loss(self, weights: FloatArray) -> float | None:
        """Log loss on val, each patient counted once; None where no val film is labelled."""
        if not len(self.val):
            return None
        return float(self.shares @ log_losses(self.val @ weights, self.val_labels))


def fit_converged(
    embeddings: FloatArray,
    labels: FloatArray,
    train_rows: IntArray,
    val_rows: IntArray,
    patients: Sequence[str],
    options: ConvergedOptions | None = None,
    progress: Progress = no_progress,
) -> tuple[LinearHead, TrainingRecord]:
    """Fit one logistic regression a class on embeddings of length 1, and record how that went.

    embeddings : (n, d) of all films. labels : (n, C) of {0, 1, NaN}, NaN is left out. patients : (n,).
    A class without a positive or a negative train film gets weights 0. Raises StudyError where no train label was read.
    """
    options = options or ConvergedOptions()
    labels_for_training(labels, train_rows, len(embeddings))
    lengths = np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
    rows = np.append(np.asarray(embeddings, np.float64) / lengths, np.ones((len(embeddings), 1)), axis=1)
    fits: list[Logistic] = []
    parts: list[_Class] = []
    for column, of_class in enumerate(np.asarray(labels, np.float64).T):
        progress(column, labels.shape[1], "classes")
        parts.append(_class_of(rows, of_class, train_rows, val_rows, patients))
        fits.append(_fit(parts[-1], options))
    progress(labels.shape[1], labels.shape[1], "classes")
    weights = np.stack([fit.weights for fit in fits]).astype(np.float32)
    head = LinearHead(weights[:, :-1], weights[:, -1], is_unit=True)
    return head, _record(fits, parts, labelled(labels, train_rows), options)


def _class_of(
    rows: FloatArray, labels: FloatArray, train_rows: IntArray, val_rows: IntArray, patients: Sequence[str]
) -> _Class:
    train = train_rows[np.isfinite(labels[train_rows])]
    val = val_rows[np.isfinite(labels[val_rows])]
    _, of_patient, counts = np.unique([patients[row] for row in val], return_inverse=True, return_counts=True)
    shares = 1 / counts[of_patient] / len(counts) if len(val) else np.zeros(0)
    return _Class(rows[train], labels[train], rows[val], labels[val], shares)


def _fit(films: _Class, options: ConvergedOptions) -> Logistic:
    """The regression of the strength that val prefers, fitted from nothing so that its path is the record."""
    if len(np.unique(films.labels)) < 2:
        nothing = np.zeros(films.train.shape[1])
        return Logistic(nothing, 0.0, (nothing,))
    best, least, start = options.c_without_val, np.inf, None
    most = options.max_iterations
    for strength in options.strengths if len(films.val) else ():
        tried = fit_logistic(
            films.train, films.labels, strength, tolerance=options.path_tolerance, max_iterations=most, start=start
        )
        start = tried.weights
        loss = films.val_loss(start)
        assert loss is not None
        if loss < least:
            best, least = strength, loss
    return fit_logistic(films.train, films.labels, best, tolerance=options.tolerance, max_iterations=most)


def _record(
    fits: Sequence[Logistic], parts: Sequence[_Class], n_films: int, options: ConvergedOptions
) -> TrainingRecord:
    """One record of all classes: losses are means over classes by iteration, the norm is of all gradients together."""
    norms = [fit.gradient_norm for fit in fits]
    longest = max(len(fit.path) for fit in fits)
    train, val = list[float | None](), list[float | None]()
    for number in range(longest):
        at = [(part, fit.path[min(number, len(fit.path) - 1)]) for part, fit in zip(parts, fits, strict=True)]
        trained = [log_losses(part.train @ w, part.labels).mean() for part, w in at if len(part.train)]
        checked = [loss for part, w in at if (loss := part.val_loss(w)) is not None]
        train.append(float(np.mean(trained)) if trained else None)
        val.append(float(np.mean(checked)) if checked else None)
    return TrainingRecord(
        "converged" if max(norms) <= 10 * options.tolerance else "schedule",
        sum(len(fit.weights) for fit in fits),
        n_films,
        train_loss=tuple(train),
        val_loss=tuple(val),
        kept=longest - 1,
        gradient_norm=float(np.linalg.norm(norms)),
    )
