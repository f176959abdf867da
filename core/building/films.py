"""Each film of a dataset read once: cut to what the model sees, its marks kept, its pixels stored where asked for."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.annotations import Annotation
from core.datasets.base import Dataset
from core.models.arrays import Progress, UInt8Array
from core.models.preprocess import FilmTransform
from core.study.layout import FILMS

CHUNK = 128


@dataclass(frozen=True, eq=False)
class PreparedFilms:
    """crops : (n, S, S) uint8. stored : row -> PNG on disk. annotations : of all films, in row order."""

    crops: UInt8Array
    stored: dict[int, Path]
    annotations: tuple[Annotation, ...]

    def study_file(self, row: int) -> str | None:
        """The path of a stored film below its study; None where it is not stored."""
        return f"{FILMS}/{self.stored[row].name}" if row in self.stored else None


def prepare_films(
    dataset: Dataset,
    rows: Sequence[int],
    keep: frozenset[int],
    transform: FilmTransform,
    folder: Path,
    progress: Progress,
) -> PreparedFilms:
    """Prepare films `rows` of a dataset in order; positions in the result count from 0.

    keep : positions whose pixels are stored as PNG. folder : scratch; whole chunks found there are not read again.
    """
    (folder / FILMS).mkdir(parents=True, exist_ok=True)
    crops, annotations = [], []
    for start in range(0, len(rows), CHUNK):
        stop = min(start + CHUNK, len(rows))
        path = folder / f"crops_{start:08d}.npy"
        if not path.is_file():
            _prepare_chunk(dataset, rows, range(start, stop), keep, transform, folder, path)
        crops.append(np.load(path, allow_pickle=False))
        annotations += [Annotation(**entry) for entry in json.loads(_marks(path).read_text(encoding="utf-8"))]
        progress(stop, len(rows), "films prepared")
    ids = dataset.images["image_id"]
    stored = {position: folder / FILMS / _film_name(str(ids.iloc[rows[position]])) for position in sorted(keep)}
    return PreparedFilms(np.concatenate(crops), stored, tuple(annotations))


def _prepare_chunk(
    dataset: Dataset,
    rows: Sequence[int],
    positions: range,
    keep: frozenset[int],
    transform: FilmTransform,
    folder: Path,
    path: Path,
) -> None:
    crops, marks = [], []
    for position in positions:
        film = dataset.film(rows[position])
        crops.append(transform.crop(film))
        marks += [asdict(annotation) for annotation in dataset.annotations(rows[position])]
        if position in keep:
            name = _film_name(str(dataset.images["image_id"].iloc[rows[position]]))
            write_whole(folder / FILMS / name, _png(film))
    write_whole(_marks(path), json.dumps(marks).encode())
    content = io.BytesIO()
    np.save(content, np.stack(crops), allow_pickle=False)
    write_whole(path, content.getvalue())


def write_whole(path: Path, content: bytes) -> None:
    """Write a scratch file so that it is there whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)


def _marks(path: Path) -> Path:
    return path.with_suffix(".marks.json")


def _film_name(image_id: str) -> str:
    return f"{image_id.removesuffix('.png').replace('/', '_')}.png"


def _png(film: UInt8Array) -> bytes:
    content = io.BytesIO()
    Image.fromarray(film).save(content, "PNG", optimize=True)
    return content.getvalue()
