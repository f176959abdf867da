"""The cached functions that more than one page uses; those of the embedding space are in
`space_cache`, those of moving thresholds in `threshold_cache`.

Keys are a study's folder and fingerprint, never arrays. Every cache is bounded. What is slow to import (torch) is
imported in the function that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.calibration import ClassCalibration, class_calibrations
from core.metrics.cooccurrence import Cooccurrence, cooccurrence
from core.metrics.ranking import PrecisionRecallCurve, RocCurve, compute_precision_recall, compute_roc
from core.metrics.resampling import Resamples
from core.paper_sweep import SweepStep, paper_sweep
from core.report import Protocol, StudyReport, compute_report
from core.study import Study, open_study
from core.subgroups import GROUPINGS, Subgroup, subgroups
from core.thresholds import ThresholdSet, fit_thresholds
from core.thresholds.compare import Comparison, compare_all, split_resamples

if TYPE_CHECKING:
    from core.saliency.faithfulness import PerturbationCurves, RoadCurve
    from core.saliency.film_maps import FilmMaps
    from core.saliency.layers import LayerChoice
    from core.saliency.randomization import RandomizationCheck
    from core.saliency.table import SaliencyTable
    from core.saliency.table_summary import LocalizationSummary, PairedDifference


def _key(study: Study) -> tuple[str, str]:
    return str(study.root), study.fingerprint


_N_RANDOMIZED: Final = 4
STUDY_KEY: Final[dict[str | type[Any], Any]] = {Study: _key}
"""How a study is a key, for `hash_funcs`."""
KEYS: Final[dict[str | type[Any], Any]] = {**STUDY_KEY, ThresholdSet: lambda chosen: chosen.key}
"""How studies and threshold sets are keys: a set by its values, its rule and all that it says of its origin."""
Sets = tuple[ThresholdSet, ...]


@dataclass(frozen=True)
class Curves:
    """ROC and precision-recall of one class, by setting."""

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
    """Time and size of the manifest are part of the key, nothing else."""
    return open_study(Path(path))


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def report(study: Study, split: str, protocol: Protocol, intervals: bool = False) -> StudyReport:
    """The figures of a split. Raises StudyError where the split is empty."""
    return compute_report(study, split, protocol, intervals=intervals)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def sweep(study: Study, split: str) -> tuple[SweepStep, ...]:
    """The paper's threshold sweep of zero-shot; empty where there is none."""
    return paper_sweep(study, split)


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def curves(study: Study, split: str, finding: str) -> Curves:
    """The curves of one class in every setting."""
    rows, index = study.rows(split), study.classes.index(finding)
    labels = study.labels[rows, index]
    scores = {setting: np.asarray(study.scores(setting)[rows, index]) for setting in study.settings}
    return Curves(
        {setting: compute_roc(finding, labels=labels, scores=values) for setting, values in scores.items()},
        {
            setting: compute_precision_recall(finding, labels=labels, scores=values)
            for setting, values in scores.items()
        },
    )


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def decided_report(study: Study, split: str, sets: Sets) -> StudyReport:
    """The figures of a split under these thresholds, a set a setting, with intervals."""
    return compute_report(study, split, "sound", thresholds=sets, intervals=True)


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def comparisons(study: Study, split: str, sets: Sets) -> tuple[Comparison, ...]:
    """Every pair of settings on the same films, the earlier less the later."""
    return compare_all(study, split, sets, resamples(study, split))


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def calibrations(study: Study, split: str, setting: str, choice: str) -> tuple[ClassCalibration, ...]:
    """Every class's probabilities; choice : of core.calibration.CHOICES."""
    return class_calibrations(study, split, setting, choice, resamples(study, split))


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def grouped(study: Study, split: str, chosen: ThresholdSet, column: str) -> tuple[Subgroup, ...]:
    """The figures of groups of films; column : of a grouping of core.subgroups."""
    return subgroups(study, split, chosen, next(one for one in GROUPINGS if one.column == column))


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def pairs(study: Study, split: str, chosen: ThresholdSet) -> Cooccurrence | None:
    """Which labels come together; None where the setting has no thresholds."""
    if not chosen.is_defined:
        return None
    rows = study.rows(split)
    return cooccurrence(study.classes, study.labels[rows], chosen.rule().decide(study.scores(chosen.setting)[rows]))


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def fitted(
    study: Study, setting: str, policy: str, exploratory: bool = False, parameter: float | None = None
) -> ThresholdSet:
    """Thresholds fitted on val."""
    return fit_thresholds(study, setting, policy, parameter=parameter, exploratory=exploratory)


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def resamples(study: Study, split: str) -> Resamples:
    """The resamples of the patients of a split, drawn once."""
    return split_resamples(study, split)


@st.cache_data(max_entries=128, hash_funcs=STUDY_KEY, show_spinner=False)
def film(study: Study, image_id: str) -> npt.NDArray[np.uint8]:
    """The pixels of a film (H, W). Raises DatasetError where it is nowhere."""
    from core.datasets.films import film_pixels

    return film_pixels(study, image_id)


@st.cache_resource(max_entries=96, hash_funcs=STUDY_KEY, show_spinner=False)
def film_maps(study: Study, setting: str, image_id: str, method: str, layers: tuple[str, ...] | None) -> FilmMaps:
    """The maps of every class of one film. Raises ModelError or SaliencyError where there is none."""
    from core.saliency.film_maps import film_maps as compute
    from core.saliency.setting_model import load_setting_model

    return compute(load_setting_model(study, setting), film(study, image_id), method=method, layers=layers)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def layer_choices(study: Study, setting: str) -> tuple[LayerChoice, ...]:
    """The layers that maps can be read at. Raises ModelError or SaliencyError where there is no model."""
    from core.saliency import layers
    from core.saliency.setting_model import load_setting_model

    return layers.layer_choices(load_setting_model(study, setting).visual)


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def faithfulness(
    study: Study, setting: str, image_id: str, finding: str, method: str, layers: tuple[str, ...] | None
) -> tuple[PerturbationCurves, RoadCurve]:
    """What a map's own ranking of patches does to the score. Raises SaliencyError where there is no map."""
    from core.saliency.faithfulness import deletion_insertion, road
    from core.saliency.setting_model import load_setting_model

    model, pixels = load_setting_model(study, setting), film(study, image_id)
    saliency = film_maps(study, setting, image_id, method, layers).of(finding)
    return deletion_insertion(model, pixels, finding, saliency), road(model, pixels, finding, saliency)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def randomization(study: Study, setting: str, method: str) -> RandomizationCheck:
    """How much a method's maps change where the weights are drawn anew, on the first films of test."""
    from core.saliency.randomization import randomization_check
    from core.saliency.setting_model import load_setting_model

    ids = [study.image_ids[row] for row in study.rows("test")[:_N_RANDOMIZED]] or study.image_ids[:_N_RANDOMIZED]
    return randomization_check(load_setting_model(study, setting), [film(study, image_id) for image_id in ids], method)


@dataclass(frozen=True)
class Agreement:
    """What maps and masks are compared by. finding : None for all classes."""

    split: str
    metric: str
    method: str
    finding: str | None


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def agreement(study: Study, _table: SaliencyTable, chosen: Agreement) -> dict[str, LocalizationSummary]:
    """How well maps and masks agree, by setting. _table : the study's; a study has one."""
    from core.saliency.table_summary import summarize

    given = vars(chosen)
    return {setting: summarize(_table, setting=setting, **given) for setting in _table.settings}


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def agreement_differences(
    study: Study, _table: SaliencyTable, chosen: Agreement
) -> dict[tuple[str, str], PairedDifference]:
    """The settings against each other, the later one first, on the same films. _table : the study's."""
    from core.saliency.table_summary import compare

    given = {"split": chosen.split, "metric": chosen.metric, "finding": chosen.finding}
    return {
        (first, second): compare(
            _table,
            first=(first, chosen.method),
            second=(second, chosen.method),
            **given,  # type: ignore[arg-type]
        )
        for second, first in combinations(_table.settings, 2)
    }
