"""The figures of the saliency table: means with patient-bootstrap intervals, paired differences, disagreement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from core.metrics.intervals import Interval
from core.saliency.localization.metrics import metric_named
from core.saliency.localization.pairs import (
    PAIR,
    MapKey,
    MaskFilter,
    fitted_level,
    interval_of,
    mean_of,
    pairs_in_mean,
    pairs_of,
)
from core.saliency.methods import method_of

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults


@dataclass(frozen=True)
class Reference:
    """A figure to read another by, over the pairs that have both.

    value : its mean; NaN where there is no such pair.
    own : the mean of the figure it stands beside, on these pairs.
    """

    value: float
    own: float
    n_pairs: int


@dataclass(frozen=True)
class PairedDifference:
    """The first minus the second, over the pairs of film and finding that both have; means as in a summary."""

    value: float
    interval: Interval
    n_films: int
    n_pairs: int


@dataclass(frozen=True)
class LocalizationSummary:
    """One figure over films. Undefined is NaN.

    value : its mean: readers of a film first, then films, then findings, each finding with the same weight (those with
        at least 5 films; where none has, all pairs of film and finding alike).
    interval : over resamples of patients; not estimable below 5 pairs.
    n_films, n_patients, n_pairs : what the mean is based on; a pair is a film and a finding drawn on it.
    left_out : findings drawn on fewer than 5 films, and how many, where others have more: not in the mean.
    n_zero : pairs with an empty map, which count as misses.
    n_outside : pairs that do not count, for their mask lies outside the crop altogether.
    n_below_resolution : pairs with a mask smaller than a patch; they count.
    chance : what an uninformative map gets; NaN where that is not known.
    ceiling : the readers' own agreement, on the pairs that two or more readers drew.
    baselines, over_baselines : by method, on the same films: their figure, and this one minus theirs.
    level : where maps were cut, for figures with a level from val.
    is_optimistic : whether it was fitted on these.
    """

    value: float
    interval: Interval
    n_films: int
    n_patients: int
    n_pairs: int
    left_out: Mapping[str, int]
    n_zero: int
    n_outside: int
    n_below_resolution: int
    chance: float
    ceiling: Reference
    baselines: Mapping[str, Reference] = field(default_factory=dict)
    over_baselines: Mapping[str, PairedDifference] = field(default_factory=dict)
    level: float = math.nan
    is_optimistic: bool = False


def summarize(table: LocalizationResults, of: MapKey, films: MaskFilter, metric: str) -> LocalizationSummary:
    """Compute one figure of one setting, method and layer over some masks."""
    about = metric_named(metric)
    pairs = pairs_of(table, of, films, metric)
    entered, left_out = pairs_in_mean(pairs)
    others = {name: MapKey(of.setting, name) for name in table.methods if method_of(name).is_baseline}
    both = {name: _joined(table, of, other, films, metric) for name, other in others.items() if name != of.method}
    level = fitted_level(table, of, metric)
    return LocalizationSummary(
        value=mean_of(pairs),
        interval=interval_of(pairs),
        n_films=entered["image_id"].nunique(),
        n_patients=entered["patient_id"].nunique(),
        n_pairs=len(entered),
        left_out=left_out,
        n_zero=int(entered["is_zero"].sum()),
        n_outside=int((pairs["outside"] == 1).sum()),
        n_below_resolution=int(entered["is_below_resolution"].sum()),
        chance=mean_of(entered.assign(value=entered["chance"])) if about.has_chance else math.nan,
        ceiling=_beside(pairs, pairs[about.ceiling] if about.ceiling else pairs["value"] * math.nan),
        baselines={name: _beside(joined, joined["value_second"]) for name, joined in both.items()},
        over_baselines={name: _difference(joined) for name, joined in both.items()},
        level=level,
        is_optimistic=films.split in ("val", "all") and not math.isnan(level),
    )


def compare(
    table: LocalizationResults, first: MapKey, second: MapKey, films: MaskFilter, metric: str
) -> PairedDifference:
    """Compare two kinds of maps on the same films and findings, the first minus the second."""
    metric_named(metric)
    return _difference(_joined(table, first, second, films, metric))


def by_disagreement(
    table: LocalizationResults, films: MaskFilter, metric: str, *, method: str, layer: str | None = None
) -> pd.DataFrame:
    """Make one row per film and finding, most disagreement between settings first.

    Columns: image_id, finding, one per setting with its figure, chance where the metric has one, outside,
    is_below_resolution, spread (the largest of the settings' figures minus the smallest, NaN with fewer than two).
    """
    beside = [*(["chance"] if metric_named(metric).has_chance else []), "outside", "is_below_resolution"]
    found = {
        setting: pairs_of(table, MapKey(setting, method, layer), films, metric).set_index(PAIR)
        for setting in table.settings
    }
    figures = pd.concat({setting: pairs["value"] for setting, pairs in found.items()}, axis=1)
    about = pd.concat([pairs[beside] for pairs in found.values()])
    about = about[~about.index.duplicated()].reindex(figures.index)
    several = figures.notna().sum(axis=1) > 1
    spread = (figures.max(axis=1) - figures.min(axis=1)).where(several).rename("spread")
    wide = pd.concat([figures, about, spread], axis=1).rename_axis(PAIR).reset_index()
    return wide.sort_values("spread", ascending=False, na_position="last", ignore_index=True)


def _joined(table: LocalizationResults, first: MapKey, second: MapKey, films: MaskFilter, metric: str) -> pd.DataFrame:
    """The pairs of the first, with the second's figure as `value_second`."""
    sides = [pairs_of(table, of, films, metric).set_index(PAIR) for of in (first, second)]
    return sides[0].join(sides[1]["value"].rename("value_second"), how="inner").reset_index()


def _difference(joined: pd.DataFrame) -> PairedDifference:
    pairs = joined.assign(value=joined["value"] - joined["value_second"])
    entered, _ = pairs_in_mean(pairs)
    return PairedDifference(mean_of(pairs), interval_of(pairs), entered["image_id"].nunique(), len(entered))


def _beside(pairs: pd.DataFrame, other: pd.Series) -> Reference:
    """Another figure of the pairs, over those that have both."""
    both = pairs.assign(other=other)[pairs["value"].notna() & other.notna()]
    entered, _ = pairs_in_mean(both)
    return Reference(mean_of(entered.assign(value=entered["other"])), mean_of(entered), len(entered))
