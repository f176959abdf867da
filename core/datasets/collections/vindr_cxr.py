"""VinDr-CXR as PhysioNet has it: every reader's labels of the training films, the consensus of five of the test films.

`annotations/image_labels_{train,test}.csv`: 0 or 1 for each of 28 findings, in the training table a row for every
reader; `annotations_{train,test}.csv`: boxes. One finding is "Other diseases" in one table and "Other disease" in the
other. Source: Nguyen et al., Scientific Data 2022; PhysioNet, VinDr-CXR 1.0.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.datasets.collections import vinbig
from core.datasets.collections.base import DIVIDED, Collection, CollectionTable, have
from core.datasets.collections.codes import RADIOLOGISTS, READ_CODES, Said, codes_in, readings_of
from core.datasets.collections.found import FoundTables
from core.datasets.collections.tables import columns_of, read_columns
from core.findings import NO_FINDING
from core.labels.convention import Convention

_KEYS: Final = ("image_id", "rad_id")
_RENAMED: Final = {"Other disease": "Other diseases", vinbig.NOTHING: NO_FINDING}

recognise = have("image_id", "Aortic enlargement", vinbig.NOTHING)


def read(tables: FoundTables) -> CollectionTable | None:
    """Read the labels of either set or both; which film is in which set is its table's."""
    paths = tables.like(recognise)
    if not paths:
        return None
    frames = [_frame(path) for path in paths]
    classes = _classes(frames)
    rows, films = pd.factorize(pd.concat([frame["image_id"] for frame in frames], ignore_index=True))
    images = vinbig.films_alone(films)
    is_test = pd.concat([pd.Series("rad_id" not in frame, index=frame.index) for frame in frames]).to_numpy()
    images.loc[np.unique(rows[~is_test]), "split"] = DIVIDED
    images.loc[np.unique(rows[is_test]), "split"] = "test"
    readers = [name for frame in frames for name in (frame.get("rad_id", pd.Series(["consensus"] * len(frame))))]
    codes = np.concatenate(
        [codes_in(path, frame, classes, READ_CODES) for path, frame in zip(paths, frames, strict=True)]
    )
    said = [Said(RADIOLOGISTS, rows, codes, readers)]
    whose = "VinDr-CXR's train and test"
    return CollectionTable(images, readings_of(classes, said), paths, whose, (vinbig.NO_PATIENTS,))


def _frame(path: Path) -> pd.DataFrame:
    names = [name.strip() for name in columns_of(path) if name.strip()]
    return read_columns(path, names).rename(columns=_RENAMED)


def _classes(frames: Sequence[pd.DataFrame]) -> list[str]:
    found = dict.fromkeys(name for frame in frames for name in frame.columns if name not in _KEYS)
    return [name for name in found if name != NO_FINDING] + [NO_FINDING]


COLLECTION: Final = Collection(
    name="vindr-cxr",
    title="VinDr-CXR",
    terms="PhysioNet Credentialed Health Data License 1.5.0: credentialed users, no sharing.",
    seen=False,
    convention=Convention(readers="majority"),
    recognise=recognise,
    read=read,
    mark_files=vinbig.mark_files,
    marks=vinbig.marks,
)
