"""Methods and layers in order of how well their maps agree with masks: chosen on val, read on test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from core.metrics.arrays import MIN_POSITIVES
from core.saliency.localization.pairs import (
    PAIR,
    MapKey,
    MaskFilter,
    column_of,
    fitted_level,
    mean_of,
    pairs_in_mean,
    rows_in,
)
from core.saliency.methods import method_of

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults

_MAP: Final = ["method", "layer"]


@dataclass(frozen=True)
class RankedMaps:
    """One method at one layer of one setting.

    value : the metric's mean over films, as in a summary.
    is_usual : the layer that the method takes by itself.
    """

    of: MapKey
    value: float
    n_films: int
    n_pairs: int
    is_usual: bool

    @property
    def is_baseline(self) -> bool:
        """Tell whether it looks at no model."""
        return method_of(self.of.method).is_baseline


def ranked_maps(
    table: LocalizationResults, setting: str, metric: str, films: MaskFilter | None = None
) -> tuple[RankedMaps, ...]:
    """Rank every method at every layer that the table holds of a setting, the best first; undefined ones are left out.

    films : by default those of val, so that what is chosen can be read on test.
    """
    films = films or MaskFilter("val")
    rows = table.rows[table.rows["setting"] == setting]
    usual = rows.drop_duplicates(_MAP)[[*_MAP, "is_default"]].itertuples(index=False, name=None)
    is_usual = {MapKey(setting, method, layer): bool(is_default) for method, layer, is_default in usual}
    columns = {(key.method, key.layer): column_of(metric, fitted_level(table, key, metric)) for key in is_usual}
    rows = rows_in(rows, films)
    asked = pd.MultiIndex.from_frame(rows[_MAP]).map(columns)
    value = np.full(len(rows), np.nan)
    for column in {*columns.values()} - {""}:
        value = np.where(asked == column, rows[column], value)
    pairs = rows[[*_MAP, *PAIR]].assign(value=value).groupby([*_MAP, *PAIR], sort=False)["value"].mean().reset_index()
    found = []
    for (method, layer), part in pairs.groupby(_MAP, sort=False):
        key = MapKey(setting, str(method), str(layer))
        entered, _ = pairs_in_mean(part)
        n_films = entered["image_id"].nunique()
        found.append(RankedMaps(key, mean_of(part), n_films, len(entered), is_usual[key]))
    return tuple(sorted((entry for entry in found if entry.n_pairs), key=lambda entry: -entry.value))


def chosen_on_val(table: LocalizationResults, setting: str, metric: str) -> RankedMaps | None:
    """Choose the method and layer, baselines aside,
    that agree best with the masks of val; None below 5 films of val.
    """
    ranked = (entry for entry in ranked_maps(table, setting, metric) if not entry.is_baseline)
    best = next(ranked, None)
    return best if best is not None and best.n_films >= MIN_POSITIVES else None
