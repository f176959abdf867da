"""What a set that was fitted on some films is worth on others: figures side by side, promises kept or not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, ratios
from core.metrics.exact_binomial import lower_limit, upper_limit
from core.metrics.intervals import Interval, not_estimable, percentile_interval
from core.metrics.resampling import draw_resamples
from core.thresholds.class_fit import ClassFit, PromiseFit
from core.thresholds.class_scores import ClassScores, FilmScores
from core.thresholds.operating_point import OperatingPoint, point_of_set
from core.thresholds.policies import POLICIES
from core.thresholds.promises import Promise, promise_named

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds.sets import ThresholdSet

_TAIL: Final = 0.025
KEPT: Final = "kept"
WITHIN_CHANCE: Final = "not reached, within chance"
BROKEN: Final = "broken"
UNKNOWN: Final = "not known"


@dataclass(frozen=True)
class Kept:
    """One promise, read on films that it was not made on. Undefined is NaN.

    finding : the class; None for a promise over all classes together.
    title : the figure; per 100 where false alarms were promised.
    fitted : the figure on the films of the fit.
    value : here, of n patients, each counted once as in the promise.
    interval : its exact 95 % interval (Clopper and Pearson), of a mean over classes by resampling patients.
    verdict : KEPT where the figure here reaches the level, BROKEN where not even the interval does, WITHIN_CHANCE
        between; UNKNOWN where no patient is here to tell.
    """

    finding: str | None
    title: str
    said: str
    level: float
    fitted: float
    value: float
    interval: Interval
    n: int
    verdict: str


@dataclass(frozen=True)
class Worth:
    """A set on the films of its fit and on others.

    fitted, read : counts and figures of both.
    kept : its promises here, by class, in the study's order; empty where none was made.
    decided : the classes that have a threshold; the others are never predicted.
    """

    fitted_on: str
    read_on: str
    fitted: OperatingPoint
    read: OperatingPoint
    kept: tuple[Kept, ...]
    decided: tuple[str, ...]


def worth_of(study: Study, split: str, chosen: ThresholdSet, promised: ThresholdSet | None = None) -> Worth | None:
    """Read a set on a split other than that of its fit; None where nothing was fitted, or these are the same films.

    promised : the set that made promises, where `chosen` was moved from there; None = chosen itself.
    """
    fitted_on = chosen.split
    if fitted_on is None or not chosen.is_defined or split in (fitted_on, "all") or fitted_on == "all":
        return None
    if not len(study.rows(split)) or not len(study.rows(fitted_on)):
        return None
    return Worth(
        fitted_on=fitted_on,
        read_on=split,
        fitted=point_of_set(study, fitted_on, chosen),
        read=point_of_set(study, split, chosen),
        kept=promises_kept(study, split, chosen, promised),
        decided=tuple(finding for finding in study.classes if finding not in chosen.unfitted),
    )


def promises_kept(
    study: Study, split: str, chosen: ThresholdSet, promised: ThresholdSet | None = None
) -> tuple[Kept, ...]:
    """Read every promise that a set made on the films of a split.

    promised : the set that made them, where `chosen` was moved from there: what was promised is then read at the cuts
        of `chosen`, on the films of the fit too. A class that has lost its threshold calls nothing.
    """
    films = FilmScores.of_study(study, chosen.setting, split)
    if promised is None:
        kept, by = list(_expected(films, chosen)), chosen
    else:
        kept, by = [], promised
    before = None if promised is None or promised.split is None else _by_class(study, chosen.setting, promised.split)
    for place, finding in enumerate(study.classes):
        fit = by.fits.get(finding)
        if fit is None or fit.threshold is None or not fit.promises:
            continue
        scores = films.by_class[place]
        cuts = _cuts_of(fit) if promised is None else _moved_cuts(chosen, finding)
        own = None if before is None else before[place]
        kept += [_kept(finding, one, scores, cut, own) for one, cut in zip(fit.promises, cuts, strict=False)]
    return tuple(kept)


def _by_class(study: Study, setting: str, split: str) -> tuple[ClassScores, ...]:
    return FilmScores.of_study(study, setting, split).by_class


def _cuts_of(fit: ClassFit) -> tuple[float, float]:
    """The cuts that a class's promises were made with."""
    cut = math.inf if fit.threshold is None else fit.threshold
    return cut, cut if fit.upper is None else fit.upper


def _moved_cuts(chosen: ThresholdSet, finding: str) -> tuple[float, float]:
    """Where a class stands now; infinite where it has no threshold."""
    cut, upper = chosen.values[finding], chosen.uppers.get(finding)
    low = math.inf if cut is None else cut
    return low, low if upper is None else upper


def _kept(finding: str, made: PromiseFit, scores: ClassScores, cut: float, own: ClassScores | None) -> Kept:
    """own : of the films of the fit, where the cut is another than it was made with."""
    promise = promise_named(made.figure)
    on_fit = (made.failures, made.n) if own is None else promise.counted(own, cut)
    failures, n = promise.counted(scores, cut)
    ends = sorted(
        promise.value(limit(failures, n, _TAIL), 1.0) if n else math.nan for limit in (lower_limit, upper_limit)
    )
    interval = Interval(ends[0], ends[1], n, is_estimable=True) if n >= MIN_POSITIVES else not_estimable(n)
    return Kept(
        finding=finding,
        title=promise.title,
        said=made.said,
        level=made.level,
        fitted=promise.value(*on_fit),
        value=promise.value(failures, n),
        interval=interval,
        n=n,
        verdict=_verdict(promise, made.level, failures, n),
    )


def _verdict(promise: Promise, level: float, failures: int, n: int) -> str:
    if not n:
        return UNKNOWN
    allowed = promise.allowed(level)
    if failures <= allowed * n + 1e-9:
        return KEPT
    return BROKEN if lower_limit(failures, n, _TAIL) > allowed else WITHIN_CHANCE


def _expected(films: FilmScores, chosen: ThresholdSet) -> tuple[Kept, ...]:
    """What a policy keeps low in expectation, over all classes."""
    policy = next((one for one in POLICIES if one.name == chosen.policy), None)
    if policy is None or policy.expected is None or chosen.parameter is None or not chosen.is_defined:
        return ()
    losses, weights = policy.expected(films.labels, chosen.rule().decide(films.scores), films.patients)
    n = int(np.count_nonzero(films.patients.sums(weights)))
    value = float(losses.sum() / weights.sum()) if n else math.nan
    drawn = draw_resamples(films.patients.of_film).totals(np.column_stack([losses, weights])) if n else np.zeros((1, 2))
    interval = percentile_interval(ratios(drawn[:, 0], drawn[:, 1]), n)
    level = chosen.parameter
    over = BROKEN if interval.is_estimable and interval.low > level else WITHIN_CHANCE
    verdict = UNKNOWN if not n else KEPT if value <= level else over
    said = f"at most {level:g} {policy.unit} of a film in expectation"
    title = f"{policy.unit[0].upper()}{policy.unit[1:]} of a film"
    return (Kept(None, title, said, level, math.nan, value, interval, n, verdict),)
