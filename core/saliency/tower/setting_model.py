"""The model of one setting of a study: its image tower and its scores, loaded once and shared by all who look."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.errors import ModelError, SaliencyError
from core.files import digest
from core.geometry import model_geometry
from core.models.device import best_device
from core.models.load import load_visual
from core.models.preprocess import FilmTransform
from core.models.source import require_preprocessing, require_weights, resolve
from core.recent import Recent
from core.saliency.tower.model_key import model_key
from core.saliency.tower.targets import SomeClasses, Target, logit_target
from core.settings import registry
from core.settings.base import FROZEN
from core.settings.head import HEAD, load_head
from core.settings.tower import VISUAL, load_visual_state, with_weights
from core.study import layout
from core.study.read import Study

_KEPT = 2 * len(registry.SETTINGS)
"""Setting models, and image towers, that stay loaded at once: two studies of all settings; BiomedCLIP's tower takes
345 MB."""


@dataclass(frozen=True, eq=False)
class Tower:
    """An image tower, with the lock that everyone who hooks into it must hold."""

    visual: torch.nn.Module
    transform: FilmTransform
    device: torch.device
    lock: threading.Lock = field(default_factory=threading.Lock)

    def copied(self) -> torch.nn.Module:
        """Copy the image tower once more, sharing nothing, taken while nobody has hooks on it."""
        with self.lock:
            return copy.deepcopy(self.visual)


@dataclass(frozen=True, eq=False)
class SettingModel:
    """From a film to the scores of all classes in one setting; differentiable.

    untrained : why the scores of a class, and its maps, mean nothing, by class, in a sentence.
    """

    setting: str
    classes: tuple[str, ...]
    tower: Tower
    target: Target
    untrained: Mapping[str, str] = field(default_factory=dict)

    @property
    def visual(self) -> torch.nn.Module:
        """Give the image tower: (n, 3, S, S) -> (n, d), evaluation mode, gradients off for its weights."""
        return self.tower.visual

    def only(self, classes: Sequence[str]) -> SettingModel:
        """Make the same model with the scores of some classes, in the order given: fewer gradients to take."""
        indices = [self.classes.index(name) for name in classes]
        return replace(self, classes=tuple(classes), target=SomeClasses(self.target, torch.tensor(indices)))

    def scores(self, film: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Compute (C,) raw scores of one film (H, W) or (H, W, 3), uint8,
        of the kind that the study holds for the setting; NaN for a class that it was never trained on.
        """
        pixels = self.tower.transform(film)[None].to(self.tower.device)
        with self.tower.lock, torch.inference_mode():
            return self.learnt(np.array(self.target(self.visual(pixels))[0].cpu().numpy(), np.float32))

    def learnt(self, values: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Make the values (C, ...) of the classes that the setting was never trained on NaN, in place."""
        values[[index for index, name in enumerate(self.classes) if name in self.untrained]] = np.nan
        return values


def load_setting_model(study: Study, setting: str) -> SettingModel:
    """Load the model behind a setting's scores; loaded once for each model and setting, whatever is drawn.

    Needs the study's model on this computer, and what the study stores of the setting: its classifier, or what else its
    target is made of, and the image tower, where the setting trained one.
    Raises ModelError where the model is absent or another than the study's, SaliencyError where the setting cannot have
    a map, StudyError where its files are damaged.
    """
    return _models.get_or_load(model_key(study, setting), lambda: _load(study, setting))


def _load(whole: Study, named: str) -> SettingModel:
    study, setting = whole.of_setting(named)
    entry = study.manifest.settings.get(setting)
    if entry is None:
        raise SaliencyError(
            f"The study {study.name} has no setting {setting!r}.",
            remedy=f"Choose one of {', '.join(study.settings)}, or build the study with `--settings {setting}`.",
        )
    tower, known = _study_tower(study), registry.known(setting)
    if known is None or known.target is None:
        target = _classifier(study, setting, tower.device)
        is_trained = entry.encoder not in (None, FROZEN.name)
    else:
        target, is_trained = known.target(study, tower.device), known.encoder.is_trained
    if is_trained or study.has(layout.setting_part(setting, VISUAL)):
        tower = _trained_tower(study, setting, tower)
    return SettingModel(named, study.classes, tower, target, whole.untrained(named))


def _trained_tower(study: Study, setting: str, tower: Tower) -> Tower:
    """The image tower that a setting trained, from the one that it began with."""
    part = layout.setting_part(setting, VISUAL)
    if not study.has(part):
        raise SaliencyError(
            f"The study {study.name} does not hold the image tower that was trained for {setting}.",
            remedy="Build the study with `python -m core build`, which keeps visual.safetensors, to see saliency maps.",
        )
    visual = with_weights(tower.copied(), load_visual_state(study.path(part)))
    return Tower(visual, tower.transform, tower.device)


def _classifier(study: Study, setting: str, device: torch.device) -> Target:
    """The linear classifier that a study keeps of a setting."""
    part = layout.setting_part(setting, HEAD)
    if not study.has(part):
        raise SaliencyError(
            f"The study {study.name} holds the scores of {setting} but not the classifier that gave them.",
            remedy="Build the study with `python -m core build`, which keeps the classifier, to see saliency maps.",
        )
    head = load_head(study.path(part))
    return logit_target(head.weight, head.bias, device, is_unit=head.is_unit)


def _study_tower(study: Study) -> Tower:
    """The image tower of the study's model, shared by the settings that leave it frozen."""
    model = study.manifest.model
    if not model or not model.get("source"):
        raise ModelError(
            f"The study {study.name} holds a model's output only, not which model gave it.",
            remedy="Saliency maps need the model: build the study with `python -m core build DATASET MODEL --out DIR`.",
        )
    name = model.get("name", model["source"])
    try:
        folder = resolve(str(model["source"]))
    except ModelError as error:
        raise ModelError(
            f"The study {study.name} needs its model {name} for this. {error.message}", remedy=error.remedy
        ) from error
    return _towers.get_or_load((str(folder), digest(model)), lambda: _load_tower(folder, model, study.name))


def _load_tower(folder: Path, model: dict[str, Any], study: str) -> Tower:
    require_weights(folder, model, study)
    device = best_device()
    visual, transform = load_visual(folder, device=device)
    require_preprocessing(folder, transform.cfg, model, study)
    _require_geometry(transform, model, study)
    return Tower(visual, transform, torch.device(device))


def _require_geometry(transform: FilmTransform, model: dict[str, Any], study: str) -> None:
    """Raise SaliencyError where films become this model's input otherwise than the study says, or it says nothing."""
    said, found = model_geometry(model), transform.geometry
    if (said.resize, said.input_px) != (found.resize, found.input_px):
        raise SaliencyError(
            f"The study {study} says that its model sees {said.words}, at {said.input_px} pixels; the model on this "
            f"computer sees {found.words}, at {found.input_px}.",
            remedy="Build the study again with `python -m core build`, so that maps lie where the model looked.",
        )


_models: Recent[str, SettingModel] = Recent(_KEPT)
_towers: Recent[tuple[str, str], Tower] = Recent(_KEPT)
