"""Embeddings of many films on disk, one file a chunk, whole or not at all: an interrupted run goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.files import write_whole, written
from core.models.arrays import Float32Array, UInt8Array

_PLAN = "plan.json"


class EmbeddingChunks:
    """A scratch folder of embeddings.

    plan : what the films, the model and its precision are, as JSON values; chunks of another plan are thrown away.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any], n_dimensions: int) -> None:
        self._folder, self._n_dimensions = folder, n_dimensions
        _open_folder(folder, json.dumps(plan, sort_keys=True))

    def has(self, start: int, n_films: int) -> bool:
        """Tell whether the chunk that begins with a film is there, by its header and its size."""
        path = self._folder / f"{start:08d}.npy"
        return _read_chunk(path, (n_films, self._n_dimensions), mapped=True) is not None

    def embeddings(
        self, chunks: Sequence[tuple[int, UInt8Array]], encode: Callable[[UInt8Array], Float32Array]
    ) -> list[Float32Array]:
        """Give the embeddings (n, d), un-normalised, of each chunk,
        given with its first film; those missing are encoded as one.

        A chunk that was cut off on the disk counts as missing.
        """
        paths = [self._folder / f"{start:08d}.npy" for start, _ in chunks]
        shapes = [(len(crops), self._n_dimensions) for _, crops in chunks]
        found = [_read_chunk(path, shape) for path, shape in zip(paths, shapes, strict=True)]
        missing = [position for position, chunk in enumerate(found) if chunk is None]
        if missing:
            encoded = encode(np.concatenate([chunks[position][1] for position in missing]))
            ends = np.cumsum([shapes[position][0] for position in missing])[:-1]
            for position, part in zip(missing, np.split(encoded, ends), strict=True):
                _write_chunk(paths[position], part)
                found[position] = part
        return [chunk for chunk in found if chunk is not None]


def _open_folder(folder: Path, plan: str) -> None:
    """Make the scratch folder; chunks of another plan, or of none, are removed before the plan is written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _PLAN
    if path.is_file() and path.read_text(encoding="utf-8") == plan:
        return
    path.unlink(missing_ok=True)
    for old in folder.glob("*.npy"):
        old.unlink()
    write_whole(path, plan)


def _read_chunk(path: Path, shape: tuple[int, int], *, mapped: bool = False) -> Float32Array | None:
    if not path.is_file():
        return None
    try:
        chunk: Float32Array = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
        return chunk if chunk.shape == shape and chunk.dtype == np.float32 else None
    except Exception:  # damaged in whatever way: it is encoded again
        return None


def _write_chunk(path: Path, embeddings: Float32Array) -> None:
    with written(path) as scratch, scratch.open("wb") as file:
        np.save(file, embeddings, allow_pickle=False)
