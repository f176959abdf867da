"""The scores of a film with one patch after the other covered."""

from __future__ import annotations

import numpy as np
import torch

from core.models.arrays import Float32Array, Progress, UInt8Array
from core.saliency.tower.setting_model import SettingModel

_BATCH = 16


def occluded_scores(model: SettingModel, film: UInt8Array, rows: int, columns: int, progress: Progress) -> Float32Array:
    """Compute (rows * columns + 1, C): the scores with each patch, row by row,
    at the mean grey; last those of the whole film.

    progress may raise to stop between batches.
    """
    crop = model.tower.transform.crop(film)
    side = crop.shape[0]
    grey = np.asarray(np.round(crop.reshape(-1, *crop.shape[2:]).mean(axis=0)), np.uint8)
    tops, lefts = (np.linspace(0, side, n + 1).round().astype(int) for n in (rows, columns))
    covered = np.repeat(crop[None], rows * columns + 1, axis=0)
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        covered[index, tops[row] : tops[row + 1], lefts[column] : lefts[column + 1]] = grey
    return crop_scores(model, covered, progress, "patches covered")


def crop_scores(model: SettingModel, crops: UInt8Array, progress: Progress, what: str) -> Float32Array:
    """Compute the scores (n, C) of cropped films (n, S, S[, 3]), batch by batch;
    others may use the tower in between.
    """
    parts = []
    for start in range(0, len(crops), _BATCH):
        pixels = model.tower.transform.normalise(crops[start : start + _BATCH]).to(model.tower.device)
        with model.tower.lock, torch.inference_mode():
            parts.append(model.target(model.visual(pixels)).float().cpu().numpy())
        progress(min(start + _BATCH, len(crops)), len(crops), what)
    return np.concatenate(parts)
