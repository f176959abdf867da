"""`python -m core build DATASET MODEL --out DIR`: make a study from a dataset and a model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import registry
from core.settings.base import Argument

if TYPE_CHECKING:
    from core.building.plan import BuildOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    from core.datasets.registry import DATASETS

    names = registry.names()
    datasets = "; ".join(f"{entry.name}: {entry.description}" for entry in DATASETS)
    parser.add_argument("dataset", metavar="DATASET", help=datasets)
    parser.add_argument("model", metavar="MODEL", help="phantom-clip, biomedclip, hf-hub:ORG/NAME, or a model's folder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new study")
    parser.add_argument("--root", type=Path, help="folder of the dataset's films, where it has one")
    parser.add_argument("--labels", metavar="SOURCE", help="iu-xray: derived (default), or a table of labels")
    parser.add_argument("--split", metavar="NAME", help="iu-xray: paper (default) or r2gen")
    parser.add_argument("--name", help="what the study is called (default: the name of its folder)")
    parser.add_argument(
        "--settings", default=",".join(names), help=f"which of {','.join(names)} to build (default: all)"
    )
    parser.add_argument(
        "--films", choices=("test", "all", "none"), default="test", help="films to store in the study (default: test)"
    )
    parser.add_argument("--limit", type=int, help="try it on about this many films, from every split")
    for one in _arguments():
        parser.add_argument(one.flag, type=one.type, default=one.default, help=one.help)
    parser.add_argument(
        "--precision", choices=("auto", "fp32", "bf16"), default="auto",
        help="of encoding films; auto (default) takes bf16 where it is measured faster and changes no embedding",
    )  # fmt: skip
    parser.add_argument("--estimate", action="store_true", help="say how long each part would take, and build nothing")
    parser.add_argument("--replace", action="store_true", help="replace a study that is already there")


def run(args: argparse.Namespace) -> int:
    """Build the study; 0 when done."""
    from core.building.build import build_study, chosen_rows
    from core.building.checks import check_buildable
    from core.building.estimate import estimate_build, estimate_text
    from core.building.plan import is_interrupted
    from core.commands.progress import console_progress
    from core.datasets.registry import load_dataset
    from core.models.device import best_device
    from core.models.load import load_clip
    from core.study.write import check_out

    options = _options(args)
    out = args.out.resolve()
    if not is_interrupted(out):
        check_out(out, replace=args.replace)
    dataset = load_dataset(args.dataset, args.root, labels=args.labels, split=args.split)
    rows = chosen_rows(dataset.images["split"].tolist(), args.limit)
    check_buildable(dataset, rows, options)
    model = load_clip(args.model, device=best_device())
    if args.estimate or (model.device.type == "cpu" and not is_interrupted(out)):
        parts = estimate_build(dataset, rows, model, options)
        print(estimate_text(parts, model.device.type, options.settings), flush=True)
    if args.estimate:
        return 0
    root = build_study(
        dataset, model, args.model, out, options, replace=args.replace, progress=console_progress(), say=print
    )
    print(f"Wrote the study {options.name!r} to {root}.")
    _say_next(root, args.out)
    return 0


def _say_next(root: Path, out: Path) -> None:
    """Where readers drew on the films, the command that sets maps against what they drew."""
    from core.study import layout, open_study

    if open_study(root).has(layout.MASKS):
        print(f"Readers drew on these films: `python -m core saliency {out}` sets the maps against what they drew.")


def _options(args: argparse.Namespace) -> BuildOptions:
    from core.building.plan import BuildOptions

    names = tuple(name.strip() for name in args.settings.split(",") if name.strip())
    precision = None if args.precision == "auto" else args.precision
    training = {setting.name: setting.with_arguments(setting.options, args) for setting in registry.SETTINGS}
    name = args.name or args.out.resolve().name
    return BuildOptions(name, names, args.films, args.limit, precision, training)


def _arguments() -> list[Argument]:
    """The options of all settings, once each."""
    return list(dict.fromkeys(argument for setting in registry.SETTINGS for argument in setting.arguments))
