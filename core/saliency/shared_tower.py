"""The maps of several settings at once: those that share an image tower share its passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch

from core.models.arrays import UInt8Array
from core.saliency.film_maps import maps_by_method
from core.saliency.maps import FilmMaps
from core.saliency.methods import method_of
from core.saliency.tower.setting_model import SettingModel
from core.saliency.tower.targets import Target

_CLASS_BY_CLASS: Final = (
    "gradients", "mean_gradients", "activations", "attention", "blocks", "relevance", "masks", "scores",
)  # fmt: skip
"""What methods need whose map of a class does not depend on which other classes are asked for."""


@dataclass(frozen=True, eq=False)
class _Joined:
    """The classes of several targets, one after the other."""

    targets: tuple[Target, ...]

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        return torch.cat([target(embeddings) for target in self.targets], dim=-1)

    def describe(self, finding: str) -> str:
        """Say nothing: each setting says what its own scores are."""
        return finding


def maps_of_settings(
    models: Mapping[str, SettingModel],
    film: UInt8Array,
    methods: Sequence[str],
    *,
    layers: Sequence[str] | None = None,
) -> dict[str, dict[str, FilmMaps]]:
    """Compute the maps of several settings, by setting and method, as `maps_by_method` does of each alone.

    models : by setting, each of the classes that are wanted; those of one image tower go through it together.
    """
    found: dict[str, dict[str, FilmMaps]] = {setting: {} for setting in models}
    shared = [name for name in methods if method_of(name).needs in _CLASS_BY_CLASS]
    alone = [name for name in methods if name not in shared]
    groups: dict[int, list[str]] = {}
    for setting, model in models.items():
        groups.setdefault(id(model.visual), []).append(setting)
    for group in groups.values():
        for setting, maps in _together({name: models[name] for name in group}, film, shared, layers).items():
            found[setting] |= maps
    for setting, model in models.items():
        found[setting] |= maps_by_method(model, film, alone, layers=layers)
    return {setting: {name: maps[name] for name in methods} for setting, maps in found.items()}


def _together(
    models: Mapping[str, SettingModel], film: UInt8Array, methods: Sequence[str], layers: Sequence[str] | None
) -> dict[str, dict[str, FilmMaps]]:
    first = next(iter(models.values()))
    if len(models) == 1:
        return {first.setting: maps_by_method(first, film, methods, layers=layers)}
    classes = tuple(f"{setting}: {name}" for setting, model in models.items() for name in model.classes)
    target = _Joined(tuple(model.target for model in models.values()))
    joined = replace(first, classes=classes, target=target, untrained={})
    every = maps_by_method(joined, film, methods, layers=layers)
    found: dict[str, dict[str, FilmMaps]] = {}
    begin = 0
    for setting, model in models.items():
        own = slice(begin, begin + len(model.classes))
        found[setting] = {name: _part(maps, model, own) for name, maps in every.items()}
        begin = own.stop
    return found


def _part(maps: FilmMaps, model: SettingModel, own: slice) -> FilmMaps:
    values = tuple(model.learnt(part[own].copy()) for part in maps.values)
    for part in values:
        part.flags.writeable = False
    return replace(
        maps,
        classes=model.classes,
        values=values,
        scores=model.learnt(maps.scores[own].copy()),
        targets=tuple(map(model.target.describe, model.classes)),
        untrained=model.untrained,
    )
