"""`python -m core twins STUDY --maps`: saliency maps against the region that moved a score."""

from __future__ import annotations

import argparse
import json

from core.commands.progress import console_progress
from core.commands.saliency import films_of, ranking, summaries, to_json
from core.saliency.localization.metrics import metric_named
from core.saliency.localization.table import LocalizationPlan
from core.study.read import Study
from core.twins.causes import compute_cause_table, moved_only, store_causes

METRICS = ("energy", "hit", "average_precision")
"""What maps are judged by."""


def run_maps(study: Study, args: argparse.Namespace) -> int:
    """Compare every method at every layer with the causes, store the table, and print what val chooses."""
    plan = LocalizationPlan(has_all_layers=True, settings=tuple(args.settings))
    results = compute_cause_table(study, plan=plan, limit=args.limit, again=args.again, progress=console_progress())
    if args.limit is None:
        study = store_causes(study.root, results)
    table = moved_only(study, results)
    if args.json:
        films = films_of(table)
        found = {metric: to_json(table, films, metric, summaries(table, films, metric)) for metric in METRICS}
        print(json.dumps(found, indent=2))
        return 0
    lines = [f"{study.name} · fingerprint {study.fingerprint} · maps against the region that moved the score"]
    for metric in METRICS:
        about = metric_named(metric)
        lines += ["", f"{about.title}: {about.meaning}".replace("mask", "region"), *ranking(table, metric)]
    print("\n".join([*lines, *table.notes, f"{study.root}: {'a trial; not' if args.limit else 'table'} stored."]))
    return 0
