"""The model of one setting of a study: its image tower and its scores, loaded once and shared by all who look."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch

from core.errors import ModelError, SaliencyError
from core.files import digest
from core.models.device import best_device
from core.models.load import load_visual
from core.models.preprocess import FilmTransform
from core.models.source import require_preprocessing, require_weights, resolve
from core.saliency.model_key import model_key
from core.saliency.targets import SomeClasses, Target, logit_target, text_target
from core.settings.head import load_head
from core.settings.tower import load_visual_state, with_weights
from core.settings.zero_shot import margin_directions, name_directions, unit_rows
from core.study.read import Study

_KEPT = 6
"""Setting models, and image towers, that stay loaded at once: two studies of three settings; BiomedCLIP's tower takes
345 MB."""

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class Tower:
    """An image tower, with the lock that everyone who hooks into it must hold."""

    visual: torch.nn.Module
    transform: FilmTransform
    device: torch.device
    lock: threading.Lock = field(default_factory=threading.Lock)

    def copied(self) -> torch.nn.Module:
        """The image tower once more, sharing nothing, taken while nobody has hooks on it."""
        with self.lock:
            return copy.deepcopy(self.visual)


@dataclass(frozen=True, eq=False)
class SettingModel:
    """From a film to the scores of all classes in one setting; differentiable."""

    setting: str
    classes: tuple[str, ...]
    tower: Tower
    target: Target

    @property
    def visual(self) -> torch.nn.Module:
        """The image tower: (n, 3, S, S) -> (n, d), evaluation mode, gradients off for its weights."""
        return self.tower.visual

    def only(self, classes: Sequence[str]) -> SettingModel:
        """The same model with the scores of some classes, in the order given: fewer gradients to take."""
        indices = [self.classes.index(name) for name in classes]
        return replace(self, classes=tuple(classes), target=SomeClasses(self.target, torch.tensor(indices)))

    def scores(self, film: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """(C,) raw scores of one film (H, W) or (H, W, 3), uint8, of the kind that the study holds for the setting."""
        pixels = self.tower.transform(film)[None].to(self.tower.device)
        with self.tower.lock, torch.inference_mode():
            return np.asarray(self.target(self.visual(pixels))[0].cpu().numpy(), np.float32)


def load_setting_model(study: Study, setting: str) -> SettingModel:
    """The model behind a setting's scores; loaded once for each model and setting, whatever is drawn.

    Needs the study's model on this computer, and what the study stores of the setting: prompts and text embeddings
    (zero-shot), or the classifier (linear probe), or classifier and image tower (fine-tuning).
    Raises ModelError where the model is absent or another than the study's, SaliencyError where the setting cannot have
    a map, StudyError where its files are damaged.
    """
    return _models.get(model_key(study, setting), lambda: _load(study, setting))


def _load(study: Study, setting: str) -> SettingModel:
    entry = study.manifest.settings.get(setting)
    if entry is None:
        raise SaliencyError(
            f"The study {study.name} has no setting {setting!r}.",
            remedy=f"Choose one of {', '.join(study.settings)}, or build the study with `--settings {setting}`.",
        )
    head_part, visual_part = (f"settings/{setting}/{name}.safetensors" for name in ("head", "visual"))
    tower = _study_tower(study)
    if setting == "zero_shot":
        target: Target = _text_target(study, entry.encoder or "frozen", entry.score_kind, tower.device)
        return SettingModel(setting, study.classes, tower, target)
    if not study.has(head_part):
        raise SaliencyError(
            f"The study {study.name} holds the scores of {setting} but not the classifier that gave them.",
            remedy="Build the study with `python -m core build`, which keeps the classifier, to see saliency maps.",
        )
    if study.has(visual_part):
        visual = with_weights(tower.copied(), load_visual_state(study.path(visual_part)))
        tower = Tower(visual, tower.transform, tower.device)
    elif entry.encoder not in (None, "frozen"):
        raise SaliencyError(
            f"The study {study.name} does not hold the image tower that was trained for {setting}.",
            remedy="Build the study with `python -m core build`, which keeps visual.safetensors, to see saliency maps.",
        )
    head = load_head(study.path(head_part))
    return SettingModel(setting, study.classes, tower, logit_target(head.weight, head.bias, tower.device))


def _text_target(study: Study, encoder: str, kind: str, device: torch.device) -> Target:
    prompts, classes = study.manifest.prompts, study.classes
    if not prompts or not study.has(f"encoders/{encoder}/text_embeddings.npy"):
        raise SaliencyError(
            f"The study {study.name} does not hold the prompts and text embeddings of its zero-shot scores.",
            remedy="Build the study with `python -m core build`, which keeps them, to see saliency maps.",
        )
    embeddings = np.asarray(study.text_embeddings(encoder))
    if kind == "margin":
        return text_target(margin_directions(embeddings, prompts, classes), "margin", device)
    names = name_directions(embeddings, prompts, classes)
    if kind == "similarity":
        return text_target(unit_rows(names, "text embedding"), "similarity", device)
    return text_target(names, "logit", device)


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
    return _towers.get((str(folder), digest(model)), lambda: _load_tower(folder, model, study.name))


def _load_tower(folder: Path, model: dict[str, Any], study: str) -> Tower:
    require_weights(folder, model, study)
    device = best_device()
    visual, transform = load_visual(folder, device=device)
    require_preprocessing(folder, transform.cfg, model, study)
    return Tower(visual, transform, torch.device(device))


class _Loaded(Generic[Key, Value]):
    """A few loaded things; the one unused for longest goes first. Each is loaded once, however many ask at once."""

    def __init__(self, n_kept: int) -> None:
        self._n_kept = n_kept
        self._lock = threading.RLock()
        self._things: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key, load: Callable[[], Value]) -> Value:
        with self._lock:
            if key not in self._things:
                self._things[key] = load()
            self._things.move_to_end(key)
            while len(self._things) > self._n_kept:
                self._things.popitem(last=False)
            return self._things[key]


_models: _Loaded[str, SettingModel] = _Loaded(_KEPT)
_towers: _Loaded[tuple[str, str], Tower] = _Loaded(_KEPT)
