"""What the saliency table comes to: means with patient-bootstrap intervals, paired differences, disagreement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from core.errors import SaliencyError
from core.metrics.arrays import MIN_POSITIVES, FloatArray
from core.metrics.bootstrap import patient_weights
from core.metrics.intervals import Interval, not_estimable, percentile_interval
from core.metrics.localization import LEVELS
from core.saliency.methods import method_of

if TYPE_CHECKING:
    from core.saliency.table import SaliencyTable

_N_RESAMPLES: Final = 1000
_PAIR: Final = ["image_id", "finding"]


@dataclass(frozen=True)
class Metric:
    """One figure of the table.

    name : its column, or `iou_fitted`, `dice_fitted`: cut at the level that is best on val.
    has_chance : whether the mask's share of the crop is what an uninformative map comes to.
    ceiling : the column of the readers' own agreement, "" where there is none of the kind.
    """

    name: str
    title: str
    meaning: str
    has_chance: bool = False
    ceiling: str = ""


METRICS: Final[tuple[Metric, ...]] = (
    Metric("energy", "Energy in the mask", "The share of the map's sum that lies in the mask.", True),
    Metric("hit", "Pointing game", "How often the map's maximum lies in the mask.", True),
    Metric(
        "relevance_rank",
        "Relevance rank",
        "Of as many highest pixels as the mask has, the share that lies in it.",
        True,
    ),
    Metric(
        "average_precision",
        "Pixel average precision",
        "How well the map ranks the mask's pixels above the others.",
        True,
    ),
    Metric("iou_otsu", "IoU, Otsu", "Overlap of the mask and the map cut at Otsu's level.", ceiling="readers_iou"),
    Metric("dice_otsu", "Dice, Otsu", "Overlap of the mask and the map cut at Otsu's level.", ceiling="readers_dice"),
    Metric(
        "iou_fitted",
        "IoU, level from val",
        "Overlap of the mask and the map cut where IoU is best on the val films.",
        ceiling="readers_iou",
    ),
    Metric(
        "dice_fitted",
        "Dice, level from val",
        "Overlap of the mask and the map cut where Dice is best on the val films.",
        ceiling="readers_dice",
    ),
    Metric(
        "chexlocalize_iou",
        "IoU by CheXlocalize",
        "CheXlocalize's protocol: over the whole film at Otsu's level, maps with nothing left not counted.",
        ceiling="readers_iou",
    ),
)


@dataclass(frozen=True)
class LocalizationSummary:
    """One figure over films. Undefined is NaN.

    value : its mean: readers of a film first, then films, then findings, each finding with the same weight (those with
        at least 5 films; where none has, all pairs of film and finding alike).
    interval : over resamples of patients; not estimable below 5 pairs.
    n_films, n_patients, n_pairs : what counts; a pair is a film and a finding drawn on it.
    n_zero : pairs with an empty map, which count as misses.
    n_outside : pairs that do not count, for their mask lies outside the crop altogether.
    n_below_resolution : pairs with a mask smaller than a patch; they count.
    chance : what an uninformative map comes to; NaN where that is not known.
    ceiling : the readers' own agreement, NaN with one reader.
    baselines : by method, of the same films.
    level : where maps were cut, for figures with a level from val.
    """

    value: float
    interval: Interval
    n_films: int
    n_patients: int
    n_pairs: int
    n_zero: int
    n_outside: int
    n_below_resolution: int
    chance: float
    ceiling: float
    baselines: Mapping[str, float]
    level: float = math.nan


@dataclass(frozen=True)
class PairedDifference:
    """The first minus the second, over the pairs of film and finding that both have; means as in a summary."""

    value: float
    interval: Interval
    n_films: int
    n_pairs: int


def metric_named(name: str) -> Metric:
    """The metric of a name; SaliencyError where there is none."""
    for metric in METRICS:
        if metric.name == name:
            return metric
    names = ", ".join(metric.name for metric in METRICS)
    raise SaliencyError(f"There is no measure {name!r}.", remedy=f"Choose one of {names}.")


def summarize(
    table: SaliencyTable,
    *,
    split: str,
    metric: str,
    setting: str,
    method: str,
    layer: str | None = None,
    finding: str | None = None,
    findings: Sequence[str] | None = None,
) -> LocalizationSummary:
    """One figure of one setting and method.

    split : "train", "val", "test" or "all".  layer : by default the method's own.
    finding : one, or `findings` : several, or by default all that were drawn.
    """
    about = metric_named(metric)
    names = [finding] if finding is not None else findings
    rows = _chosen(table, split, setting, method, layer, names)
    level = fitted_level(table, metric, setting, method, layer)
    pairs = _by_pair(rows, metric, level)
    counted = pairs[pairs["value"].notna()]
    baselines = {
        name: _mean(_by_pair(_chosen(table, split, setting, name, None, names), metric, _level_of(table, metric, name)))
        for name in table.methods
        if method_of(name).is_baseline and name != method
    }
    return LocalizationSummary(
        value=_mean(pairs),
        interval=_interval(pairs),
        n_films=counted["image_id"].nunique(),
        n_patients=counted["patient_id"].nunique(),
        n_pairs=len(counted),
        n_zero=int(counted["is_zero"].sum()),
        n_outside=int((pairs["outside"] == 1).sum()),
        n_below_resolution=int(counted["is_below_resolution"].sum()),
        chance=_mean(counted.assign(value=counted["chance"])) if about.has_chance else math.nan,
        ceiling=_mean(counted.assign(value=counted[about.ceiling])) if about.ceiling else math.nan,
        baselines=baselines,
        level=level,
    )


def compare(
    table: SaliencyTable,
    *,
    split: str,
    metric: str,
    first: tuple[str, str],
    second: tuple[str, str],
    finding: str | None = None,
    findings: Sequence[str] | None = None,
) -> PairedDifference:
    """Two pairs of (setting, method) on the same films and findings."""
    metric_named(metric)
    names = [finding] if finding is not None else findings
    sides = [
        _by_pair(
            _chosen(table, split, setting, method, None, names),
            metric,
            fitted_level(table, metric, setting, method, None),
        ).set_index(_PAIR)
        for setting, method in (first, second)
    ]
    joined = sides[0].join(sides[1]["value"].rename("value_second"), how="inner").reset_index()
    pairs = joined.assign(value=joined["value"] - joined["value_second"])
    counted = pairs[pairs["value"].notna()]
    return PairedDifference(_mean(pairs), _interval(pairs), counted["image_id"].nunique(), len(counted))


def by_disagreement(
    table: SaliencyTable, *, split: str, method: str, metric: str, finding: str | None = None
) -> pd.DataFrame:
    """One row a film and finding, most disagreement between settings first.

    Columns: image_id, finding, one a setting with its figure, chance, outside, spread (the largest of the settings'
    figures minus the smallest, NaN with fewer than two).
    """
    names = [finding] if finding is not None else None
    parts = []
    for setting in table.settings:
        level = fitted_level(table, metric, setting, method, None)
        pairs = _by_pair(_chosen(table, split, setting, method, None, names), metric, level)
        parts.append(pairs.set_index(_PAIR)[["value"]].rename(columns={"value": setting}))
        about = pairs.set_index(_PAIR)[["chance", "outside"]]
    wide = pd.concat([*parts, about], axis=1)
    figures = wide[list(table.settings)]
    several = figures.notna().sum(axis=1) > 1
    wide["spread"] = (figures.max(axis=1) - figures.min(axis=1)).where(several)
    return wide.reset_index().sort_values("spread", ascending=False, na_position="last", ignore_index=True)


def fitted_level(table: SaliencyTable, metric: str, setting: str, method: str, layer: str | None) -> float:
    """The level, as a share of a map's maximum, at which IoU or Dice is best on the val films; NaN below 5 of them."""
    if not metric.endswith("_fitted"):
        return math.nan
    rows = _chosen(table, "val", setting, method, layer, None)
    columns = _sweep_columns(metric)
    if rows.empty or rows["image_id"].nunique() < MIN_POSITIVES or not rows["is_defined"].any():
        return math.nan
    return float(LEVELS[int(np.nanargmax(rows[columns].mean(axis=0).to_numpy()))])


def _level_of(table: SaliencyTable, metric: str, method: str) -> float:
    return fitted_level(table, metric, table.settings[0], method, None)


def _sweep_columns(metric: str) -> list[str]:
    return [f"{metric.removesuffix('_fitted')}_{round(100 * level):02d}" for level in LEVELS]


def _chosen(
    table: SaliencyTable, split: str, setting: str, method: str, layer: str | None, findings: Sequence[str] | None
) -> pd.DataFrame:
    rows = table.rows
    keep = (rows["setting"] == setting) & (rows["method"] == method)
    keep &= rows["is_default"] if layer is None else rows["layer"] == layer
    if split != "all":
        keep &= rows["split"] == split
    if findings is not None:
        keep &= rows["finding"].isin(findings)
    return rows[keep]


def _by_pair(rows: pd.DataFrame, metric: str, level: float) -> pd.DataFrame:
    """One row a film and finding: the mean over its readers as `value`, and what is told beside it."""
    if metric.endswith("_fitted"):
        column = "" if math.isnan(level) else f"{metric.removesuffix('_fitted')}_{round(100 * level):02d}"
    else:
        column = metric
    values = rows[column] if column else pd.Series(np.nan, index=rows.index)
    about = {"patient_id": "first", "is_zero": "first", "is_below_resolution": "any"}
    means = dict.fromkeys(("value", "chance", "outside", "readers_iou", "readers_dice"), "mean")
    return rows.assign(value=values).groupby(_PAIR, sort=False).agg({**about, **means}).reset_index()


def _mean(pairs: pd.DataFrame) -> float:
    """The mean over findings; NaN where nothing counts."""
    weights = np.ones((1, len(pairs)), dtype=np.float64)
    return float(_means(pairs, weights)[0])


def _interval(pairs: pd.DataFrame) -> Interval:
    counted = pairs[pairs["value"].notna()]
    if len(counted) < MIN_POSITIVES:
        return not_estimable(len(counted))
    weights = patient_weights(counted["patient_id"].tolist(), _N_RESAMPLES, np.random.default_rng(0))
    return percentile_interval(_means(counted, weights), len(counted))


def _means(pairs: pd.DataFrame, weights: FloatArray) -> FloatArray:
    """(n_resamples,) of weights (n_resamples, n_pairs)."""
    values = pairs["value"].to_numpy(dtype=np.float64)
    numbers = pairs[pairs["value"].notna()]["finding"].value_counts()
    names = [name for name, number in numbers.items() if number >= MIN_POSITIVES]
    groups = [(pairs["finding"] == name).to_numpy() for name in names] or [np.ones(len(pairs), dtype=bool)]
    columns = []
    for group in groups:
        part = group & ~np.isnan(values)
        total = weights[:, part].sum(axis=1, dtype=np.float64)
        found = weights[:, part].astype(np.float64) @ values[part]
        columns.append(np.divide(found, total, out=np.full(len(weights), np.nan), where=total > 0))
    stacked = np.stack(columns, axis=1)
    defined = ~np.isnan(stacked)
    number = defined.sum(axis=1)
    sums = np.where(defined, stacked, 0).sum(axis=1)
    return np.divide(sums, number, out=np.full(len(weights), np.nan), where=number > 0)
