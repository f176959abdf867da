"""The effects of findings as a part of a study, so that they ship with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

from core.errors import StudyError
from core.files import reading
from core.models.arrays import Float32Array
from core.study.read import Study
from core.study.rewrite import changing, rewrite_study
from core.twins.effects import FindingEffects
from core.twins.effects_log import effects_key

RECORD: Final = "twins/record.json"
_AGAIN: Final = "Compute them again with `python -m core twins STUDY`."


def effects_part(setting: str) -> str:
    """Name the part that holds effects on a setting's scores, (n, F, C) float32, NaN where there is none."""
    return f"twins/effects/{setting}.npy"


def store_effects(root: Path, effects: FindingEffects) -> Study:
    """Put effects into the study that they are of, in place of those that it holds. Raises as `rewrite_study`."""
    with changing(root) as study:
        record = {
            "key": effects_key(study, effects.settings),
            "image_ids": effects.image_ids,
            "causes": effects.causes,
            "classes": effects.classes,
            "settings": effects.settings,
            "grey": effects.grey,
        }
        parts: dict[str, bytes | Float32Array] = {RECORD: json.dumps(record).encode()}
        for setting, values in effects.by_setting.items():
            parts[effects_part(setting)] = values
        return rewrite_study(study, parts)


def stored_effects(study: Study) -> FindingEffects | None:
    """Read the effects that a study holds; None where it holds none, or those of other films, scores or models.

    Raises StudyError where they are damaged.
    """
    if not study.has(RECORD):
        return None
    path = study.path(RECORD)
    with reading(path, "the effects of findings cannot be read", remedy=_AGAIN):
        told = json.loads(path.read_text("utf-8"))
        settings = tuple(told["settings"])
        if not set(settings) <= set(study.settings) or told["key"] != effects_key(study, settings):
            return None
        found = FindingEffects(
            tuple(told["image_ids"]),
            tuple(told["causes"]),
            tuple(told["classes"]),
            {setting: np.load(study.path(effects_part(setting)), allow_pickle=False) for setting in settings},
            {cause: (row[0], row[1], row[2]) for cause, row in told["grey"].items()},
        )
    _check(path, found)
    return found


def _check(path: Path, found: FindingEffects) -> None:
    shape = (len(found.image_ids), len(found.causes), len(found.classes))
    for setting, values in found.by_setting.items():
        if values.shape != shape or values.dtype != np.float32:
            raise StudyError(
                f"{path}: effects on {setting} are {values.dtype} of shape {values.shape}; expected float32 {shape}.",
                remedy=_AGAIN,
            )
