"""What was said of films, by whom, and what becomes of it under a convention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import StudyError
from core.files import digest
from core.labels.convention import Convention

Int8Array = npt.NDArray[np.int8]
LabelArray = npt.NDArray[np.float32]

POSITIVE: Final = 1
NEGATIVE: Final = 0
UNCERTAIN: Final = -1
NOT_MENTIONED: Final = -2
NOT_LOOKED_AT: Final = -3
"""What can be said of a finding on a film: CheXpert's three codes, its blank, and that nobody looked. Null on disk."""

UNNAMED: Final = "labels"
"""The source of labels of which nobody says whose they are."""

CODES: Final = (POSITIVE, NEGATIVE, UNCERTAIN, NOT_MENTIONED, NOT_LOOKED_AT)


@dataclass(frozen=True, eq=False)
class Readings:
    """What was said: one row for each film that somebody read, in any order; a film may have several, or none.

    classes : the columns.
    films : (n_readings,) row of the film in the study.
    sources : (n_readings,) whose labels they are, such as "reports" or "adjudicated".
    readers : (n_readings,) name of the reader or labeller; "" where nobody says.
    codes : (n_readings, n_classes) int8 of `CODES`.

    Raises StudyError where lengths differ, a code is none, or a reader read a film twice for one source.
    """

    classes: tuple[str, ...]
    films: npt.NDArray[np.int64]
    sources: npt.NDArray[np.str_]
    readers: npt.NDArray[np.str_]
    codes: Int8Array

    def __post_init__(self) -> None:
        n = len(self.films)
        if len(self.sources) != n or len(self.readers) != n or self.codes.shape != (n, len(self.classes)):
            raise StudyError(
                f"Readings: {n} films, {len(self.sources)} sources, {len(self.readers)} readers and codes of shape "
                f"{self.codes.shape} for {len(self.classes)} classes do not belong together.",
                remedy="Give one source, reader and row of codes for every reading.",
            )
        wrong = ~np.isin(self.codes, CODES)
        if wrong.any():
            row, column = map(int, np.argwhere(wrong)[0])
            raise StudyError(
                f"Readings: {self.classes[column]} of reading {row} is {self.codes[row, column]}.",
                remedy="Write 1 positive, 0 negative, -1 uncertain, -2 not mentioned, empty for not looked at.",
            )
        twice = self._repeated
        if twice is not None:
            who = self.readers[twice] or "a reader without a name"
            raise StudyError(
                f"Readings: {who} read film {self.films[twice]} more than once for {str(self.sources[twice])!r}.",
                remedy="Give one row for every film, source and reader.",
            )

    @property
    def _repeated(self) -> int | None:
        """The first row whose film, source and reader another has had before."""
        columns = {"film": self.films, "source": self.sources.astype(object), "reader": self.readers.astype(object)}
        repeated = pd.DataFrame(columns).duplicated().to_numpy()
        return int(np.argmax(repeated)) if repeated.any() else None

    @cached_property
    def source_names(self) -> tuple[str, ...]:
        """Give the sources in the order in which they first appear; the first is taken where none is named."""
        return tuple(dict.fromkeys(self.sources.tolist()))

    @cached_property
    def fingerprint(self) -> str:
        """Give 16 hex digits that stand for all that was said."""
        columns = [self.films.tolist(), self.sources.tolist(), self.readers.tolist(), self.codes.tobytes().hex()]
        return digest([self.classes, *columns], 16, compact=True)

    def reader_names(self, source: str) -> tuple[str, ...]:
        """Give the readers of a source, sorted."""
        return tuple(sorted(set(self.readers[self.sources == source].tolist())))

    def of_reader(self, source: str, reader: str) -> Readings:
        """Keep the readings of one reader of a source."""
        kept = (self.sources == source) & (self.readers == reader)
        return Readings(self.classes, self.films[kept], self.sources[kept], self.readers[kept], self.codes[kept])

    def of_films(self, rows: npt.ArrayLike, classes: Sequence[str] | None = None) -> Readings:
        """Keep the readings of some films, which are then numbered by their place in `rows`.

        classes : the columns to keep, in this order; None is all.

        >>> one = Readings(("Edema",), np.array([2, 0]), np.array(["a", "a"]), np.array(["", ""]), np.array([[1], [0]]))
        >>> one.of_films([2]).films.tolist(), one.of_films([2]).codes.tolist()
        ([0], [[1]])
        """
        place = pd.Index(np.asarray(rows, dtype=np.int64)).get_indexer(pd.Index(self.films))
        kept = place >= 0
        films = place[kept].astype(np.int64)
        names = self.classes if classes is None else tuple(classes)
        columns = [self.classes.index(name) for name in names]
        codes = self.codes if names == self.classes else self.codes[:, columns]
        return Readings(names, films, self.sources[kept], self.readers[kept], codes[kept])

    def resolve(self, n_films: int, convention: Convention) -> LabelArray:
        """Make labels, (n_films, n_classes) of {0, 1, NaN}; NaN where nobody looked or the convention leaves it open.

        Raises StudyError where the convention names a source or reader that is not there.
        """
        chosen = self._chosen(convention)
        votes = _votes(self.codes[chosen], convention)
        films = self.films[chosen]
        positive = _counted(votes == 1, films, n_films)
        negative = _counted(votes == 0, films, n_films)
        readers = np.bincount(films, minlength=n_films)[:, None]
        return _united(positive, negative, readers, convention)

    def _chosen(self, convention: Convention) -> npt.NDArray[np.bool_]:
        source = self.source_names[0] if convention.source is None and self.source_names else convention.source
        if source is not None and source not in self.source_names:
            raise StudyError(
                f"There are no labels of the source {source!r}.",
                remedy=f"Choose one of {', '.join(map(repr, self.source_names)) or 'none: the study has no readings'}.",
            )
        chosen: npt.NDArray[np.bool_] = self.sources == source
        if convention.reader is not None and source is not None:
            if convention.reader not in self.reader_names(source):
                raise StudyError(
                    f"{convention.reader!r} is no reader of {source!r}.",
                    remedy=f"Choose one of {', '.join(self.reader_names(source))}.",
                )
            chosen = chosen & (self.readers == convention.reader)
        return chosen


def _votes(codes: Int8Array, convention: Convention) -> Int8Array:
    """1, 0 or -1 for no word."""
    votes: Int8Array = np.where(np.isin(codes, (POSITIVE, NEGATIVE)), codes, -1).astype(np.int8)
    votes[codes == UNCERTAIN] = {"positive": 1, "negative": 0, "left out": -1}[convention.uncertain]
    votes[codes == NOT_MENTIONED] = {"negative": 0, "not looked at": -1}[convention.blank]
    return votes


def _counted(chosen: npt.NDArray[np.bool_], films: npt.NDArray[np.int64], n_films: int) -> npt.NDArray[np.int32]:
    """(n_films, n_classes) how many readings of each film are chosen."""
    counts = [np.bincount(films[column], minlength=n_films) for column in chosen.T]
    return np.stack(counts, axis=1).astype(np.int32) if counts else np.zeros((n_films, 0), dtype=np.int32)


def _united(
    positive: npt.NDArray[np.int32],
    negative: npt.NDArray[np.int32],
    readers: npt.NDArray[np.integer],
    convention: Convention,
) -> LabelArray:
    """What the readers say together; `readers` : (n_films, 1) how many there are."""
    looked = positive + negative
    if convention.at_least is not None:
        is_one = positive >= convention.at_least
        is_zero = (looked > 0) & (readers - negative < convention.at_least)
    elif convention.readers == "majority":
        is_one, is_zero = positive > negative, negative > positive
    elif convention.readers == "all":
        is_one, is_zero = (looked > 0) & (negative == 0), negative > 0
    else:
        is_one, is_zero = positive > 0, (positive == 0) & (negative > 0)
    return np.where(is_one, 1.0, np.where(is_zero, 0.0, np.nan)).astype(np.float32)
