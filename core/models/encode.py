"""Embeddings of many films on disk, one file a chunk, whole or not at all: an interrupted run goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.models.arrays import Float32Array, UInt8Array

_PLAN = "plan.json"


class EmbeddingChunks:
    """A scratch folder of embeddings.

    plan : what the films, the model and its precision are, as JSON values; chunks of another plan are thrown away.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any], n_dimensions: int) -> None:
        self._folder, self._n_dimensions = folder, n_dimensions
        _open_folder(folder, json.dumps(plan, sort_keys=True))

    def embeddings(self, start: int, crops: UInt8Array, encode: Callable[[UInt8Array], Float32Array]) -> Float32Array:
        """Embeddings (n, d), un-normalised, of the chunk that begins at film `start`; encoded only where missing."""
        path = self._folder / f"{start:08d}.npy"
        found = _read_chunk(path, (len(crops), self._n_dimensions))
        if found is None:
            found = encode(crops)
            _write_chunk(path, found)
        return found


def _open_folder(folder: Path, plan: str) -> None:
    """Make the scratch folder; chunks of another plan, or of none, are removed before the plan is written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _PLAN
    if path.is_file() and path.read_text(encoding="utf-8") == plan:
        return
    path.unlink(missing_ok=True)
    for old in folder.glob("*.npy"):
        old.unlink()
    scratch = path.with_suffix(".partial")
    scratch.write_text(plan, encoding="utf-8")
    scratch.replace(path)


def _read_chunk(path: Path, shape: tuple[int, int]) -> Float32Array | None:
    if not path.is_file():
        return None
    chunk: Float32Array = np.load(path, allow_pickle=False)
    return chunk if chunk.shape == shape and chunk.dtype == np.float32 else None


def _write_chunk(path: Path, embeddings: Float32Array) -> None:
    scratch = path.with_suffix(".partial")
    with scratch.open("wb") as file:
        np.save(file, embeddings, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
