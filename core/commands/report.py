"""The command `report`: a study's figures as a table or as JSON."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.commands.decide import read_for
from core.errors import CoreError
from core.exports.tables import READING_WORDS
from core.findings import SPLITS
from core.metrics.intervals import Interval
from core.metrics.summary import ClassMetrics, Overall
from core.report.report import MOST_RESAMPLED, StudyReport, compute_report
from core.report.settings import SettingReport
from core.thresholds import POLICIES

NAME = "report"
HELP = "print a study's figures, overall and class by class"

_UNDEFINED: Final = "–"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="folder of the study")
    parser.add_argument("--split", choices=(*SPLITS, "all"), default="test", help="films to report (default: test)")
    parser.add_argument(
        "--protocol",
        choices=("sound", "paper"),
        default="sound",
        help="sound: thresholds fitted on val, undefined stays undefined; paper: the definitions of arXiv 2506.14136",
    )
    parser.add_argument(
        "--policy",
        choices=[policy.name for policy in POLICIES],
        default=POLICIES[0].name,
        help="how the sound protocol fits thresholds (default: %(default)s)",
    )
    parser.add_argument(
        "--thresholds", metavar="FILE", type=Path, help="use these thresholds instead of fitting, for their settings"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, null where a figure is undefined")


def run(args: argparse.Namespace) -> int:
    """Print the report; raises CoreError where there is none to print."""
    from core.study import open_study

    if args.protocol == "paper" and args.thresholds is not None:
        raise CoreError(
            f"{args.thresholds}: cannot be used with --protocol paper, whose two cuts are fixed.",
            remedy="Leave out --thresholds, or say --protocol sound.",
        )
    study = open_study(args.study)
    report = compute_report(
        study,
        args.split,
        args.protocol,
        policy=args.policy,
        thresholds=None if args.thresholds is None else read_for(study, args.thresholds),
        intervals=not args.json,
    )
    print(json.dumps(report.to_json(), indent=2, ensure_ascii=False) if args.json else report_text(report))
    return 0


def report_text(report: StudyReport) -> str:
    """The report as plain text: overall, class by class, notes."""
    patients = "1 patient" if report.n_patients == 1 else f"{report.n_patients} patients"
    films = "1 film" if report.n_films == 1 else f"{report.n_films} films"
    parts = [
        f"{report.study} · fingerprint {report.fingerprint} · split {report.split}: {films} of {patients} · "
        f"{report.protocol} protocol · not for clinical use",
        *_marks(report),
    ]
    if report.settings:
        parts.append(_overall_table(report.settings))
        parts += [_class_table(setting) for setting in report.settings.values()]
    else:
        parts.append("The study holds no scores, so there is nothing to report.")
    if report.has_intervals:
        parts.append(
            "[95 % interval]: by class in closed form (Wilson's, F1's from tp / (tp + fp + fn); DeLong's for AUROC,\n"
            "the logit interval for AP), over all classes by percentile bootstrap up to "
            f"{MOST_RESAMPLED:,} films;\nfilms of one patient are counted together in all.\n"
            "n.e. = not estimable: fewer than 5 of what it stands on, or all resamples agree."
        )
    if report.notes:
        parts.append("\n".join(["Notes", *(f"- {note}" for note in report.notes)]))
    return "\n\n".join(parts)


def _marks(report: StudyReport) -> list[str]:
    """What must be seen before any figure."""
    readings = {setting: one.reading(report.split) for setting, one in report.settings.items()}
    marked = ("exploratory", "optimistic")
    return [f"{setting}: {READING_WORDS[how]}" for setting, how in readings.items() if how in marked]


def _overall_table(settings: Mapping[str, SettingReport]) -> str:
    """One row a figure, one column a setting."""
    rows = [["Overall", "n", *settings]]
    for title, size, name, digits in _OVERALL_ROWS:
        overalls = [setting.overall for setting in settings.values()]
        cells = [_cell(getattr(overall, name), overall.intervals.get(name), digits) for overall in overalls]
        rows.append([title, size(overalls[0]), *cells])
    return _aligned(rows, n_left=2)


_OVERALL_ROWS: Final[tuple[tuple[str, Callable[[Overall], str], str, int], ...]] = (
    ("macro F1", lambda overall: f"{overall.n_classes_f1} classes", "macro_f1", 3),
    ("micro F1", lambda overall: f"{overall.n_true_labels} labels", "micro_f1", 3),
    ("exact match", lambda overall: f"{overall.n_films_matched} films", "exact_match", 3),
    ("LRAP", lambda overall: f"{overall.n_films_ranked} films", "lrap", 3),
    ("coverage error (lower is better)", lambda overall: f"{overall.n_films_ranked} films", "coverage_error", 3),
    ("macro AUROC", lambda overall: f"{overall.n_classes_auroc} classes", "macro_auroc", 3),
    ("inter-class distance", lambda _: "", "inter_class_distance", 3),
    ("intra-class distance", lambda _: "", "intra_class_distance", 3),
    ("inter / intra", lambda _: "", "distance_ratio", 3),
    ("minutes", lambda _: "", "minutes", 2),
    ("labels, true", lambda _: "", "n_true_labels", 0),
    ("labels, predicted", lambda _: "", "n_predicted_labels", 0),
)


def _class_table(setting: SettingReport) -> str:
    """One row a class."""
    heading = ["read", "positive", "predicted", "threshold", "precision", "recall", "specificity", "F1", "AUROC", "AP"]
    rows = [[f"{setting.setting} ({setting.score_kind})", *heading]]
    rows += [[finding, *_class_cells(metrics)] for finding, metrics in setting.per_class.items()]
    return _aligned(rows, n_left=1)


def _class_cells(metrics: ClassMetrics) -> Sequence[str]:
    counts = [_cell(value) for value in (metrics.n_read, metrics.n_positive, metrics.n_predicted)]
    names = ("precision", "recall", "specificity", "f1", "auroc", "average_precision")
    figures = [_cell(getattr(metrics, name), metrics.intervals.get(name), 2) for name in names]
    return [*counts, _cell(metrics.threshold, digits=4), *figures]


def _cell(value: float | int | None, interval: Interval | None = None, digits: int = 3) -> str:
    """A figure with its interval; an en dash where it is undefined."""
    if value is None or math.isnan(value):
        return _UNDEFINED
    text = str(value) if isinstance(value, int) else f"{value:.{digits}f}"
    if interval is None:
        return text
    if not interval.is_estimable:
        return f"{text} [n.e., n = {interval.n}]"
    return f"{text} [{interval.low:.{digits}f}, {interval.high:.{digits}f}]"


def _aligned(rows: Sequence[Sequence[str]], *, n_left: int) -> str:
    """Columns padded to their widest cell, the first `n_left` to the left; a rule under the heading."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if index < n_left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
