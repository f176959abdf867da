"""Which other map is wanted, and the name under which it is kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from core.errors import CoreError
from core.files import digest
from core.metrics.neighbours import METRICS, Metric

_WAY: Final = 2
"""Raised where the same request gives another map than before, so that maps of before are not shown."""


class MapError(CoreError):
    """A map that was asked for cannot be made."""


@dataclass(frozen=True)
class MapRequest:
    """A map of one encoder's films.

    method : name of one of MAP_METHODS; the parameters that it does not take are without effect.
    n_components : 2 or 3.  n_neighbors : 2..200.  min_dist : 0..0.99.  perplexity : 2..100.
    """

    encoder: str
    method: str = "umap"
    n_components: int = 2
    n_neighbors: int = 15
    min_dist: float = 0.1
    metric: Metric = "euclidean"
    perplexity: float = 30.0
    seed: int = 42

    def __post_init__(self) -> None:
        wrong = [
            name
            for name, fine in (
                ("n_components", self.n_components in (2, 3)),
                ("n_neighbors", 2 <= self.n_neighbors <= 200),
                ("min_dist", 0 <= self.min_dist <= 0.99),
                ("metric", self.metric in METRICS),
                ("perplexity", 2 <= self.perplexity <= 100),
            )
            if not fine
        ]
        if wrong:
            message = f"{asdict(self)[wrong[0]]!r} is no {wrong[0]} of a map."
            raise MapError(message, remedy="Choose 2 or 3 dimensions, 2..200 neighbours, min_dist 0..0.99.")

    @property
    def key(self) -> str:
        """16 hex digits that stand for the request and for how it is met."""
        return digest(f"{_WAY} {self.to_json()}", 16)

    def to_json(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> MapRequest:
        """What `to_json` wrote."""
        content: dict[str, Any] = json.loads(text)
        return cls(**{entry.name: content[entry.name] for entry in fields(cls)})
