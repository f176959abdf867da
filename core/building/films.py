"""Each film of a dataset read once: cut to what the model sees, its marks kept, its pixels stored where asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.annotations.annotation import Annotation
from core.building.prefetch import prefetch
from core.building.stored_film import film_png
from core.datasets.base import Dataset
from core.files import write_whole, written
from core.models.arrays import UInt8Array
from core.models.preprocess import FilmTransform
from core.study.layout import FILMS

CHUNK = 64
"""Films that are read, encoded and written together: what a build that is killed does again."""


@dataclass(frozen=True, eq=False)
class PreparedFilms:
    """crops : (n, S, S) uint8, memory-mapped.
    stored : row -> PNG on disk.
    annotations : of all films, in row order.
    """

    crops: UInt8Array
    stored: dict[int, Path]
    annotations: tuple[Annotation, ...]

    def study_file(self, row: int) -> str | None:
        """Give the path of a stored film below its study; None where it is not stored."""
        return f"{FILMS}/{self.stored[row].name}" if row in self.stored else None


@dataclass(frozen=True, eq=False)
class FilmPreparation:
    """The films `rows` of a dataset, in order; positions count from 0.

    keep : positions whose pixels are stored as PNG.
    folder : scratch; whole chunks found there are not read again, but for films that are to be stored now and were not
        before.
    """

    dataset: Dataset
    rows: Sequence[int]
    keep: frozenset[int]
    transform: FilmTransform
    folder: Path

    def chunks(self, workers: int = 1) -> Iterator[tuple[int, UInt8Array]]:
        """Yield the first position and crops (n, S, S) of every chunk, in order;
        `workers` threads read the next ones.
        """
        (self.folder / FILMS).mkdir(parents=True, exist_ok=True)
        crops = self._opened()
        yield from prefetch(lambda start: self._chunk(start, crops), self._starts, workers=workers, depth=workers + 1)

    def finished(self) -> PreparedFilms:
        """Give all films; every chunk must have been taken."""
        marks = [json.loads(self._marks(start).read_text(encoding="utf-8")) for start in self._starts]
        annotations = tuple(Annotation(**entry) for chunk in marks for entry in chunk)
        stored = {position: self._film_path(position) for position in sorted(self.keep)}
        return PreparedFilms(np.load(self._crops, mmap_mode="r", allow_pickle=False), stored, annotations)

    @property
    def _starts(self) -> range:
        return range(0, len(self.rows), CHUNK)

    @property
    def _crops(self) -> Path:
        return self.folder / "crops.npy"

    def _marks(self, start: int) -> Path:
        """The marks of a chunk; written last, so that they also say that the chunk is whole."""
        return self.folder / f"marks_{start:08d}.json"

    def _film_path(self, position: int) -> Path:
        return self.folder / FILMS / stored_name(str(self.dataset.images["image_id"].iloc[self.rows[position]]))

    def _opened(self) -> np.memmap:
        """The file of all crops; made in its full size, or not at all.

        Its room on the disk is taken here: a disk that is full later would end the process, by SIGBUS.
        """
        side = self.transform.crop_px
        if not self._crops.is_file():
            with written(self._crops) as scratch:
                np.lib.format.open_memmap(scratch, "w+", np.uint8, (len(self.rows), side, side)).flush()
                _take_room(scratch)
        return np.lib.format.open_memmap(self._crops, "r+")

    def _chunk(self, start: int, crops: np.memmap) -> tuple[int, UInt8Array]:
        stop = min(start + CHUNK, len(self.rows))
        if not self._marks(start).is_file():
            marks = [mark for position in range(start, stop) for mark in self._prepare(position, crops)]
            crops.flush()
            write_whole(self._marks(start), json.dumps(marks).encode())
        for position in self.keep.intersection(range(start, stop)):
            self._store(position)
        return start, np.asarray(crops[start:stop])

    def _prepare(self, position: int, crops: np.memmap) -> list[dict[str, object]]:
        row = self.rows[position]
        film = self.dataset.film(row)
        crops[position] = self.transform.crop(film)
        if position in self.keep:
            self._store(position, film)
        return [asdict(annotation) for annotation in self.dataset.annotations(row)]

    def _store(self, position: int, film: UInt8Array | None = None) -> None:
        """Store a film, unless it is there from a build before; it is read where it is not given."""
        path, row = self._film_path(position), self.rows[position]
        if not path.is_file():
            pixels = self.dataset.film(row) if film is None else film
            write_whole(path, film_png(pixels, self.dataset.film_file(row)), durable=False)


def _take_room(path: Path) -> None:
    """Let a file of holes take all its room on the disk, where the system can; OSError where there is none."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def stored_name(image_id: str) -> str:
    """Give the file name of a film below a study's folder of films."""
    return f"{image_id.removesuffix('.png').replace('/', '_')}.png"


def kept_positions(splits: Sequence[str], films: str) -> frozenset[int]:
    """List the positions of the films that are stored in a study: those of the "test" split, "all" or "none"."""
    return frozenset(position for position, split in enumerate(splits) if films in ("all", split))
