"""`python -m core prompts STUDY`: every class asked about in many wordings, kept with the study."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

from core.commands.progress import console_progress
from core.figures.prompt_tables import ensemble_table, style_table, wording_table
from core.prompts.ask import ask_and_keep
from core.prompts.survey import PromptSurvey, survey
from core.prompts.told import ensemble_words, spread_words, to_json
from core.study.read import Study

_NOTE: Final = """\
The prompts are read by the study's own text tower once, and kept with the study: its fingerprint changes, nothing else
does, and the app shows what came of it without the model."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.epilog = _NOTE
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")
    parser.add_argument("--again", action="store_true", help="ask even where the study keeps the answers")
    parser.add_argument("--json", action="store_true", help="print JSON, null where a figure is undefined")


def run(args: argparse.Namespace) -> int:
    """Ask what has not been asked, and print how far zero-shot hangs on the wording."""
    study, asked = ask_and_keep(args.study, console_progress(), again=args.again)
    found = survey(study, asked)
    print(
        json.dumps({"fingerprint": study.fingerprint, **to_json(found)}, indent=2) if args.json else _text(study, found)
    )
    return 0


def _text(study: Study, found: PromptSurvey) -> str:
    tables = (wording_table(found), style_table(found), ensemble_table(found))
    return "\n\n".join(
        [
            f"{study.name} · fingerprint {study.fingerprint} · read on {found.split}, {found.n_texts:,} prompts",
            spread_words(found),
            *(table.to_string() for table in tables),
            ensemble_words(found),
            *found.notes,
        ]
    )
