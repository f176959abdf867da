"""The convention that turns what was said of a film into 0, 1 or undefined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal, get_args

from core.errors import StudyError

Blank = Literal["negative", "not looked at"]
BLANKS: Final[tuple[Blank, ...]] = get_args(Blank)

Uncertain = Literal["positive", "negative", "left out"]
UNCERTAINS: Final[tuple[Uncertain, ...]] = get_args(Uncertain)
"""The field's U-Ones, U-Zeros and U-Ignore (Irvin et al., CheXpert, AAAI 2019)."""

READERS: Final = ("any", "majority", "all", "K of n", "one NAME")
"""How the words of several readers of a film become one; K is a number, NAME one of the readers."""

_AT_LEAST = re.compile(r"([1-9][0-9]{0,3}) of n")
_ONE = "one "


@dataclass(frozen=True)
class Convention:
    """How labels are read.

    blank : what a finding counts as that was not mentioned; what nobody looked at is undefined under any convention.
    uncertain : what "uncertain" counts as.
    readers : one of `READERS`. Each reader's word is made 0, 1 or undefined first; then they are united:
        any: 1 where one says 1; 0 where all who looked say 0.
        majority: what more than half of those who looked say; undefined where they are even.
        all: 1 where all who looked say 1.
        K of n: 1 where K say 1; 0 where K cannot be reached any more by those who did not look; else undefined.
        one NAME: the word of that reader alone.
    source : which labels of several, such as "reports" and "adjudicated"; None is the first.

    Raises StudyError for values that are none of these.
    """

    blank: Blank = "not looked at"
    uncertain: Uncertain = "left out"
    readers: str = "any"
    source: str | None = None

    def __post_init__(self) -> None:
        _require(self.blank, BLANKS, "blank")
        _require(self.uncertain, UNCERTAINS, "uncertain")
        if self.readers not in ("any", "majority", "all") and self.at_least is None and not self.reader:
            raise StudyError(f"readers: {self.readers!r} is no rule.", remedy=f"Choose one of {', '.join(READERS)}.")

    @property
    def at_least(self) -> int | None:
        """Give K of "K of n"; None for other rules."""
        found = _AT_LEAST.fullmatch(self.readers)
        return int(found.group(1)) if found else None

    @property
    def reader(self) -> str | None:
        """Give the NAME of "one NAME"; None for other rules."""
        return self.readers.removeprefix(_ONE).strip() or None if self.readers.startswith(_ONE) else None

    def to_json(self) -> dict[str, str | None]:
        """Give the convention as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, object], where: str) -> Convention:
        """Read a convention from plain values. StudyError, beginning with `where`, for what is none."""
        given = {name: value for name, value in content.items() if value is not None}
        known = ("blank", "uncertain", "readers", "source")
        wrong = [name for name, value in given.items() if name not in known or not isinstance(value, str)]
        if wrong:
            message = f"{where}: {wrong[0]!r} is {given[wrong[0]]!r}; a convention has {', '.join(known)}, each a text."
            raise StudyError(message, remedy="Write the study again with the software that made it.")
        try:
            return cls(**given)  # type: ignore[arg-type]
        except StudyError as error:
            raise StudyError(f"{where}: {error.message}", remedy=error.remedy) from None


@dataclass(frozen=True)
class Asked:
    """What a user asks for in place of a convention's own; None leaves it as it is. Fields as in `Convention`."""

    blank: Blank | None = None
    uncertain: Uncertain | None = None
    readers: str | None = None
    source: str | None = None

    @classmethod
    def from_texts(cls, given: Mapping[str, str]) -> Asked:
        """Read what a command line was given: blank, uncertain, readers, label_source. What is none, `over` refuses."""
        named = {"source" if name == "label_source" else name: value for name, value in given.items()}
        return cls(**named)  # type: ignore[arg-type]

    def over(self, convention: Convention) -> Convention:
        """Give the convention with what is asked for in place of its own; StudyError where that is none.

        >>> Asked(uncertain="positive").over(Convention(blank="negative"))
        Convention(blank='negative', uncertain='positive', readers='any', source=None)
        """
        return replace(convention, **{name: value for name, value in asdict(self).items() if value is not None})


def _require(value: str, known: tuple[str, ...], what: str) -> None:
    if value not in known:
        raise StudyError(f"{what}: {value!r} is no convention.", remedy=f"Choose one of {', '.join(known)}.")
