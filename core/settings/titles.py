"""Settings and encoders as they are called on the pages."""

from __future__ import annotations

from core.settings import registry


def setting_title(setting: str) -> str:
    """The name of a setting as it is shown."""
    found = registry.known(setting)
    return setting.replace("_", " ") if found is None else found.title


def encoder_title(encoder: str) -> str:
    """The name of an encoder as it is shown."""
    found = registry.known_encoder(encoder)
    return encoder.replace("_", " ") if found is None else found.title
