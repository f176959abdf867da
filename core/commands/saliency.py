"""`python -m core saliency STUDY`: maps against masks over all annotated films, computed once and kept."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from core.commands.progress import console_progress
from core.errors import SaliencyError
from core.findings import SPLITS
from core.metrics.intervals import Interval
from core.saliency.first_films import store_first_maps
from core.saliency.localization.compute import compute_saliency_table, saliency_table
from core.saliency.localization.metrics import METRICS, metric_named
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.ranking import RankedMaps, chosen_on_val, ranked_maps
from core.saliency.localization.shipped import PART, kept_results, store_results
from core.saliency.localization.store import forget_written
from core.saliency.localization.summary import LocalizationSummary, summarize
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.saliency.methods import METHODS, method_of
from core.study.read import Study
from core.words import difference_words, figure_words, interval_words, number_words

_NOTE = """\
What was computed is kept outside the study, in CXR_CACHE or the user's cache, and the app shows it. What is asked for
besides is added to it; marks that are added or changed are computed anew, film by film. An interrupted run goes on
where it was when the same command is run again."""
_ALL: Final = "all"
_BEST: Final = 5
"""Methods and layers of the ranking that are printed per setting."""

Rows = dict[MapKey, LocalizationSummary]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.epilog = _NOTE
    plan = LocalizationPlan()
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")
    names = [method.name for method in METHODS]
    parser.add_argument("--methods", nargs="+", choices=names, default=list(plan.methods), help="default: %(default)s")
    parser.add_argument("--layers", choices=("default", _ALL), default="default", help="each method's own, or all")
    parser.add_argument("--splits", nargs="+", choices=SPLITS, default=list(plan.splits), help="default: %(default)s")
    parser.add_argument("--settings", nargs="+", default=[], help="whose maps (default: those of all settings)")
    metrics = [metric.name for metric in METRICS]
    parser.add_argument("--metric", choices=metrics, default=metrics[0], help="what to print (default: %(default)s)")
    parser.add_argument("--reader", help="compare with the masks of one reader only, not with the mean over readers")
    parser.add_argument("--again", action="store_true", help="compute it even where it has been")
    parser.add_argument(
        "--store",
        action="store_true",
        help="put all that was computed into the study, and the maps of its first films, to ship with it",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, null where a figure is undefined")


def run(args: argparse.Namespace) -> int:
    """Compute what is not there, and print one figure of every setting, method and layer, and the ranking on val."""
    from core.study import open_study

    study = open_study(args.study)
    plan = LocalizationPlan(tuple(args.methods), args.layers == _ALL, tuple(args.splits), tuple(args.settings))
    table = None if args.again else saliency_table(study)
    if table is None or table.lacks(study, plan):
        table = compute_saliency_table(study, plan=plan, again=args.again, progress=console_progress())
    forget_written(study)
    if args.store:
        study = store_results(study.root, PART, kept_results(study))
        study = store_first_maps(study.root)
    asked = table.only(study, plan)
    films = films_of(asked, args.reader)
    found = summaries(asked, films, args.metric)
    if args.json:
        print(json.dumps(to_json(asked, films, args.metric, found), indent=2))
        return 0
    print(text(study, asked, films, args.metric, found))
    print("\n".join([*ranking(asked, args.metric), *asked.notes]))
    return 0


def films_of(table: LocalizationResults, reader: str | None = None) -> MaskFilter:
    """Choose the films to report: those of test where there are any, else of the only split, else all."""
    if reader is not None and reader not in table.readers:
        known = ", ".join(table.readers)
        raise SaliencyError(f"No reader {reader!r} drew on these films.", remedy=f"Name one of {known}.")
    splits = table.splits
    return MaskFilter("test" if "test" in splits else splits[0] if len(splits) == 1 else _ALL, reader=reader)


def summaries(table: LocalizationResults, films: MaskFilter, metric: str) -> Rows:
    """Summarise the table by setting, method and layer, in the table's order."""
    return {of: summarize(table, of, films, metric) for of in _maps(table)}


def _maps(table: LocalizationResults) -> Iterator[MapKey]:
    for setting in table.settings:
        for method in table.methods:
            layers = table.layers(method)
            yield from (MapKey(setting, method, layer) for layer in (layers if len(layers) > 1 else (None,)))


def text(study: Study, table: LocalizationResults, films: MaskFilter, metric: str, found: Rows) -> str:
    """Write a plain table, and which films and findings it is of."""
    about = metric_named(metric)
    width = max(24, *(len(_layer(of)) + len(method_of(of.method).title) + 2 for of in found))
    lines = [
        f"{study.name} · fingerprint {study.fingerprint} · {about.title}: {about.meaning}",
        f"Films: {_films_words(table, films)}.",
        f"{'setting':<14} {'method, layer':<{width}} {'mean':>6} {'95 % interval':>21} {'pairs':>6} {'zero':>5} "
        f"{'chance':>7}",
    ]
    for of, summary in found.items():
        lines.append(
            f"{of.setting:<14} {_title(of):<{width}} {number_words(summary.value):>6} "
            f"{interval_words(summary.interval):>21} {summary.n_pairs:>6} {summary.n_zero:>5} "
            f"{number_words(summary.chance):>7}"
        )
    first = next(iter(found.values()))
    lines += [left_out_words(first)] if first.left_out else []
    lines += [f"Cut at the level that is best on val, of a map's maximum: {first.level:g} for the first row."] * (
        not math.isnan(first.level)
    )
    lines += ["The level was fitted on these films, so the figures flatter."] * first.is_optimistic
    return "\n".join(lines)


def ranking(table: LocalizationResults, metric: str) -> list[str]:
    """List the best methods and layers on val, and what the best comes to on test, beside the baselines."""
    lines = []
    for setting in table.settings:
        ranked = ranked_maps(table, setting, metric)
        if not ranked:
            continue
        best = ", ".join(f"{_title(entry.of)} {number_words(entry.value)}" for entry in ranked[:_BEST])
        lines.append(f"On val, {ranked[0].n_films} films, {setting}: {best}.")
        chosen = chosen_on_val(table, setting, metric)
        lines += [_read_on_test(table, chosen, metric)] if chosen is not None and "test" in table.splits else []
    return lines


def _read_on_test(table: LocalizationResults, chosen: RankedMaps, metric: str) -> str:
    found = summarize(table, chosen.of, MaskFilter("test"), metric)
    differences = [
        f"minus {name} {difference_words(entry.value, entry.interval)}" for name, entry in found.over_baselines.items()
    ]
    words = [figure_words(found.value, found.interval), *differences]
    return f"  {_title(chosen.of)}, chosen so, on test: {'; '.join(words)}."


def left_out_words(found: LocalizationSummary) -> str:
    """Say which findings do not enter a mean, and why."""
    named = ", ".join(f"{name} ({number})" for name, number in found.left_out.items())
    return f"Not in the mean, for they were drawn on fewer than 5 films: {named}."


def to_json(table: LocalizationResults, films: MaskFilter, metric: str, found: Rows) -> dict[str, Any]:
    """Give the summaries as JSON values; None where undefined."""
    about = {"fingerprint": table.fingerprint, "metric": metric, "split": films.split, "splits": list(table.splits)}
    chosen = {setting: chosen_on_val(table, setting, metric) for setting in table.settings}
    return {
        **about,
        "reader": films.reader,
        "notes": list(table.notes),
        "entries": [_entry(of, summary) for of, summary in found.items()],
        "chosen_on_val": {
            name: None if best is None else {"method": best.of.method, "layer": best.of.layer, "value": best.value}
            for name, best in chosen.items()
        },
    }


def _entry(of: MapKey, found: LocalizationSummary) -> dict[str, Any]:
    return {
        "setting": of.setting,
        "method": of.method,
        "layer": of.layer,
        "value": _number(found.value),
        "interval": _interval(found.interval),
        "n_pairs": found.n_pairs,
        "n_films": found.n_films,
        "n_patients": found.n_patients,
        "n_zero": found.n_zero,
        "n_outside": found.n_outside,
        "n_below_resolution": found.n_below_resolution,
        "left_out": dict(found.left_out),
        "chance": _number(found.chance),
        "ceiling": _number(found.ceiling.value),
        "n_pairs_ceiling": found.ceiling.n_pairs,
        "level": _number(found.level),
        "is_optimistic": found.is_optimistic,
        "baselines": {name: _number(beside.value) for name, beside in found.baselines.items()},
        "over_baselines": {
            name: {"value": _number(entry.value), "interval": _interval(entry.interval), "n_pairs": entry.n_pairs}
            for name, entry in found.over_baselines.items()
        },
    }


def _films_words(table: LocalizationResults, films: MaskFilter) -> str:
    which = films.split if films.split != _ALL else " and ".join(table.splits)
    return f"annotated films of {which}" + (f", masks of {films.reader}" if films.reader else "")


def _title(of: MapKey) -> str:
    return method_of(of.method).title + _layer(of)


def _layer(of: MapKey) -> str:
    return f", {of.layer}" if of.layer else ""


def _interval(interval: Interval) -> list[float] | None:
    return [interval.low, interval.high] if interval.is_estimable else None


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
