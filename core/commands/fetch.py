"""`python -m core fetch iu-xray|biomedclip`: bring what the paper's study is built from."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    from core.fetching.sources import SOURCES

    names = "; ".join(f"{source.name}: {source.title}" for source in SOURCES)
    parser.add_argument("source", metavar="SOURCE", help=names)
    parser.add_argument("--to", type=Path, metavar="DIR", help="folder to put it in (default: where build looks)")
    parser.add_argument(
        "--projections", type=Path, metavar="FILE", help="iu-xray: Kaggle's indiana_projections.csv, to check and place"
    )
    parser.add_argument("--from", dest="address", metavar="URL", help="a mirror that has the same files")


def run(args: argparse.Namespace) -> int:
    """Fetch it; 0 when everything is there. Raises CoreError where it cannot be had."""
    from core.commands.progress import console_bytes
    from core.fetching.fetch import fetch
    from core.fetching.needed import place_projections, still_needed
    from core.fetching.sources import source_named

    source = source_named(args.source)
    print(f"{source.title}\nLicence: {source.licence}", flush=True)
    folder = (args.to or source.folder).resolve()
    if args.projections is not None:
        print(f"Views: {place_projections(source, args.projections, folder)}, as it was published.", flush=True)
    fetch(source, folder, address=args.address, progress=console_bytes(), say=lambda text: print(text, file=sys.stderr))
    print(f"It is in {folder}; fetched.json there records where from, checksums and licence.")
    root = "" if folder == source.folder.resolve() else f" --root {folder}"
    print(still_needed(source, folder) or source.afterwards.format(root=root))
    return 0
