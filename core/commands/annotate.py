"""`python -m core annotate STUDY FILE --reader NAME`: what readers drew into a finished study, or out of it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.annotations.formats import FORMATS, write_coco
from core.building.annotate import MarkSource, annotate_study
from core.errors import StudyError
from core.study import open_study

_FORMATS = "; ".join(f"{entry.name}: {entry.description}" for entry in FORMATS)
_NOTE = """\
The study is replaced by one with the marks when that is complete; nothing else in it changes, but its fingerprint does.
Findings that are not classes of the study are kept and named; --map gives them the name of a class."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.epilog = _NOTE
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")
    parser.add_argument("source", metavar="FILE", type=Path, nargs="?", help=f"a file or folder of marks. {_FORMATS}")
    parser.add_argument("--reader", metavar="NAME", default="", help="who drew the marks that name nobody")
    names = [entry.name for entry in FORMATS]
    parser.add_argument("--format", choices=names, help="the format of FILE, where its content does not tell")
    parser.add_argument(
        "--map",
        metavar="FINDING=CLASS",
        action="append",
        default=[],
        help='the class that a finding is, such as "Effusion=Pleural Effusion"',
    )
    parser.add_argument(
        "--replace-reader", action="store_true", help="replace all marks that the study has of a reader"
    )
    parser.add_argument("--skip-unknown", action="store_true", help="pass over films that the study does not have")
    parser.add_argument(
        "--export", metavar="FILE.json", type=Path, help="write the study's marks (those of --reader) as COCO JSON"
    )


def run(args: argparse.Namespace) -> int:
    """Adds or exports marks, and prints what was done and what stands out."""
    if (args.source is None) == (args.export is None):
        raise StudyError("Give either FILE, to add marks, or --export FILE.json.", remedy="See annotate --help.")
    if args.export is not None:
        return _export(args.study, args.export, args.reader.strip())
    source = MarkSource(args.source, args.reader.strip(), args.format, _renaming(args.map), args.skip_unknown)
    done = annotate_study(args.study, source, replace_reader=args.replace_reader)
    n_films, n_findings = len({mark.image_id for mark in done.added}), len({mark.finding for mark in done.added})
    readers = ", ".join(dict.fromkeys(entry.reader for entry in done.added))
    replaced = f" in place of {done.n_replaced:,}" if done.n_replaced else ""
    where = f"{_counted(n_findings, 'finding')} on {_counted(n_films, 'film')}"
    print(f"{done.study.root}: {_counted(len(done.added), 'mark')} by {readers}{replaced}: {where}.")
    print(f"Read from {args.source} as {done.format_name}.")
    for note in done.notes:
        print(note)
    print(f"The study's fingerprint was {done.fingerprint_before} and is {done.study.fingerprint}.")
    print("Thresholds that were kept still hold: films, labels and scores are the same.")
    return 0


def _export(root: Path, out: Path, reader: str) -> int:
    study = open_study(root)
    annotations = [entry for entry in study.annotations() if not reader or entry.reader == reader]
    if not annotations:
        found = ", ".join(sorted({entry.reader for entry in study.annotations()})) or "none"
        raise StudyError(f"{study.root}: has no such marks; its readers: {found}.", remedy="Choose a reader it has.")
    write_coco(out, annotations)
    print(f"{out}: {_counted(len(annotations), 'mark')} of {study.name!r}, COCO JSON.")
    return 0


def _renaming(texts: Sequence[str]) -> dict[str, str]:
    """FINDING=CLASS, by finding."""
    renamed: dict[str, str] = {}
    for text in texts:
        finding, _, name = (part.strip() for part in text.partition("="))
        if not finding or not name or finding in renamed:
            raise StudyError(f"--map {text!r} is not FINDING=CLASS, once each.", remedy='Write --map "FINDING=CLASS".')
        renamed[finding] = name
    return renamed


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
