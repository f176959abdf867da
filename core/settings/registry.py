"""The settings: one file and one line each. Importing them loads no torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from core.settings import (
    clip_adapter,
    fine_tune,
    fine_tune_asymmetric,
    fine_tune_class_balanced,
    fine_tune_focal,
    fine_tune_ldam,
    fine_tune_logit_adjusted,
    linear_probe,
    linear_probe_converged,
    lora,
    lp_plus_plus,
    prompt_learning,
    ss_text,
    tip_adapter,
    zero_shot,
)
from core.settings.base import Encoder, Setting
from core.study.layout import of_model, parted

SETTINGS: tuple[Setting[Any], ...] = (
    zero_shot.SETTING,
    linear_probe.SETTING,
    fine_tune.SETTING,
    linear_probe_converged.SETTING,
    ss_text.SETTING,
    lp_plus_plus.SETTING,
    tip_adapter.SETTING,
    clip_adapter.SETTING,
    fine_tune_class_balanced.SETTING,
    fine_tune_focal.SETTING,
    fine_tune_asymmetric.SETTING,
    fine_tune_ldam.SETTING,
    fine_tune_logit_adjusted.SETTING,
    lora.SETTING,
    prompt_learning.SETTING,
)
"""In the order in which they are built and shown."""


def names() -> tuple[str, ...]:
    """List the names of all settings, in their order."""
    return tuple(setting.name for setting in SETTINGS)


def usual() -> tuple[str, ...]:
    """List the names of the settings that a build makes where nothing is said of them, in their order."""
    return tuple(setting.name for setting in SETTINGS if setting.is_usual)


def shown_first(given: Sequence[str]) -> str:
    """Choose the setting that is shown until another is asked for: the last that every build makes, or else the last.

    given : names, at least one.
    """
    held = [name for name in given if name in usual()]
    return (held or list(given))[-1]


def known(name: str) -> Setting[Any] | None:
    """Find the setting of a name, of whichever model; None for one that a study was given from elsewhere.

    >>> known("zero_shot.rad-dino").title
    'Zero-shot (rad-dino)'
    """
    own, model = parted(name)
    found = next((setting for setting in SETTINGS if setting.name == own), None)
    return found if found is None else setting_beside(found, model)


def setting_beside(setting: Setting[Any], model: str) -> Setting[Any]:
    """Give a setting as it is of another model of a study; itself for "", the study's own."""
    if not model:
        return setting
    converged = None if setting.converged is None else of_model(setting.converged, model)
    return replace(
        setting,
        name=of_model(setting.name, model),
        title=f"{setting.title} ({model})",
        encoder=encoder_beside(setting.encoder, model),
        converged=converged,
    )


def encoder_beside(encoder: Encoder, model: str) -> Encoder:
    """Give an encoder as it is of another model of a study; itself for "", the study's own."""
    if not model:
        return encoder
    name, title = of_model(encoder.name, model), f"{encoder.title} ({model})"
    said = f"Of {model}: {encoder.description[0].lower()}{encoder.description[1:]}"
    return replace(encoder, name=name, title=title, description=said)


def known_encoder(name: str) -> Encoder | None:
    """Find the encoder of a name that some setting reads; None for one that a study was given from elsewhere."""
    own, model = parted(name)
    found = next((setting.encoder for setting in SETTINGS if setting.encoder.name == own), None)
    return found if found is None else encoder_beside(found, model)


def in_order(given: Iterable[str]) -> tuple[str, ...]:
    """Sort names of settings in the order of the registry, then those of other models and the unknown as they come."""
    rest = list(given)
    return (*(name for name in names() if name in rest), *(name for name in rest if name not in names()))
