"""The datasets that a study can be built from: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.datasets.base import Dataset
from core.datasets.collections.base import Collection
from core.datasets.collections.registry import COLLECTIONS
from core.datasets.description import Description, describe_loaded
from core.datasets.phantom.origin import seed_of
from core.datasets.twins import Renderer
from core.errors import DatasetError
from core.labels.convention import BLANKS, READERS, UNCERTAINS, Asked
from core.paths import PROJECT
from core.registries import find_by_name


@dataclass(frozen=True)
class DatasetOption:
    """A choice that some datasets leave.

    name : by which `load` takes it.
    help : whose it is, and which values it takes.
    """

    name: str
    help: str

    @property
    def flag(self) -> str:
        """Give what the command line calls it."""
        return f"--{self.name.replace('_', '-')}"


@dataclass(frozen=True)
class DatasetEntry:
    """name : what the command line calls it.
    needs_root : whether its films lie in a folder that the user names.

    fetched_to : the folder that is taken where the user names none and it is there: where `core fetch` puts the films.
    renderer : from what a study's manifest says of its dataset, how to make what renders its films again, which may be
        slow to import; None where they were made by another version. None for a dataset of films that exist once.
    load, describe : take the root, and by name, as text, the options of `takes` that were given. describe works before
    any film is there; without one, the loaded dataset is described.
    """

    name: str
    description: str
    needs_root: bool
    load: Callable[..., Dataset]
    describe: Callable[..., Description] | None = None
    takes: tuple[DatasetOption, ...] = ()
    fetched_to: Path | None = None
    renderer: Callable[[Mapping[str, object]], Callable[[], Renderer] | None] | None = None


def _phantom(root: Path | None) -> Dataset:
    from core.datasets.phantom.dataset import PhantomDataset

    return PhantomDataset()


@lru_cache(maxsize=2)
def _phantom_of(seed: int) -> Renderer:
    from core.datasets.phantom.dataset import PhantomDataset
    from core.datasets.phantom.twins import PhantomRenderer

    return PhantomRenderer(PhantomDataset(seed))


def _phantom_renderer(told: Mapping[str, object]) -> Callable[[], Renderer] | None:
    seed = seed_of(told)
    return None if seed is None else lambda: _phantom_of(seed)


def _folder(root: Path, **options: str) -> Dataset:
    from core.datasets.folder import FolderDataset

    return FolderDataset(root, Asked.from_texts(options))


def _describe_folder(root: Path, **options: str) -> Description:
    from core.datasets.folder_description import describe_folder

    return describe_folder(root, Asked.from_texts(options))


def _iu_xray(root: Path, **options: str) -> Dataset:
    from core.datasets.iu_xray.dataset import IuXrayDataset

    return IuXrayDataset(root, **options)


def _describe_iu_xray(root: Path, **options: str) -> Description:
    from core.datasets.iu_xray.dataset import IuXrayDataset

    return IuXrayDataset(root, **options).describe()


def _of_collection(collection: Collection) -> DatasetEntry:
    def load(root: Path, **options: str) -> Dataset:
        from core.datasets.collections.dataset import CollectionDataset

        return CollectionDataset(collection, root, **options)

    def describe(root: Path, **options: str) -> Description:
        from core.datasets.collections.describe import describe_collection

        return describe_collection(collection, root, **options)

    return DatasetEntry(collection.name, collection.title, True, load, describe, _COLLECTION_OPTIONS)


_IU_XRAY_OPTIONS = (
    DatasetOption("labels", "iu-xray: derived (default), or a table of labels"),
    DatasetOption("split", "iu-xray: paper (default) or r2gen"),
)

_LABEL_OPTIONS = (
    DatasetOption("blank", f"collections, folder: what is not mentioned counts as {' or '.join(map(repr, BLANKS))}"),
    DatasetOption("uncertain", f"collections, folder: what is uncertain counts as {', '.join(map(repr, UNCERTAINS))}"),
    DatasetOption("readers", f"collections, folder: how readers' words are one: {', '.join(map(repr, READERS))}"),
    DatasetOption("label_source", "collections, folder: which of several sources of labels, such as reports"),
)

_COLLECTION_OPTIONS = (
    DatasetOption("split", "collections: official (default, where there is one) or patient"),
    DatasetOption("split_seed", "collections: seed of what is drawn by patient (default: 0)"),
    *_LABEL_OPTIONS,
    DatasetOption("classes", "collections: findings, parted by commas, or all"),
    DatasetOption("views", "collections: all (default) or frontal"),
)

_IU_XRAY = "the 3,818 frontal films of the Indiana University collection (OpenI), as published in any of its forms"

DATASETS: tuple[DatasetEntry, ...] = (
    DatasetEntry(
        "phantom",
        "3,818 synthetic chest films with the published class counts and split",
        False,
        _phantom,
        renderer=_phantom_renderer,
    ),
    DatasetEntry(
        "folder",
        "your own films: a folder with labels.csv, and PNG, JPEG or DICOM",
        True,
        _folder,
        _describe_folder,
        _LABEL_OPTIONS,
    ),
    DatasetEntry(
        "iu-xray", _IU_XRAY, True, _iu_xray, _describe_iu_xray, _IU_XRAY_OPTIONS, PROJECT / "data" / "iu-xray"
    ),
    *(_of_collection(collection) for collection in COLLECTIONS),
)


def load_dataset(name: str, root: Path | None = None, **options: str | None) -> Dataset:
    """Load the dataset of that name.

    options : by the names of its `takes`; None is the dataset's own default.
    Raises DatasetError where there is no such dataset or choice, or it needs a folder and got none.
    """
    entry = dataset_entry(name)
    return entry.load(_root(entry, root), **_given(entry, options))


def describe_dataset(name: str, root: Path | None = None, **options: str | None) -> Description:
    """Describe what a dataset holds, films there or not. Raises as `load_dataset`."""
    entry = dataset_entry(name)
    given = _given(entry, options)
    if entry.describe is None:
        return describe_loaded(entry.load(_root(entry, root), **given))
    return entry.describe(_root(entry, root), **given)


def renderer_of(told: Mapping[str, object]) -> Renderer | None:
    """Make what takes the films of a study again; None where they exist once, or were made by another version.

    told : what the study's manifest says of its dataset.
    """
    make = _renderer_maker(told)
    return None if make is None else make()


def has_renderer(told: Mapping[str, object]) -> bool:
    """Tell whether `renderer_of` gives one, without making it."""
    return _renderer_maker(told) is not None


def _renderer_maker(told: Mapping[str, object]) -> Callable[[], Renderer] | None:
    entry = next((entry for entry in DATASETS if entry.name == told.get("name")), None)
    return entry.renderer(told) if entry is not None and entry.renderer is not None else None


def dataset_options() -> tuple[DatasetOption, ...]:
    """List the options of all datasets, each name once, with what every dataset says of it."""
    helps: dict[str, dict[str, None]] = {}
    for entry in DATASETS:
        for option in entry.takes:
            helps.setdefault(option.name, {})[option.help] = None
    return tuple(DatasetOption(name, "; ".join(said)) for name, said in helps.items())


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


def _given(entry: DatasetEntry, options: Mapping[str, str | None]) -> dict[str, str]:
    given = {name: value for name, value in options.items() if value is not None}
    known = {option.name for option in entry.takes}
    for name in given:
        if name not in known:
            flag = DatasetOption(name, "").flag
            raise DatasetError(f"The dataset {entry.name!r} takes no {flag}.", remedy=f"Leave {flag} out.")
    return given
