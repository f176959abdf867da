"""What every public collection offers: how its tables are known, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.annotations.annotation import Annotation
from core.labels.convention import Convention
from core.labels.readings import Readings


@dataclass(frozen=True, eq=False)
class CollectionTable:
    """What the tables of a collection say, films there or not.

    images : one row per film: image_id, patient_id, split (null where the makers name none), and where the collection
        says it view, age, sex, height_px, width_px and file (POSIX path below the root, or the file's name alone).
    readings : what was said of them, by row of `images`; its sources are in the order of trust, best first.
    notes : sentences on what was taken for what, left out or united.
    """

    images: pd.DataFrame
    readings: Readings
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collection:
    """One collection, as it lies on disk.

    name : what the command line calls it. title : what pages call it.
    terms : a sentence on licence and access.
    seen : whether the code was tried on real tables of it; the README says so.
    convention : how its makers read their own labels.
    recognise : takes the column names of a table as they stand; gives the words "by what" ("its columns Image Index
        and Finding Labels") where the table is this collection's, else None.
    read_table : reads one table of it, without a root: what `import --labels` is given.
    read_root : reads all that lies under a root: tables, official splits, demographics.
    marks : the regions that readers drew, by root and image table; () where the collection has none.
    """

    name: str
    title: str
    terms: str
    seen: bool
    convention: Convention
    recognise: Callable[[Sequence[str]], str | None]
    read_table: Callable[[Path], CollectionTable]
    read_root: Callable[[Path], CollectionTable]
    marks: Callable[[Path, pd.DataFrame], tuple[Annotation, ...]] = lambda root, images: ()
