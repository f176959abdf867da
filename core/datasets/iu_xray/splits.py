"""The paper's split and R2Gen's, both by uid, and so by patient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from core.datasets.iu_xray.names import r2gen_film_id, uid_of
from core.errors import DatasetError
from core.files import json_in, reading
from core.findings import SPLITS

SplitName = Literal["paper", "r2gen"]
SPLIT_NAMES: tuple[SplitName, ...] = get_args(SplitName)

_UNCHANGED = "Use R2Gen's annotation.json as it is published, unchanged."


def paper_split(uids: Iterable[str]) -> dict[str, str]:
    """Split of every uid that has a frontal film, as arXiv 2506.14136 made it: two calls, seed 42, uids ascending.

    The split depends on all uids: with the published 3,689 it is the paper's (2,670, 575 and 573 films).
    """
    from sklearn.model_selection import train_test_split  # slow to import, and only a build needs it

    ascending = sorted({int(uid) for uid in uids})
    if len(ascending) < 4:
        raise DatasetError(
            f"{len(ascending)} patients have a frontal film; four are the least that can be split.",
            remedy="Give the whole collection; the paper's split is that of its 3,689 patients.",
        )
    train, rest = train_test_split(ascending, test_size=0.30, random_state=42)
    val, test = train_test_split(rest, test_size=0.50, random_state=42)
    return {str(uid): name for name, part in zip(SPLITS, (train, val, test), strict=True) for uid in part}


@dataclass(frozen=True)
class R2GenStudy:
    """One study of R2Gen's annotation: split, report (the findings section) and the films that it shows."""

    study_id: str
    uid: str
    split: str
    report: str
    film_ids: tuple[str, ...]


def read_annotation(path: Path) -> list[R2GenStudy]:
    """The studies of annotation.json, by ascending uid. DatasetError where a patient is in two splits."""
    with reading(path, "is not R2Gen's annotation", remedy=_UNCHANGED, error=DatasetError):
        parts = json_in(path.read_bytes())
        studies = [_study(path, split, entry) for split in SPLITS for entry in parts[split]]
    splits: dict[str, str] = {}
    for study in studies:
        if study.uid in splits:
            where = f"{splits[study.uid]} and {study.split}"
            raise DatasetError(f"{path}: uid {study.uid} stands there twice ({where}).", remedy=_UNCHANGED)
        splits[study.uid] = study.split
    return sorted(studies, key=lambda study: int(study.uid))


def _study(path: Path, split: str, entry: dict[str, object]) -> R2GenStudy:
    study_id = str(entry["id"])
    uid = uid_of(study_id)
    films = [r2gen_film_id(str(name)) for name in cast("list[object]", entry["image_path"])]
    if uid is None or None in films:
        raise DatasetError(
            f"{path}: the study {study_id!r} is not named as IU-Xray's are, such as CXR25_IM-1024/0.png.",
            remedy="Give R2Gen's annotation of IU-Xray, not that of MIMIC-CXR.",
        )
    return R2GenStudy(study_id, uid, split, str(entry["report"]), tuple(film for film in films if film))
