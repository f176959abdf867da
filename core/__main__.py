"""The command line: `python -m core COMMAND`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from core.errors import CoreError
from core.files import reason

COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("fetch", "core.commands.fetch", "bring IU-Xray or BiomedCLIP over the network, resumed and checked"),
    ("build", "core.commands.build", "make a study from a dataset and a model"),
    ("describe", "core.commands.describe", "say what a dataset holds, before anything is built"),
    ("import", "core.commands.import_", "make a study from the labels and scores of any model"),
    ("annotate", "core.commands.annotate", "add what readers drew to a study, or write it out as COCO JSON"),
    (
        "adapt",
        "core.commands.adapt",
        "add settings to a finished study, which keeps what it holds",
    ),
    ("project", "core.commands.project", "make the maps of a finished study, or make them anew"),
    ("prompts", "core.commands.prompts", "ask for every class in many wordings, and keep what zero-shot makes of them"),
    ("migrate", "core.commands.migrate", "bring a study of an earlier version of the format to this one"),
    ("check", "core.commands.check", "read a study whole and name what is wrong with it"),
    ("saliency", "core.commands.saliency", "compare maps with what readers drew, over all annotated films"),
    ("arena", "core.commands.arena", "say which maps readers trust, from their votes between two"),
    ("twins", "core.commands.twins", "add and take away findings on rendered films, name shortcuts, audit real ones"),
    ("fit", "core.commands.fit", "fit thresholds on the val films of a study, and write them to a file"),
    ("decide", "core.commands.decide", "apply thresholds of a study to new scores: 0 or 1 for every class"),
    ("report", "core.commands.report", "print a study's numbers, as text or JSON"),
    ("claims", "core.commands.claims", "say which sentences of a paper hold, under every defensible choice"),
    ("pretrain", "core.commands.pretrain", "train the small CLIP that ships, on synthetic source films"),
)
"""Name, module (with add_arguments and run) and purpose of every command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it succeeded, 2 with a sentence on stderr where the user can mend the cause."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="python -m core", description="Build, import, check and report studies.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module, purpose in COMMANDS:
        command = commands.add_parser(name, help=purpose, description=purpose[0].upper() + purpose[1:] + ".")
        if name in arguments[:1]:
            importlib.import_module(module).add_arguments(command)
    args = parser.parse_args(arguments)
    modules = {name: module for name, module, _ in COMMANDS}
    try:
        return int(importlib.import_module(modules[args.command]).run(args))
    except CoreError as error:
        print(f"{error.message} {error.remedy}", file=sys.stderr)
        return 2
    except OSError as error:
        if isinstance(error, BrokenPipeError):  # the reader of a pipe, such as `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        where = f"{error.filename}: cannot be read or written" if error.filename else "A disk fails"
        print(f"{where} ({reason(error)}). Check space, permissions and path.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. Run the same command again to go on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
