"""Whether a method beats the centre and random baselines where masks are exact; reported as found.

`python -m tests.benchmarks.localization [STUDY] [--setting fine_tune] [--method grad_cam]`: for findings with at least
20 positive test films, energy in the mask and pointing game of the method, minus each baseline's, with 95 % intervals
over patients; the mean over findings last. Uses the table of `python -m core saliency STUDY`, or computes what it needs
of it. Ends with 1 where an interval of the mean is not above 0.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from core.commands.progress import console_progress
from core.metrics.intervals import Interval
from core.paths import STUDIES
from core.saliency.table import SaliencyTable, TablePlan, compare, compute_saliency_table, saliency_table, summarize
from core.study.read import open_study

LEAST_POSITIVES = 20
BASELINES = ("centre", "random")


def main() -> None:
    """Prints the differences; ends with 1 where a mean does not stand above 0."""
    parser = argparse.ArgumentParser(description="A method against the baselines, on exact masks.")
    parser.add_argument("study", type=Path, nargs="?", default=STUDIES / "phantom")
    parser.add_argument("--setting", default="fine_tune")
    parser.add_argument("--method", default="grad_cam")
    args = parser.parse_args()
    study = open_study(args.study)
    positives = (study.labels[study.rows("test")] == 1).sum(axis=0)
    numbers = dict(zip(study.classes, positives.tolist(), strict=True))
    table = saliency_table(study) or compute_saliency_table(
        study, plan=TablePlan((args.method, *BASELINES), splits=("test",)), progress=console_progress()
    )
    findings = [name for name in table.findings if numbers[name] >= LEAST_POSITIVES]
    missed = [_report(table, args.setting, args.method, metric, findings, numbers) for metric in ("energy", "hit")]
    raise SystemExit(any(missed))


def _report(
    table: SaliencyTable, setting: str, method: str, metric: str, findings: list[str], numbers: dict[str, int]
) -> bool:
    print(f"{metric}: {setting}, {method}")
    missed = False
    for name in (*findings, None):
        chosen = findings if name is None else [name]
        mine = summarize(table, split="test", metric=metric, setting=setting, method=method, findings=chosen)
        words = [f"{mine.value:.3f} (chance {mine.chance:.3f}, zero maps {mine.n_zero})"]
        for baseline in BASELINES:
            pair = {"first": (setting, method), "second": (setting, baseline)}
            found = compare(table, split="test", metric=metric, findings=chosen, **pair)
            words.append(f"minus {baseline} {found.value:+.3f} {_ends(found.interval)}")
            missed |= name is None and not (np.isfinite(found.interval.low) and found.interval.low > 0)
        title = f"mean of {len(findings)}" if name is None else f"{name} ({numbers[name]})"
        print(f"  {title:<28} {'; '.join(words)}")
    return missed


def _ends(interval: Interval) -> str:
    return f"[{interval.low:+.3f}, {interval.high:+.3f}]" if interval.is_estimable else f"[n.e., n = {interval.n}]"


if __name__ == "__main__":
    main()
