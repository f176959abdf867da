"""Each film of a dataset read once: cut to what each model sees, its marks kept, its pixels stored where asked for.

A film that cannot be read is left out of the study, and said why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core.annotations.annotation import Annotation
from core.building.crop_file import CropFile
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


@dataclass(frozen=True)
class Reading:
    """What came of a film: its marks and what each model sees of it, by key; or why it cannot be read."""

    marks: Sequence[dict[str, object]] = ()
    why_not: str | None = None
    crops: Mapping[str, UInt8Array] = field(default_factory=dict)


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
        self.make_room()
        before = {start: self._recorded(start) for start in self.starts}

        def read(position: int) -> Reading:
            return self._reading(position, before[position // CHUNK * CHUNK])

        readings = prefetch(read, range(len(self.rows)), workers=workers, depth=2 * CHUNK)
        try:
            for start in self.starts:
                chunk = list(islice(readings, CHUNK))
                if before[start] is None:
                    self._put(start, chunk)
                yield start, self._seen(start)
        finally:
            READERS.end()

    def chunk(self, start: int, workers: int = 1) -> UInt8Array:
        """Give the crops (n, S, S) of one chunk, whose films are read by `workers` threads unless it is there whole.

        Several processes may each take chunks of their own; `make_room` comes before them.
        """
        before = self._recorded(start)
        positions = self._positions(start)
        chunk = list(prefetch(lambda one: self._reading(one, before), positions, workers=workers, depth=CHUNK))
        if before is None:
            self._put(start, chunk)
        return self._seen(start)

    def make_room(self) -> None:
        """Make the folders and files that chunks are put into, in full size, where they are not there."""
        (self.folder / FILMS).mkdir(parents=True, exist_ok=True)
        for key in self._transforms:
            self._file(key).make()

    def is_whole(self, start: int) -> bool:
        """Tell whether the chunk that begins there was read, and its films stored that are to be."""
        before = self._recorded(start)
        if before is None:
            return False
        to_store = (one for one in self._positions(start) if one in self.keep and str(one) not in before["left_out"])
        return all(self._is_stored(position) for position in to_store)

    def finished(self) -> PreparedFilms:
        """Give all films that could be read; every chunk must have been taken.

        Raises DatasetError where none could.
        """
        records = [record for start in self.starts if (record := self._recorded(start)) is not None]
        assert len(records) == len(self.starts)
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

    @property
    def n_films(self) -> int:
        """Count the films that were asked for."""
        return len(self.rows)

    @property
    def starts(self) -> range:
        """Give the first position of every chunk."""
        return range(0, self.n_films, CHUNK)

    def _positions(self, start: int) -> range:
        return range(start, min(start + CHUNK, self.n_films))

    def _read_crops(self, positions: IntArray, key: str) -> UInt8Array:
        """The crops of the films that could be read; those of the others are in a file of their own without them."""
        whole = self._file(key).read()
        if len(positions) == len(self.rows):
            return whole
        path = self.folder / f"{of_model('crops_read', key)}.npy"
        with written(path) as scratch:
            kept = CropFile(scratch, len(positions), whole.shape[1])
            kept.make()
            for start in range(0, len(positions), CHUNK):
                kept.write(start, whole[positions[start : start + CHUNK]])
        return CropFile(path, len(positions), whole.shape[1]).read()

    def _file(self, key: str) -> CropFile:
        path = self.folder / f"{of_model('crops', key)}.npy"
        return CropFile(path, len(self.rows), self._transforms[key].crop_px)

    def _seen(self, start: int) -> UInt8Array:
        """The chunk that begins there, as the study's own model sees it."""
        return np.asarray(self._file("").read()[start : start + CHUNK])

    def _record(self, start: int) -> Path:
        """The marks of a chunk, and its films that cannot be read; written last, so that it says the chunk is whole."""
        return self.folder / f"chunk_{start:08d}.json"

    def _recorded(self, start: int) -> dict[str, Any] | None:
        """The record of a chunk; None where it is not whole."""
        path = self._record(start)
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def _image_id(self, position: int) -> str:
        return str(self.dataset.images["image_id"].iloc[self.rows[position]])

    def _film_path(self, position: int) -> Path:
        return self.folder / FILMS / stored_name(self._image_id(position))

    def _put(self, start: int, chunk: Sequence[Reading]) -> None:
        """Write what was read of a chunk; its record last. A film that cannot be read is left zeros."""
        for key in self._transforms:
            file = self._file(key)
            crops = np.zeros((len(chunk), file.side_px, file.side_px), np.uint8)
            for place, reading in enumerate(chunk):
                if reading.why_not is None:
                    crops[place] = reading.crops[key]
            file.write(start, crops)
        self._write_record(start, chunk)

    def _write_record(self, start: int, chunk: Sequence[Reading]) -> None:
        marks = [mark for reading in chunk for mark in reading.marks]
        left_out = {start + place: one.why_not for place, one in enumerate(chunk) if one.why_not is not None}
        write_whole(self._record(start), json.dumps({"marks": marks, "left_out": left_out}).encode())

    def _reading(self, position: int, before: Mapping[str, Any] | None) -> Reading:
        """Read a film; of a chunk that was whole before, by its record, store it where that was not done."""
        row = self.rows[position]
        if before is not None:
            if position in self.keep and str(position) not in before["left_out"]:
                self._store(position)
            return Reading()
        try:
            film = read_row(self.dataset, row)
        except UnreadFilmError as error:
            return Reading(why_not=str(error))
        if position in self.keep:
            self._store(position, film)
        crops = {key: transform.crop(film) for key, transform in self._transforms.items()}
        return Reading([asdict(annotation) for annotation in self.dataset.annotations(row)], None, crops)

    def _is_stored(self, position: int) -> bool:
        path = self._film_path(position)
        return path.is_file() and small_of(path).is_file()

    def _store(self, position: int, film: UInt8Array | None = None) -> None:
        """Store a film, unless it is there from a build before; it is read where it is not given."""
        path, row = self._film_path(position), self.rows[position]
        if not self._is_stored(position):
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


def stored_name(image_id: str) -> str:
    """Give the file name of a film below a study's folder of films."""
    return f"{image_id.removesuffix('.png').replace('/', '_')}.png"


def small_of(film: Path) -> Path:
    """Say where the small picture of a stored film lies, beside it."""
    return film.with_suffix(".small.jpg")


def kept_positions(splits: Sequence[str], films: str) -> frozenset[int]:
    """List the positions of the films that are stored in a study: those of the "test" split, "all" or "none"."""
    return frozenset(position for position, split in enumerate(splits) if films in ("all", split))
