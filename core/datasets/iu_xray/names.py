"""One name for a film, whichever collection its file comes from."""

from __future__ import annotations

import re

_ENDINGS = (".png", ".jpg", ".jpeg", ".dcm")
_FILM = re.compile(r"(?:CXR)?(?:1_(?=1_IM))?(?P<id>(?P<uid>\d+)_IM-[\w-]+)")
_STUDY = re.compile(r"(?:CXR)?(?P<uid>\d+)(?:_.*)?")


def film_id(name: str) -> str | None:
    """Find the film that a file, a row or a parentImage names; None where it names none.

    "1_IM-0001-4001.dcm.png" of the tables and "CXR1_1_IM-0001-4001" of OpenI are both "1_IM-0001-4001": OpenI
    begins its names with CXR, and those of uid 1 with the uid twice.
    """
    found = _FILM.fullmatch(without_ending(name.rsplit("/", 1)[-1]))
    return found["id"] if found else None


def r2gen_film_id(path: str) -> str | None:
    """Find the film of a path such as "images/CXR25_IM-1024/0.png" in R2Gen's layout:
    "25_IM-1024_0"; None for others.
    """
    folder, _, name = path.rpartition("/")
    number = without_ending(name)
    return film_id(f"{folder}_{number}") if number.isdigit() else None


def uid_of(name: str) -> str | None:
    """Find the study, and so the patient, that a uid, a film or an R2Gen id belongs to: "CXR25_IM-1024" is "25"."""
    found = _STUDY.fullmatch(without_ending(name.strip().rsplit("/", 1)[-1]))
    return str(int(found["uid"])) if found else None


def without_ending(name: str) -> str:
    """Give a file name without the endings of a film, of which the tables have two (".dcm.png")."""
    while name.lower().endswith(_ENDINGS):
        name = name[: name.rindex(".")]
    return name
