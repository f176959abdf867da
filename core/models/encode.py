"""Encode many films so that an interrupted run goes on where it was: one file a chunk, written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from core.models.arrays import Films, Float32Array, Progress, no_progress
from core.models.clip_model import ClipModel

_PLAN = "plan.json"


def encode_to_chunks(
    model: ClipModel,
    films: Films,
    folder: Path,
    *,
    key: str = "",
    chunk: int = 256,
    batch_size: int = 32,
    progress: Progress = no_progress,
) -> Float32Array:
    """Image embeddings, un-normalised (n, d), computed chunk by chunk into a scratch folder.

    films : rows are only read when their chunk is missing.
    key : names the films (dataset, version, seed). Chunks that another key, model or chunk size left are thrown away.
    A run that is killed leaves whole chunks only; the next run encodes those that are missing.
    """
    _open_folder(folder, _plan(model, films, key, chunk))
    total = len(films)
    parts: list[Float32Array] = []
    for start in range(0, total, chunk):
        stop = min(start + chunk, total)
        path = folder / f"{start:08d}.npy"
        found = _read_chunk(path, (stop - start, model.n_dimensions))
        if found is None:
            found = model.encode_images(
                (films[row] for row in range(start, stop)),
                batch_size=batch_size,
                progress=lambda done, _, what, start=start: progress(start + done, total, what),  # type: ignore[misc]
            )
            _write_chunk(path, found)
        parts.append(found)
        progress(stop, total, "films encoded")
    return np.concatenate(parts) if parts else np.empty((0, model.n_dimensions), np.float32)


def _plan(model: ClipModel, films: Films, key: str, chunk: int) -> dict[str, Any]:
    return {"key": key, "n_films": len(films), "chunk": chunk, "model": model.sha256, "precision": model.precision}


def _open_folder(folder: Path, plan: dict[str, Any]) -> None:
    """Make the scratch folder; chunks of another plan are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _PLAN
    text = json.dumps(plan, sort_keys=True)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    for old in folder.glob("*.npy"):
        old.unlink()
    path.write_text(text, encoding="utf-8")


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
