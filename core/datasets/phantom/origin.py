"""What a study says of the simulation that its films are from; what renders them is slow to import, this is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VERSION: Final = 1
"""Raised whenever the same seed would give another film."""

SEED: Final = 20250614


def seed_of(told: Mapping[str, object]) -> int | None:
    """Read the seed of a study's films; None where it is not said, or another version of the simulation made them.

    told : what the study's manifest says of its dataset.
    """
    seed = told.get("seed")
    return seed if told.get("version") == VERSION and isinstance(seed, int) else None
