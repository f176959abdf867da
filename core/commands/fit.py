"""`python -m core fit STUDY --setting S --policy P --out thresholds.json`: thresholds fitted on val."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StudyError
from core.operating_point import point_of_decisions
from core.thresholds import POLICIES, ThresholdSet, fit_thresholds
from core.thresholds.files import threshold_file
from core.thresholds.spread import Spread, threshold_spread

if TYPE_CHECKING:
    from core.study import Study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", metavar="STUDY", type=Path, nargs="?", help="the study's folder")
    parser.add_argument(
        "--setting", metavar="S", nargs="+", default=[], help="settings to fit (default: every setting of the study)"
    )
    parser.add_argument("--policy", metavar="P", default=POLICIES[0].name, help="a policy of --list (default: max-f1)")
    parser.add_argument("--parameter", metavar="X", type=float, help="the policy's number (default: see --list)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where to write thresholds.json")
    parser.add_argument("--replace", action="store_true", help="replace the file that is there")
    parser.add_argument("--list", action="store_true", help="show the policies and their parameters, and stop")


def run(args: argparse.Namespace) -> int:
    """Fits, says how firm each threshold is, and writes the file; raises CoreError where it cannot."""
    if args.list:
        print("\n".join(_policy_lines()))
        return 0
    from core.study import open_study

    if args.study is None or args.out is None:
        raise StudyError("There is no study or no --out.", remedy="Say `python -m core fit STUDY --out FILE`.")
    if args.out.exists() and not args.replace:
        raise StudyError(f"{args.out}: is there already.", remedy="Choose another --out, or say --replace.")
    study = open_study(args.study)
    settings = args.setting or study.settings
    sets = [fit_thresholds(study, setting, args.policy, parameter=args.parameter) for setting in settings]
    _refuse_empty(study, sets)
    text = threshold_file(sets, {one.setting: _figures(study, one) for one in sets})
    try:
        args.out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{args.out}: cannot be written ({error}).", remedy="Choose another --out.") from error
    for one in sets:
        print(one.basis)
        for finding, fit in one.fits.items():
            print(f"  {finding}: {'–' if fit.threshold is None else f'{fit.threshold:.6g}'}  {fit.words()}")
    print(f"Written to {args.out}. Not for clinical use.")
    return 0


def _policy_lines() -> list[str]:
    """A line a policy: name, title, parameter."""
    width = max(len(policy.name) for policy in POLICIES)
    lines = []
    for policy in POLICIES:
        number = policy.parameter
        words = "" if number is None else f" [--parameter: {number.words}; {number.default:g}]"
        lines.append(f"{policy.name.ljust(width)}  {policy.title}{words}")
    return lines


def _refuse_empty(study: Study, sets: list[ThresholdSet]) -> None:
    for one in sets:
        if not one.is_defined:
            raise StudyError(f"{study.root}: {one.basis}", remedy="Give the label table a split column with val films.")


def _figures(study: Study, chosen: ThresholdSet) -> dict[str, Any] | None:
    """What the set gives on the films that it was fitted on, with intervals; None where nothing was fitted.

    By class also F1 corrected for its optimism, and the middle 95 % of the thresholds fitted on resampled patients.
    """
    if chosen.split is None:
        return None
    rows = study.rows(chosen.split)
    point = point_of_decisions(study, chosen.split, chosen.rule().decide(study.scores(chosen.setting)[rows]))
    written = point.to_json()
    spreads = threshold_spread(study, chosen.setting, chosen.policy, chosen.parameter, split=chosen.split)
    per_class = {
        finding: {**figures, **_firmness(spreads.get(finding))}
        for finding, figures in zip(study.classes, written["classes"], strict=True)
    }
    note = "read on the films of the fit: optimistic"
    return {"split": chosen.split, "note": note, "per_class": per_class, "overall": written["overall"]}


def _firmness(spread: Spread | None) -> dict[str, float | None]:
    """Of one class, as JSON values."""
    if spread is None:
        return {}
    values = {"f1_corrected": spread.corrected_f1, "threshold_low": spread.low, "threshold_high": spread.high}
    return {name: None if math.isnan(value) else value for name, value in values.items()}
