"""The maps of an import: found, joined to films and classes, and packed for the study."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from core.errors import StudyError
from core.geometry import Geometry
from core.intake.maps import counted_maps, find_maps
from core.intake.masks import known_sizes
from core.models.arrays import Progress
from core.study import layout
from core.study.map_store import StoredMap, write_maps


def check_map_options(maps: Mapping[str, Path], geometries: Mapping[str, Geometry], scores: Mapping[str, Path]) -> None:
    """Raise StudyError where maps are given for a setting without scores, or a geometry for one without maps."""
    needs = (("--maps", maps, "--scores", scores), ("--map-geometry", geometries, "--maps", maps))
    for option, named, other, known in needs:
        strange = next((setting for setting in named if setting not in known), None)
        if strange is not None:
            raise StudyError(
                f"{option} names the setting {strange!r}, which has no {other}.", remedy=f"Add {other} {strange}=..."
            )


@contextmanager
def imported_maps(
    folders: Mapping[str, Path],
    geometries: Mapping[str, Geometry],
    images: pd.DataFrame,
    classes: Sequence[str],
    progress: Progress,
) -> Iterator[tuple[dict[str, bytes | Path], tuple[str, ...]]]:
    """Give the files of maps by their part of the study, until it is written, and sentences on what was read.

    Raises StudyError, naming folder or file, for what is no map of these films and classes.
    """
    with tempfile.TemporaryDirectory() as scratch:
        parts: dict[str, bytes | Path] = {}
        notes: list[str] = []
        for number, (setting, folder) in enumerate(folders.items()):
            path = Path(scratch, str(number))
            parts[layout.maps_part(setting)] = path
            notes += _packed(path, setting, folder, geometries.get(setting), images, classes, progress)
        yield parts, tuple(notes)


def _packed(
    path: Path,
    setting: str,
    folder: Path,
    geometry: Geometry | None,
    images: pd.DataFrame,
    classes: Sequence[str],
    progress: Progress,
) -> list[str]:
    found = find_maps(folder, images["image_id"].tolist(), classes, known_sizes(images), geometry)
    films = list(dict.fromkeys(source.image_id for source in found.sources))
    done: list[str] = []

    def told() -> Iterator[StoredMap]:
        for stored in found.read():
            done.append(stored.image_id)
            progress(films.index(stored.image_id) + 1, len(films), "films with maps")
            yield stored

    write_maps(path, told())
    return [f"{setting}: {counted_maps(len(done))} of {len(films):,} films from {folder.name}.", *found.notes]
