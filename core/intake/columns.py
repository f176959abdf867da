"""What tables of other programs call their columns: ours under other names, and scores that stand beside labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from core.errors import StudyError, printable
from core.study.table_checks import counted

IMAGE_ID: Final = "image_id"

_OTHER_NAMES: Final[Mapping[str, frozenset[str]]] = {
    IMAGE_ID: frozenset(
        ("image", "imageid", "imageindex", "imagename", "imagefile", "imagefilename", "filename", "img", "dicomid")
    ),
    "patient_id": frozenset(("patient", "patientid", "subject", "subjectid")),
    "view": frozenset(("view", "viewposition")),
    "age": frozenset(("age", "patientage")),
    "sex": frozenset(("sex", "gender", "patientsex", "patientgender")),
    "split": frozenset(("split",)),
}
"""Our columns by what others call them: small letters alone."""

_SCORE: Final = r"(?:y[ _]?)?(?:prob(?:a|s|ability|abilities)?|scores?|logits?|pred(?:s|icted|ictions?)?|p)"
_LABEL: Final = r"(?:y[ _]?)?(?:labels?|true|truth|gt|targets?)"
_BETWEEN: Final = r"[ _.:\-]+"


def is_image_id(name: str) -> bool:
    """Tell whether a first column of this name says which film a row is of."""
    return _letters(name) in _OTHER_NAMES[IMAGE_ID]


def is_of_the_film(name: str) -> bool:
    """Tell whether a column of this name says what a film is, and not what is on it: its patient, view or split."""
    return any(_letters(name) in others for others in _OTHER_NAMES.values())


def with_our_names(path: Path, frame: pd.DataFrame, ours: Sequence[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rename the columns that are ours under another name, and say so. `image_id` is the first column or none.

    ours : the columns that are looked for; one that is there under its own name is left as it is.
    """
    renamed: dict[str, str] = {}
    for name in ours:
        places = frame.columns[:1] if name == IMAGE_ID else frame.columns[1:]
        others = [column for column in places if _letters(column) in _OTHER_NAMES.get(name, ())]
        if name not in frame.columns and len(others) == 1:
            renamed[others[0]] = name
    if not renamed:
        return frame, ()
    taken = ", ".join(f"{printable(other, 80)!r} as {name}" for other, name in renamed.items())
    return frame.rename(columns=renamed), (f"{path.name}: took {taken}.",)


def labels_alone(path: Path, frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Remove the scores of a table that holds them beside its labels (`prob_Edema` beside `Edema`), and say so.

    Labels that say that they are some (`Edema_true`) are called by their class. A table in which no class has both
    stays as it is.
    """
    labels = _labels_by_class(list(frame.columns[1:]))
    scores = {name: own for name, own in _by_class(list(frame.columns[1:]), _SCORE).items() if name in labels}
    if not scores:
        return frame, ()
    columns = [column for own in scores.values() for column in own]
    note = (
        f"{path.name}, read for labels: {counted(columns, 'column', 'columns')} scores beside them, which count where "
        "--scores names the file."
    )
    named = {labels[name]: name for name in scores}
    return frame.drop(columns=columns).rename(columns=named), (note,)


def scores_alone(path: Path, frame: pd.DataFrame, classes: Sequence[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Name columns that say that they are a class's scores (`prob_Edema`) by the class, and leave out its labels.

    classes : whose scores are looked for. Says what was taken. Raises StudyError where a class has several.
    """
    scores = {name: own for name, own in _by_class(list(frame.columns[1:]), _SCORE).items() if name in classes}
    if not scores:
        return frame, ()
    for name, own in scores.items():
        if len(own) > 1:
            message = f"{path}: {counted(own, 'column', 'columns')} said to be scores of {name}."
            raise StudyError(message, remedy="Leave one of them in the table, or write a table for each setting.")
    labels = _labels_by_class(list(frame.columns[1:]))
    given = {labels[name] for name in scores if name in labels}
    named = {own[0]: name for name, own in scores.items()}
    note = f"{path.name}: {counted(list(named), 'column', 'columns')} taken as scores of the class in the name."
    return frame.drop(columns=list(given)).rename(columns=named), (note,)


def _labels_by_class(names: Sequence[str]) -> dict[str, str]:
    """The column of every class's labels: called like the class, or saying that it is a label."""
    said = {name: own[0] for name, own in _by_class(names, _LABEL).items() if len(own) == 1}
    return {**said, **{name: name for name in names}}


def _by_class(names: Sequence[str], word: str) -> dict[str, list[str]]:
    """The columns that begin or end with a word, by what is left of their names."""
    found: dict[str, list[str]] = {}
    for name in names:
        for form in (rf"{word}{_BETWEEN}(?P<rest>.+)", rf"(?P<rest>.+?){_BETWEEN}\(?{word}\)?"):
            match = re.fullmatch(form, name, re.IGNORECASE)
            if match is not None:
                found.setdefault(match["rest"], []).append(name)
                break
    return found


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
