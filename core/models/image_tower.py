"""An image tower that encodes cropped films: in the precision asked for, in batches that fit into memory."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch

from core.models.arrays import Float32Array, Progress, UInt8Array, no_progress
from core.models.device import HALF, Precision, is_out_of_memory
from core.models.packed import pack
from core.models.preprocess import FilmTransform

BATCH = {"cpu": 32, "cuda": 256}
"""Films a batch: on a CPU larger ones are no faster, on a GPU what does not fit is halved."""

TOKENS = 197
"""Of one film in BiomedCLIP's tower: what weights are packed for; other numbers work too."""


@dataclass(eq=False)
class ImageTower:
    """visual : an open_clip image tower in evaluation mode, where it computes and in the weights it computes with.

    batch_size : films at a time; halved, and kept halved, where a GPU's memory does not hold them.
    """

    visual: torch.nn.Module
    transform: FilmTransform
    batch_size: int

    @classmethod
    def of(
        cls,
        visual: torch.nn.Module,
        transform: FilmTransform,
        precision: Precision = "fp32",
        *,
        batch_size: int | None = None,
    ) -> ImageTower:
        """Make a tower in a precision; bf16 and fp16 work on a copy with half-precision weights."""
        device = next(visual.parameters()).device.type
        batch_size = batch_size or BATCH.get(device, BATCH["cpu"])
        if precision != "fp32":
            visual = copy.deepcopy(visual).to(HALF[precision])
        if precision == "bf16" and device == "cpu":
            pack(visual, batch_size * TOKENS)
        return cls(visual, transform, batch_size)

    def encode(self, crops: UInt8Array, *, progress: Progress = no_progress) -> Float32Array:
        """Compute the embeddings, un-normalised (n, d),
        of cropped films (n, S, S) or (n, S, S, 3), uint8; (0, 0) of none.
        """
        parts: list[Float32Array] = []
        done = 0
        while done < len(crops):
            part = self._batch(crops[done : done + self.batch_size])
            if part is None:
                continue
            parts.append(part)
            done += len(part)
            progress(done, len(crops), "films encoded")
        return np.concatenate(parts) if parts else np.empty((0, 0), np.float32)

    def _batch(self, crops: UInt8Array) -> Float32Array | None:
        """Embeddings of one batch; None where it did not fit and the next may be half as large."""
        weight = next(self.visual.parameters())
        try:
            pixels = self.transform.normalise(crops, weight.device).to(weight.dtype)
            with torch.inference_mode():
                embeddings: Float32Array = self.visual(pixels).float().cpu().numpy()
            return embeddings
        except RuntimeError as error:
            if len(crops) == 1 or not is_out_of_memory(error):
                raise
            self.batch_size = max(1, len(crops) // 2)
            torch.cuda.empty_cache()
            return None
