"""`python -m core pretrain`: train the phantom CLIP from random weights on synthetic source films."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from core.commands.options import whole
from core.commands.progress import console_progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--out", type=Path, required=True, help="folder of the new model")
    parser.add_argument("--epochs", type=whole(1), help="passes over the training films")
    parser.add_argument("--films", type=whole(1), help="training films")


def run(args: argparse.Namespace) -> int:
    """Train and write the model; 0 when done."""
    from core.pretraining.phantom_clip import PretrainOptions, pretrain

    options = PretrainOptions()
    if args.epochs:
        options = replace(options, contrastive=replace(options.contrastive, epochs=args.epochs))
    if args.films:
        options = replace(options, n_films={**options.n_films, "train": args.films})
    print(f"Wrote {pretrain(args.out, options, console_progress())}.")
    return 0
