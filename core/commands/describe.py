"""`python -m core describe DATASET --root DIR`: what is there, before anything is built."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from core.datasets.description import origin_words

if TYPE_CHECKING:
    from core.datasets.description import Description


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    from core.datasets.registry import DATASETS, dataset_options

    datasets = "; ".join(f"{entry.name}: {entry.description}" for entry in DATASETS)
    parser.add_argument("dataset", metavar="DATASET", help=datasets)
    parser.add_argument("--root", metavar="DIR", type=Path, help="folder of the dataset, where it has one")
    for option in dataset_options():
        parser.add_argument(option.flag, metavar="VALUE", help=option.help)
    parser.add_argument(
        "--agreement", metavar="FILE", type=Path, help="iu-xray: compare the derived labels with a CheXbert-style table"
    )
    parser.add_argument(
        "--half",
        choices=("held", "rules", "all"),
        default="held",
        help="studies to compare: those held back from writing the rules (default), those looked at, or all",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, null where something is unknown")


def run(args: argparse.Namespace) -> int:
    """Print the description; raise CoreError where there is nothing to describe."""
    from core.datasets.registry import dataset_options, describe_dataset

    given = {option.name: vars(args)[option.name] for option in dataset_options()}
    description = describe_dataset(args.dataset, args.root, **given)
    agreement = None
    if args.agreement is not None:
        from core.commands.label_agreement import label_agreement

        agreement = label_agreement(args.dataset, args.root, args.agreement, args.half)
    if args.json:
        found = description.to_json() | ({} if agreement is None else {"agreement": agreement.to_json()})
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print("\n\n".join([description_text(description), *([] if agreement is None else [agreement.to_text()])]))
    return 0


def description_text(description: Description) -> str:
    """Write the description as plain text."""
    lines = [
        f"{description.dataset}: {_count(description.n_films)} films ({_count(description.n_frontal)} frontal, "
        f"{_count(description.n_lateral)} lateral) of {_count(description.n_patients)} patients."
    ]
    if description.splits is not None:
        splits = ", ".join(f"{name} {count:,}" for name, count in description.splits.items())
        lines.append(f"Split{_named(description, 'split')}, {description.counts}: {splits}.")
    lines += _positives(description)
    labels = description.details.get("labels")
    if isinstance(labels, dict):
        lines.append(f"Labels: {origin_words(labels)}.")
    sources = description.details.get("sources")
    if isinstance(sources, list) and len(sources) > 1:
        lines.append(f"Sources of labels: {', '.join(sources)} (the first, unless --label-source names another).")
    if description.missing_files:
        first = ", ".join(description.missing_files[:3])
        lines.append(f"Without a file: {len(description.missing_files):,} films, such as {first} (--json names all).")
    for difference in _differences(description):
        lines.append(f"XML and tables differ: {difference}")
    return "\n".join([*lines, *description.notes])


def _positives(description: Description) -> list[str]:
    """Positives of every class, beside those that were published where the dataset has such."""
    if description.per_class is None:
        return []
    published = description.details.get("published_per_class")
    beside = published if isinstance(published, dict) else {}
    width = max(len(name) for name in description.per_class)
    heading = f"Positives, {description.counts}:"
    if beside:
        n_films = sum(description.splits.values()) if description.splits else description.n_frontal
        heading = f"Positives of {_count(n_films)} {description.counts}, and those published of 3,818:"
    return [heading] + [
        f"  {name:<{width}}  {count:>6,}" + (f"  {beside[name]:>6,}" if name in beside else "")
        for name, count in description.per_class.items()
    ]


def _differences(description: Description) -> list[str]:
    found = description.details.get("differences", [])
    assert isinstance(found, list)
    return [
        f"uid {entry['uid']}, {entry['what']}: {entry['xml']!r}, {entry['table']!r}. {entry['reason']}"
        for entry in found
    ]


def _named(description: Description, what: str) -> str:
    return f" ({description.details[what]})" if what in description.details else ""


def _count(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"
