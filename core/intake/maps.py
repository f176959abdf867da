"""Maps that another program made of films, from a folder: which film and class each is of, and where it lies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
import numpy.typing as npt

from core.errors import PictureError, StudyError
from core.geometry import RESIZES, Geometry, Resize
from core.intake.films import match_names, stem_of
from core.pictures import read_samples
from core.study.arrays import open_array
from core.study.map_store import StoredMap
from core.study.table_checks import counted

FloatArray = npt.NDArray[np.floating]

NAMES: Final = "FILM/CLASS.npy, FILM__CLASS.npy (or .png, 16 bits of grey), or FILM.npy with one map a class, (C, h, w)"
WHOLE_FILM: Final = Geometry("squash")
"""Where a map lies that has the film's own pixels."""

_SUFFIXES: Final = (".npy", ".png")
_REMEDY: Final = f"Name maps {NAMES}."
_MAP_REMEDY: Final = "Save each map as numbers, 0 and above, one for each patch or pixel: numpy.save(FILE, array)."


@dataclass(frozen=True)
class _Source:
    """A file, of one class or, where `finding` is None, of all."""

    path: Path
    image_id: str
    finding: str | None


@dataclass
class FoundMaps:
    """The maps of one setting, read one by one.

    notes : sentences on what did not join, and on what was clipped; complete when all maps were read.
    """

    sources: list[_Source]
    classes: Sequence[str]
    sizes: Mapping[str, tuple[int, int]]
    geometry: Geometry | None
    notes: list[str] = field(default_factory=list)

    def read(self) -> Iterator[StoredMap]:
        """Yield every map, film by film. Raises StudyError, naming the file, for what is no map."""
        n_negative = 0
        shapes: dict[str, tuple[int, ...]] = {}
        for source in self.sources:
            for finding, values in self._maps(source):
                _require_alike(source, shapes.setdefault(source.image_id, values.shape), values.shape)
                n_negative += bool((values < 0).any())
                where = self._where(source, (values.shape[0], values.shape[1]))
                yield StoredMap(source.image_id, finding, np.maximum(values, 0), where)
        if n_negative:
            self.notes.append(f"{counted_maps(n_negative)} had values below 0, which are kept as 0.")

    def _maps(self, source: _Source) -> Iterator[tuple[str, FloatArray]]:
        array = _array(source.path)
        if source.finding is not None:
            yield source.finding, _require_map(source.path, array, 2)
            return
        _require_map(source.path, array, 3)
        if len(array) != len(self.classes):
            raise StudyError(
                f"{source.path}: holds {len(array)} maps; the study has {len(self.classes)} classes.",
                remedy=f"Save one map for every class, in this order: {', '.join(self.classes)}.",
            )
        yield from zip(self.classes, array, strict=True)

    def _where(self, source: _Source, shape: tuple[int, int]) -> Geometry:
        size = self.sizes.get(source.image_id)
        if shape == size:
            return WHOLE_FILM
        if self.geometry is None:
            film = f"its film has {size[0]} x {size[1]}" if size else "the size of its film is not known"
            raise StudyError(
                f"{source.path}: has {shape[0]} x {shape[1]} values and {film}, so where it lies is not known.",
                remedy="Say with --map-geometry what the model does to films: crop, squash or pad.",
            )
        return self.geometry


def find_maps(
    folder: Path,
    image_ids: Sequence[str],
    classes: Sequence[str],
    sizes: Mapping[str, tuple[int, int]],
    geometry: Geometry | None = None,
) -> FoundMaps:
    """Find the maps below a folder by the names of films and classes (`NAMES`); none is read yet.

    sizes : height and width of films by id, where they are known: a map of that size lies over the whole film.
    geometry : where maps of another size lie.
    Raises StudyError where there is no such folder, no map of a film, or two maps are of the same film and class.
    """
    if not folder.is_dir():
        raise StudyError(f"{folder}: there is no such folder.", remedy="Check the path of the maps.")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if _is_map(path))
    stems = {stem_of(image_id) for image_id in image_ids}
    said = {name: _film_and_class(name, stems) for name in names}
    films = dict.fromkeys(film for film, _ in said.values())
    ids = {film: image_id for image_id, film in match_names(image_ids, list(films), str(folder)).items()}
    known = {_plain(name): name for name in classes}
    sources, strange_films, strange_classes = [], [], []
    for name, (film, finding) in said.items():
        if film not in ids:
            strange_films.append(film)
        elif finding is not None and _plain(finding) not in known:
            strange_classes.append(finding)
        else:
            of_class = None if finding is None else known[_plain(finding)]
            sources.append(_Source(folder / name, ids[film], of_class))
    if not sources:
        found = f"such as {names[0]!r}" if names else "and no file that ends in .npy or .png"
        raise StudyError(f"{folder}: holds no map of a film and class of the labels, {found}.", remedy=_REMEDY)
    order = {image_id: rank for rank, image_id in enumerate(image_ids)}
    sources.sort(key=lambda one: (order[one.image_id], -1 if one.finding is None else classes.index(one.finding)))
    _require_single(sources)
    return FoundMaps(sources, classes, sizes, geometry, _notes(folder, strange_films, strange_classes))


def geometry_in(text: str) -> Geometry:
    """Read KIND, KIND:PX or crop:RESIZED:PX: what a model does to films, and the sides of its squares in pixels.

    Raises StudyError for anything else.

    >>> geometry_in("crop:256:224")
    Geometry(resize='crop', input_px=224, resize_px=256, interpolation='', floors=False)
    """
    kind, *sides = text.split(":")
    kinds: dict[str, Resize] = {name: name for name in RESIZES}
    if kind not in kinds or len(sides) > (2 if kind == "crop" else 1) or not all(side.isdecimal() for side in sides):
        raise StudyError(
            f"--map-geometry {text!r} is none of {', '.join(RESIZES)}.",
            remedy="Write squash, pad, crop, or crop:256:224 for a crop of 224 pixels out of 256.",
        )
    numbers = [int(side) for side in sides if int(side) > 0]
    return Geometry(kinds[kind], numbers[-1] if numbers else None, numbers[0] if len(numbers) == 2 else None)


def counted_maps(number: int) -> str:
    """Count maps in words."""
    return "1 map" if number == 1 else f"{number:,} maps"


def _is_map(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and path.is_file() and not path.is_symlink()


def _film_and_class(name: str, films: Collection[str]) -> tuple[str, str | None]:
    """What a path below the folder says: of which film it is, and of which class; None for all of them."""
    path = PurePosixPath(name)
    stem = path.name[: -len(path.suffix)]
    if stem_of(stem) in films:
        return path.with_suffix("").as_posix(), None
    film, separator, finding = stem.rpartition("__")
    if separator and film and finding:
        return (path.parent / film).as_posix(), finding
    if len(path.parts) > 1:
        return path.parent.as_posix(), stem
    return stem, None


def _plain(finding: str) -> str:
    """A class without what cannot stand in the name of a file everywhere."""
    return finding.replace("_", " ").casefold()


def _require_single(sources: Sequence[_Source]) -> None:
    """Raise StudyError where two files are of the same film and class; files of all classes come first."""
    seen: dict[tuple[str, str | None], Path] = {}
    for source in sources:
        other = seen.get((source.image_id, source.finding)) or seen.get((source.image_id, None))
        if other is not None:
            raise StudyError(
                f"{source.path}: is of the same film and class as {other}.", remedy="Keep one map for each."
            )
        seen[source.image_id, source.finding] = source.path


def _require_alike(source: _Source, before: tuple[int, ...], shape: tuple[int, ...]) -> None:
    if before != shape:
        raise StudyError(
            f"{source.path}: has {shape[0]} x {shape[1]} values, another map of the film {before[0]} x {before[1]}.",
            remedy="Save all maps of a film on one grid.",
        )


def _array(path: Path) -> FloatArray:
    if path.suffix.lower() == ".npy":
        return open_array(path, remedy=_MAP_REMEDY)
    try:
        samples = read_samples(path)
    except PictureError as error:
        raise StudyError(f"{path}: {error.message}.", remedy=error.remedy) from error
    if samples.colours.ndim != 2:
        raise StudyError(
            f"{path}: is a coloured picture, and colours are no values of a map.",
            remedy="Save the map itself, as a PNG of 16-bit greys or with numpy.save, before it is coloured.",
        )
    return samples.colours.astype(np.float32)


def _require_map(path: Path, array: FloatArray, n_dimensions: int) -> FloatArray:
    if array.ndim != n_dimensions or 0 in array.shape or array.dtype.kind not in "fiub":
        expected = "(rows, columns)" if n_dimensions == 2 else "(classes, rows, columns)"
        raise StudyError(
            f"{path}: holds {array.dtype} of shape {array.shape}; numbers of shape {expected} were expected.",
            remedy=_MAP_REMEDY,
        )
    if not np.isfinite(array).all():
        raise StudyError(f"{path}: holds values that are not finite.", remedy=_MAP_REMEDY)
    return np.asarray(array, dtype=np.float32)


def _notes(folder: Path, films: Sequence[str], findings: Sequence[str]) -> list[str]:
    notes = []
    if films:
        strange = counted(list(dict.fromkeys(films)), "film with maps", "films with maps")
        notes.append(f"{folder.name}: {strange} left out, for the labels have no such film.")
    if findings:
        strange = counted(list(dict.fromkeys(findings)), "class with maps", "classes with maps")
        notes.append(f"{folder.name}: {strange} left out, for the labels have no such class.")
    return notes
