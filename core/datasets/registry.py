"""The datasets that a study can be built from: one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.datasets.base import Dataset
from core.datasets.description import Description, describe_loaded
from core.errors import DatasetError
from core.paths import PROJECT
from core.registries import find_by_name


@dataclass(frozen=True)
class DatasetEntry:
    """name : what the command line calls it.
    needs_root : whether its films lie in a folder that the user names.

    fetched_to : the folder that is taken where the user names none and it is there: where `core fetch` puts the films.
    load, describe : take the root, and by name the options of `takes` that were given. describe works before any film
    is there; without one, the loaded dataset is described.
    """

    name: str
    description: str
    needs_root: bool
    load: Callable[..., Dataset]
    describe: Callable[..., Description] | None = None
    takes: tuple[str, ...] = ()
    fetched_to: Path | None = None


def _phantom(root: Path | None) -> Dataset:
    from core.datasets.phantom.dataset import PhantomDataset

    return PhantomDataset()


def _folder(root: Path) -> Dataset:
    from core.datasets.folder import FolderDataset

    return FolderDataset(root)


def _describe_folder(root: Path) -> Description:
    from core.datasets.folder_description import describe_folder

    return describe_folder(root)


def _iu_xray(root: Path, **options: str) -> Dataset:
    from core.datasets.iu_xray.dataset import IuXrayDataset

    return IuXrayDataset(root, **options)


def _describe_iu_xray(root: Path, **options: str) -> Description:
    from core.datasets.iu_xray.dataset import IuXrayDataset

    return IuXrayDataset(root, **options).describe()


_IU_XRAY = "the 3,818 frontal films of the Indiana University collection (OpenI), as published in any of its forms"

DATASETS: tuple[DatasetEntry, ...] = (
    DatasetEntry("phantom", "3,818 synthetic chest films with the published class counts and split", False, _phantom),
    DatasetEntry(
        "folder",
        "your own films: a folder with labels.csv, and PNG, JPEG or DICOM",
        True,
        _folder,
        _describe_folder,
    ),
    DatasetEntry(
        "iu-xray", _IU_XRAY, True, _iu_xray, _describe_iu_xray, ("labels", "split"), PROJECT / "data" / "iu-xray"
    ),
)


def load_dataset(
    name: str, root: Path | None = None, *, labels: str | None = None, split: str | None = None
) -> Dataset:
    """Load the dataset of that name.

    labels, split : which of several sources, where the dataset has a choice; None is its own default.
    Raises DatasetError where there is no such dataset or choice, or it needs a folder and got none.
    """
    entry = dataset_entry(name)
    return entry.load(_root(entry, root), **_options(entry, labels=labels, split=split))


def describe_dataset(
    name: str, root: Path | None = None, *, labels: str | None = None, split: str | None = None
) -> Description:
    """Describe what a dataset holds, films there or not. Raises as `load_dataset`."""
    entry = dataset_entry(name)
    options = _options(entry, labels=labels, split=split)
    if entry.describe is None:
        return describe_loaded(entry.load(_root(entry, root), **options))
    return entry.describe(_root(entry, root), **options)


def dataset_entry(name: str) -> DatasetEntry:
    """Find the line of the registry. DatasetError where there is none."""
    return find_by_name(DATASETS, name, "dataset", DatasetError)


def _root(entry: DatasetEntry, root: Path | None) -> Path | None:
    if root is None and entry.fetched_to is not None and entry.fetched_to.is_dir():
        return entry.fetched_to
    if entry.needs_root and root is None:
        raise DatasetError(
            f"The dataset {entry.name!r} lies in a folder, and none was named.",
            remedy="Add --root DIR." + (f" Or run `python -m core fetch {entry.name}`." if entry.fetched_to else ""),
        )
    return root


def _options(entry: DatasetEntry, **given: str | None) -> dict[str, str]:
    options = {name: value for name, value in given.items() if value is not None}
    for name in options:
        if name not in entry.takes:
            raise DatasetError(f"The dataset {entry.name!r} takes no --{name}.", remedy=f"Leave --{name} out.")
    return options
