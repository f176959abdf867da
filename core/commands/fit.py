"""`python -m core fit STUDY --setting S --policy P --out thresholds.json`: thresholds fitted on val."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StudyError
from core.exports.thresholds import threshold_json
from core.files import write_out
from core.thresholds import POLICIES, ThresholdSet, fit_thresholds
from core.words import cut_words

if TYPE_CHECKING:
    from core.study import Study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.add_argument("study", metavar="STUDY", type=Path, nargs="?", help="the study's folder")
    parser.add_argument(
        "--setting", metavar="S", nargs="+", default=[], help="settings to fit (default: every setting of the study)"
    )
    parser.add_argument("--policy", metavar="P", default=POLICIES[0].name, help="a policy of --list (default: max-f1)")
    parser.add_argument("--parameter", metavar="X", type=float, help="the policy's number (default: see --list)")
    parser.add_argument(
        "--confidence", metavar="C", type=float, help="how sure a promise is to be kept (promised policies; 0.95)"
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="where to write thresholds.json")
    parser.add_argument("--replace", action="store_true", help="replace the file that is there")
    parser.add_argument("--list", action="store_true", help="show the policies and their parameters, and stop")


def run(args: argparse.Namespace) -> int:
    """Fit, say how firm each threshold is, and write the file; raise CoreError where it cannot."""
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
    if not settings:
        message = f"{study.root}: the study holds no scores, so there is nothing to fit thresholds on."
        raise StudyError(message, remedy="Import it with --scores SETTING=FILE, or build it.")
    asked = {"parameter": args.parameter, "confidence": args.confidence}
    sets = [fit_thresholds(study, setting, args.policy, **asked) for setting in settings]
    _refuse_empty(study, sets)
    write_out(args.out, threshold_json(study, None, {one.setting: one for one in sets}))
    for one in sets:
        print(one.basis)
        for finding, fit in one.fits.items():
            print(f"  {finding}: {cut_words(fit.threshold, fit.upper, 6)}  {fit.words()}")
        for finding, why in one.untrained.items():
            print(f"  {finding}: {cut_words(None, None, 6)}  {why}")
    print(f"Written to {args.out}. Not for clinical use.")
    return 0


def _policy_lines() -> list[str]:
    """A line per policy: name, title, parameter."""
    width = max(len(policy.name) for policy in POLICIES)
    lines = []
    for policy in POLICIES:
        number = policy.parameter
        words = "" if number is None else f" [--parameter: {number.words}; {number.default:g}]"
        sure = "" if policy.confidence is None else f" [--confidence; {policy.confidence.default:g}]"
        lines.append(f"{policy.name.ljust(width)}  {policy.title}{words}{sure}")
    return lines


def _refuse_empty(study: Study, sets: list[ThresholdSet]) -> None:
    """A set without any threshold is written only where it says of every class what its promise would take."""
    for one in sets:
        if not one.is_defined and not any(fit.promises for fit in one.fits.values()):
            raise StudyError(f"{study.root}: {one.basis}", remedy="Give the label table a split column with val films.")
