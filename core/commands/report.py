"""The command `report`: a study's figures as a table or as JSON."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from core.claims.store import kept_ledger
from core.claims.verdict import claim_lines, claims_json
from core.commands.decide import read_for
from core.errors import CoreError
from core.exports.tables import PROVENANCE_WORDS
from core.figures.promise_tables import (
    grey_zone_table,
    kept_table,
    overall_shrinkage,
    promise_table,
    shrinkage_table,
)
from core.findings import SPLITS
from core.metrics.class_figures import ClassMetrics, class_figures_in
from core.metrics.first_order import EXACT_UP_TO
from core.metrics.overall_figures import overall_figures_in
from core.report.compared import compare_settings
from core.report.readers import KAPPA_WORDS, StudyReaders
from core.report.report import StudyReport, compute_report
from core.report.settings import SettingReport
from core.report.verdict import Verdict
from core.thresholds import POLICIES
from core.words import count_words, crowded_words, cut_words, figure_words

NAME = "report"
HELP = "print a study's figures, overall and class by class"


_LONGEST: Final = 200
"""Characters of a line of a table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
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
    parser.add_argument("--parameter", metavar="X", type=float, help="the policy's number (default: its own)")
    parser.add_argument("--confidence", metavar="C", type=float, help="how sure a promise is to be kept")
    parser.add_argument(
        "--thresholds", metavar="FILE", type=Path, help="use these thresholds instead of fitting, for their settings"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, null where a figure is undefined")


def run(args: argparse.Namespace) -> int:
    """Print the report; raise CoreError where there is none to print."""
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
        parameter=args.parameter,
        confidence=args.confidence,
        thresholds=None if args.thresholds is None else read_for(study, args.thresholds),
        intervals=not args.json,
        readers=True,
    )
    sets = [one.thresholds for one in report.settings.values() if one.thresholds is not None]
    compared = compare_settings(study, args.split, sets) if args.protocol == "sound" else None
    ledger = kept_ledger(study)
    if args.json:
        more = {} if compared is None else {"compared": compared.to_json()}
        asked = {} if ledger is None else {"claims": claims_json(ledger)}
        print(json.dumps({**report.to_json(), **more, **asked}, indent=2, ensure_ascii=False))
    else:
        print(report_text(report, None if compared is None else compared.verdict))
        if ledger is not None:
            print("\n".join(["", "Claims under every choice", *(f"- {said}" for said in claim_lines(ledger))]))
    return 0


def report_text(report: StudyReport, said: Verdict | None = None) -> str:
    """Write the report as plain text: which setting is best, overall, class by class, notes."""
    patients = "1 patient" if report.n_patients == 1 else f"{report.n_patients} patients"
    films = "1 film" if report.n_films == 1 else f"{report.n_films} films"
    parts = [
        f"{report.study} · fingerprint {report.fingerprint} · split {report.split}: {films} of {patients} · "
        f"{report.protocol} protocol · not for clinical use",
        *_marks(report),
        *([] if said is None else [textwrap.fill(f"{said.sentence} {said.grounds}".strip(), 160)]),
    ]
    if report.settings:
        parts.append(_overall_table(report.settings))
        for setting in report.settings.values():
            parts += [_class_table(setting), *_promise_parts(setting), *_worth_parts(setting)]
    else:
        parts.append("The study holds no scores, so there is nothing to report.")
    if report.readers is not None:
        parts.append(_readers_table(report.readers))
    if report.has_intervals:
        parts.append(
            "In brackets: 95 % intervals, by class in closed form (Wilson's, F1's from tp / (tp + fp + fn),\n"
            "DeLong's for AUROC, the logit interval for AP), over all classes by percentile bootstrap, macro AUROC of "
            f"over {EXACT_UP_TO:,}\nfilms to the first order; films of one patient are counted together in all.\n"
            "Not estimable: fewer than 5 of what it is based on, n, or all resamples agree."
        )
    if report.notes:
        parts.append("\n".join(["Notes", *(f"- {note}" for note in report.notes)]))
    return "\n\n".join(parts)


def _marks(report: StudyReport) -> list[str]:
    """What must be seen before any figure."""
    readings = {setting: one.provenance(report.split) for setting, one in report.settings.items()}
    marked = ("exploratory", "optimistic")
    return [f"{setting}: {PROVENANCE_WORDS[how]}" for setting, how in readings.items() if how in marked]


def _overall_table(settings: Mapping[str, SettingReport]) -> str:
    """One row per figure, one column per setting."""
    rows = [["Overall", "n", *settings]]
    overalls = [setting.overall for setting in settings.values()]
    for figure in overall_figures_in("report"):
        cells = [figure_words(one.value(figure), one.intervals.get(figure.name), figure.digits) for one in overalls]
        rows.append([figure.heading, figure.over(overalls[0]), *cells])
    rows.append(["Labels, true", "", *(count_words(one.n_true_labels) for one in overalls)])
    rows.append(["Labels, predicted", "", *(count_words(one.n_predicted_labels) for one in overalls)])
    return _aligned(rows, n_left=2)


def _class_table(setting: SettingReport) -> str:
    """One row per class."""
    heading = ["Labelled", "Positive", "Predicted", "Threshold", *(one.title for one in class_figures_in("report"))]
    rows = [[f"{setting.setting} ({setting.score_kind})", *heading]]
    uppers = {} if setting.thresholds is None else setting.thresholds.uppers
    rows += [[finding, *_class_cells(one, uppers.get(finding))] for finding, one in setting.per_class.items()]
    return _aligned(rows, n_left=1)


def _readers_table(readers: StudyReaders) -> str:
    """One row per class: agreement of the readers, and the readers' figures beside the settings'."""
    settings = [rater.name for rater in readers.per_class[0].settings]
    heading = ["Readers of a film", "Agree", "Kappa", "Readers' F1", *(f"{name} F1" for name in settings)]
    rows = [[f"{len(readers.names)} readers ({readers.source})", *heading]]
    for one in readers.per_class:
        raters = (one.ceiling, *one.settings)
        figures = [crowded_words(figure.value, figure.interval) for figure in (one.agreement, one.kappa)]
        f1 = [crowded_words(rater.f1.value, rater.f1.interval) for rater in raters]
        rows.append([one.finding, count_words(one.n_films), *figures, *f1])
    kinds = dict.fromkeys(one.kind for one in readers.per_class)
    said = (
        f"Kappa: {'; '.join(KAPPA_WORDS[kind] for kind in kinds)}. F1 is against the majority of the other readers, "
        "the same for readers and settings."
    )
    return f"{_aligned(rows, n_left=1)}\n{said}"


def _promise_parts(setting: SettingReport) -> Iterable[str]:
    """What was promised of every class, and what two cuts settle on these films."""
    chosen = setting.thresholds
    if chosen is None:
        return
    promised = promise_table(chosen.fits)
    if len(promised):
        yield f"{setting.setting}: promises, patients counted once\n{_table(promised)}"
    if setting.grey_zones:
        table = _table(grey_zone_table(setting.grey_zones, tuple(chosen.values)))
        yield f"{setting.setting}: what two cuts settle, in films; limits one-sided, 95 %, by patient\n{table}"


def _worth_parts(setting: SettingReport) -> Iterable[str]:
    """The same thresholds on the films of their fit and on these, and promised against kept."""
    worth = setting.worth
    if worth is None:
        return
    if worth.kept:
        table = _table(kept_table(worth.kept, worth.fitted_on, worth.read_on))
        yield f"{setting.setting}: promised and kept, patients counted once, exact 95 % intervals\n{table}"
    change = f"{setting.setting}: {worth.fitted_on} → {worth.read_on}"
    yield f"{change}\n{_table(shrinkage_table(worth))}"
    yield f"{change}, over all classes\n{_table(overall_shrinkage(worth))}"


def _table(content: pd.DataFrame) -> str:
    heading = [str(content.index.name), *map(str, content.columns)]
    rows = [[str(name), *map(str, row)] for name, row in zip(content.index, content.to_numpy(), strict=True)]
    return _aligned([heading, *rows], n_left=1)


def _class_cells(metrics: ClassMetrics, upper: float | None) -> Sequence[str]:
    counts = [count_words(number) for number in (metrics.n_read, metrics.n_positive, metrics.n_predicted)]
    figures = [
        crowded_words(metrics.value(figure), metrics.intervals.get(figure.name))
        for figure in class_figures_in("report")
    ]
    return [*counts, cut_words(metrics.threshold, upper), *figures]


def _aligned(rows: Sequence[Sequence[str]], *, n_left: int) -> str:
    """Columns padded to their widest cell, the first `n_left` to the left; a rule under the heading.

    Columns that would make lines longer than _LONGEST go into a table of their own below, beside the first.
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    blocks: list[list[int]] = [[0]]
    for index in range(1, len(widths)):
        block = [*blocks[-1], index]
        is_full = sum(widths[one] for one in block) + 2 * len(block) > _LONGEST and len(blocks[-1]) > 1
        blocks = [*blocks, [0, index]] if is_full else [*blocks[:-1], block]
    return "\n\n".join(
        _block([[row[index] for index in block] for row in rows], sum(index < n_left for index in block))
        for block in blocks
    )


def _block(rows: Sequence[Sequence[str]], n_left: int) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if index < n_left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
