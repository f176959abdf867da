"""The rows that one annotated film gives to the saliency table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.annotations.annotation import Annotation
from core.datasets.films import film_pixels
from core.geometry import Geometry
from core.metrics.localization import LEVELS, chexlocalize_iou, localize, mask_of, reader_agreement
from core.saliency.film_maps import maps_by_method, unsuited
from core.saliency.imported import ImportedMaps
from core.saliency.maps import FilmMaps
from core.saliency.methods import method_of
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
    for setting, model in models.items():
        learnt = [finding for finding in findings if finding not in model.untrained]
        for maps in _maps(model, learnt, image_id, film, plan) if learnt else ():
            for finding in (name for name in learnt if name not in maps.untrained):
                shared = {**about, "finding": finding, "setting": setting, "method": maps.method}
                rows += [{**shared, **row} for row in _finding_rows(study, maps, drawn, finding)]
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
    source: MapSource, findings: Sequence[str], image_id: str, film: np.ndarray, plan: LocalizationPlan
) -> list[FilmMaps]:
    """One FilmMaps per method; methods that do not suit the image tower are left out."""
    if isinstance(source, ImportedMaps):
        return list(source.maps(image_id, film, plan.methods).values()) if source.has(image_id) else []
    model = source.only(findings)
    tower = tower_layers(model.visual)
    suitable = [method for method in map(method_of, plan.methods) if method.needs != "files"]
    methods = [method.name for method in suitable if unsuited(method, tower) is None]
    layers = tower.names if plan.has_all_layers else None
    return list(maps_by_method(model, film, methods, layers=layers).values())


def _finding_rows(study: Study, maps: FilmMaps, drawn: Sequence[Annotation], finding: str) -> list[dict[str, Any]]:
    """One row per layer and reader."""
    readers = list(dict.fromkeys(entry.reader for entry in drawn if entry.finding == finding))
    masks = {reader: mask for reader in readers if (mask := mask_of(drawn, finding, reader)) is not None}
    agreement = reader_agreement(masks)
    index = maps.classes.index(finding)
    labels = study.labels[study.row_of(drawn[0].image_id)]
    shared = {
        "score": float(maps.scores[index]),
        "label": float(labels[study.classes.index(finding)]),
        "n_readers": len(readers),
        "readers_iou": agreement.iou,
        "readers_dice": agreement.dice,
    }
    rows = []
    for position, layer in enumerate(maps.layers):
        if maps.problems[position] is not None:
            continue
        for reader, mask in masks.items():
            figures = _figures(maps.values[position][index], mask, maps.geometry)
            rows.append(
                {**shared, "layer": layer, "is_default": _is_default(maps, position), "reader": reader, **figures}
            )
    return rows


def _is_default(maps: FilmMaps, position: int) -> bool:
    """Whether a layer is the one that the method takes by itself; where it is alone, it is."""
    return len(maps.layers) == 1 or position == method_of(maps.method).usual_of(len(maps.layers))


def _figures(values: np.ndarray, mask: np.ndarray, geometry: Geometry) -> dict[str, Any]:
    found = localize(values, mask, geometry)
    sweep = {
        f"{what}_{round(100 * level):02d}": float(value)
        for what, column in (("iou", found.iou), ("dice", found.dice))
        for level, value in zip(LEVELS, column, strict=True)
    }
    return {
        "raw_maximum": float(values.max()),
        **{name: value for name, value in vars(found).items() if name not in _SWEPT},
        "chexlocalize_iou": math.nan if found.is_zero else chexlocalize_iou(values, mask, geometry),
        **sweep,
    }
