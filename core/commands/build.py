"""`python -m core build DATASET MODEL --out DIR`: make a study from a dataset and a model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.findings import SETTINGS

if TYPE_CHECKING:
    from core.building.plan import BuildSettings


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

    settings = _settings(args)
    out = args.out.resolve()
    if not is_interrupted(out):
        check_out(out, replace=args.replace)
    dataset = load_dataset(args.dataset, args.root, labels=args.labels, split=args.split)
    rows = chosen_rows(dataset.images["split"].tolist(), args.limit)
    check_buildable(dataset, rows, settings)
    model = load_clip(args.model, device=best_device())
    if args.estimate or (model.device.type == "cpu" and not is_interrupted(out)):
        print(estimate_text(estimate_build(dataset, rows, model, settings), model.device.type), flush=True)
    if args.estimate:
        return 0
    root = build_study(
        dataset, model, args.model, out, settings, replace=args.replace, progress=console_progress(), say=print
    )
    print(f"Wrote the study {settings.name!r} to {root}.")
    _say_next(root, args.out)
    return 0


def _say_next(root: Path, out: Path) -> None:
    """Where readers drew on the films, the command that sets maps against what they drew."""
    from core.study import layout, open_study

    if open_study(root).has(layout.MASKS):
        print(f"Readers drew on these films: `python -m core saliency {out}` sets the maps against what they drew.")


def _settings(args: argparse.Namespace) -> BuildSettings:
    from core.building.plan import BuildSettings

    names = tuple(name.strip() for name in args.settings.split(",") if name.strip())
    precision = None if args.precision == "auto" else args.precision
    settings = BuildSettings(args.name or args.out.resolve().name, names, args.films, args.limit, precision)
    return settings.with_rates(args.rate_scale)
