"""Tables of readers: how far they agree on every class, and each of them, and the model, on one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from core.metrics.reader_agreement import Estimate, ReaderAgreement
from core.metrics.region_agreement import RegionAgreement
from core.settings.titles import setting_title
from core.words import count_words, figure_words, interval_words

CEILING: Final = "All readers"
_FIGURES: Final = {
    "Same word": "agreement",
    "Kappa": "kappa",
    "Sensitivity": "sensitivity",
    "Specificity": "specificity",
    "F1": "f1",
}


def agreement_table(per_class: Sequence[ReaderAgreement]) -> pd.DataFrame:
    """Tabulate every class: agreement of the readers, and their F1 beside the settings'; undefined is missing."""
    settings = [rater.name for rater in per_class[0].settings] if per_class else []
    columns: dict[str, list[object]] = {
        "Class": [one.finding for one in per_class],
        "Films": [one.n_films for one in per_class],
        "Positive": [one.n_positive for one in per_class],
        "Kappa": [one.kappa.value for one in per_class],
        "Kappa, 95 %": [_interval(one.kappa) for one in per_class],
        "Same word": [one.agreement.value for one in per_class],
        "Same word, 95 %": [_interval(one.agreement) for one in per_class],
        "Readers' F1": [one.ceiling.f1.value for one in per_class],
        "Readers' F1, 95 %": [_interval(one.ceiling.f1) for one in per_class],
    }
    for place, name in enumerate(settings):
        columns[f"{setting_title(name)} F1"] = [one.settings[place].f1.value for one in per_class]
        columns[f"{setting_title(name)} F1, 95 %"] = [_interval(one.settings[place].f1) for one in per_class]
    return pd.DataFrame(columns)


def rater_table(one: ReaderAgreement) -> pd.DataFrame:
    """Tabulate the readers of one class, all of them together, and the settings, as text."""
    rows = [*((rater.name, rater) for rater in one.readers), (CEILING, one.ceiling)]
    rows += [(setting_title(rater.name), rater) for rater in one.settings]
    content = {"Films": [count_words(rater.n_films) for _, rater in rows]}
    for title, name in _FIGURES.items():
        figures = [rater.figures[name] for _, rater in rows]
        content[title] = [figure_words(one.value, one.interval) for one in figures]
    return pd.DataFrame(content, index=pd.Index([name for name, _ in rows], name="Against the others"))


def region_table(per_class: Sequence[RegionAgreement]) -> pd.DataFrame:
    """Tabulate what several readers drew, class by class: whether they mark the same films, and the same region."""
    columns: dict[str, list[object]] = {
        "Class": [one.finding for one in per_class],
        "Films": [one.presence.n_films for one in per_class],
        "Marked": [one.presence.n_positive for one in per_class],
    }
    for title, found in (
        ("Kappa", [one.presence.kappa for one in per_class]),
        ("Same word", [one.presence.agreement for one in per_class]),
    ):
        columns |= {title: [each.value for each in found], f"{title}, 95 %": [_interval(each) for each in found]}
    columns["Films of two"] = [one.overlap.n_films for one in per_class]
    for title, found in (
        ("Dice", [one.overlap.dice for one in per_class]),
        ("IoU", [one.overlap.iou for one in per_class]),
    ):
        columns |= {title: [each.value for each in found], f"{title}, 95 %": [_interval(each) for each in found]}
    return pd.DataFrame(columns)


def region_pair_table(one: RegionAgreement) -> pd.DataFrame:
    """Tabulate the pairs of readers who both marked some film for a class, as text."""
    pairs = list(one.pairs.values())
    content = {
        "Films of both": [count_words(pair.n_films) for pair in pairs],
        "Dice": [figure_words(pair.dice.value, pair.dice.interval) for pair in pairs],
        "IoU": [figure_words(pair.iou.value, pair.iou.interval) for pair in pairs],
    }
    return pd.DataFrame(content, index=pd.Index([" and ".join(names) for names in one.pairs], name="Readers"))


def _interval(estimate: Estimate) -> str:
    return interval_words(estimate.interval)
