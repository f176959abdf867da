"""The families of models that can be loaded: one file and one line each. Importing them loads no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.errors import ModelError
from core.models.loaders import (
    dinov2,
    hugging_face_clip,
    hugging_face_siglip,
    open_clip_folder,
    openai_state,
    timm_folder,
)
from core.models.loaders.base import Loader
from core.models.loaders.folder_files import config_in, refuse_code

LOADERS: Final[tuple[Loader, ...]] = (
    open_clip_folder.LOADER,
    hugging_face_clip.LOADER,
    hugging_face_siglip.LOADER,
    openai_state.LOADER,
    dinov2.LOADER,
    timm_folder.LOADER,
)
"""In the order in which a folder is shown to them."""

CONFIGS: Final = tuple(dict.fromkeys(loader.config for loader in LOADERS))
"""The files that a model's folder is known by."""


def loader_of(folder: Path) -> Loader:
    """Find the loader of the model in a folder; ModelError, saying what was found, where none knows it."""
    found = known_loader(folder)
    if found is not None:
        return found
    config = config_in(folder, _CONFIG)
    if config:
        refuse_code(folder, _CONFIG)
        kind = config.get("model_type", "of no kind that it names")
        raise ModelError(
            f"{folder}: is a model {kind!r} of transformers, which is none that is loaded here.",
            remedy=f"Use one of: {titles()}. Or import its scores: `python -m core import`.",
        )
    raise ModelError(
        f"{folder}: there is no {CONFIGS[0]}, nor what another model is known by ({', '.join(CONFIGS[1:])}).",
        remedy=f"Name a folder that holds one of: {titles()}.",
    )


def known_loader(folder: Path) -> Loader | None:
    """Find the loader of the model in a folder; None where none knows it."""
    return next((loader for loader in LOADERS if folder.is_dir() and loader.is_one(folder)), None)


def titles() -> str:
    """List the families in words."""
    return ", ".join(loader.title for loader in LOADERS)


_CONFIG: Final = "config.json"
