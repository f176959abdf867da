"""`python -m core adapt STUDY --settings NAMES`: add settings to a finished study."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.build import named_settings, setting_arguments, training_options
from core.settings import registry

if TYPE_CHECKING:
    from core.datasets.base import Dataset

_NOTE = """\
What the study holds is used as it is: nothing of it is encoded or trained again, and what is there already stays. A
setting that trains a tower reads the films again, from the dataset that the study was built from. The study is replaced
by one with the new settings when that is complete; its fingerprint changes. Interrupted, the same command goes on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    from core.datasets.registry import dataset_options

    parser.epilog = _NOTE
    parser.add_argument("study", metavar="STUDY", type=Path, help="the study's folder")
    parser.add_argument(
        "--settings",
        required=True,
        metavar="NAMES",
        help=f"of {','.join(registry.names())}, or all; NAME.MODEL of another model of the study",
    )
    parser.add_argument("--dataset", metavar="NAME", help="that it was built from (default: as the study says)")
    parser.add_argument("--root", type=Path, help="folder of the dataset's films, where it has one")
    for option in dataset_options():
        parser.add_argument(option.flag, metavar="VALUE", help=option.help)
    for one in setting_arguments():
        parser.add_argument(one.flag, type=one.type, default=one.default, help=one.help)


def run(args: argparse.Namespace) -> int:
    """Add the settings and print what each took; 0 when done."""
    from core.building.adapt import Adaptation, adapt_study
    from core.commands.progress import console_progress
    from core.projection.beside import umap_beside
    from core.words import UNDEFINED, count_words, number_words

    names = named_settings(args.settings)
    with umap_beside() as project:
        asked = Adaptation(args.study, names, training_options(args), _films(args), project, console_progress(), print)
        study = adapt_study(asked)
    for name in registry.in_order(study.settings):
        entry = study.manifest.settings[name]
        record = entry.training
        if name in names and record is not None:
            took, seed = number_words(entry.minutes), UNDEFINED if record.seed is None else record.seed
            print(
                f"{name}: {count_words(record.n_parameters)} trained parameters, {count_words(record.n_films)} films, "
                f"{took} minutes, seed {seed}; ended: {record.ended}."
            )
    print(f"{study.root}: holds {', '.join(study.settings)}; the study's fingerprint is {study.fingerprint}.")
    return 0


def _films(args: argparse.Namespace) -> Callable[[], Dataset]:
    """What loads the dataset when a setting works on films."""

    def load() -> Dataset:
        from core.datasets.registry import dataset_options, load_dataset
        from core.study.folder import read_manifest

        name = args.dataset or str(read_manifest(args.study.resolve()).dataset["name"])
        return load_dataset(name, args.root, **{option.name: vars(args)[option.name] for option in dataset_options()})

    return load
