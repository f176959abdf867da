"""`python -m core build DATASET MODEL --out DIR`: make a study from a dataset and a model."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SaliencyError, StudyError
from core.paths import opening_words
from core.settings import registry
from core.settings.base import Argument, SettingOptions

if TYPE_CHECKING:
    from core.building.checked import BuildPlan
    from core.building.chunk_work import Engine
    from core.building.plan import BuildOptions
    from core.study import Study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    from core.datasets.registry import DATASETS, dataset_options

    names, usual = registry.names(), registry.usual()
    datasets = "; ".join(f"{entry.name}: {entry.description}" for entry in DATASETS)
    parser.add_argument("dataset", metavar="DATASET", help=datasets)
    parser.add_argument(
        "models", metavar="MODEL", nargs="+",
        help="phantom-clip, biomedclip, hf-hub:ORG/NAME, or a model's folder; several stand side by side in one study",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder of the new study")
    parser.add_argument("--root", type=Path, help="folder of the dataset's films, where it has one")
    for option in dataset_options():
        parser.add_argument(option.flag, metavar="VALUE", help=option.help)
    parser.add_argument("--name", help="what the study is called (default: the name of its folder)")
    parser.add_argument(
        "--settings",
        default=",".join(usual),
        help=f"which of {','.join(names)} to build, or all (default: {','.join(usual)})",
    )
    parser.add_argument(
        "--films", choices=("test", "all", "none"), default="test", help="films to store in the study (default: test)"
    )
    parser.add_argument("--limit", type=int, help="try it on about this many films, from every split")
    for one in setting_arguments():
        parser.add_argument(one.flag, type=one.type, default=one.default, help=one.help)
    parser.add_argument(
        "--precision", choices=("auto", "fp32", "bf16"), default="auto",
        help="of encoding films; auto (default) takes bf16 where it is measured faster and changes no embedding",
    )  # fmt: skip
    parser.add_argument(
        "--engine", choices=("process", "ray"), default="process",
        help="where films are read and encoded: in this process (default), or by Ray, on all cores or on a cluster",
    )  # fmt: skip
    parser.add_argument("--address", help="of a Ray cluster's head, HOST:PORT or auto (default: Ray is started here)")
    parser.add_argument("--workers", type=int, help="of Ray (default: one for each GPU, or without GPUs each core)")
    parser.add_argument("--estimate", action="store_true", help="say how long each part would take, and build nothing")
    parser.add_argument("--replace", action="store_true", help="replace a study that is already there")


def run(args: argparse.Namespace) -> int:
    """Build the study, or say how long that would take; 0 when done."""
    from core.projection.beside import umap_beside

    engine = _engine(args)
    if args.estimate:
        _estimated(_plan(args))
        return 0
    with umap_beside() as project:  # begins to load, in a process of its own, before anything slow is loaded here
        from core.building.build import build_study
        from core.commands.progress import console_progress

        plan = _plan(args)
        for planned in plan.models:
            print(planned.words)
        if engine is None and plan.model.device.type == "cpu" and not plan.is_interrupted:
            plan = _estimated(plan)
        study = build_study(plan, project=project, engine=engine, progress=console_progress(), say=print)
    print(f"Wrote the study {study.name!r} to {study.root}.")
    print(opening_words(study.root))
    _say_next(study, args.out)
    return 0


def _engine(args: argparse.Namespace) -> Engine | None:
    """What is asked for; None is this process. StudyError where options do not go together."""
    if args.engine == "ray" and args.estimate:
        message = "--estimate measures this computer, and not the workers of Ray."
        raise StudyError(message, remedy="Leave --engine out; workers divide the time of reading and encoding.")
    if args.engine == "ray":
        from core.building.ray_engine import RayEngine

        return RayEngine(args.address, args.workers)
    for name in ("address", "workers"):
        if vars(args)[name] is not None:
            raise StudyError(f"--{name} is of Ray alone.", remedy=f"Add --engine ray, or leave --{name} out.")
    return None


def _plan(args: argparse.Namespace) -> BuildPlan:
    from core.building.checked import plan_build
    from core.datasets.registry import dataset_options, load_dataset
    from core.models.device import best_device
    from core.models.load import load_clip

    given = {option.name: vars(args)[option.name] for option in dataset_options()}
    first, *others = [(partial(load_clip, model, device=best_device()), model) for model in args.models]
    return plan_build(
        lambda: load_dataset(args.dataset, args.root, **given),
        *first,
        args.out,
        _options(args),
        beside=others,
        replace=args.replace,
    )


def _estimated(plan: BuildPlan) -> BuildPlan:
    """Print how long the build will take, and give the plan with what was measured."""
    from core.building.estimate import estimate_build, estimate_text

    parts, plan = estimate_build(plan)
    print(estimate_text(parts, plan.model.device.type, plan.options.settings), flush=True)
    return plan


def _say_next(study: Study, out: Path) -> None:
    """Where readers drew on films, the command that sets maps against what they drew, or why there is none."""
    from core.study import layout

    if not study.has(layout.MASKS):
        return
    from core.saliency.localization.store import annotated_films, left_out_note
    from core.saliency.localization.table import LocalizationPlan

    splits = LocalizationPlan().splits
    try:
        annotated_films(study, splits)
    except SaliencyError as error:
        print(f"{error.message} {error.remedy}")
        return
    print(f"Readers drew on these films: `python -m core saliency {out}` sets the maps against what they drew.")
    if note := left_out_note(study, splits):
        print(note)


def _options(args: argparse.Namespace) -> BuildOptions:
    from core.building.plan import BuildOptions

    names = named_settings(args.settings)
    precision = None if args.precision == "auto" else args.precision
    training = training_options(args)
    name = args.name or args.out.resolve().name
    return BuildOptions(name, names, args.films, args.limit, precision, training)


def named_settings(text: str) -> tuple[str, ...]:
    """List the settings that a text names, parted by commas; "all" is every one."""
    if text.strip() == "all":
        return registry.names()
    return tuple(name.strip() for name in text.split(",") if name.strip())


def training_options(args: argparse.Namespace) -> dict[str, SettingOptions]:
    """Give the options of every setting as the command line says."""
    return {setting.name: setting.with_arguments(setting.options, args) for setting in registry.SETTINGS}


def setting_arguments() -> list[Argument]:
    """List the options of all settings, once each."""
    return list(dict.fromkeys(argument for setting in registry.SETTINGS for argument in setting.arguments))
