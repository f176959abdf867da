"""Typed reading of a JSON object: every wrong field is named with what was found and what was expected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import StudyError
from core.files import json_in, reason

_TOO_MANY = 2**63
"""No file has so many bytes, and no array so many rows."""

MANIFEST_REMEDY = "Get the study again from its source, or build or import it again."


@dataclass(frozen=True)
class Fields:
    """One JSON object; `where` names it in errors. Every method raises StudyError where a field is not what it says."""

    content: Mapping[str, Any]
    where: str

    @classmethod
    def from_text(cls, text: str, where: str) -> Fields:
        """Read the object in a JSON text; NaN and infinity are not JSON."""
        try:
            content = json_in(text)
        except ValueError as error:
            raise StudyError(f"{where}: is not JSON ({reason(error)}).", remedy=MANIFEST_REMEDY) from error
        if not isinstance(content, dict):
            raise StudyError(f"{where}: is not a JSON object.", remedy=MANIFEST_REMEDY)
        return cls(content, where)

    def text(self, name: str) -> str:
        """Read a text."""
        value: str = self._value(name, (str,), "a text")
        return value

    def optional_text(self, name: str) -> str | None:
        """Read a text, or null."""
        return None if self.content.get(name) is None else self.text(name)

    def flag(self, name: str) -> bool:
        """Read true or false."""
        value: bool = self._value(name, (bool,), "true or false")
        return value

    def number(self, name: str) -> int:
        """Read a whole number from 0."""
        value: int = self._value(name, (int,), "a whole number")
        if not 0 <= value < _TOO_MANY:
            self._refuse(name, "a whole number from 0")
        return value

    def optional_real(self, name: str) -> float | None:
        """Read a finite number, or null."""
        if self.content.get(name) is None:
            return None
        value = float(self._value(name, (int, float), "a number or null"))
        if not math.isfinite(value):
            self._refuse(name, "a finite number")
        return value

    def one_of(self, name: str, allowed: Sequence[str]) -> str:
        """Read a text out of a few."""
        if self.text(name) not in allowed:
            self._refuse(name, f"one of {', '.join(allowed)}")
        return self.text(name)

    def mapping(self, name: str) -> dict[str, Any]:
        """Read an object of anything."""
        value: dict[str, Any] = self._value(name, (dict,), "an object")
        return value

    def optional_mapping(self, name: str) -> dict[str, Any] | None:
        """Read an object of anything, or null."""
        return None if self.content.get(name) is None else self.mapping(name)

    def parts(self, name: str) -> dict[str, Fields]:
        """Read an object of objects."""
        value = self.mapping(name)
        if not all(isinstance(part, dict) for part in value.values()):
            self._refuse(name, "an object of objects")
        return {key: Fields(part, f"{self.where}: {name} {key!r}") for key, part in value.items()}

    def rows(self, name: str) -> list[Fields]:
        """Read a list of objects."""
        value = self._value(name, (list,), "a list of objects")
        if not all(isinstance(row, dict) for row in value):
            self._refuse(name, "a list of objects")
        return [Fields(row, f"{self.where}: {name}[{index}]") for index, row in enumerate(value)]

    def names(self, name: str) -> tuple[str, ...]:
        """Read a list of different texts, at least one."""
        value = self._value(name, (list,), "a list of texts")
        if not value or not all(isinstance(text, str) for text in value) or len(set(value)) != len(value):
            self._refuse(name, "a list of different texts")
        return tuple(value)

    def numbers(self, name: str) -> list[int]:
        """Read a list of whole numbers from 0."""
        value: list[int] = self._value(name, (list,), "a list of whole numbers")
        if not all(type(number) is int and 0 <= number < _TOO_MANY for number in value):
            self._refuse(name, "a list of whole numbers")
        return value

    def reals(self, name: str) -> tuple[float | None, ...]:
        """Read a list of finite numbers and nulls."""
        value = self._value(name, (list,), "a list of numbers")
        if not all(one is None or (type(one) in (int, float) and math.isfinite(one)) for one in value):
            self._refuse(name, "a list of finite numbers and nulls")
        return tuple(None if one is None else float(one) for one in value)

    def pair(self, name: str) -> tuple[int, int]:
        """Read two whole numbers from 0."""
        value = self.numbers(name)
        if len(value) != 2:
            self._refuse(name, "two whole numbers")
        return value[0], value[1]

    def _value(self, name: str, types: tuple[type, ...], expected: str) -> Any:
        if type(self.content.get(name)) not in types:
            self._refuse(name, expected)
        return self.content[name]

    def _refuse(self, name: str, expected: str) -> None:
        found = repr(self.content[name])[:80] if name in self.content else "nothing"
        raise StudyError(f"{self.where}: {name!r} must be {expected}, found {found}.", remedy=MANIFEST_REMEDY)
