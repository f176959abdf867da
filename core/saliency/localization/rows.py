"""The rows that one annotated film gives to the saliency table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.annotations.annotation import Annotation
from core.datasets.films import film_pixels
from core.geometry import Geometry
from core.metrics.localization import (
    LEVELS,
    chexlocalize_iou,
    laid,
    localize,
    mask_of,
    reader_agreement,
)
from core.saliency.film_maps import unsuited
from core.saliency.imported import ImportedMaps
from core.saliency.maps import FilmMaps
from core.saliency.methods import method_of
from core.saliency.shared_tower import maps_of_settings
from core.saliency.tower.layers import tower_layers
from core.saliency.tower.setting_model import SettingModel
from core.study.read import Study

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationPlan

MapSource = SettingModel | ImportedMaps
"""What gives the maps of a setting."""

_SWEPT = ("iou", "dice")
"""Fields of `Localization` with a value per level; every other one is a column of the table."""


def film_rows(
    study: Study,
    image_id: str,
    models: Mapping[str, MapSource],
    plan: LocalizationPlan,
    marks: Sequence[Annotation] | None = None,
) -> list[dict[str, Any]]:
    """Make one row per finding, reader, setting, method and layer; columns as `LocalizationResults.rows` has them.

    marks : what maps are compared with; by default what readers drew on the film.
    Findings that are not classes of the study, that a setting was never trained on, or whose map was not imported, have
    no row.
    """
    film = film_pixels(study, image_id)
    marks = study.annotations(image_id) if marks is None else marks
    drawn = [entry for entry in marks if entry.finding in study.classes]
    about = _about(study, image_id)
    findings = list(dict.fromkeys(entry.finding for entry in drawn))
    rows: list[dict[str, Any]] = []
    compared = _Compared(study, drawn)
    for setting, of_setting in _maps(models, findings, image_id, film, plan).items():
        for maps in of_setting:
            for finding in (name for name in maps.classes if name in findings and name not in maps.untrained):
                shared = {**about, "finding": finding, "setting": setting, "method": maps.method}
                rows += [{**shared, **row} for row in compared.rows(maps, finding)]
    return rows


def _about(study: Study, image_id: str) -> dict[str, Any]:
    image = study.images.iloc[study.row_of(image_id)]
    patient = image.get("patient_id")
    return {
        "image_id": image_id,
        "patient_id": image_id if patient is None or patient != patient else str(patient),
        "split": str(image["split"]),
    }


def _maps(
    sources: Mapping[str, MapSource],
    findings: Sequence[str],
    image_id: str,
    film: np.ndarray,
    plan: LocalizationPlan,
) -> dict[str, list[FilmMaps]]:
    """One FilmMaps per setting and method; methods that do not suit the image towers are left out."""
    found: dict[str, list[FilmMaps]] = {}
    models: dict[str, SettingModel] = {}
    for setting, source in sources.items():
        learnt = [finding for finding in findings if finding not in source.untrained]
        found[setting] = []
        if isinstance(source, ImportedMaps):
            if learnt and source.has(image_id):
                found[setting] = list(source.maps(image_id, film, plan.methods).values())
        elif learnt:
            models[setting] = source.only(learnt)
    for group in _alike(models):
        tower = tower_layers(next(iter(group.values())).visual)
        suitable = [method for method in map(method_of, plan.methods) if method.needs != "files"]
        methods = [method.name for method in suitable if unsuited(method, tower) is None]
        layers = tower.names if plan.has_all_layers else None
        for setting, maps in maps_of_settings(group, film, methods, layers=layers).items():
            found[setting] = list(maps.values())
    return found


def _alike(models: Mapping[str, SettingModel]) -> list[dict[str, SettingModel]]:
    """The settings of every image tower."""
    groups: dict[int, dict[str, SettingModel]] = {}
    for setting, model in models.items():
        groups.setdefault(id(model.visual), {})[setting] = model
    return list(groups.values())


class _Compared:
    """The maps of one film against what was drawn on it. The same map, of several settings, is compared once."""

    def __init__(self, study: Study, drawn: Sequence[Annotation]) -> None:
        self._drawn, self._classes = drawn, study.classes
        self._labels = study.labels[study.row_of(drawn[0].image_id)] if drawn else np.zeros(0)
        self._masks: dict[str, dict[str, np.ndarray]] = {}
        self._found: dict[tuple[str, str, tuple[int, ...], bytes, Geometry], dict[str, Any]] = {}

    def rows(self, maps: FilmMaps, finding: str) -> list[dict[str, Any]]:
        """Make one row per layer and reader."""
        masks = self._masks_of(finding)
        agreement = reader_agreement(masks)
        index = maps.classes.index(finding)
        shared = {
            "score": float(maps.scores[index]),
            "label": float(self._labels[self._classes.index(finding)]),
            "n_readers": len(masks),
            "readers_iou": agreement.iou,
            "readers_dice": agreement.dice,
        }
        rows = []
        for position, layer in enumerate(maps.layers):
            if maps.problems[position] is not None:
                continue
            about = {**shared, "layer": layer, "is_default": _is_default(maps, position)}
            values = maps.values[position][index]
            for reader, mask in masks.items():
                key = finding, reader, values.shape, values.tobytes(), maps.geometry
                if key not in self._found:
                    self._found[key] = _figures(values, mask, maps.geometry)
                rows.append({**about, "reader": reader, **self._found[key]})
        return rows

    def _masks_of(self, finding: str) -> dict[str, np.ndarray]:
        """By reader."""
        if finding not in self._masks:
            readers = list(dict.fromkeys(entry.reader for entry in self._drawn if entry.finding == finding))
            drawn = {reader: mask_of(self._drawn, finding, reader) for reader in readers}
            self._masks[finding] = {reader: mask for reader, mask in drawn.items() if mask is not None}
        return self._masks[finding]


def _is_default(maps: FilmMaps, position: int) -> bool:
    """Whether a layer is the one that the method takes by itself; where it is alone, it is."""
    return len(maps.layers) == 1 or position == method_of(maps.method).usual_of(len(maps.layers))


def _figures(values: np.ndarray, mask: np.ndarray, geometry: Geometry) -> dict[str, Any]:
    on_film = laid(values, (mask.shape[0], mask.shape[1]), geometry) if values.any() else None
    found = localize(values, mask, geometry, on_film=on_film)
    sweep = {
        f"{what}_{round(100 * level):02d}": float(value)
        for what, column in (("iou", found.iou), ("dice", found.dice))
        for level, value in zip(LEVELS, column, strict=True)
    }
    return {
        "raw_maximum": float(values.max()),
        **{name: value for name, value in vars(found).items() if name not in _SWEPT},
        "chexlocalize_iou": math.nan if on_film is None else chexlocalize_iou(values, mask, geometry, on_film=on_film),
        **sweep,
    }
