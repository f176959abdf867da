"""Figures as CSV and as LaTeX, each row with where it comes from."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from core.exports.latex import NEEDS, latex_table
from core.exports.rows import SettingRows, setting_rows
from core.exports.spreadsheets import as_text
from core.metrics.class_figures import ClassMetrics, class_figures_in
from core.metrics.intervals import Interval
from core.metrics.overall_figures import overall_figures_in
from core.settings.titles import setting_title
from core.thresholds.sets import ThresholdSet
from core.thresholds.titles import with_titles
from core.words import crowded_words, cut_words, figure_words, split_words

if TYPE_CHECKING:
    from core.study import Study

ALL_CLASSES: Final = "all classes"


def metrics_csv(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """Write one row per class of each setting, and one for all classes; a cell is empty where a figure is undefined.

    Every row names study, fingerprint, split, policy and reading ("frozen", "exploratory" ...). Intervals are 95 %,
    in the columns *_low and *_high. Names that a spreadsheet would take for a formula have an apostrophe in front.

    >>> from core.study import open_study
    >>> from core.thresholds.fitting import fit_thresholds
    >>> study = open_study("tests/golden/study_v1")
    >>> text = metrics_csv(study, "test", {"zero_shot": fit_thresholds(study, "zero_shot")})
    >>> len(text.splitlines()), text.startswith("study,fingerprint,split")
    (16, True)
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, _csv_columns(), lineterminator="\n", restval="")
    writer.writeheader()
    for rows in setting_rows(study, split, sets):
        head = {
            "study": study.name,
            "fingerprint": study.fingerprint,
            "split": split,
            "reading": rows.reading,
            "setting": rows.chosen.setting,
            "score_kind": rows.chosen.score_kind,
            "policy": rows.chosen.policy,
            "labels": study.labels_read,
        }
        head = {name: as_text(cell) for name, cell in head.items()}
        for place, row in enumerate(rows.classes):
            writer.writerow({**head, "class": as_text(row.finding), **_class_cells(row), **_promise_cells(rows, place)})
        writer.writerow({**head, "class": ALL_CLASSES, **_overall_cells(rows)})
    return out.getvalue()


def _csv_columns() -> list[str]:
    head = ["study", "fingerprint", "split", "reading", "setting", "score_kind", "policy", "class", "threshold"]
    cuts = ["rule_in_threshold", "left_to_reader", "confidence", "promised", "promise"]
    counts = ["n_read", "n_positive", "n_predicted", "tp", "fp", "fn", "tn"]
    figures = [name for one in class_figures_in("csv") for name in _columns(one.name, one.interval is not None)]
    overall = [name for one in overall_figures_in("csv") for name in _columns(one.name, one.has_interval)]
    return [*head, *cuts, *counts, *figures, *overall, "n_films", "labels"]


def _columns(name: str, has_interval: bool) -> list[str]:
    return [name, f"{name}_low", f"{name}_high"] if has_interval else [name]


def _class_cells(row: ClassMetrics) -> dict[str, object]:
    cells: dict[str, object] = {
        "threshold": _exact(row.threshold),
        "n_read": row.n_read,
        "n_positive": row.n_positive,
        "n_predicted": row.n_predicted,
        **(asdict(row.confusion) if row.confusion else {}),
    }
    for figure in class_figures_in("csv"):
        cells |= _with_ends(figure.name, row.value(figure), row.intervals.get(figure.name))
    return cells


def _promise_cells(rows: SettingRows, place: int) -> dict[str, object]:
    """The rule-in cut and the films left to a reader; what was promised, and what became of it on these films."""
    finding, confidence = rows.classes[place].finding, rows.chosen.confidence
    upper, zone = rows.upper(finding), rows.grey_zones[place] if rows.grey_zones else None
    fit = rows.chosen.fits.get(finding)
    promises = () if fit is None or fit.threshold is None else fit.promises
    kept = [one.verdict for one in rows.worth.kept if one.finding == finding] if rows.worth else []
    return {
        "rule_in_threshold": "" if upper is None else _exact(upper),
        "left_to_reader": "" if zone is None else zone.left,
        "confidence": "" if confidence is None else _exact(confidence),
        "promised": "; ".join(one.said for one in promises),
        "promise": "; ".join(kept),
    }


def _overall_cells(rows: SettingRows) -> dict[str, object]:
    cells: dict[str, object] = {}
    for figure in overall_figures_in("csv"):
        cells |= _with_ends(figure.name, rows.overall.value(figure), rows.intervals.get(figure.name))
    return {**cells, "n_films": rows.overall.n_films}


def _with_ends(name: str, value: float, interval: Interval | None) -> dict[str, object]:
    ends = {} if interval is None else {f"{name}_low": _exact(interval.low), f"{name}_high": _exact(interval.high)}
    return {name: _exact(value), **ends}


def _exact(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))


def metrics_latex(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """Write one table per setting (packages booktabs), figures with 95 % intervals; -- is undefined."""
    tables = [_latex_table(study, split, rows) for rows in setting_rows(study, split, sets)]
    return "\n\n".join([NEEDS, *tables]) + "\n"


def _latex_table(study: Study, split: str, rows: SettingRows) -> str:
    titles = [figure.title for figure in class_figures_in("latex")]
    labels_read = f"{study.labels_read} " if study.labels_read else ""
    caption = (
        f"{setting_title(rows.chosen.setting)} on the {split_words(split)} films of {study.name} "
        f"(fingerprint {study.fingerprint}). {basis_words(study, rows.chosen)} {PROVENANCE_WORDS[rows.reading]} "
        f"{', '.join(_overall_words(rows))}. {labels_read}"
        "In brackets: 95 % intervals, not estimable with fewer than 5. Not for clinical use."
    )
    cells = [_latex_cells(row, rows.upper(row.finding)) for row in rows.classes]
    head = ["Class", "Positive", "Predicted", "Threshold", *titles]
    return latex_table([head, *cells], caption, name=rows.chosen.setting, columns=f"lrrr{'l' * len(titles)}")


PROVENANCE_WORDS: Final[Mapping[str, str]] = {
    "frozen": "Thresholds were set before these films were read.",
    "unfrozen": "Thresholds were moved by hand on validation films and not locked before these films were read.",
    "fixed": "No threshold was fitted.",
    "optimistic": "Optimistic: thresholds are read on the films that they were fitted or moved on.",
    "exploratory": "EXPLORATORY: thresholds were chosen while looking at films other than validation.",
}


def basis_words(study: Study, chosen: ThresholdSet) -> str:
    """Say where the thresholds of a set come from, without its setting, which stands beside it."""
    basis = chosen.basis.removeprefix(f"{chosen.setting}: ")
    return with_titles(f"{basis[:1].upper()}{basis[1:]}", study.settings)


def _latex_cells(row: ClassMetrics, upper: float | None) -> list[str]:
    figures = [crowded_words(row.value(figure), row.intervals.get(figure.name)) for figure in class_figures_in("latex")]
    counts = [str(row.n_positive), str(row.n_predicted)]
    return [row.finding, *counts, cut_words(row.threshold, upper), *figures]


def _overall_words(rows: SettingRows) -> list[str]:
    return [
        f"{figure.title} {figure_words(rows.overall.value(figure), rows.intervals.get(figure.name), figure.digits)}"
        for figure in overall_figures_in("latex")
    ]
