"""The settings: one file and one line each. Importing them loads no torch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.settings import fine_tune, linear_probe, zero_shot
from core.settings.base import Encoder, Setting

SETTINGS: tuple[Setting[Any], ...] = (
    zero_shot.SETTING,
    linear_probe.SETTING,
    fine_tune.SETTING,
)
"""In the order in which they are built and shown."""


def names() -> tuple[str, ...]:
    """List the names of all settings, in their order."""
    return tuple(setting.name for setting in SETTINGS)


def usual() -> tuple[str, ...]:
    """List the names of the settings that a build makes where nothing is said of them, in their order."""
    return tuple(setting.name for setting in SETTINGS if setting.is_usual)


def known(name: str) -> Setting[Any] | None:
    """Find the setting of a name; None for one that a study was given from elsewhere."""
    return next((setting for setting in SETTINGS if setting.name == name), None)


def known_encoder(name: str) -> Encoder | None:
    """Find the encoder of a name that some setting reads; None for one that a study was given from elsewhere."""
    return next((setting.encoder for setting in SETTINGS if setting.encoder.name == name), None)


def in_order(given: Iterable[str]) -> tuple[str, ...]:
    """Sort names of settings in the order of the registry, then the unknown ones as they come."""
    rest = list(given)
    return (*(name for name in names() if name in rest), *(name for name in rest if known(name) is None))
