"""`python -m core project STUDY`: the maps of a finished study, made or made anew."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.options import number, seed, whole
from core.commands.progress import console_progress
from core.metrics.neighbours import METRICS
from core.projection.remap import remap_study
from core.projection.umap import ProjectionOptions
from core.words import number_words

_NOTE = "The study is replaced by one with the maps when that is complete; its fingerprint changes, nothing else does."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    usual = ProjectionOptions()
    parser.epilog = _NOTE
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")
    parser.add_argument("--n-neighbors", type=whole(2, 200), default=usual.n_neighbors, metavar="N", help="2..200")
    parser.add_argument("--min-dist", type=number(0, 0.99), default=usual.min_dist, metavar="X", help="0..0.99")
    parser.add_argument("--metric", choices=METRICS, default=usual.metric)
    parser.add_argument("--seed", type=seed, default=usual.seed, metavar="N")


def run(args: argparse.Namespace) -> int:
    """Make the maps and print how far they keep neighbourhoods."""
    options = ProjectionOptions(args.n_neighbors, args.min_dist, args.metric, args.seed)
    study, qualities = remap_study(args.study, options, progress=console_progress())
    used = options.within(len(study.image_ids))
    if used != options:
        print(f"{used.n_neighbors} neighbours in place of {options.n_neighbors}: a film of this study has no more.")
    for encoder, found in qualities.items():
        for n_components, quality in found.items():
            trust, continuity = number_words(quality.trustworthiness), number_words(quality.continuity)
            kept = f"trustworthiness {trust}, continuity {continuity}"
            print(
                f"{encoder}, {n_components}-d: {kept} (of {quality.n_neighbors} neighbours, {quality.n_asked:,} films)"
            )
    print(f"{study.root}: maps of {len(study.image_ids):,} films; the study's fingerprint is {study.fingerprint}.")
    return 0
