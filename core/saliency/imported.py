"""The maps that were imported with a setting's scores, beside baselines of the same grid. Loads no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from core.errors import SaliencyError
from core.models.arrays import UInt8Array
from core.saliency.maps import FilmMaps
from core.saliency.methods import IMPORTED, METHODS, Method, method_of
from core.study import layout
from core.study.map_store import maps_index, read_maps
from core.study.read import Study


def has_imported_maps(study: Study, setting: str) -> bool:
    """Tell whether maps were imported with the scores of a setting."""
    return study.has(layout.maps_part(setting))


def methods_for(study: Study) -> tuple[Method, ...]:
    """List the methods whose maps a study can show, in the order of the registry, imported maps first; none of a study
    that holds a model's output alone.
    """
    has_files = any(has_imported_maps(study, setting) for setting in study.settings)
    if study.manifest.model is not None:
        return (*((IMPORTED,) if has_files else ()), *METHODS)
    return (IMPORTED, *(method for method in METHODS if method.needs == "nothing")) if has_files else ()


@dataclass(frozen=True, eq=False)
class ImportedMaps:
    """The imported maps of one setting of a study."""

    study: Study
    setting: str

    @property
    def untrained(self) -> Mapping[str, str]:
        """Say why a class has no map on any film, by class."""
        return self.study.untrained(self.setting)

    @cached_property
    def _films(self) -> Mapping[str, list[Mapping[str, Any]]]:
        """What there is of each film, from the index."""
        films: dict[str, list[Mapping[str, Any]]] = {}
        for entry in maps_index(self.study.path(layout.maps_part(self.setting))):
            films.setdefault(entry["image_id"], []).append(entry)
        return films

    def has(self, image_id: str) -> bool:
        """Tell whether any map of a film was imported."""
        return image_id in self._films

    def maps(self, image_id: str, film: UInt8Array, methods: Sequence[str]) -> dict[str, FilmMaps]:
        """Give the maps of all classes of a film by method: as imported, or by a method that needs no model.

        film : (H, W), uint8. Methods that need a model are left out. A class whose map was not imported has none.
        Raises SaliencyError where no map of the film was imported, StudyError where the file is damaged.
        """
        imported = self._imported(image_id)
        shape = imported.values[0].shape
        found: dict[str, FilmMaps] = {}
        for method in map(method_of, methods):
            if method.needs == "files":
                found[method.name] = imported
            elif method.needs == "nothing":
                found[method.name] = _as(imported, method, method.compute(film, shape[1], shape[2], shape[0]))
        return found

    def _imported(self, image_id: str) -> FilmMaps:
        if not self.has(image_id):
            raise SaliencyError(
                f"No map of this film was imported for {self.setting}.",
                remedy="Import the study again with its map in the folder that --maps names.",
            )
        stored = read_maps(self.study.path(layout.maps_part(self.setting)), self._films[image_id])
        by_class = {one.finding: one.values for one in stored}
        nothing = np.full(stored[0].values.shape, np.nan, np.float32)
        classes = self.study.classes
        values = np.stack([by_class.get(name, nothing) for name in classes])
        absent = {name: f"No map of {name} was imported for this film." for name in classes if name not in by_class}
        return FilmMaps(
            IMPORTED.name,
            ("",),
            classes,
            (IMPORTED.compute(values),),
            (None,),
            np.asarray(self.study.scores(self.setting)[self.study.row_of(image_id)], np.float32),
            tuple(f"{name}, as its maker explains it" for name in classes),
            {**absent, **self.untrained},
            stored[0].geometry,
        )


def _as(imported: FilmMaps, method: Method, values: np.ndarray[Any, np.dtype[np.float32]]) -> FilmMaps:
    """Another method's maps (C, rows, columns) on the grid and in the place of imported ones, for the same classes."""
    values[[index for index, name in enumerate(imported.classes) if name in imported.untrained]] = np.nan
    return replace(imported, method=method.name, values=(values,))
