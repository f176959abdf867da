"""What is written on the map: how the classes moved."""

from __future__ import annotations

from core.study import Study
from pages.shared.film_map.scene import Mark
from pages.shared.map_choices import MapChoices


def marks(study: Study, choices: MapChoices) -> tuple[Mark, ...]:
    """Side by side, an arrow for each class from its centre on the first map to that on the second."""
    return ()


def explain(study: Study, choices: MapChoices) -> None:
    """What the marks are."""
