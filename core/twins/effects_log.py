"""The films whose twins were scored, one line each, so that an interrupted run goes on where it was."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.files import digest
from core.models.arrays import Float32Array
from core.paths import cache_folder
from core.saliency.tower.model_key import maps_key
from core.study.read import Study

VERSION: Final = 1
"""Of how twins are made and scored; what another version kept is done again."""


@dataclass(frozen=True, eq=False)
class FilmEffects:
    """What findings do to the scores of one film.

    effects : by setting, (F, C). grey : (F, 3), mean absolute difference in the region, about it, elsewhere.
    """

    image_id: str
    effects: Mapping[str, Float32Array]
    grey: Float32Array


class EffectsLog:
    """A file of films that are done. A line that broke off counts as not there.

    done : by image_id.
    """

    def __init__(self, path: Path, *, again: bool = False) -> None:
        self._path = path
        if again:
            path.unlink(missing_ok=True)
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
        found = [film for film in map(_film, text.splitlines()) if film is not None]
        self.done = {film.image_id: film for film in found}
        self._breaks_off = bool(text) and not text.endswith("\n")

    def add(self, film: FilmEffects) -> None:
        """Write what was done of a film."""
        line = {
            "image_id": film.image_id,
            "effects": {setting: _packed(values) for setting, values in film.effects.items()},
            "grey": _packed(film.grey),
        }
        with self._path.open("ab") as file:
            file.write(f"{chr(10) if self._breaks_off else ''}{json.dumps(line)}\n".encode())
        self._breaks_off = False
        self.done[film.image_id] = film


def effects_key(study: Study, settings: tuple[str, ...]) -> str:
    """Give 16 hex digits for the films, the settings' models, and how twins are made."""
    return digest([VERSION, study.manifest.dataset, {name: maps_key(study, name) for name in settings}], 16)


def log_path(study: Study, settings: tuple[str, ...], causes: tuple[str, ...]) -> Path:
    """Say where what was done of a study is kept until it is stored with it."""
    return cache_folder() / "twins" / f"{digest([effects_key(study, settings), causes], 16)}.jsonl"


def _packed(values: Float32Array) -> dict[str, Any]:
    exact = np.ascontiguousarray(values, dtype="<f4")
    return {"shape": exact.shape, "values": base64.b64encode(exact.tobytes()).decode()}


def _unpacked(told: Mapping[str, Any]) -> Float32Array:
    values: Float32Array = np.frombuffer(base64.b64decode(told["values"]), dtype="<f4").astype(np.float32)
    return values.reshape(told["shape"])


def _film(line: str) -> FilmEffects | None:
    try:
        told = json.loads(line)
        effects = {setting: _unpacked(values) for setting, values in told["effects"].items()}
        return FilmEffects(told["image_id"], effects, _unpacked(told["grey"]))
    except (ValueError, KeyError, TypeError):
        return None
