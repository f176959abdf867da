"""What stands for the model behind a setting's maps, whatever else of a study changes. Loads no torch."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from core.files import digest
from core.settings.base import FROZEN
from core.study import layout

if TYPE_CHECKING:
    from core.study import Study


def model_key(study: Study, setting: str) -> str:
    """Give 16 hex digits that change with the model, its weights, the classifier,
    the prompts or the classes of a setting.

    Marks, thresholds and other settings may come and go, and what was loaded for this one is still right.
    """
    study, setting = study.of_setting(setting)
    entry = study.manifest.settings.get(setting)
    encoder = (entry.encoder if entry else None) or FROZEN.name
    texts, scores = layout.text_embeddings_part(encoder), layout.scores_part(setting)
    own = layout.setting_part(setting, "")
    parts = [part for part in study.manifest.files if part == texts or (part.startswith(own) and part != scores)]
    content = {
        "setting": setting,
        "entry": None if entry is None else [entry.score_kind, entry.encoder, *entry.untrained],
        "classes": study.classes,
        "model": study.manifest.model,
        "prompts": [asdict(prompt) for prompt in study.manifest.prompts],
        "parts": {part: study.manifest.files[part].sha256 for part in parts},
    }
    return digest(content, 16)


def maps_key(study: Study, setting: str) -> tuple[str, str]:
    """Say what stands for the maps of the study's films in a setting:
    its films and scores, and the model behind them.
    """
    is_there = setting in study.settings
    return study.scores_fingerprint(setting) if is_there else study.fingerprint, model_key(study, setting)
