"""Each film of a dataset read once: cut to what each model sees, its marks kept, its pixels stored where asked for.

A film that cannot be read is left out of the study, and said why.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core.annotations.annotation import Annotation
from core.building.prefetch import prefetch
from core.building.stored_film import film_png
from core.datasets.base import Dataset
from core.errors import DatasetError
from core.files import write_whole, written
from core.intake.dicom_beside import READERS
from core.intake.film_files import why_not
from core.models.arrays import IntArray, UInt8Array
from core.models.preprocess import FilmTransform
from core.study.layout import FILMS, of_model
from core.study.small_pictures import small_picture

CHUNK = 64
"""Films that are read, encoded and written together: what a build that is killed does again."""

Reading = tuple[list[dict[str, object]], str | None]
"""The marks on a film, or why it cannot be read."""


@dataclass(frozen=True, eq=False)
class PreparedFilms:
    """The films that could be read; rows count them.

    crops : (n, S, S) uint8, memory-mapped.
    beside : the same as the study's other models see them, by key.
    stored : row -> PNG on disk.
    annotations : of all films, in row order.
    positions : (n,) which of the films that were asked for they are, ascending.
    left_out : why, by the image_id of each film that could not be read.
    """

    crops: UInt8Array
    stored: dict[int, Path]
    annotations: tuple[Annotation, ...]
    positions: IntArray
    left_out: Mapping[str, str]
    beside: Mapping[str, UInt8Array] = field(default_factory=dict)

    def of_model(self, key: str) -> UInt8Array:
        """Give the films as one of the models sees them; "" is the study's own."""
        return self.beside[key] if key else self.crops

    def small(self, row: int) -> Path | None:
        """Give the small picture of a stored film; None where it is not stored."""
        return small_of(self.stored[row]) if row in self.stored else None

    def study_file(self, row: int) -> str | None:
        """Give the path of a stored film below its study; None where it is not stored."""
        return f"{FILMS}/{self.stored[row].name}" if row in self.stored else None


@dataclass(frozen=True, eq=False)
class FilmPreparation:
    """The films `rows` of a dataset, in order; positions count from 0.

    keep : positions whose pixels are stored as PNG.
    folder : scratch; whole chunks found there are not read again, but for films that are to be stored now and were not
        before.
    beside : how the study's other models see films, by key.
    """

    dataset: Dataset
    rows: Sequence[int]
    keep: frozenset[int]
    transform: FilmTransform
    folder: Path
    beside: Mapping[str, FilmTransform] = field(default_factory=dict)

    def chunks(self, workers: int = 1) -> Iterator[tuple[int, UInt8Array]]:
        """Yield the first position and crops (n, S, S) of every chunk, in order;
        `workers` threads read the films of this chunk and the next.
        """
        (self.folder / FILMS).mkdir(parents=True, exist_ok=True)
        crops = {key: self._opened(key) for key in self._transforms}
        before = {start: self._recorded(start) for start in self._starts if self._record(start).is_file()}

        def read(position: int) -> Reading:
            known = before.get(position // CHUNK * CHUNK)
            return self._film(position, crops) if known is None else self._again(position, known)

        readings = prefetch(read, range(len(self.rows)), workers=workers, depth=2 * CHUNK)
        try:
            for start in self._starts:
                chunk = list(islice(readings, CHUNK))
                if start not in before:
                    for kept in crops.values():
                        kept.flush()
                    self._write_record(start, chunk)
                yield start, np.asarray(crops[""][start : start + len(chunk)])
        finally:
            READERS.end()

    def finished(self) -> PreparedFilms:
        """Give all films that could be read; every chunk must have been taken.

        Raises DatasetError where none could.
        """
        records = [self._recorded(start) for start in self._starts]
        annotations = tuple(Annotation(**entry) for record in records for entry in record["marks"])
        failed = {int(position): why for record in records for position, why in record["left_out"].items()}
        positions = np.setdiff1d(np.arange(len(self.rows)), list(failed))
        if not len(positions):
            said = (
                f"none of its {len(self.rows):,} films can be read, the first for this: {next(iter(failed.values()))}"
            )
            raise DatasetError(
                f"{self.dataset.card.name}: {said}.", remedy="Look at one in a viewer, and copy them again."
            )
        rows = {int(position): row for row, position in enumerate(positions)}
        stored = {rows[position]: self._film_path(position) for position in sorted(self.keep) if position in rows}
        left_out = {self._image_id(position): why for position, why in failed.items()}
        beside = {key: self._read_crops(positions, key) for key in self.beside}
        return PreparedFilms(self._read_crops(positions, ""), stored, annotations, positions, left_out, beside)

    @property
    def _transforms(self) -> dict[str, FilmTransform]:
        return {"": self.transform, **self.beside}

    def _read_crops(self, positions: IntArray, key: str) -> UInt8Array:
        """The crops of the films that could be read; those of the others are in a file of their own without them."""
        path = self._crops(key)
        if len(positions) < len(self.rows):
            path = self.folder / f"{of_model('crops_read', key)}.npy"
            whole = np.load(self._crops(key), mmap_mode="r", allow_pickle=False)
            with written(path) as scratch:
                kept = np.lib.format.open_memmap(scratch, "w+", np.uint8, (len(positions), *whole.shape[1:]))
                _take_room(scratch)
                for start in range(0, len(positions), CHUNK):
                    kept[start : start + CHUNK] = whole[positions[start : start + CHUNK]]
                kept.flush()
        crops: UInt8Array = np.load(path, mmap_mode="r", allow_pickle=False)
        return crops

    @property
    def _starts(self) -> range:
        return range(0, len(self.rows), CHUNK)

    def _crops(self, key: str) -> Path:
        return self.folder / f"{of_model('crops', key)}.npy"

    def _record(self, start: int) -> Path:
        """The marks of a chunk, and its films that cannot be read; written last, so that it says the chunk is whole."""
        return self.folder / f"chunk_{start:08d}.json"

    def _recorded(self, start: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._record(start).read_text(encoding="utf-8"))
        return found

    def _image_id(self, position: int) -> str:
        return str(self.dataset.images["image_id"].iloc[self.rows[position]])

    def _film_path(self, position: int) -> Path:
        return self.folder / FILMS / stored_name(self._image_id(position))

    def _opened(self, key: str) -> np.memmap:
        """The file of all crops of a model; made in its full size, or not at all.

        Its room on the disk is taken here: a disk that is full later would end the process, by SIGBUS.
        """
        side, path = self._transforms[key].crop_px, self._crops(key)
        if not path.is_file():
            with written(path) as scratch:
                np.lib.format.open_memmap(scratch, "w+", np.uint8, (len(self.rows), side, side)).flush()
                _take_room(scratch)
        return np.lib.format.open_memmap(path, "r+")

    def _write_record(self, start: int, chunk: Sequence[Reading]) -> None:
        marks = [mark for marks, _ in chunk for mark in marks]
        left_out = {start + place: why for place, (_, why) in enumerate(chunk) if why is not None}
        write_whole(self._record(start), json.dumps({"marks": marks, "left_out": left_out}).encode())

    def _film(self, position: int, crops: Mapping[str, np.memmap]) -> Reading:
        """Read a film, and keep what each model sees of it; give its marks, or why it cannot be read."""
        row = self.rows[position]
        try:
            film = read_row(self.dataset, row)
        except UnreadFilmError as error:
            return [], str(error)
        for key, transform in self._transforms.items():
            crops[key][position] = transform.crop(film)
        if position in self.keep:
            self._store(position, film)
        return [asdict(annotation) for annotation in self.dataset.annotations(row)], None

    def _again(self, position: int, record: Mapping[str, Any]) -> Reading:
        """Store a film of a whole chunk, where it is to be stored now and was not before."""
        if position in self.keep and str(position) not in record["left_out"]:
            self._store(position)
        return [], None

    def _store(self, position: int, film: UInt8Array | None = None) -> None:
        """Store a film, unless it is there from a build before; it is read where it is not given."""
        path, row = self._film_path(position), self.rows[position]
        if not (path.is_file() and small_of(path).is_file()):
            pixels = self.dataset.film(row) if film is None else film
            write_whole(small_of(path), small_picture(pixels), durable=False)
            write_whole(path, film_png(pixels, self.dataset.film_file(row)), durable=False)


class UnreadFilmError(Exception):
    """A film that cannot be read, and why."""


def read_row(dataset: Dataset, row: int) -> UInt8Array:
    """Read a film of a dataset, (H, W). Raises UnreadFilmError, without its path, where its file is damaged."""
    try:
        return dataset.film(row)
    except DatasetError as error:
        raise UnreadFilmError(why_not(error, dataset.film_file(row))) from error


def _take_room(path: Path) -> None:
    """Let a file of holes take all its room on the disk, where the system can; OSError where there is none."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def stored_name(image_id: str) -> str:
    """Give the file name of a film below a study's folder of films."""
    return f"{image_id.removesuffix('.png').replace('/', '_')}.png"


def small_of(film: Path) -> Path:
    """Say where the small picture of a stored film lies, beside it."""
    return film.with_suffix(".small.jpg")


def kept_positions(splits: Sequence[str], films: str) -> frozenset[int]:
    """List the positions of the films that are stored in a study: those of the "test" split, "all" or "none"."""
    return frozenset(position for position, split in enumerate(splits) if films in ("all", split))
