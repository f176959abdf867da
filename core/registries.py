"""Looking an entry of a registry up by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from core.errors import CoreError


class HasName(Protocol):
    """An entry of a registry."""

    @property
    def name(self) -> str:
        """Say what it is asked for by."""


Entry = TypeVar("Entry", bound=HasName)


def find_by_name(entries: Sequence[Entry], name: str, what: str, error: type[CoreError] = CoreError) -> Entry:
    """Find the first entry of that name; `error`, which tells the names there are, where there is none.

    what : the kind of entry, as in "There is no {what} 'x'."
    """
    for entry in entries:
        if entry.name == name:
            return entry
    raise error(f"There is no {what} {name!r}.", remedy=f"Choose one of {', '.join(entry.name for entry in entries)}.")
