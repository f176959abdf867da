"""Claims about maps: read from the table of maps against masks, where one was computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.claims.axes import USUAL, Asked, Choices
from core.claims.effects import Effects
from core.claims.figures import MAPS
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.summary import compare, summarize


def map_effects(asked: Asked, variants: Sequence[Choices]) -> Effects:
    """Compute the effects of variants about maps, with the intervals of the table over resamples of patients."""
    rows = [_of_variant(asked, choices) for choices in variants]
    first, effect, low, high, n = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    error = (high - low) / (2 * 1.96)
    return Effects(first, first - effect, low, high, error, n.astype(np.int64), np.zeros(0))


def _of_variant(asked: Asked, choices: Choices) -> tuple[float, float, float, float, int]:
    table, claim = asked.maps, asked.claim
    assert table is not None
    layer = choices.get("layer", USUAL)
    keys = [MapKey(name, choices["method"], None if layer == USUAL else layer) for name in claim.settings]
    films, metric = MaskFilter(choices["split"]), choices["metric"].removeprefix(MAPS)
    found = compare(table, keys[0], keys[1], films, metric)
    first = summarize(table, keys[0], films, metric).value
    return first, found.value, found.interval.low, found.interval.high, found.n_pairs
