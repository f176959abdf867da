"""Rows of the saliency table as pairs of film and finding, which pairs enter a mean, and the mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from core.metrics.arrays import MIN_POSITIVES, FloatArray, IntArray, mean_of_defined, ratios
from core.metrics.bootstrap import patient_weights
from core.metrics.intervals import Interval, not_estimable, percentile_interval
from core.metrics.localization import LEVELS

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults

PAIR: Final = ["image_id", "finding"]
_N_RESAMPLES: Final = 1000


@dataclass(frozen=True)
class MapKey:
    """Whose maps: a setting's, by a method, at a layer (None: the one that the method takes by itself)."""

    setting: str
    method: str
    layer: str | None = None


@dataclass(frozen=True)
class MaskFilter:
    """Which masks.

    split : "train", "val", "test" or "all".
    findings : None for all that were drawn.
    reader : whose masks; None for the mean over a film's readers.
    """

    split: str
    findings: tuple[str, ...] | None = None
    reader: str | None = None


def pairs_of(table: LocalizationResults, of: MapKey, films: MaskFilter, metric: str) -> pd.DataFrame:
    """Make one row per film and finding: the mean over readers as `value`,
    NaN where undefined, and what is told beside it.
    """
    rows = _chosen(table, of, films)
    column = column_of(metric, fitted_level(table, of, metric))
    values = rows[column] if column else pd.Series(np.nan, index=rows.index)
    about = {"patient_id": "first", "is_zero": "first", "is_below_resolution": "any"}
    means = dict.fromkeys(("value", "chance", "outside", "readers_iou", "readers_dice"), "mean")
    return rows.assign(value=values).groupby(PAIR, sort=False).agg({**about, **means}).reset_index()


def fitted_level(table: LocalizationResults, of: MapKey, metric: str) -> float:
    """Fit the level, as a share of a map's maximum, at which IoU or Dice is best on the val films.

    NaN for other metrics, where fewer than 5 val films have a mask in the crop, and of layers whose overlaps at other
    levels were not kept.
    """
    if not is_fitted(metric):
        return math.nan
    rows = _chosen(table, of, MaskFilter("val"))
    defined = rows[rows["is_defined"].astype(bool)]
    if defined["image_id"].nunique() < MIN_POSITIVES:
        return math.nan
    means = defined[[column_of(metric, level) for level in LEVELS]].mean(axis=0).to_numpy(dtype=np.float64)
    return float(LEVELS[int(np.nanargmax(means))]) if np.isfinite(means).any() else math.nan


def is_fitted(metric: str) -> bool:
    """Tell whether a metric cuts maps at a level from val."""
    return metric.endswith("_fitted")


def pairs_in_mean(pairs: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Keep the pairs that a mean stands on, and how many defined ones of which findings do not enter it.

    Findings with at least 5 defined pairs enter, each with the same weight; where none has so many, all pairs alike.
    """
    counted = pairs[pairs["value"].notna()]
    findings, n_pairs = _findings(counted)
    few = {name: number for name, number in n_pairs.items() if number < MIN_POSITIVES}
    if len(few) == len(n_pairs):
        return counted, {}
    return counted[findings < len(n_pairs) - len(few)], few  # the few are the last


def mean_of(pairs: pd.DataFrame) -> float:
    """Compute the mean over findings of the pairs that enter; NaN where there are none."""
    entered, _ = pairs_in_mean(pairs)
    return float(_means(entered, np.ones((1, len(entered))))[0])


def interval_of(pairs: pd.DataFrame) -> Interval:
    """Compute the interval over resamples of the patients of the pairs that enter; not estimable below 5 pairs."""
    entered, _ = pairs_in_mean(pairs)
    if len(entered) < MIN_POSITIVES:
        return not_estimable(len(entered))
    weights = patient_weights(entered["patient_id"].tolist(), _N_RESAMPLES, np.random.default_rng(0))
    return percentile_interval(_means(entered, weights), len(entered))


def column_of(metric: str, level: float) -> str:
    """Name the column of the table; "" where a level is needed and there is none."""
    if not is_fitted(metric):
        return metric
    return "" if math.isnan(level) else f"{metric.removesuffix('_fitted')}_{round(100 * level):02d}"


def _chosen(table: LocalizationResults, of: MapKey, films: MaskFilter) -> pd.DataFrame:
    rows = table.rows_of(of.setting, of.method)
    return rows_in(rows[rows["is_default"].astype(bool) if of.layer is None else rows["layer"] == of.layer], films)


def rows_in(rows: pd.DataFrame, films: MaskFilter) -> pd.DataFrame:
    """Keep the rows of the masks that are asked for."""
    keep = pd.Series(True, index=rows.index)
    if films.split != "all":
        keep = keep & (rows["split"] == films.split)
    if films.findings is not None:
        keep = keep & rows["finding"].isin(films.findings)
    if films.reader is not None:
        keep = keep & (rows["reader"] == films.reader)
    return rows[keep]


def _findings(pairs: pd.DataFrame) -> tuple[IntArray, dict[str, int]]:
    """Every pair's finding as its place, and the findings in these places with how many pairs each has, most first."""
    codes, names = pd.factorize(pairs["finding"])
    numbers = np.bincount(codes, minlength=len(names))
    order = np.argsort(-numbers, kind="stable")
    return np.argsort(order)[codes], {str(names[code]): int(numbers[code]) for code in order}


def _means(entered: pd.DataFrame, weights: FloatArray) -> FloatArray:
    """(n_resamples,) of weights (n_resamples, n_pairs); NaN where a resample has no pair."""
    values = entered["value"].to_numpy(dtype=np.float64)
    weights = np.asarray(weights, dtype=np.float64)
    findings, n_pairs = _findings(entered)
    groups = [findings == place for place, number in enumerate(n_pairs.values()) if number >= MIN_POSITIVES]
    columns = []
    for group in groups or [np.ones(len(entered), dtype=bool)]:
        total = weights[:, group].sum(axis=1)
        found = weights[:, group] @ values[group]
        columns.append(ratios(found, total))
    return mean_of_defined(np.stack(columns, axis=1), axis=1)
