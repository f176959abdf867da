"""The figures of one setting of a study, under either protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, checked_labels
from core.metrics.class_figures import ClassMetrics
from core.metrics.decision_rules import Above, RowMinMax
from core.metrics.overall_figures import Overall
from core.metrics.patients import Patients, number_patients
from core.metrics.resampling import Resamples
from core.metrics.separation.distances import ClassDistances, multi_label_distances, paper_distances
from core.metrics.summary import summarise_classes, summarise_overall
from core.metrics.summary_intervals import overall_with_intervals
from core.settings import registry
from core.study import layout
from core.thresholds import NATURAL_CUTS, ThresholdSet
from core.thresholds.grey_zone import GreyZone
from core.thresholds.sets import provenance
from core.thresholds.worth import Worth

if TYPE_CHECKING:
    from core.study import Study

Protocol = Literal["sound", "paper"]


@dataclass(frozen=True)
class SettingRead:
    """How one setting is read.

    score_kind : similarity, margin, logit or probability.
    encoder : whose space the distances are in, or None.
    thresholds : what the decisions are based on; None under the paper's protocol, whose rules are fixed.
    basis : one sentence: how the scores became decisions.
    """

    setting: str
    score_kind: str
    encoder: str | None
    thresholds: ThresholdSet | None
    basis: str


@dataclass(frozen=True)
class ClassesReport(SettingRead):
    """The figures of every class of one setting. per_class : by class, in the study's order."""

    per_class: Mapping[str, ClassMetrics]


@dataclass(frozen=True)
class SettingReport(ClassesReport):
    """The figures of one setting.

    overall : over all classes.
    worth : the thresholds on the films of their fit beside these, and their promises; None where these are the same.
    grey_zones : by class, what two cuts settle; empty where classes have one.
    """

    overall: Overall
    worth: Worth | None = None
    grey_zones: tuple[GreyZone | None, ...] = ()

    def provenance(self, split: str) -> str:
        """Say how far figures on the films of a split may be trusted; see core.thresholds.sets.provenance."""
        return "fixed" if self.thresholds is None else provenance(self.thresholds, split)


class SplitData:
    """The films of a split, with what several settings share computed once."""

    def __init__(self, study: Study, rows: IntArray) -> None:
        self.study = study
        self.rows = rows
        self._distances: dict[tuple[str, str], ClassDistances] = {}

    @cached_property
    def labels(self) -> FloatArray:
        """Give the labels (n_films, n_classes) of {0, 1, NaN}."""
        return checked_labels(self.study.labels[self.rows])

    @cached_property
    def patients(self) -> Patients:
        """Number the patients of the films."""
        return number_patients(self.study.patient_numbers(self.rows), self.rows.size)

    def scores(self, setting: str) -> FloatArray:
        """Give (n_films, n_classes) stored scores."""
        return np.asarray(self.study.scores(setting)[self.rows])

    def embeddings(self, encoder: str | None) -> FloatArray | None:
        """Give (n_films, d) image embeddings; None where the study holds none."""
        if encoder is None or not self.study.has(layout.image_embeddings_part(encoder)):
            return None
        return np.asarray(self.study.image_embeddings(encoder)[self.rows])

    def distances(self, encoder: str | None, protocol: Protocol) -> ClassDistances | None:
        """Compute the class distances in an encoder's space; None where the study holds no embeddings."""
        if encoder is None:
            return None
        if (encoder, protocol) not in self._distances:
            if not self.study.has(layout.image_embeddings_part(encoder)):
                return None
            measure = paper_distances if protocol == "paper" else multi_label_distances
            self._distances[encoder, protocol] = measure(self.study.image_embeddings(encoder), self.labels, self.rows)
        return self._distances[encoder, protocol]


def sound_setting(
    films: SplitData,
    setting: str,
    thresholds: ThresholdSet,
    *,
    intervals: bool = False,
    resamples: Resamples | None = None,
) -> SettingReport:
    """Report one setting under thresholds that were fitted elsewhere.

    intervals : also of every class's figures.
    resamples : also of the figures over all classes.
    """
    entry = films.study.manifest.settings[setting]
    scores, judged = films.scores(setting), films.study.judged_labels(setting)[films.rows]
    decisions = thresholds.rule().decide(scores) if thresholds.is_defined else None
    per_class = sound_classes(films, thresholds, intervals=intervals)
    overall = summarise_overall(
        films.labels,
        scores,
        decisions,
        aurocs=[metrics.auroc for metrics in per_class.values()],
        distances=films.distances(entry.encoder, "sound"),
        minutes=entry.minutes,
    )
    if resamples is not None:
        overall = overall_with_intervals(overall, judged, scores, decisions, resamples)
    read = setting_read(films.study, thresholds)
    return SettingReport(**vars(read), per_class=per_class, overall=overall)


def setting_read(study: Study, thresholds: ThresholdSet) -> SettingRead:
    """Say how a setting is read with thresholds that were fitted elsewhere."""
    entry = study.manifest.settings[thresholds.setting]
    return SettingRead(thresholds.setting, entry.score_kind, entry.encoder, thresholds, thresholds.basis)


def sound_classes(films: SplitData, thresholds: ThresholdSet, *, intervals: bool) -> Mapping[str, ClassMetrics]:
    """Report every class of the setting that thresholds are of, without what is over all classes.

    intervals : also of every figure, in closed form.
    """
    scores = films.scores(thresholds.setting)
    decisions = thresholds.rule().decide(scores) if thresholds.is_defined else None
    patients = films.patients if intervals else None
    return summarise_classes(
        films.study.classes, films.labels, scores, decisions, thresholds.array(), patients=patients
    )


def paper_setting(films: SplitData, setting: str) -> SettingReport:
    """Report one setting under the paper's two fixed rules."""
    entry = films.study.manifest.settings[setting]
    scores, kind = paper_scores(films, setting)
    is_stored = kind == entry.score_kind
    cut = Above(NATURAL_CUTS.get(kind, 0.0))
    per_class = summarise_classes(
        films.study.classes,
        films.labels,
        scores,
        cut.decide(scores),
        np.full(scores.shape[1], cut.cut),
        is_published=True,
    )
    overall = summarise_overall(
        films.labels,
        scores,
        RowMinMax().decide(scores),
        aurocs=[metrics.auroc for metrics in per_class.values()],
        distances=films.distances(entry.encoder, "paper"),
        minutes=entry.minutes,
        is_published=True,
    )
    source = f"stored scores ({kind})" if is_stored else "dot products of raw image and class-name embeddings"
    basis = f"{setting}: from the {source}; per class, positive where {cut.description}."
    return SettingReport(setting, kind, entry.encoder, None, basis, per_class, overall)


def paper_scores(films: SplitData, setting: str) -> tuple[FloatArray, str]:
    """Give (n_films, n_classes) scores as the paper has them, and their kind:
    logits where the setting has others for it.

    Where the study lacks the embeddings for those, the stored scores.
    """
    entry = films.study.manifest.settings[setting]
    logits = _paper_logits(films, setting, entry.encoder)
    return (films.scores(setting), entry.score_kind) if logits is None else (logits, "logit")


def _paper_logits(films: SplitData, setting: str, encoder: str | None) -> FloatArray | None:
    """(n_films, n_classes); None where the setting has no others than its own, or the study lacks what they need."""
    study, known = films.study, registry.known(setting)
    if known is None or known.paper_scores is None or encoder is None:
        return None
    images = films.embeddings(encoder) if study.has(layout.text_embeddings_part(encoder)) else None
    if images is None:
        return None
    return known.paper_scores(images, study.text_embeddings(encoder), study.manifest.prompts, study.classes)
