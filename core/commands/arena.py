"""`python -m core arena STUDY`: which maps readers trust, from votes given in the app or brought along."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.arena.results import arena_results
from core.arena.votes import add_votes, read_vote_file, read_votes
from core.exports.arena import arena_parts, standings_csv, votes_csv
from core.files import write_out
from core.saliency.localization.compute import saliency_table

if TYPE_CHECKING:
    import pandas as pd

_NOTE: Final = """\
Votes are given on the page Saliency, under Arena. Where a study's folder cannot be written the page gives them as a
file, which --add puts into the study. Measured figures stand beside them once `python -m core saliency STUDY` has been
run."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.epilog = _NOTE
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")
    parser.add_argument("--add", metavar="FILE", type=Path, nargs="+", default=[], help="votes to put into the study")
    parser.add_argument("--csv", metavar="FILE", type=Path, help="write the standings as CSV")
    parser.add_argument("--votes-csv", metavar="FILE", type=Path, help="write every vote as CSV")


def run(args: argparse.Namespace) -> int:
    """Add, export and print what is asked for."""
    from core.study import open_study

    study = open_study(args.study)
    brought = [vote for path in args.add for vote in read_vote_file(path)]
    votes = add_votes(study.root, brought) if brought else read_votes(study.root)
    if args.votes_csv is not None:
        write_out(args.votes_csv, votes_csv(votes))
    if args.csv is not None:
        write_out(args.csv, standings_csv(study, arena_results(study, votes, saliency_table(study))))
    print(f"{study.name} · fingerprint {study.fingerprint} · not for clinical use")
    parts = arena_parts(study)
    if not parts:
        print("Nobody has voted yet. Votes are given in the app, on the page Saliency under Arena.")
    for standings, figures, sentences in parts:
        print("\n".join(["", _text(standings), *([_text(figures)] if len(figures) else []), *sentences]))
    return 0


def _text(table: pd.DataFrame) -> str:
    return str(table.reset_index().to_string(index=False, justify="left"))
