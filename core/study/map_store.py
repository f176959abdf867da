"""Maps that were made elsewhere, as a study keeps them: 16-bit PNGs and an index, in one ZIP file a setting."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from core.errors import StudyError
from core.files import reading
from core.geometry import FloatArray, Geometry, model_geometry
from core.study.folder import AGAIN

_INDEX: Final = "index.json"
_STEPS: Final = 65535
"""A map is kept in so many steps of its maximum: it is off by at most 8 millionths of it."""


@dataclass(frozen=True, eq=False)
class StoredMap:
    """One map of one class on one film, raw.

    values : (rows, columns), finite, 0 and above.
    geometry : where it lies on the film.
    """

    image_id: str
    finding: str
    values: FloatArray
    geometry: Geometry


def write_maps(path: Path, maps: Iterable[StoredMap]) -> None:
    """Write maps into one file; the same maps in the same order give the same bytes."""
    index = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, stored in enumerate(maps):
            maximum, member = float(stored.values.max()), f"{number:06d}.png"
            archive.writestr(zipfile.ZipInfo(member), _png(stored.values, maximum))
            about = {"image_id": stored.image_id, "finding": stored.finding, "file": member, "maximum": maximum}
            index.append({**about, "geometry": stored.geometry.to_json()})
        archive.writestr(zipfile.ZipInfo(_INDEX), json.dumps(index, ensure_ascii=False))


def maps_index(path: Path) -> tuple[dict[str, Any], ...]:
    """List what a file of maps holds: image_id, finding, file, maximum and geometry of each, in the order of writing.

    Raises StudyError where it is no such file.
    """
    with reading(path, "is not a file of maps", remedy=AGAIN), zipfile.ZipFile(path) as archive:
        entries = json.loads(archive.read(_INDEX))
        return tuple({name: entry[name] for name in _ENTRY} for entry in entries)


_ENTRY: Final = ("image_id", "finding", "file", "maximum", "geometry")


def read_maps(path: Path, entries: Iterable[Mapping[str, Any]]) -> tuple[StoredMap, ...]:
    """Read the maps of some entries of `maps_index`. Raises StudyError where one is damaged."""
    with reading(path, "is not a file of maps", remedy=AGAIN), zipfile.ZipFile(path) as archive:
        return tuple(_read(archive, entry) for entry in entries)


def _read(archive: zipfile.ZipFile, entry: Mapping[str, Any]) -> StoredMap:
    steps = np.asarray(Image.open(io.BytesIO(archive.read(entry["file"])), formats=["PNG"]))
    if steps.dtype != np.uint16 or steps.ndim != 2 or not entry["maximum"] >= 0:
        raise StudyError(f"{archive.filename}: {entry['file']} is no map of 16-bit greys.", remedy=AGAIN)
    values = (steps / _STEPS * entry["maximum"]).astype(np.float32)
    return StoredMap(entry["image_id"], entry["finding"], values, model_geometry({"geometry": entry["geometry"]}))


def _png(values: FloatArray, maximum: float) -> bytes:
    shares = np.asarray(values, dtype=np.float64) / (maximum or 1.0)
    buffer = io.BytesIO()
    Image.fromarray(np.round(shares * _STEPS).astype(np.uint16)).save(buffer, "PNG")
    return buffer.getvalue()
