"""Settings and encoders as they are called on the pages."""

from __future__ import annotations

from typing import Final

_SETTINGS: Final = {"zero_shot": "Zero-shot", "linear_probe": "Linear probe", "fine_tune": "Fine-tuning"}
_ENCODERS: Final = {"frozen": "Frozen", "fine_tuned": "Fine-tuned"}


def setting_title(setting: str) -> str:
    """The name of a setting as it is shown."""
    return _SETTINGS.get(setting, setting.replace("_", " "))


def encoder_title(encoder: str) -> str:
    """The name of an encoder as it is shown."""
    return _ENCODERS.get(encoder, encoder.replace("_", " "))
