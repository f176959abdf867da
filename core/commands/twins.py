"""`python -m core twins STUDY`: what findings do to scores, shortcuts, and maps judged by causes."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any, Final

from core.commands.options import whole
from core.commands.progress import console_progress
from core.datasets.films import can_render
from core.errors import DatasetError
from core.study.read import Study
from core.twins.audit import Audit, shortcut_audit
from core.twins.effects import EffectsPlan, FindingEffects, compute_effects
from core.twins.matrix import CausalMatrix, causal_matrix
from core.twins.pair import study_renderer
from core.twins.shortcuts import RULE, Shortcut, shortcuts
from core.twins.stored import store_effects
from core.words import number_words, signed_words

_NOTE: Final = """\
Films that were done before an interruption are not done again. What is found is stored with the study, where the app
shows it: its fingerprint changes, its scores and thresholds stay. With --limit nothing is stored. A study whose films
exist once has no twin films; its shortcut audit is printed."""
_MOST: Final = 5
"""Comparisons of an audit that are printed per setting."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.epilog = _NOTE
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")
    parser.add_argument("--limit", type=whole(1, 10**6), metavar="N", help="try it on the first N test films")
    parser.add_argument("--maps", action="store_true", help="judge saliency maps by causes, on val and test films")
    parser.add_argument("--settings", nargs="+", default=[], help="with --maps: whose maps (default: all settings')")
    parser.add_argument("--audit", action="store_true", help="the shortcut audit alone, which needs no twin films")
    parser.add_argument("--again", action="store_true", help="compute it even where it has been")
    parser.add_argument("--json", action="store_true", help="print JSON, null where a figure is undefined")


def run(args: argparse.Namespace) -> int:
    """Compute, store and print what is asked for."""
    from core.study import open_study

    study = open_study(args.study)
    if args.audit or not can_render(study):
        if args.maps:
            study_renderer(study)
        _print_audit(study, is_json=args.json, why=None if args.audit else _why_not(study))
        return 0
    if args.maps:
        from core.commands.twins_maps import run_maps

        return run_maps(study, args)
    effects = compute_effects(study, EffectsPlan(limit=args.limit), again=args.again, progress=console_progress())
    if args.limit is None:
        study = store_effects(study.root, effects)
    matrices = {setting: causal_matrix(study, effects, setting) for setting in effects.settings}
    named = {setting: shortcuts(matrix) for setting, matrix in matrices.items()}
    if args.json:
        print(json.dumps(_to_json(study, effects, matrices, named), indent=2))
    else:
        print(_text(study, effects, matrices, named, is_stored=args.limit is None))
    return 0


def _text(
    study: Study,
    effects: FindingEffects,
    matrices: dict[str, CausalMatrix],
    named: dict[str, tuple[Shortcut, ...]],
    *,
    is_stored: bool,
) -> str:
    lines = [f"{study.name} · fingerprint {study.fingerprint} · {len(effects.image_ids):,} films and their twins"]
    for setting, matrix in matrices.items():
        lines += ["", f"{setting}: standard deviations of a score that a finding adds (columns: the score's class)"]
        width = max(map(len, matrix.causes))
        lines.append(" " * width + "".join(f"{_short(name):>7}" for name in matrix.classes) + "   films")
        for row, cause in enumerate(matrix.causes):
            cells = "".join(f"{signed_words(float(value), 2):>7}" for value in matrix.effect.value[row])
            lines.append(f"{cause:<{width}}{cells}{matrix.effect.n[row]:>8,}")
        lines += [f"  {entry.sentence}" for entry in named[setting]] or ["  No shortcut by the rule."]
    lines += ["", RULE, "Mean absolute difference of grey values in the region, about it, elsewhere (of 255):"]
    lines += [f"  {cause}: {', '.join(number_words(value, 2) for value in row)}" for cause, row in effects.grey.items()]
    lines.append(f"{study.root}: {'stored with the study' if is_stored else 'a trial; not stored'}.")
    return "\n".join(lines)


def _short(name: str) -> str:
    """The first three letters of every word, so that 14 columns fit."""
    return "".join(word[:3] for word in name.split())[:6]


def _to_json(
    study: Study,
    effects: FindingEffects,
    matrices: dict[str, CausalMatrix],
    named: dict[str, tuple[Shortcut, ...]],
) -> dict[str, Any]:
    return {
        "fingerprint": study.fingerprint,
        "n_films": len(effects.image_ids),
        "rule": RULE,
        "grey": {cause: [_number(value) for value in row] for cause, row in effects.grey.items()},
        "settings": {setting: _matrix_json(matrix, named[setting]) for setting, matrix in matrices.items()},
    }


def _matrix_json(matrix: CausalMatrix, named: tuple[Shortcut, ...]) -> dict[str, Any]:
    kinds = {"effect": matrix.effect, "together": matrix.together}
    return {
        "causes": matrix.causes,
        "classes": matrix.classes,
        **{
            kind: {
                "value": _rows(found.value),
                "low": _rows(found.low),
                "high": _rows(found.high),
                "n": found.n.tolist(),
            }
            for kind, found in kinds.items()
        },
        "shortcuts": [{"finding": entry.finding, "rival": entry.rival, "sentence": entry.sentence} for entry in named],
    }


def _rows(values: Any) -> list[list[float | None]]:
    return [[_number(float(value)) for value in row] for row in values]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _why_not(study: Study) -> str:
    try:
        study_renderer(study)
    except DatasetError as error:
        return error.message
    return ""


def _print_audit(study: Study, *, is_json: bool, why: str | None) -> None:
    split = next((name for name in ("test", "val", "train") if name in study.splits()), "all")
    audits = [shortcut_audit(study, setting, split) for setting in study.settings]
    if is_json:
        print(
            json.dumps({"fingerprint": study.fingerprint, "audit": [_audit_json(audit) for audit in audits]}, indent=2)
        )
        return
    lines = [why] if why else []
    for audit in audits:
        lines += [f"{audit.setting}, {audit.split} films. {audit.sentence}"]
        lines += [f"  {row.words}" for row in audit.rows[:_MOST]]
    print("\n".join(lines or [f"{study.name} holds no scores to audit."]))


def _audit_json(audit: Audit) -> dict[str, Any]:
    return {
        "setting": audit.setting,
        "split": audit.split,
        "n_too_few": audit.n_too_few,
        "sentence": audit.sentence,
        "rows": [
            {
                "class": row.finding,
                "by": row.by,
                "group": row.group,
                "inside": row.inside,
                "outside": row.outside,
                "difference": row.difference.value,
                "interval": [row.difference.interval.low, row.difference.interval.high],
                "n_positive": list(row.n_positive),
                "stands_out": row.stands_out,
            }
            for row in audit.rows
        ],
    }
