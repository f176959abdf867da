"""The scores of a film with one patch after the other covered."""

from __future__ import annotations

import zlib

import numpy as np
import torch

from core.models.arrays import Float32Array, Progress, UInt8Array, no_progress
from core.saliency.tower.setting_model import SettingModel

_BATCH = 16
_N_MASKS = 512
_CELLS = 7


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


def masked_scores(
    model: SettingModel, film: UInt8Array, rows: int, columns: int, progress: Progress
) -> tuple[Float32Array, Float32Array]:
    """Compute masks (n, rows, columns), 0..1, and the scores (n, C) of the film seen through each, grey elsewhere.

    Each mask is a grid of 7 x 7 cells, every other one open on average, enlarged bilinearly and moved at random; the
    same film gets the same masks again. Source: Petsiuk, Das, Saenko, BMVC 2018.
    progress may raise to stop between batches.
    """
    crop = model.tower.transform.crop(film)
    rng = np.random.default_rng(zlib.crc32(np.ascontiguousarray(crop).tobytes()))
    grey = crop.reshape(-1, *crop.shape[2:]).mean(axis=0)
    masks, scores = [], []
    for start in range(0, _N_MASKS, _BATCH):
        drawn = _random_masks(rng, crop.shape[0], _BATCH)
        seen = drawn.reshape(*drawn.shape, *[1] * (crop.ndim - 2))
        films = np.round(seen * crop + (1 - seen) * grey).astype(np.uint8)
        scores.append(crop_scores(model, films, no_progress, ""))
        grid = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(drawn), (rows, columns))
        masks.append(grid.numpy())
        progress(start + _BATCH, _N_MASKS, "masks")
    return np.concatenate(masks), np.concatenate(scores)


def _random_masks(rng: np.random.Generator, side: int, number: int) -> Float32Array:
    """(number, side, side), 0..1."""
    cell = -(-side // _CELLS)
    open_cells = (rng.random((number, 1, _CELLS, _CELLS)) < 0.5).astype(np.float32)
    large = torch.nn.functional.interpolate(
        torch.from_numpy(open_cells), size=(_CELLS + 1) * cell, mode="bilinear", align_corners=False
    )[:, 0].numpy()
    moved = rng.integers(0, cell, (number, 2))
    return np.stack([mask[y : y + side, x : x + side] for mask, (y, x) in zip(large, moved, strict=True)])


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
