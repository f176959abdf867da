"""`python -m core saliency STUDY`: maps against masks over all annotated films, computed once and kept."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any, Final

from core.commands.progress import console_progress
from core.findings import SPLITS
from core.saliency.methods import METHODS, method_of
from core.saliency.table import (
    METRICS,
    LocalizationSummary,
    SaliencyTable,
    TablePlan,
    compute_saliency_table,
    saliency_table,
    summarize,
)
from core.study.read import Study

_NOTE = """\
What was computed is kept outside the study, in CXR_CACHE or the user's cache, under the study's fingerprint; the app
shows it. An interrupted run goes on where it was when the same command is run again."""
_UNDEFINED: Final = "–"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.epilog = _NOTE
    plan = TablePlan()
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")
    names = [method.name for method in METHODS]
    parser.add_argument("--methods", nargs="+", choices=names, default=list(plan.methods), help="default: %(default)s")
    parser.add_argument("--layers", choices=("default", "all"), default="default", help="each method's own, or all")
    parser.add_argument("--splits", nargs="+", choices=SPLITS, default=list(plan.splits), help="default: %(default)s")
    metrics = [metric.name for metric in METRICS]
    parser.add_argument("--metric", choices=metrics, default=metrics[0], help="what to print (default: %(default)s)")
    parser.add_argument("--again", action="store_true", help="compute it even where it has been")
    parser.add_argument("--json", action="store_true", help="print JSON, null where a figure is undefined")


def run(args: argparse.Namespace) -> int:
    """Computes the table unless it is there, and prints one figure of every setting and method."""
    from core.study import open_study

    study = open_study(args.study)
    plan = TablePlan(tuple(args.methods), args.layers == "all", tuple(args.splits))
    table = None if args.again else saliency_table(study)
    if table is None or not _covers(table, plan):
        table = compute_saliency_table(study, plan=plan, progress=console_progress())
    found = summaries(table, args.metric)
    print(json.dumps(to_json(table, args.metric, found), indent=2) if args.json else text(study, args.metric, found))
    for note in table.notes if not args.json else ():
        print(note)
    return 0


def summaries(table: SaliencyTable, metric: str) -> dict[tuple[str, str], LocalizationSummary]:
    """By setting and method, on the test films if there are any, else on all."""
    split = split_of(table)
    return {
        (setting, method): summarize(table, split=split, metric=metric, setting=setting, method=method)
        for setting in table.settings
        for method in table.methods
    }


def split_of(table: SaliencyTable) -> str:
    """The films to report: test where there are any, else all."""
    return "test" if (table.rows["split"] == "test").any() else "all"


def text(study: Study, metric: str, found: dict[tuple[str, str], LocalizationSummary]) -> str:
    """A plain table."""
    about = next(entry for entry in METRICS if entry.name == metric)
    lines = [f"{study.name} · fingerprint {study.fingerprint} · {about.title}: {about.meaning}"]
    lines.append(
        f"{'setting':<14} {'method':<34} {'mean':>6} {'95 % interval':>16} {'pairs':>6} {'zero':>5} {'chance':>7}"
    )
    for (setting, method), summary in found.items():
        interval = summary.interval
        ends = f"{interval.low:.3f} to {interval.high:.3f}" if interval.is_estimable else "not estimable"
        title = method_of(method).title
        lines.append(
            f"{setting:<14} {title:<34} {_cell(summary.value):>6} {ends:>16} {summary.n_pairs:>6} "
            f"{summary.n_zero:>5} {_cell(summary.chance):>7}"
        )
    return "\n".join(lines)


def to_json(table: SaliencyTable, metric: str, found: dict[tuple[str, str], LocalizationSummary]) -> dict[str, Any]:
    """The same as JSON values; None where undefined."""
    entries = [
        {
            "setting": setting,
            "method": method,
            "value": _number(summary.value),
            "interval": [summary.interval.low, summary.interval.high] if summary.interval.is_estimable else None,
            "n_pairs": summary.n_pairs,
            "n_films": summary.n_films,
            "n_patients": summary.n_patients,
            "n_zero": summary.n_zero,
            "n_outside": summary.n_outside,
            "n_below_resolution": summary.n_below_resolution,
            "chance": _number(summary.chance),
            "ceiling": _number(summary.ceiling),
        }
        for (setting, method), summary in found.items()
    ]
    about = {"fingerprint": table.fingerprint, "metric": metric, "split": split_of(table), "notes": list(table.notes)}
    return {**about, "entries": entries}


def _covers(table: SaliencyTable, plan: TablePlan) -> bool:
    """Whether a table that is kept has all that is asked for."""
    rows = table.rows
    has_layers = not plan.has_all_layers or not bool(rows["is_default"].all())
    return set(plan.methods) <= set(table.methods) and has_layers and bool(set(rows["split"]) & set(plan.splits))


def _cell(value: float) -> str:
    return _UNDEFINED if math.isnan(value) else f"{value:.3f}"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
