"""The readers of a study, class by class, and its settings as readers more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.reader_agreement import Estimate, Rater, ReaderAgreement, reader_agreement
from core.metrics.resampling import Resamples, draw_resamples

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds.sets import ThresholdSet

KAPPA_WORDS: Final = {
    "cohen": "mean of Cohen's kappa over all pairs of readers",
    "fleiss": "Fleiss' kappa, as the readers did not all read the same films",
}


@dataclass(frozen=True)
class StudyReaders:
    """Who read the films of a split, and how far they agree.

    source : whose labels these are. names : the readers. per_class : in the study's order.
    """

    source: str
    names: tuple[str, ...]
    per_class: tuple[ReaderAgreement, ...]

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON values; None where a figure is undefined or an interval is not estimable."""
        return {
            "source": self.source,
            "names": list(self.names),
            "per_class": {one.finding: _json_class(one) for one in self.per_class},
        }


def several_readers(study: Study) -> tuple[str, tuple[str, ...]] | None:
    """Give the source of the study's labels and its readers; None where they are not several, or nobody says."""
    if study.readings is None or study.convention is None or not study.readings.source_names:
        return None
    source = study.convention.source or study.readings.source_names[0]
    names = study.readings.reader_names(source)
    return (source, names) if len(names) > 1 else None


def study_readers(
    study: Study, split: str, sets: Sequence[ThresholdSet], resamples: Resamples | None = None
) -> StudyReaders | None:
    """Compare the readers of the films of a split, each read under the study's convention; None where one read alone.

    sets : a setting each, at the thresholds in use; those without any are left out.
    resamples : of the split's patients; None draws them with a fixed seed.
    """
    found, rows = several_readers(study), study.rows(split)
    if found is None or not len(rows):
        return None
    source, names = found
    drawn = resamples or draw_resamples(study.patient_ids(rows))
    votes = {name: words[rows] for name, words in _votes(study, source, names).items()}
    decisions = {one.setting: one.decided(study.scores(one.setting)[rows]) for one in sets if one.is_defined}
    per_class = tuple(
        reader_agreement(finding, _column(votes, place), _column(decisions, place), drawn)
        for place, finding in enumerate(study.classes)
    )
    return StudyReaders(source, names, per_class)


def _votes(study: Study, source: str, names: Sequence[str]) -> dict[str, FloatArray]:
    """By reader, (n_films, n_classes) of {0, 1, NaN}: uncertain and blank as the study's convention has them."""
    readings, convention = study.readings, study.convention
    assert readings is not None
    assert convention is not None
    alone = replace(convention, readers="any", source=source)
    return {
        name: readings.of_reader(source, name).resolve(len(study.image_ids), alone).astype(np.float64) for name in names
    }


def _column(arrays: Mapping[str, FloatArray], place: int) -> dict[str, Any]:
    return {name: array[:, place] for name, array in arrays.items()}


def _json_class(one: ReaderAgreement) -> dict[str, Any]:
    return {
        "n_films": one.n_films,
        "n_positive": one.n_positive,
        "kappa_kind": one.kind,
        "kappa": _json_estimate(one.kappa),
        "agreement": _json_estimate(one.agreement),
        "readers": {rater.name: _json_rater(rater) for rater in one.readers},
        "all_readers": _json_rater(one.ceiling),
        "settings": {rater.name: _json_rater(rater) for rater in one.settings},
    }


def _json_rater(rater: Rater) -> dict[str, Any]:
    return {"n_films": rater.n_films, **{name: _json_estimate(one) for name, one in rater.figures.items()}}


def _json_estimate(estimate: Estimate) -> dict[str, Any]:
    ends = asdict(estimate.interval)
    is_estimable = ends.pop("is_estimable")
    value = None if np.isnan(estimate.value) else estimate.value
    return {"value": value, "interval": ends if is_estimable else None}
