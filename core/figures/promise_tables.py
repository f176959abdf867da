"""Tables of what thresholds promised, what became of it on other films, and what two cuts settle."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from core.metrics.arrays import MIN_POSITIVES
from core.metrics.class_figure import ClassFigure
from core.metrics.class_figures import class_figures_in
from core.metrics.overall_figures import overall_figures_in
from core.thresholds.class_fit import ClassFit, PromiseFit
from core.thresholds.grey_zone import GreyZone
from core.thresholds.worth import Kept, Worth
from core.words import (
    UNDEFINED,
    count_words,
    figure_words,
    number_words,
    share_words,
    signed_words,
    threshold_words,
)

ALL: Final = "all classes"


def promise_table(fits: Mapping[str, ClassFit]) -> pd.DataFrame:
    """Tabulate what was promised of every class: a row per promise, with its cut, or with what it would take.

    Fail here : of the patients of the fit. Kept in : how often such a promise is kept, beside the plain rule. False
    alarms, missed : films more or fewer than by the plain rule.
    """
    rows = [
        _promise_row(one, cut if one.is_made else None)
        for fit in fits.values()
        for one, cut in zip(fit.promises, (fit.threshold, fit.upper), strict=False)
    ]
    classes = [finding for finding, fit in fits.items() for _ in fit.promises]
    return pd.DataFrame(rows, index=pd.Index(classes, name="Class"))


def _promise_row(one: PromiseFit, cut: float | None) -> dict[str, str]:
    confidence = share_words(one.confidence, 1)
    kept = f"{confidence} or more" if math.isnan(one.kept) else share_words(one.kept, 1)
    return {
        "Promise": one.said,
        "Confidence": confidence if one.n_classes == 1 else f"{confidence}, {one.n_classes} classes at once",
        "Cut": threshold_words(cut),
        "Fail here": f"{count_words(one.failures)} of {count_words(one.n)}" if one.is_made else one.lacking_words(),
        "Kept in": kept if one.is_made else UNDEFINED,
        "Plain rule in": share_words(one.kept_plain, 1),
        "False alarms": signed_words(one.more_false_alarms, 0),
        "Missed": signed_words(one.more_missed, 0),
    }


def kept_table(kept: Sequence[Kept], fitted_on: str, read_on: str) -> pd.DataFrame:
    """Tabulate promised against kept: a row per promise, the figure on both films, its exact interval, the verdict."""
    rows = [
        {
            "Promised": one.said,
            f"On {fitted_on}": number_words(one.fitted),
            f"On {read_on}": figure_words(one.value, one.interval),
            "Patients": count_words(one.n),
            "Verdict": one.verdict,
        }
        for one in kept
    ]
    return pd.DataFrame(rows, index=pd.Index([one.finding or ALL for one in kept], name="Class"))


def shrinkage_table(worth: Worth) -> pd.DataFrame:
    """Tabulate figures on the films of the fit, on others, and the change: a row per class that has a threshold."""
    rows: dict[str, dict[str, str]] = {}
    for finding in worth.decided:
        fitted, read = worth.fitted.per_class[finding], worth.read.per_class[finding]
        rows[finding] = {
            one.title: _change(one.of_cells(fitted), one.of_cells(read), one.digits) for one in shrinkage_figures()
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Class")


def shrinkage_figures() -> tuple[ClassFigure, ...]:
    """Choose the figures of a class that are compared on both films."""
    return tuple(figure for figure in class_figures_in("report") if figure.of_decisions is not None)


def shrinkage_of(worth: Worth, figure: ClassFigure, fitted_on: str, read_on: str) -> pd.DataFrame:
    """Tabulate one figure on the films of the fit, on others, and its change: a row per class that has a threshold.

    fitted_on, read_on : what the columns of both are called. No change where either has too few positives to judge it.
    """
    rows: dict[str, dict[str, str]] = {}
    for finding in worth.decided:
        cells = [one.per_class[finding] for one in (worth.fitted, worth.read)]
        fitted, read = (figure.of_cells(one) for one in cells)
        positives = [one.tp + one.fn for one in cells]
        change = signed_words(read - fitted, figure.digits)
        rows[finding] = {
            fitted_on: number_words(fitted, figure.digits),
            read_on: number_words(read, figure.digits),
            "Change": f"too few: {min(positives)}" if min(positives) < MIN_POSITIVES else change,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Class")


def overall_shrinkage(worth: Worth) -> pd.DataFrame:
    """Tabulate the same of the figures over all classes: a row per figure."""
    figures = [figure for figure in overall_figures_in("report") if figure.of_decisions is not None]
    fitted, read = worth.fitted.overall, worth.read.overall
    changes = [_change(fitted.value(one), read.value(one), one.digits) for one in figures]
    return pd.DataFrame(
        {f"{worth.fitted_on} → {worth.read_on}": changes}, index=pd.Index([one.title for one in figures], name="Figure")
    )


def grey_zone_table(zones: Sequence[GreyZone | None], classes: Sequence[str]) -> pd.DataFrame:
    """Tabulate what two cuts settle, in films; the limits are one-sided, 95 %, of patients counted once."""
    rows = {finding: _grey_row(zone) for finding, zone in zip(classes, zones, strict=True)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Class")


def _grey_row(zone: GreyZone | None) -> dict[str, str]:
    titles = ("Ruled out", "Missed of these", "At most", "Left to a reader", "Ruled in", "Right of these", "At least")
    if zone is None:
        return dict.fromkeys((*titles, "Settled"), UNDEFINED)
    cells = (
        count_words(zone.ruled_out), count_words(zone.missed), share_words(zone.missed_at_most, 1),
        count_words(zone.left), count_words(zone.ruled_in), count_words(zone.right),
        share_words(zone.right_at_least, 1),
    )  # fmt: skip
    return {**dict(zip(titles, cells, strict=True)), "Settled": share_words(zone.settled, 1)}


def _change(before: float, after: float, digits: int) -> str:
    """From what to what, and by how much; a dash where neither is defined."""
    said = f"{number_words(before, digits)} → {number_words(after, digits)}"
    change = signed_words(after - before, digits)
    return said if change == UNDEFINED else f"{said} ({change})"
