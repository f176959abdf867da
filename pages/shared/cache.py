"""The cached functions that more than one page uses; a page's own are in its folder's `cache`.

Keys are a study's folder and fingerprint, never arrays. Every cache is bounded. What is slow to import (torch) is
imported in the function that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.labels.convention import Convention
from core.metrics.cooccurrence import Cooccurrence, cooccurrence
from core.metrics.ranking import PrecisionRecallCurve, RocCurve, compute_precision_recall, compute_roc
from core.metrics.resampling import Resamples
from core.paper.sweep import SweepStep, paper_sweep
from core.report.report import StudyReport, classes_notes, classes_report, compute_report
from core.report.settings import ClassesReport, Protocol
from core.report.subgroups import GROUPINGS, Subgroup, subgroups
from core.report.truth_dial import DialFigures, dial_figures
from core.space.map_state import mark_of
from core.study import Study, open_study
from core.thresholds import SplitCounts, ThresholdSet, fit_thresholds
from core.thresholds import films_of as count_films
from core.thresholds.calibration import ClassCalibration, class_calibrations
from core.thresholds.compare import Comparison, compare_all, split_resamples

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults


def _key(study: Study) -> tuple[str, str]:
    return str(study.root), study.fingerprint


STUDY_KEY: Final[dict[str | type[Any], Any]] = {Study: _key}
"""How a study is a key, for `hash_funcs`."""
KEYS: Final[dict[str | type[Any], Any]] = {**STUDY_KEY, ThresholdSet: lambda chosen: chosen.key}
"""How studies and threshold sets are keys: a set by its values, its rule and all that it says of its origin."""
Sets = tuple[ThresholdSet, ...]
DEFAULT_POLICY: Final = "max-f1"
"""By which thresholds are fitted where nothing else was chosen."""
_OPEN: Final[WeakSet[Study]] = WeakSet()


@dataclass(frozen=True)
class Curves:
    """ROC and precision-recall of one class, by setting, as they are drawn."""

    roc: Mapping[str, RocCurve]
    precision_recall: Mapping[str, PrecisionRecallCurve]


def opened(path: Path) -> Study:
    """The study in a folder; opened again when its manifest has changed. Raises StudyError."""
    try:
        status = (path / "manifest.json").stat()
    except OSError:
        return open_study(path)
    return _opened(str(path), status.st_mtime_ns, status.st_size)


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(path: str, mtime_ns: int, size: int) -> Study:
    """Time and size of the manifest are part of the key, nothing else. Large parts are hashed in the background."""
    study = open_study(Path(path))
    _OPEN.add(study)
    study.sound.check_in_background()
    return study


def n_open() -> int:
    """How many studies this process has open, of all sessions together."""
    return len(_OPEN)


@st.cache_resource(max_entries=64, hash_funcs={**STUDY_KEY, Convention: Convention.to_json}, show_spinner=False)
def under(study: Study, convention: Convention) -> Study:
    """The study with its labels read by another convention."""
    return study.under(convention)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def report(study: Study, split: str, protocol: Protocol, intervals: bool = False) -> StudyReport:
    """The figures of a split. Raises StudyError where the split is empty."""
    sets = fitted_sets(study) if protocol == "sound" else None
    return compute_report(study, split, protocol, thresholds=sets, intervals=intervals, worth=False)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def sweep(study: Study, split: str) -> tuple[SweepStep, ...]:
    """The paper's threshold sweep of zero-shot; empty where there is none."""
    return paper_sweep(study, split)


def maps_table(study: Study) -> LocalizationResults | None:
    """What was computed of maps against the study's marks as they are now; read again when more was."""
    from core.saliency.localization.store import stamp

    return _maps_table(study, stamp(study))


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def _maps_table(study: Study, stamp: int) -> LocalizationResults | None:
    from core.saliency.localization.compute import saliency_table

    return saliency_table(study)


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def curves(study: Study, split: str, finding: str) -> Curves:
    """The curves of one class in every setting."""
    rows, index = study.rows(split), study.classes.index(finding)
    labels = study.labels[rows, index]
    scores = {setting: np.asarray(study.scores(setting)[rows, index]) for setting in study.settings}
    return Curves(
        {setting: compute_roc(finding, labels=labels, scores=values).as_drawn() for setting, values in scores.items()},
        {
            setting: compute_precision_recall(finding, labels=labels, scores=values).as_drawn()
            for setting, values in scores.items()
        },
    )


@st.cache_resource(max_entries=128, hash_funcs=KEYS, show_spinner=False)
def classes(study: Study, split: str, chosen: ThresholdSet) -> ClassesReport:
    """The figures of every class of a split under these thresholds, with intervals. Raises StudyError."""
    return classes_report(study, split, chosen)


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def notes(study: Study, split: str, sets: Sets) -> tuple[str, ...]:
    """What to know beside the figures of these thresholds, a set a setting."""
    return classes_notes(study, split, sets)


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def comparisons(study: Study, split: str, sets: Sets) -> tuple[Comparison, ...]:
    """Every pair of settings on the same films, the earlier less the later."""
    return compare_all(study, split, sets, resamples(study, split))


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def calibrations(study: Study, split: str, setting: str, choice: str) -> tuple[ClassCalibration, ...]:
    """Every class's probabilities; choice : of core.thresholds.calibration.CHOICES."""
    return class_calibrations(study, split, setting, choice, resamples(study, split))


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def grouped(study: Study, split: str, chosen: ThresholdSet, column: str) -> tuple[Subgroup, ...]:
    """The figures of groups of films; column : of a grouping of core.report.subgroups."""
    return subgroups(study, split, chosen, next(one for one in GROUPINGS if one.column == column))


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def pairs(study: Study, split: str, chosen: ThresholdSet) -> Cooccurrence | None:
    """Which labels come together; None where the setting has no thresholds."""
    if not chosen.is_defined:
        return None
    rows = study.rows(split)
    labels, scores = study.judged_labels(chosen.setting)[rows], study.scores(chosen.setting)[rows]
    return cooccurrence(study.classes, labels, chosen.rule().decide(scores))


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def fitted(
    study: Study,
    setting: str,
    policy: str,
    parameter: float | None = None,
    confidence: float | None = None,
    exploratory: bool = False,
) -> ThresholdSet:
    """Thresholds fitted on val."""
    return fit_thresholds(study, setting, policy, parameter=parameter, confidence=confidence, exploratory=exploratory)


def fitted_sets(study: Study) -> Sets:
    """The usual thresholds of every setting, fitted on val."""
    return tuple(fitted(study, setting, DEFAULT_POLICY) for setting in study.settings)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def under_every_position(
    study: Study, split: str, policy: str, parameter: float | None, confidence: float | None
) -> tuple[DialFigures, ...]:
    """The figures of every position of the truth dial, thresholds by a policy. study : as it was written."""
    return dial_figures(study, split, lambda seen, setting: fitted(seen, setting, policy, parameter, confidence))


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def resamples(study: Study, split: str) -> Resamples:
    """The resamples of the patients of a split, drawn once."""
    return split_resamples(study, split)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def films_of(study: Study, split: str) -> SplitCounts:
    """The films of a split, counted."""
    return count_films(study, split)


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def has_pictures(study: Study) -> bool:
    """Whether any film of the study can be shown: stored, or simulated again."""
    from core.datasets.films import can_render

    return can_render(study) or bool(study.images["file"].notna().any())


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def n_positive(study: Study) -> npt.NDArray[np.int64]:
    """Positive films of every class, in the whole study."""
    numbers: npt.NDArray[np.int64] = np.count_nonzero(study.labels == 1, axis=0)
    return numbers


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def films_mark(study: Study) -> str:
    """What stands for the study's films in a link."""
    return mark_of(study.image_ids)


@st.cache_data(max_entries=128, hash_funcs=STUDY_KEY, show_spinner=False)
def film(study: Study, image_id: str) -> npt.NDArray[np.uint8]:
    """The pixels of a film (H, W). Raises DatasetError where it is nowhere."""
    from core.datasets.films import film_pixels

    return film_pixels(study, image_id)
