"""Whether a method beats the centre and random baselines where masks are exact; reported as found.

`python -m tests.benchmarks.localization [STUDY] [--setting fine_tune] [--methods grad_cam ...]`: for findings with at
least 20 positive test films, energy in the mask and pointing game of the first method at its usual layer, and of the
method and layer that are best on val (of all quick methods unless some are named), minus each baseline's, with 95 %
intervals over patients; the mean over findings last. Uses the table of `python -m core saliency STUDY`, or adds what it
needs. Ends with 1 where an interval of a mean is not above 0.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from core.commands.progress import console_progress
from core.metrics.intervals import Interval
from core.paths import STUDIES
from core.saliency.localization.compute import compute_saliency_table
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.ranking import chosen_on_val
from core.saliency.localization.summary import compare, summarize
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.study.open import open_study
from core.words import signed_interval_words

LEAST_POSITIVES = 20
BASELINES = ("centre", "random")


def main() -> None:
    """Prints the differences; ends with 1 where a mean does not stand above 0."""
    parser = argparse.ArgumentParser(description="A method against the baselines, on exact masks.")
    parser.add_argument("study", type=Path, nargs="?", default=STUDIES / "phantom")
    parser.add_argument("--setting", default="fine_tune")
    parser.add_argument("--methods", nargs="+", default=LocalizationPlan().methods)
    args = parser.parse_args()
    study = open_study(args.study)
    positives = (study.labels[study.rows("test")] == 1).sum(axis=0)
    numbers = dict(zip(study.classes, positives.tolist(), strict=True))
    plan = LocalizationPlan(tuple(dict.fromkeys((*args.methods, *BASELINES))), has_all_layers=True)
    table = compute_saliency_table(study, plan=plan, progress=console_progress())
    findings = [name for name in table.findings if numbers[name] >= LEAST_POSITIVES]
    missed = []
    for metric in ("energy", "hit"):
        chosen = chosen_on_val(table.only(study, plan), args.setting, metric)
        usual = MapKey(args.setting, args.methods[0])
        for of in (usual, *([chosen.of] if chosen is not None else [])):
            missed.append(_report(table, of, metric, findings, numbers))
    raise SystemExit(any(missed))


def _report(table: LocalizationResults, of: MapKey, metric: str, findings: list[str], numbers: dict[str, int]) -> bool:
    print(f"{metric}: {of.setting}, {of.method}, {of.layer or 'its usual layer'}")
    missed = False
    for name in (*findings, None):
        chosen = findings if name is None else [name]
        films = MaskFilter("test", tuple(chosen))
        mine = summarize(table, of, films, metric)
        words = [f"{mine.value:.3f} (chance {mine.chance:.3f}, zero maps {mine.n_zero})"]
        for baseline in BASELINES:
            found = compare(table, of, MapKey(of.setting, baseline), films, metric)
            words.append(f"minus {baseline} {found.value:+.3f} {_ends(found.interval)}")
            missed |= name is None and not (np.isfinite(found.interval.low) and found.interval.low > 0)
        title = f"mean of {len(findings)}" if name is None else f"{name} ({numbers[name]})"
        print(f"  {title:<28} {'; '.join(words)}")
    return missed


def _ends(interval: Interval) -> str:
    return f"({signed_interval_words(interval)})"


if __name__ == "__main__":
    main()
