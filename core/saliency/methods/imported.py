"""Maps that another program made, of a model whose weights nobody needs here."""

from __future__ import annotations

from core.saliency.methods.base import Float32Array, Method, positive


def imported(values: Float32Array) -> Float32Array:
    """Give the maps (C, rows, columns) as they came, without what is below 0."""
    return positive(values)


METHOD = Method(
    "imported",
    "Imported map",
    "made by another program",
    "As it was handed in with the scores, in steps of a 65,535th of its maximum; by what method, only its maker knows.",
    "files",
    imported,
    is_scale_free=False,
)
