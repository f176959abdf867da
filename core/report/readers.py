"""The readers of a study, class by class, and its settings as readers more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.annotations.annotation import Annotation
from core.errors import StudyError
from core.metrics.arrays import FloatArray
from core.metrics.reader_agreement import Estimate, Rater, ReaderAgreement, reader_agreement
from core.metrics.region_agreement import RegionAgreement, region_agreement
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
    drawn = resamples or draw_resamples(study.patient_numbers(rows))
    votes = {name: words[rows] for name, words in _votes(study, source, names).items()}
    decisions = {one.setting: one.decided(study.scores(one.setting)[rows]) for one in sets if one.is_defined}
    per_class = tuple(
        reader_agreement(finding, _column(votes, place), _column(decisions, place), drawn)
        for place, finding in enumerate(study.classes)
    )
    return StudyReaders(source, names, per_class)


@dataclass(frozen=True)
class StudyAnnotators:
    """Who drew on the films of a split, and how far their regions agree. per_class : those that any of them marked."""

    names: tuple[str, ...]
    per_class: tuple[RegionAgreement, ...]


def study_annotators(study: Study, split: str, resamples: Resamples | None = None) -> StudyAnnotators | None:
    """Compare what several readers drew on the films of a split; None where fewer than two drew on them.

    A film counts as read by those who drew anything on it: whether others looked, marks do not tell.
    resamples : of the split's patients; None draws them with a fixed seed.
    Raises StudyError where marks on one film are of unlike size.
    """
    rows = study.rows(split)
    place = {study.image_ids[row]: number for number, row in enumerate(rows)}
    drawn = [entry for entry in study.annotations() if entry.image_id in place]
    read: dict[str, set[int]] = {}
    for entry in drawn:
        read.setdefault(entry.reader, set()).add(place[entry.image_id])
    if len(read) < 2:
        return None
    names = tuple(sorted(read))
    resampled = resamples or draw_resamples(study.patient_numbers(rows))
    per_class = []
    for finding in study.classes:
        of_class = [entry for entry in drawn if entry.finding == finding]
        if of_class:
            films = {name: sorted(read[name]) for name in names}
            per_class.append(region_agreement(finding, films, _regions(study, of_class, place), resampled))
    return StudyAnnotators(names, tuple(per_class))


def _regions(study: Study, drawn: Sequence[Annotation], place: Mapping[str, int]) -> dict[str, dict[int, Any]]:
    """By reader and film what was drawn, united; regions without a pixel are none."""
    from pycocotools import mask as coco

    runs: dict[tuple[str, int], list[Any]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for entry in drawn:
        size = (entry.height_px, entry.width_px)
        if sizes.setdefault(entry.image_id, size) != size:
            raise StudyError(
                f"{study.root}: the marks on {entry.image_id!r} were drawn on films of unlike size.",
                remedy="Add those marks again; `python -m core check` names all that do not fit their films.",
            )
        runs.setdefault((entry.reader, place[entry.image_id]), []).append(entry.runs())
    found: dict[str, dict[int, Any]] = {}
    for (reader, film), several in runs.items():
        united = coco.merge(several)
        if coco.area(united):
            found.setdefault(reader, {})[film] = united
    return found


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
