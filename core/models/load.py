"""The one way in: any model that a loader knows, by short name, hub id or folder; without a network if it is local."""

from __future__ import annotations

from pathlib import Path

import torch

from core.models.clip_model import ClipModel
from core.models.device import Precision
from core.models.loaders.registry import loader_of
from core.models.preprocess import FilmTransform
from core.models.source import resolve


def load_clip(source: str | Path, *, device: str = "cpu", precision: Precision = "fp32") -> ClipModel:
    """Load a model with its transform and, where it has a text tower, its tokenizer.

    source : see `core.models.source.resolve`.
    precision : what films and prompts are encoded in; see `core.models.device.Precision`.
    Raises ModelError where a file is missing or damaged, where weights do not fit the configuration or may not be
    trusted, or where the tokenizer is not the model's.
    """
    folder = resolve(source)
    loader = loader_of(folder)
    loaded = loader.load(folder, device)
    return ClipModel(
        name=model_name(folder),
        folder=folder,
        config=folder / loader.config,
        model=loaded.model,
        device=torch.device(device),
        precision=precision,
        transform=loaded.transform,
        tokens=loaded.tokens,
        n_dimensions=loaded.n_dimensions,
        facts=loaded.facts,
    )


def load_visual(source: str | Path, *, device: str = "cpu") -> tuple[torch.nn.Module, FilmTransform]:
    """Load the image tower alone, with its transform: no text tower, no tokenizer. Evaluation mode, gradients off.

    Raises ModelError as `load_clip` does.
    """
    folder = resolve(source)
    return loader_of(folder).load_visual(folder, device)


def model_name(folder: Path) -> str:
    """Give the name of a model's folder; for a snapshot in the Hugging Face cache the repository's."""
    if folder.parent.name == "snapshots" and folder.parent.parent.name.startswith("models--"):
        return folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return folder.resolve().name
