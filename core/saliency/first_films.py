"""Maps of the films that a study is first looked at by, kept in it: there before a model is. Loads no torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

from core.datasets.films import film_pixels, films_at_hand
from core.errors import CoreError
from core.files import reading
from core.geometry import model_geometry
from core.saliency.imported import has_imported_maps
from core.saliency.layer_choice import LayerChoice
from core.saliency.maps import FilmMaps
from core.saliency.methods import METHODS
from core.saliency.tower.model_key import maps_key
from core.study.read import Study
from core.study.rewrite import changing, rewrite_study

PART: Final = "saliency/first_films.safetensors"
N_FILMS: Final = 8
_REMEDY: Final = "Compute them again with `python -m core saliency STUDY --store`."
_ABOUT: Final = "about"


def first_films(study: Study) -> tuple[str, ...]:
    """List the films that are looked at first: of test, those that readers drew on, in the study's order; at most
    `N_FILMS`.
    """
    drawn = set(study.annotated_ids())
    films = (study.image_ids[row] for row in study.rows("test"))
    return tuple(name for name in films if name in drawn)[:N_FILMS]


def first_maps(study: Study, setting: str, image_id: str, method: str) -> FilmMaps | None:
    """Give the maps that a study keeps of a film, by the method and at the layer that are usual, as they were computed;
    None where it keeps none, or they are of other films, scores or weights.

    Raises StudyError where the file is damaged.
    """
    said = _about(study, setting)
    if said is None or method != said["method"] or image_id not in said["films"]:
        return None
    film = said["films"][image_id]
    with _opened(study.path(PART)) as kept:
        values, scores = (kept.get_tensor(f"{setting}/{image_id}/{name}") for name in ("values", "scores"))
    return FilmMaps(
        method,
        tuple(said["layers"]),
        study.classes,
        (values,),
        tuple(film["problems"]),
        scores,
        tuple(film["targets"]),
        study.untrained(setting),
        model_geometry(film),
    )


def first_layers(study: Study, setting: str) -> tuple[LayerChoice, ...] | None:
    """Give the layers to choose from that a study keeps of a setting; None as for `first_maps`."""
    said = _about(study, setting)
    return None if said is None else tuple(LayerChoice(**one) for one in said["choices"])


def store_first_maps(root: Path) -> Study:
    """Compute the maps of a study's first films in every setting that has some, and put them into it.

    Without such films or settings the study stays as it is. Raises as `rewrite_study`.
    """
    with changing(root) as study:
        tensors, about = _computed(study)
        if not about:
            return study
        return rewrite_study(study, {PART: save(tensors, {_ABOUT: json.dumps(about)})})


def _computed(study: Study) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    """Arrays by setting, film and name, and what is said of them, by setting."""
    tensors: dict[str, np.ndarray[Any, Any]] = {}
    about: dict[str, Any] = {}
    at_hand = films_at_hand(study)
    films = {name: film_pixels(study, name) for name in first_films(study) if name in at_hand}
    for setting in study.settings if films else ():
        if has_imported_maps(study, setting):
            continue
        try:
            maps, choices = _of_setting(study, setting, films)
        except CoreError:  # it has no model here, or no maps: the page says which
            continue
        for name, found in maps.items():
            tensors[f"{setting}/{name}/values"] = np.ascontiguousarray(found.values[0])
            tensors[f"{setting}/{name}/scores"] = np.ascontiguousarray(found.scores)
        about[setting] = {
            "of": maps_key(study, setting),
            "method": METHODS[0].name,
            "layers": next(iter(maps.values())).layers,
            "choices": [asdict(choice) for choice in choices],
            "films": {name: _film(found) for name, found in maps.items()},
        }
    return tensors, about


def _of_setting(
    study: Study, setting: str, films: Mapping[str, Any]
) -> tuple[dict[str, FilmMaps], tuple[LayerChoice, ...]]:
    from core.saliency.film_maps import film_maps
    from core.saliency.tower.layers import layer_choices
    from core.saliency.tower.setting_model import load_setting_model

    model = load_setting_model(study, setting)
    maps = {name: film_maps(model, pixels, method=METHODS[0].name) for name, pixels in films.items()}
    return maps, layer_choices(model.visual)


def _film(found: FilmMaps) -> dict[str, Any]:
    return {"problems": found.problems, "targets": found.targets, "geometry": found.geometry.to_json()}


def _about(study: Study, setting: str) -> dict[str, Any] | None:
    """What a study says of a setting's maps; None where it has none, or others."""
    if not study.has(PART):
        return None
    said = _read(study.path(PART), study.fingerprint).get(setting)
    return said if said is not None and said["of"] == list(maps_key(study, setting)) else None


@lru_cache(maxsize=16)
def _read(path: Path, _fingerprint: str) -> dict[str, Any]:
    with _opened(path) as kept:
        said: dict[str, Any] = json.loads((kept.metadata() or {})[_ABOUT])
        return said


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with (
        reading(path, "the maps of its first films cannot be read", remedy=_REMEDY),
        safe_open(path, framework="np") as kept,
    ):
        yield kept
