"""Figures as CSV and as LaTeX, each row with where it comes from."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from core.exports.rows import SettingRows, setting_rows
from core.exports.spreadsheets import as_text
from core.metrics.intervals import Interval
from core.metrics.summary import ClassMetrics
from core.settings.titles import setting_title
from core.thresholds.sets import ThresholdSet

if TYPE_CHECKING:
    from core.study import Study

ALL_CLASSES: Final = "all classes"
_SHARES: Final = ("precision", "recall", "specificity", "f1", "auroc")
_OVERALL: Final = (
    "macro_f1", "micro_f1", "exact_match", "hamming", "cardinality", "true_cardinality", "share_labelled",
    "true_share_labelled",
)  # fmt: skip
_LATEX_COLUMNS: Final = (
    "Class", "Positive", "Predicted", "Threshold", "Precision", "Recall", "F1", "AUROC",
)  # fmt: skip
_WITH_INTERVALS: Final = ("macro_f1", "micro_f1", "exact_match", "hamming")


def metrics_csv(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """One row a class of each setting, and one for all classes; a cell is empty where a figure is undefined.

    Every row names study, fingerprint, split, policy and reading ("frozen", "exploratory" ...). Intervals are 95 %,
    in the columns *_low and *_high. Names that a spreadsheet would take for a formula have an apostrophe in front.
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
        }
        head = {name: as_text(cell) for name, cell in head.items()}
        for row in rows.classes:
            writer.writerow({**head, "class": as_text(row.finding), **_class_cells(row)})
        writer.writerow({**head, "class": ALL_CLASSES, **_overall_cells(rows)})
    return out.getvalue()


def _csv_columns() -> list[str]:
    head = ["study", "fingerprint", "split", "reading", "setting", "score_kind", "policy", "class", "threshold"]
    counts = ["n_read", "n_positive", "n_predicted", "tp", "fp", "fn", "tn"]
    shares = [name + end for name in _SHARES for end in ("", "_low", "_high")]
    overall = [name + end for name in _OVERALL for end in (("", "_low", "_high") if name in _WITH_INTERVALS else ("",))]
    return [*head, *counts, *shares, "average_precision", *overall, "n_films"]


def _class_cells(row: ClassMetrics) -> dict[str, object]:
    cells: dict[str, object] = {
        "threshold": _exact(row.threshold),
        "n_read": row.n_read,
        "n_positive": row.n_positive,
        "n_predicted": row.n_predicted,
        **(asdict(row.confusion) if row.confusion else {}),
        "average_precision": _exact(row.average_precision),
    }
    for name in _SHARES:
        cells |= _with_ends(name, getattr(row, name), row.intervals[name])
    return cells


def _overall_cells(rows: SettingRows) -> dict[str, object]:
    cells: dict[str, object] = {name: _exact(getattr(rows.overall, name)) for name in _OVERALL}
    for name, interval in rows.intervals.items():
        cells |= _with_ends(name, getattr(rows.overall, name), interval)
    return {**cells, "n_films": rows.overall.n_films}


def _with_ends(name: str, value: float, interval: Interval) -> dict[str, object]:
    return {name: _exact(value), f"{name}_low": _exact(interval.low), f"{name}_high": _exact(interval.high)}


def _exact(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))


def metrics_latex(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """One table a setting (packages booktabs), figures with 95 % intervals; -- is undefined, n.e. not estimable."""
    tables = [_latex_table(study, split, rows) for rows in setting_rows(study, split, sets)]
    return "\n\n".join(["% Needs \\usepackage{booktabs}. Not for clinical use.", *tables]) + "\n"


def _latex_table(study: Study, split: str, rows: SettingRows) -> str:
    import pandas as pd

    caption = (
        f"{setting_title(rows.chosen.setting)} on the {split} films of {study.name} (fingerprint {study.fingerprint}). "
        f"{rows.chosen.basis} {READING_WORDS[rows.reading]} "
        f"Macro F1 {_cell(rows.overall.macro_f1, rows.intervals.get('macro_f1'))}, "
        f"micro F1 {_cell(rows.overall.micro_f1, rows.intervals.get('micro_f1'))}, "
        f"exact match {_cell(rows.overall.exact_match, rows.intervals.get('exact_match'))}. "
        "In brackets: 95 % intervals; n.e.: not estimable, with fewer than 5. Not for clinical use."
    )
    table = pd.DataFrame([_latex_cells(row) for row in rows.classes], columns=list(_LATEX_COLUMNS))
    text: str = table.style.hide(axis="index").to_latex(
        column_format="lrrrllll", hrules=True, caption=_escaped(caption)
    )
    return text.rstrip("\n")


READING_WORDS: Final[Mapping[str, str]] = {
    "frozen": "Thresholds were frozen before these films were read.",
    "unfrozen": "Thresholds were moved by hand on validation films and not frozen before these films were read.",
    "fixed": "No threshold was fitted.",
    "optimistic": "Optimistic: thresholds are read on the films that they were fitted or moved on.",
    "exploratory": "EXPLORATORY: thresholds were chosen while looking at films other than validation.",
}


def _latex_cells(row: ClassMetrics) -> list[str]:
    shares = [_cell(getattr(row, name), row.intervals[name]) for name in ("precision", "recall", "f1", "auroc")]
    threshold = "--" if math.isnan(row.threshold) else f"{row.threshold:.4g}"
    return [_escaped(row.finding), str(row.n_positive), str(row.n_predicted), threshold, *shares]


def _cell(value: float, interval: Interval | None) -> str:
    if math.isnan(value):
        return "--"
    if interval is None or not interval.is_estimable:
        return f"{value:.2f} [n.e.]"
    return f"{value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def _escaped(text: str) -> str:
    """Text with LaTeX's own characters written out, and a bracket or star in front kept from the line break before."""
    special = {
        "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
        ">": r"\textgreater{}", "|": r"\textbar{}",
    }  # fmt: skip
    written = "".join(special.get(char, f"\\{char}" if char in "&%$#_{}" else char) for char in text)
    return f"{{}}{written}" if written.lstrip().startswith(("[", "*")) else written
