"""The paper's evaluation beside ours: each difference in a sentence, and what it does to a study's own numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.findings import CLASSES
from core.metrics.overall_figure import OverallFigure
from core.metrics.overall_figures import (
    COVERAGE_ERROR,
    DISTANCE_RATIO,
    EXACT_MATCH,
    INTER_CLASS,
    INTRA_CLASS,
    LRAP,
    MACRO_AUROC,
    MACRO_F1,
    MINUTES,
)
from core.paper import published
from core.paper.labels import label_source_note
from core.report.parts import model_names
from core.report.report import StudyReport
from core.report.settings import SettingReport
from core.settings.titles import setting_title
from core.words import number_words, split_words

if TYPE_CHECKING:
    from core.study import Study

Figure = Callable[[SettingReport], float]


@dataclass(frozen=True)
class Difference:
    """One difference.

    words : what the paper does and what we do instead, one sentence.
    effect : on this study.
    figures : of the results table that it changes; () for none of them.
    """

    title: str
    words: str
    effect: str
    figures: tuple[OverallFigure, ...] = ()


def protocol_differences(study: Study, paper: StudyReport, sound: StudyReport) -> tuple[Difference, ...]:
    """List all differences that concern a study, in the order in which scores become figures.

    paper, sound : reports of the same split under the two protocols; figures are named as published first.
    """
    return tuple(_all(study, paper, sound))


def published_differences(study: Study, split: str) -> tuple[Difference, ...]:
    """List what makes a study's figures under the paper's evaluation differ from those that were published."""
    model = " and ".join(model_names(study)) or study.name
    films = f"{len(study.rows(split)):,} {'films' if split == 'all' else f'{split_words(split)} films'}"
    dataset = study.manifest.dataset.get("name", "an unnamed dataset")
    source = label_source_note(study)
    words = (
        f"The paper's figures are of {published.MODEL} on {published.DATASET} ({published.SOURCE}); these, evaluated "
        f"likewise, are of {model} on {dataset}, {films}."
    )
    return (
        Difference("Model and films", f"{words} {source}" if source else words, "", published.COLUMNS),
        Difference("Computer", "Minutes are of another computer and of other numbers of films.", "", (MINUTES,)),
    )


def _all(study: Study, paper: StudyReport, sound: StudyReport) -> Iterator[Difference]:
    zero_shot = paper.settings.get("zero_shot")
    if zero_shot is not None and zero_shot.score_kind != sound.settings["zero_shot"].score_kind:
        yield Difference(
            "Prompts",
            "The paper takes dot products of raw image embeddings with bare class names; we take cosines to affirming "
            "minus denying prompts.",
            f"Macro AUROC {_both('zero_shot', paper, sound, _of(MACRO_AUROC))}.",
            (MACRO_F1, EXACT_MATCH, LRAP, COVERAGE_ERROR),
        )
    yield Difference(
        "Cut over all classes",
        "The paper scales each film's scores on their own to 0..1 and cuts at 0.5; we fit one threshold per class on "
        "validation films.",
        f"Labels per film, where {number_words(_mean(paper), 2)} were given: "
        f"{_each(paper, sound, _labels_a_film(paper), 2)}. Exact match: {_each(paper, sound, _of(EXACT_MATCH))}.",
        (MACRO_F1, EXACT_MATCH),
    )
    yield Difference(
        "Cut in the table of classes",
        "The paper calls a class positive where its logit is above 0; we keep the thresholds that serve over all "
        "classes.",
        f"Labels predicted, where {_true(paper):,} were given: {_each(paper, sound, _class_predictions, 0)}.",
    )
    yield Difference(
        "Undefined figures",
        "The paper counts undefined precision, recall and F1 as 0, in macro F1 too; we average F1 over the classes "
        "with a positive film.",
        f"Classes in macro F1: {_n_classes(paper)} → {_n_classes(sound)}. With the other cut, macro F1: "
        f"{_each(paper, sound, _of(MACRO_F1))}.",
        (MACRO_F1,),
    )
    yield Difference(
        "Films without a label",
        "The paper counts a film without a positive label with LRAP 1 and coverage error 0; we leave it out of both.",
        _without_label(paper, sound),
        (LRAP, COVERAGE_ERROR),
    )
    if any(not math.isnan(report.overall.distance_ratio) for report in sound.settings.values()):
        yield Difference(
            "Labels behind class distances",
            "The paper counts a film to its first positive class alone; we, to each of its classes, leaving out "
            "classes of one film.",
            f"Inter / intra: {_each(paper, sound, _of(DISTANCE_RATIO))}.",
            (INTER_CLASS, INTRA_CLASS, DISTANCE_RATIO),
        )
    if study.manifest.model:
        yield Difference("Layer of Grad-CAM", published.GRAD_CAM_WORDS, published.GRAD_CAM_EFFECT)


def _without_label(paper: StudyReport, sound: StudyReport) -> str:
    n_films = max((report.overall.n_films_ranked for report in paper.settings.values()), default=0)
    n_left = max((report.overall.n_films_ranked for report in sound.settings.values()), default=0)
    if n_films == n_left:
        return "Every film has a label here, so this changes nothing."
    count = f"{n_films - n_left:,} of {n_films:,} films."
    coverage = _each(paper, sound, _of(COVERAGE_ERROR), COVERAGE_ERROR.digits)
    return f"{count} LRAP: {_each(paper, sound, _of(LRAP))}. Coverage error: {coverage}."


def _each(paper: StudyReport, sound: StudyReport, figure: Figure, digits: int = 3) -> str:
    """A figure of every setting under both protocols."""
    return "; ".join(f"{setting_title(name)} {_both(name, paper, sound, figure, digits)}" for name in paper.settings)


def _both(name: str, paper: StudyReport, sound: StudyReport, figure: Figure, digits: int = 3) -> str:
    values = [figure(report.settings[name]) for report in (paper, sound)]
    return " → ".join(number_words(value, digits) for value in values)


def _of(figure: OverallFigure) -> Figure:
    return lambda report: report.overall.value(figure)


def _class_predictions(report: SettingReport) -> float:
    counts = [metrics.n_predicted for metrics in report.per_class.values()]
    return math.nan if None in counts else float(sum(count for count in counts if count is not None))


def _labels_a_film(paper: StudyReport) -> Figure:
    def mean(report: SettingReport) -> float:
        number = report.overall.n_predicted_labels
        return math.nan if number is None else number / paper.n_films

    return mean


def _true(report: StudyReport) -> int:
    return max((setting.overall.n_true_labels for setting in report.settings.values()), default=0)


def _mean(report: StudyReport) -> float:
    return _true(report) / report.n_films


def _n_classes(report: StudyReport) -> int:
    return max((setting.overall.n_classes_f1 for setting in report.settings.values()), default=len(CLASSES))
