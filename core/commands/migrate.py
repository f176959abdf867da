"""`python -m core migrate STUDY`: a study of an earlier version of the format becomes one of this version."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.study.manifest import SCHEMA_VERSION
from core.study.rewrite import migrate_study

_NOTE = """\
Every command and page reads studies of earlier versions as they are, and whatever changes a study migrates it; this
does nothing else. Films, labels and scores stay the same, and with them all figures, links and kept thresholds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.epilog = _NOTE
    parser.add_argument("study", metavar="STUDY", type=Path, nargs="+", help="a study's folder")


def run(args: argparse.Namespace) -> int:
    """Write each study in this version, and print which it had and that it is the same study."""
    for root in args.study:
        before, study = migrate_study(root)
        if before == SCHEMA_VERSION:
            print(f"{study.root}: is of version {SCHEMA_VERSION} already; nothing was changed.")
        else:
            print(
                f"{study.root}: was of version {before} and is of version {SCHEMA_VERSION}; "
                f"its fingerprint is {study.fingerprint} as before."
            )
    return 0
