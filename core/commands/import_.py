"""`python -m core import`: a study from any model's output, without its weights."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from core.annotations.formats import FORMATS
from core.building.importing import ImportSources, import_study
from core.commands.options import seed
from core.commands.progress import console_progress
from core.datasets.collections.splits import shares_words
from core.errors import StudyError
from core.intake.maps import NAMES, geometry_in
from core.intake.splits import OPTION, Division, shares_in
from core.labels.convention import BLANKS, READERS, UNCERTAINS, Asked
from core.paths import opening_words
from core.study.manifest import SCORE_KINDS, ScoreKind

NAME = "import"
HELP = "make a study from label and score tables of any model, with films, masks and embeddings where there are any"

_NOTE = """\
Tables are CSV (commas, or what else alone parts the header, such as semicolons), Parquet or JSON lines, packed with
gzip or not: first column image_id, then one column per class. Labels are 0, 1 or blank, and -1 for uncertain; the label
table may also have patient_id, split (train, val, test), view, age and sex, and reader where there is a row for every
film and reader. One table may hold both, Edema beside prob_Edema (or Edema_score, y_pred_Edema): give it as labels and
as scores. The table of a public collection is taken as it is published, and read as its makers read it. Score
tables join by image_id, in any order. A film is found by its exact file name, else by image_id and ending, else by
image_id without its own ending; a DICOM film also by the SOPInstanceUID in its header, which gives age, sex and view
where the label table does not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.epilog = _NOTE
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="the folder of the new study")
    parser.add_argument("--name", required=True, help="what to call the study on its pages")
    parser.add_argument("--labels", metavar="FILE", type=Path, required=True, help="the label table")
    parser.add_argument(
        "--scores",
        metavar="SETTING=FILE",
        nargs="+",
        action="extend",
        default=[],
        help="a score table for every setting",
    )
    kinds = ", ".join(SCORE_KINDS)
    parser.add_argument(
        "--score-kind",
        metavar="KIND",
        nargs="+",
        action="extend",
        default=[],
        help=f"what the scores are, for all settings or as SETTING=KIND: {kinds} (default: probability)",
    )
    parser.add_argument(
        "--images",
        metavar="DIR",
        type=Path,
        help="the folder of the films, PNG, JPEG or DICOM; their pixels are copied, and nothing else of them",
    )
    parser.add_argument(
        "--masks",
        metavar="FILE",
        type=Path,
        help=f"what readers drew, in pixels of the films: {'; '.join(entry.description for entry in FORMATS)}",
    )
    parser.add_argument(
        "--maps",
        metavar="SETTING=DIR",
        nargs="+",
        action="extend",
        default=[],
        help=f"where a setting's model looks, made by any program: {NAMES}; raw, as numbers",
    )
    parser.add_argument(
        "--map-geometry",
        metavar="KIND",
        nargs="+",
        action="extend",
        default=[],
        help="what the model does to films, for maps on its own grid, for all settings or as SETTING=KIND: crop (the "
        "central square), crop:256:224 (224 pixels out of 256), squash or pad",
    )
    parser.add_argument(
        "--embeddings",
        metavar="ENCODER=FILE.npy",
        nargs="+",
        action="extend",
        default=[],
        help="image embeddings, one row for every row of the label table, in its order; or a table with image_id first",
    )
    parser.add_argument(
        "--encoder",
        metavar="SETTING=ENCODER",
        nargs="+",
        action="extend",
        default=[],
        help="the embeddings that a setting's scores came from; the only ones belong to all settings",
    )
    _add_label_arguments(parser)
    parser.add_argument("--replace", action="store_true", help="replace the study that is in DIR")


def _add_label_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--blank", choices=BLANKS, help="what a finding counts as that is not mentioned")
    parser.add_argument("--uncertain", choices=UNCERTAINS, help="what -1 counts as (U-Ones, U-Zeros, U-Ignore)")
    parser.add_argument(
        "--readers", metavar="RULE", help=f"how several readers of a film become one: {', '.join(READERS)}"
    )
    parser.add_argument("--label-source", metavar="SOURCE", help="which labels, where the table has those of several")
    parser.add_argument(
        "--split-by-patient",
        metavar="SEED",
        type=seed,
        help=f"divide films without a split by patient: {shares_words().replace('%', '%%')}; where only val is "
        "missing, it is taken from train",
    )
    parser.add_argument(
        "--shares",
        metavar="TRAIN:VAL:TEST",
        help="other shares of the patients, as in 0:1:1: films that train nothing can validate and test",
    )


def run(args: argparse.Namespace) -> int:
    """Import, and print what was made, what did not join, and what stands in for something missing."""
    scores = _named_paths(args.scores, "--scores")
    kinds = _kinds(args.score_kind, list(scores))
    embeddings = _named_paths(args.embeddings, "--embeddings")
    encoders = {setting: str(encoder) for setting, encoder in _named_paths(args.encoder, "--encoder").items()}
    asked = Asked(args.blank, args.uncertain, args.readers, args.label_source)
    maps = _named_paths(args.maps, "--maps")
    geometries = {name: geometry_in(text) for name, text in _by_setting(args.map_geometry, list(maps)).items()}
    sources = ImportSources(
        args.labels,
        scores,
        kinds,
        args.images,
        args.masks,
        maps,
        geometries,
        embeddings,
        encoders,
        asked,
        _division(args.split_by_patient, args.shares),
    )
    progress = console_progress()
    result = import_study(args.out, args.name, sources, replace_study=args.replace, progress=progress)
    settings = ", ".join(f"{setting} ({kinds.get(setting, 'probability')})" for setting in scores) or "none"
    print(f"{result.root}: {result.n_films:,} films, {len(result.classes)} classes, scores: {settings}.")
    for note in result.notes:
        print(note)
    print(opening_words(result.root))
    return 0


def _division(seed: int | None, shares: str | None) -> Division | None:
    if seed is None:
        if shares is not None:
            raise StudyError("--shares says how films are divided, and nothing divides them.", remedy=f"Give {OPTION}.")
        return None
    return Division(seed) if shares is None else Division(seed, shares_in(shares))


def _named_paths(texts: Sequence[str], option: str) -> dict[str, Path]:
    """NAME=FILE, by name."""
    named: dict[str, Path] = {}
    for text in texts:
        name, _, path = text.partition("=")
        if not name or not path or name in named:
            problem = "names the same thing twice" if name in named else "is not NAME=FILE"
            raise StudyError(f"{option} {text!r} {problem}.", remedy=f"Write {option} NAME=FILE, a name for each file.")
        named[name] = Path(path)
    return named


def _kinds(texts: Sequence[str], settings: Sequence[str]) -> dict[str, ScoreKind]:
    """KIND for all settings, SETTING=KIND for one, the latter winning."""
    kinds = _by_setting(texts, settings)
    for kind in kinds.values():
        if kind not in SCORE_KINDS:
            message = f"--score-kind {kind!r} is not a kind of score."
            raise StudyError(message, remedy=f"Choose one of {', '.join(SCORE_KINDS)}.")
    return {setting: cast("ScoreKind", kind) for setting, kind in kinds.items()}


def _by_setting(texts: Sequence[str], settings: Sequence[str]) -> dict[str, str]:
    """TEXT for all settings, SETTING=TEXT for one, the latter winning."""
    said: dict[str, str] = {}
    for text in sorted(texts, key=lambda text: "=" in text):
        setting, separator, value = text.rpartition("=")
        said |= dict.fromkeys([setting] if separator else settings, value)
    return said
