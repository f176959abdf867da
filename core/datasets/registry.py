"""The datasets that a study can be built from: one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.datasets.base import Dataset
from core.errors import DatasetError


@dataclass(frozen=True)
class DatasetEntry:
    """name : what the command line calls it. needs_root : whether its films lie in a folder that the user names."""

    name: str
    description: str
    needs_root: bool
    load: Callable[[Path | None], Dataset]


def _phantom(root: Path | None) -> Dataset:
    from core.datasets.phantom.dataset import PhantomDataset

    return PhantomDataset()


def _folder(root: Path | None) -> Dataset:
    from core.datasets.folder import FolderDataset

    assert root is not None
    return FolderDataset(root)


DATASETS: tuple[DatasetEntry, ...] = (
    DatasetEntry("phantom", "3,818 synthetic chest films with the published class counts and split", False, _phantom),
    DatasetEntry("folder", "your own films: a folder with labels.csv and PNG or JPEG files", True, _folder),
)


def load_dataset(name: str, root: Path | None = None) -> Dataset:
    """The dataset of that name. DatasetError where there is none, or it needs a folder and got none."""
    for entry in DATASETS:
        if entry.name == name:
            if entry.needs_root and root is None:
                raise DatasetError(
                    f"The dataset {name!r} lies in a folder, and none was named.", remedy="Add --root DIR."
                )
            return entry.load(root)
    raise DatasetError(
        f"There is no dataset {name!r}.", remedy=f"Choose one of {', '.join(entry.name for entry in DATASETS)}."
    )
