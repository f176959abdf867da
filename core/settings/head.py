"""A trained linear classifier on image embeddings, and its file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

from core.files import json_in, reading, write_whole
from core.models.arrays import Float32Array, FloatArray
from core.settings.training import Epoch

HEAD = "head.safetensors"
"""Its file below the folder of its setting."""


@dataclass(frozen=True, eq=False)
class LinearHead:
    """weight : (C, d); bias : (C,); best_epoch : index into history of the epoch that was kept."""

    weight: Float32Array
    bias: Float32Array
    history: tuple[Epoch, ...] = ()
    best_epoch: int = -1

    def logits(self, embeddings: FloatArray) -> Float32Array:
        """(n, C) logits of un-normalised embeddings (n, d)."""
        return np.asarray(embeddings, np.float32) @ self.weight.T + self.bias

    def to_bytes(self) -> bytes:
        """The head as a safetensors file; its history is in the file's metadata."""
        record = {"history": [asdict(epoch) for epoch in self.history], "best_epoch": self.best_epoch}
        arrays = {"weight": np.ascontiguousarray(self.weight), "bias": np.ascontiguousarray(self.bias)}
        return bytes(save(arrays, metadata={"training": json.dumps(record)}))

    def save(self, path: Path) -> Path:
        """Write the head; a file is there whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.to_bytes())
        return path


def load_head(path: Path) -> LinearHead:
    """Read a head. StudyError where the file is missing or is not a head."""
    remedy = "Build the study again with `python -m core build`, which trains it."
    with reading(path, "the trained classifier cannot be read", remedy=remedy):
        with safe_open(path, framework="np") as file:
            record = json_in((file.metadata() or {}).get("training", "{}"))
            weight, bias = file.get_tensor("weight"), file.get_tensor("bias")
        history = tuple(Epoch(**epoch) for epoch in record.get("history", []))
        return LinearHead(weight, bias, history, int(record.get("best_epoch", -1)))
