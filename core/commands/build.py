"""`python -m core build DATASET MODEL --out DIR`: make a study from a dataset and a model."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.findings import SETTINGS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    from core.datasets.registry import DATASETS

    datasets = "; ".join(f"{entry.name}: {entry.description}" for entry in DATASETS)
    parser.add_argument("dataset", metavar="DATASET", help=datasets)
    parser.add_argument("model", metavar="MODEL", help="phantom-clip, biomedclip, hf-hub:ORG/NAME, or a model's folder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new study")
    parser.add_argument("--root", type=Path, help="folder of the dataset's films, where it has one")
    parser.add_argument("--labels", metavar="SOURCE", help="iu-xray: derived (default), or a table of labels")
    parser.add_argument("--split", metavar="NAME", help="iu-xray: paper (default) or r2gen")
    parser.add_argument("--name", help="what the study is called (default: the name of its folder)")
    parser.add_argument(
        "--settings", default=",".join(SETTINGS), help=f"which of {','.join(SETTINGS)} to build (default: all)"
    )
    parser.add_argument(
        "--films", choices=("test", "all", "none"), default="test", help="films to store in the study (default: test)"
    )
    parser.add_argument("--limit", type=int, help="try it on about this many films, from every split")
    parser.add_argument(
        "--rate-scale",
        type=float,
        default=1.0,
        help="times the paper's learning rates (1e-4, 1e-5), which are for a tower 768 wide; 4 suits one 192 wide",
    )
    parser.add_argument("--replace", action="store_true", help="replace a study that is already there")


def run(args: argparse.Namespace) -> int:
    """Build the study; 0 when done."""
    from core.building.build import build_study
    from core.building.plan import BuildSettings
    from core.commands.progress import console_progress
    from core.datasets.registry import load_dataset
    from core.models.load import load_clip
    from core.study.write import check_out

    names = tuple(name.strip() for name in args.settings.split(",") if name.strip())
    settings = BuildSettings(args.name or args.out.resolve().name, names, args.films, args.limit)
    settings = settings.with_rates(args.rate_scale)
    check_out(args.out.resolve(), replace=args.replace)
    dataset = load_dataset(args.dataset, args.root, labels=args.labels, split=args.split)
    model = load_clip(args.model)
    root = build_study(
        dataset, model, args.model, args.out, settings, replace=args.replace, progress=console_progress()
    )
    print(f"Wrote the study {settings.name!r} to {root}.")
    return 0
