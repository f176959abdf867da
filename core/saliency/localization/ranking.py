"""Methods and layers in order of how well their maps agree with masks: chosen on val, read on test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.metrics.arrays import MIN_POSITIVES
from core.saliency.localization.pairs import MapKey, MaskFilter, mean_of, pairs_in_mean, pairs_of
from core.saliency.methods import method_of

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults


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
    is_asked = table.rows["split"].isin({films.split, "val"}) | (films.split == "all")
    rows = table.rows[(table.rows["setting"] == setting) & is_asked]
    part_of = replace(table, rows=rows)
    found = []
    for (method, layer), part in rows.groupby(["method", "layer"], sort=False):
        of = MapKey(setting, str(method), str(layer))
        pairs = pairs_of(part_of, of, films, metric)
        entered, _ = pairs_in_mean(pairs)
        n_films = entered["image_id"].nunique()
        found.append(RankedMaps(of, mean_of(pairs), n_films, len(entered), bool(part["is_default"].iloc[0])))
    return tuple(sorted((entry for entry in found if entry.n_pairs), key=lambda entry: -entry.value))


def chosen_on_val(table: LocalizationResults, setting: str, metric: str) -> RankedMaps | None:
    """Choose the method and layer, baselines aside,
    that agree best with the masks of val; None below 5 films of val.
    """
    ranked = (entry for entry in ranked_maps(table, setting, metric) if not entry.is_baseline)
    best = next(ranked, None)
    return best if best is not None and best.n_films >= MIN_POSITIVES else None
