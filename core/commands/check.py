"""`python -m core check STUDY`: everything that is wrong with a study, hashes included."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.study import open_study
from core.study.label_notes import both_said, mostly_positive_words
from core.study.open import check_study

NAME = "check"
HELP = "check a study on disk: that it opens, and that no file has changed since it was written"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")


def run(args: argparse.Namespace) -> int:
    """Return 0 where nothing is wrong; 2 with one line a problem on stderr otherwise."""
    problems = check_study(args.study)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        study = open_study(args.study)
        for note in both_said(study.classes, study.labels, study.image_ids):
            print(note)
        for note in mostly_positive_words(study.classes, study.labels):
            print(note)
        print(f"{args.study}: nothing is wrong.")
    return 2 if problems else 0
