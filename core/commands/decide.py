"""`python -m core decide STUDY thresholds.json --scores FILE --out decisions.csv`: thresholds applied to new scores."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.errors import CoreError, StudyError
from core.exports.spreadsheets import csv_of
from core.files import reading, write_out
from core.thresholds import ThresholdSet
from core.thresholds.files import for_study, read_threshold_file

if TYPE_CHECKING:
    from core.study import Study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.epilog = (
        "The score table is CSV or Parquet: first column image_id, then one column for every class of the study, of "
        "the setting's score kind. Between two cuts it says look, and a reader decides. The cell of a class without a "
        "threshold is left blank. Not for clinical use."
    )
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study that the thresholds were fitted on")
    parser.add_argument("thresholds", metavar="thresholds.json", type=Path, help="what `python -m core fit` wrote")
    parser.add_argument("--setting", metavar="S", help="which of the file's sets, where it holds several")
    parser.add_argument("--scores", metavar="FILE", type=Path, required=True, help="the table of new scores")
    parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="where to write the decisions, CSV")
    parser.add_argument("--replace", action="store_true", help="replace the file that is there")


def run(args: argparse.Namespace) -> int:
    """Decide and write 0, 1, "look" or, without a threshold, nothing for every film and class; raise CoreError."""
    from core.intake.tables import read_new_scores
    from core.study import open_study

    if args.out.exists() and not args.replace:
        raise StudyError(f"{args.out}: is there already.", remedy="Choose another --out, or say --replace.")
    study = open_study(args.study)
    chosen = _chosen(study, args.thresholds, args.setting)
    image_ids, scores, notes = read_new_scores(args.scores, study.classes, chosen.score_kind)
    decisions, left = chosen.decided(scores), chosen.left_to_reader(scores)
    called = np.where(np.isnan(decisions), "", np.where(decisions == 1, "1", "0"))
    table = pd.DataFrame(np.where(left, "look", called), columns=list(study.classes))
    table.insert(0, "image_id", image_ids)
    write_out(args.out, csv_of(table))
    for sentence in (*notes, *_said(chosen)):
        print(sentence)
    looks = f"{int(left.sum())} left to a reader, " if chosen.has_grey_zone else ""
    n_positive = int(((decisions == 1) & ~left).sum())
    print(f"{len(table)} films, {n_positive} positive decisions, {looks}written to {args.out}.")
    return 0


def read_for(study: Study, path: Path) -> tuple[ThresholdSet, ...]:
    """Read the sets of a file, if they are of the study. Raises CoreError."""
    with reading(path, "cannot be read", remedy="Check the path.", error=CoreError):
        content = path.read_bytes()
    return for_study(read_threshold_file(content, str(path)), study)


def _chosen(study: Study, path: Path, setting: str | None) -> ThresholdSet:
    sets = read_for(study, path)
    names = ", ".join(one.setting for one in sets)
    if setting is None:
        if len(sets) > 1:
            raise CoreError(f"{path}: holds sets of {names}.", remedy="Choose one with --setting.")
        return sets[0]
    for one in sets:
        if one.setting == setting:
            return one
    raise CoreError(f"{path}: holds no set of {setting!r}.", remedy=f"Choose one of {names}.")


def _said(chosen: ThresholdSet) -> Sequence[str]:
    names = [finding for finding in chosen.unfitted if finding not in chosen.untrained]
    unfitted = (f"Left blank, for want of a threshold: {', '.join(names)}.",) if names else ()
    return (chosen.basis, *unfitted, *chosen.untrained.values(), "Not for clinical use.")
