"""A layer to read maps at, as it is offered. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerChoice:
    """A layer to choose.

    name : as `film_maps` takes it.
    label : to show.
    note : what to know of it, or "".
    has_gradient : False where a gradient-based map cannot be had there.
    is_in_strip : whether it is one of the layers from first to last.
    """

    name: str
    label: str
    has_gradient: bool = True
    note: str = ""
    is_in_strip: bool = True
