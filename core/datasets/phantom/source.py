"""The source films that the phantom CLIP is trained on, rendered once into a scratch folder."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from core.datasets.phantom.film import FilmSpec, render
from core.datasets.phantom.tables import PhantomTable
from core.files import written
from core.models.arrays import Progress, UInt8Array

CHUNK = 250


def rendered_films(table: PhantomTable, side_px: int, folder: Path, workers: int, progress: Progress) -> UInt8Array:
    """All films of a table as (n, side_px, side_px) uint8, memory-mapped; what was rendered before is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(table.specs), CHUNK)
    missing = [start for start in starts if not _chunk(folder, start).is_file()]
    chunks = [table.specs[start : start + CHUNK] for start in missing]
    with ProcessPoolExecutor(workers) as pool:
        for done, (start, films) in enumerate(zip(missing, pool.map(partial(_render, side_px), chunks), strict=True)):
            with written(_chunk(folder, start)) as scratch, scratch.open("wb") as file:
                np.save(file, films, allow_pickle=False)
            progress(min((done + 1) * CHUNK, len(table.specs)), len(missing) * CHUNK, "source films rendered")
    parts = [np.load(_chunk(folder, start), mmap_mode="r", allow_pickle=False) for start in starts]
    return np.concatenate(parts)


def _chunk(folder: Path, start: int) -> Path:
    return folder / f"films_{start:06d}.npy"


def _render(side_px: int, specs: tuple[FilmSpec, ...]) -> UInt8Array:
    films = [
        Image.fromarray(render(spec).pixels).resize((side_px, side_px), Image.Resampling.BICUBIC) for spec in specs
    ]
    return np.stack([np.asarray(film) for film in films])
