"""A trained linear classifier on image embeddings, and its file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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
    """weight : (C, d).
    bias : (C,).
    best_epoch : index into history of the epoch that was kept.
    is_unit : whether it reads embeddings divided by their length.
    """

    weight: Float32Array
    bias: Float32Array
    history: tuple[Epoch, ...] = ()
    best_epoch: int = -1
    is_unit: bool = False

    def logits(self, embeddings: FloatArray) -> Float32Array:
        """Compute (n, C) logits of un-normalised embeddings (n, d)."""
        rows = np.asarray(embeddings, np.float32)
        if self.is_unit:
            rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        logits: Float32Array = rows @ self.weight.T + self.bias
        return logits

    def to_bytes(self) -> bytes:
        """Write the head as a safetensors file; its history is in the file's metadata."""
        record: dict[str, Any] = {"history": [asdict(epoch) for epoch in self.history], "best_epoch": self.best_epoch}
        if self.is_unit:
            record["is_unit"] = True
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
        best_epoch, is_unit = int(record.get("best_epoch", -1)), record.get("is_unit") is True
        return LinearHead(weight, bias, history, best_epoch, is_unit)
