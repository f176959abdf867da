"""A study in, its numbers out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import CoreError, StudyError
from core.labels.convention import Convention
from core.metrics.class_figures import ClassMetrics, class_figures_in
from core.metrics.intervals import Interval
from core.metrics.overall_figures import Overall, overall_figures_in
from core.metrics.resampling import draw_resamples
from core.report.notes import report_notes
from core.report.readers import StudyReaders, study_readers
from core.report.settings import (
    ClassesReport,
    Protocol,
    SettingReport,
    SplitData,
    paper_setting,
    setting_read,
    sound_classes,
    sound_setting,
)
from core.thresholds import ThresholdSet, fit_thresholds
from core.thresholds.grey_zone import grey_zones
from core.thresholds.sets import INTENDED_USE
from core.thresholds.worth import Kept, Worth, worth_of

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class StudyReport:
    """The figures of a study on one split.

    split : train, val, test or all.
    settings : by name, in the study's order.
    convention : how the labels were made of what was said; None where nobody knows.
    readers : how far they agree; None where one read alone, or that was not asked for.
    notes : sentences: what is undefined, what stands on few films, where the thresholds come from.
    """

    study: str
    fingerprint: str
    split: str
    n_films: int
    n_patients: int
    protocol: Protocol
    synthetic: bool
    settings: Mapping[str, SettingReport]
    notes: tuple[str, ...]
    convention: Convention | None = None
    readers: StudyReaders | None = None

    @property
    def has_intervals(self) -> bool:
        """Tell whether intervals were asked for."""
        return any(metrics.intervals for one in self.settings.values() for metrics in one.per_class.values())

    def to_json(self) -> dict[str, Any]:
        """Give the report as JSON values; None where a figure is undefined or an interval is not estimable."""
        return {
            "study": self.study,
            "fingerprint": self.fingerprint,
            "split": self.split,
            "n_films": self.n_films,
            "settings": {name: _json_setting(setting, self.split) for name, setting in self.settings.items()},
            "protocol": self.protocol,
            "n_patients": self.n_patients,
            "synthetic": self.synthetic,
            "notes": list(self.notes),
            "intended_use": INTENDED_USE,
            "convention": None if self.convention is None else self.convention.to_json(),
            "readers": None if self.readers is None else self.readers.to_json(),
        }


def _json_setting(setting: SettingReport, split: str) -> dict[str, Any]:
    return {
        "overall": _json_overall(setting.overall),
        "per_class": {finding: _json_class(metrics) for finding, metrics in setting.per_class.items()},
        "score_kind": setting.score_kind,
        "policy": None if setting.thresholds is None else setting.thresholds.policy,
        "reading": setting.provenance(split),
        "basis": setting.basis,
        "promises": _promises_said(setting.thresholds),
        "grey_zones": [None if zone is None else _json_values(asdict(zone), {}) for zone in setting.grey_zones],
        "worth": None if setting.worth is None else _json_worth(setting.worth),
    }


def _promises_said(chosen: ThresholdSet | None) -> dict[str, str]:
    """What was promised of every class, or what it would take, in a sentence; empty where nothing was."""
    return {} if chosen is None else {finding: fit.words() for finding, fit in chosen.fits.items() if fit.promises}


def _json_worth(worth: Worth) -> dict[str, Any]:
    """Figures that follow from decisions, on the films of the fit and on these; and what became of promises."""
    figures = [figure for figure in class_figures_in("report") if figure.of_decisions is not None]
    per_class = {
        finding: {
            "fitted": _json_values({one.name: one.of_cells(counts) for one in figures}, {}),
            "read": _json_values({one.name: one.of_cells(worth.read.per_class[finding]) for one in figures}, {}),
        }
        for finding, counts in worth.fitted.per_class.items()
        if finding in worth.decided
    }
    promises = [_json_kept(one) for one in worth.kept]
    return {"fitted_on": worth.fitted_on, "read_on": worth.read_on, "per_class": per_class, "promises": promises}


def _json_kept(kept: Kept) -> dict[str, Any]:
    values = {name: value for name, value in asdict(kept).items() if name != "interval"}
    return _json_values(values, {"value": kept.interval})


def compute_report(
    study: Study,
    split: str = "test",
    protocol: Protocol = "sound",
    *,
    policy: str = "max-f1",
    parameter: float | None = None,
    confidence: float | None = None,
    thresholds: ThresholdSet | Sequence[ThresholdSet] | None = None,
    intervals: bool = False,
    readers: bool = False,
    worth: bool = True,
    n_resamples: int = 1000,
    rng: np.random.Generator | None = None,
) -> StudyReport:
    """Compute the figures of every setting of a study on one split.

    split : train, val, test or all.
    protocol : "sound" (thresholds fitted on val, unread and undefined left out) or "paper" (arXiv 2506.14136).
    policy, parameter, confidence : how thresholds are fitted under the sound protocol; see core.thresholds.POLICIES.
    thresholds : sets to use instead of fitting, each for the setting that it names.
    intervals : also 95 % intervals, the sound protocol only: of a class in closed form, of the figures over all
        classes by `n_resamples` patient resamples drawn from `rng` (default: a fixed seed).
    readers : also how far several readers agree, and the settings with them, with intervals.
    worth : also what thresholds were worth on the films of their fit, and what two cuts settle.
    Raises StudyError where the split holds no film or a threshold set is of another study, CoreError for a policy
    that does not exist.

    >>> from core.study import open_study
    >>> report = compute_report(open_study("tests/golden/study_v1"), "test")
    >>> {name: round(each.overall.micro_f1, 2) for name, each in report.settings.items()}
    {'zero_shot': 0.4, 'linear_probe': 0.22, 'fine_tune': 0.0}
    """
    films = SplitData(study, study.rows(split))
    if not films.rows.size:
        raise _no_films(study, split)
    given = {chosen.setting: chosen for chosen in _as_sequence(thresholds)}
    if protocol == "paper":
        reports = {setting: paper_setting(films, setting) for setting in study.settings}
    else:
        resamples = draw_resamples(films.patients.of_film, n_resamples, rng) if intervals else None
        chosen = [_set_for(study, name, given, policy, parameter, confidence) for name in study.settings]
        reports = {
            one.setting: sound_setting(films, one.setting, one, intervals=intervals, resamples=resamples)
            for one in chosen
        }
        if worth:
            reports = {name: _with_worth(study, split, one) for name, one in reports.items()}
    return StudyReport(
        study=study.name,
        fingerprint=study.fingerprint,
        split=split,
        n_films=films.rows.size,
        n_patients=films.patients.n,
        protocol=protocol,
        synthetic=study.manifest.synthetic,
        settings=reports,
        convention=study.convention,
        readers=study_readers(study, split, _sets_of(reports)) if readers else None,
        notes=report_notes(study, split, protocol, films.labels, reports),
    )


def _sets_of(reports: Mapping[str, SettingReport]) -> tuple[ThresholdSet, ...]:
    """The sets that settings were read with; none under the paper's protocol."""
    return tuple(report.thresholds for report in reports.values() if report.thresholds is not None)


def _with_worth(study: Study, split: str, report: SettingReport) -> SettingReport:
    """One setting, with what its set was worth on the films of its fit, and what its two cuts settle."""
    chosen = report.thresholds
    if chosen is None:
        return report
    return replace(report, worth=worth_of(study, split, chosen), grey_zones=grey_zones(study, split, chosen))


def classes_report(study: Study, split: str, chosen: ThresholdSet) -> ClassesReport:
    """Compute the figures of every class of one setting under a set, with intervals, and nothing over all classes.

    Raises StudyError where the split holds no film.
    """
    films = SplitData(study, study.rows(split))
    if not films.rows.size:
        raise _no_films(study, split)
    per_class = sound_classes(films, chosen, intervals=True)
    return ClassesReport(**vars(setting_read(study, chosen)), per_class=per_class)


def classes_notes(study: Study, split: str, sets: Sequence[ThresholdSet]) -> tuple[str, ...]:
    """Give the notes of a report of these sets, of which no figure is computed."""
    read = {one.setting: setting_read(study, one) for one in sets}
    return report_notes(study, split, "sound", study.labels[study.rows(split)], read)


def _set_for(
    study: Study,
    setting: str,
    given: Mapping[str, ThresholdSet],
    policy: str,
    parameter: float | None,
    confidence: float | None,
) -> ThresholdSet:
    """The thresholds that were handed in for the setting, or newly fitted ones."""
    chosen = given.get(setting)
    if chosen is None:
        return fit_thresholds(study, setting, policy, parameter=parameter, confidence=confidence)
    if not chosen.rests_on(study) or tuple(chosen.values) != study.classes:
        raise StudyError(
            f"{study.root}: the thresholds for {setting} were fitted on the study {chosen.study} "
            f"({chosen.fingerprint}), and this one is {study.fingerprint}.",
            remedy="Fit them again on this study.",
        )
    return chosen


def _as_sequence(thresholds: ThresholdSet | Sequence[ThresholdSet] | None) -> Sequence[ThresholdSet]:
    if thresholds is None:
        return ()
    return (thresholds,) if isinstance(thresholds, ThresholdSet) else thresholds


def _no_films(study: Study, split: str) -> CoreError:
    held = ", ".join(f"{name} ({count})" for name, count in study.splits().items() if count)
    return StudyError(
        f"{study.root}: no film is in the split {split!r}; the films are in {held or 'no split'}.",
        remedy="Choose a split that holds films, or 'all'.",
    )


def _json_overall(overall: Overall) -> dict[str, Any]:
    figures = {figure.name: overall.value(figure) for figure in overall_figures_in("report")}
    labels = {"n_true_labels": overall.n_true_labels, "n_predicted_labels": overall.n_predicted_labels}
    return _json_values({**figures, **labels}, overall.intervals)


def _json_class(metrics: ClassMetrics) -> dict[str, Any]:
    counts = {"n_positive": metrics.n_positive, "n_predicted": metrics.n_predicted, "threshold": metrics.threshold}
    figures = {figure.name: metrics.value(figure) for figure in class_figures_in("report")}
    return _json_values({**counts, **figures}, metrics.intervals)


def _json_values(values: Mapping[str, float | int | str | None], intervals: Mapping[str, Interval]) -> dict[str, Any]:
    """None where a value is undefined; and under `intervals` those that were asked for."""
    written: dict[str, Any] = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in values.items()
    }
    ends = {
        name: {"low": one.low, "high": one.high, "n": one.n} if one.is_estimable else None
        for name, one in intervals.items()
    }
    return {**written, "intervals": ends} if ends else written
