"""Settings by how they were adapted: the groups that a table of many has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.settings import registry


@dataclass(frozen=True)
class SettingGroup:
    """A group of settings. name, title : in files and on screen."""

    name: str
    title: str


TRAINING_FREE: Final = SettingGroup("training_free", "Training-free")
PROBES: Final = SettingGroup("probes", "Probes")
ADAPTERS: Final = SettingGroup("adapters", "Adapters and prompts")
FINE_TUNED: Final = SettingGroup("trained_encoder", "Fine-tuned")
IMPORTED: Final = SettingGroup("imported", "Imported")

GROUPS: Final = (TRAINING_FREE, PROBES, ADAPTERS, FINE_TUNED, IMPORTED)
"""In the order of tables."""


def group_of(setting: str) -> SettingGroup:
    """Tell how a setting was adapted, by what the project knows of it; a name that it does not know was imported.

    Learning from no label, or in closed form: training-free. Training the encoder: fine-tuned. Of the others, a linear
    classifier on frozen embeddings is a probe, whatever else reads them an adapter.
    """
    known = registry.known(setting)
    if known is None:
        return IMPORTED
    if not known.learns or known.is_closed_form:
        return TRAINING_FREE
    if known.encoder.is_trained:
        return FINE_TUNED
    return PROBES if known.target is None else ADAPTERS


def grouped(settings: Iterable[str]) -> dict[SettingGroup, tuple[str, ...]]:
    """Sort settings into their groups, each in the order given; groups without any are left out."""
    given = list(settings)
    found = {group: tuple(one for one in given if group_of(one) == group) for group in GROUPS}
    return {group: members for group, members in found.items() if members}
