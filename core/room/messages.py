"""What a presenter's browser sends to its room: read here, so that nothing else reaches the others."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_BYTES: Final = 32 * 1024
"""Of one message; a selection in an address takes 6,000 characters, thresholds 158 a setting."""
_MOST_CLASSES: Final = 1024
_MOST_WORDS: Final = 200
_ADDRESS: Final = re.compile(r"[a-z_]{0,40}(\?[^\s#\\<>\"]{0,20000})?")
"""A page below where the app begins: it has no host, no scheme and no other folder."""


@dataclass(frozen=True)
class View:
    """Where the presenter is. address : below where the app begins, "thresholds?study=phantom".  title : the page's."""

    address: str
    title: str


@dataclass(frozen=True)
class Move:
    """Thresholds under the presenter's hand.

    token : names the scores and films that are counted.  values : by class, None = no threshold.
    uppers : rule-in cuts, where classes have two.  finding : the class in hand.  is_held : whether the hand still is.
    """

    token: str
    values: tuple[float | None, ...]
    uppers: tuple[float | None, ...] | None
    finding: str
    place: int
    is_held: bool

    @property
    def cuts(self) -> tuple[float | None, float | None]:
        """Give the threshold of the class in hand, and its rule-in cut."""
        return self.values[self.place], None if self.uppers is None else self.uppers[self.place]

    def message(self) -> str:
        """Write it for the followers."""
        content = {"token": self.token, "values": self.values, "uppers": self.uppers}
        return written("move", **content, finding=self.finding, is_held=self.is_held)


def written(kind: str, **content: Any) -> str:
    """Write a message as JSON."""
    return json.dumps({"kind": kind, **content}, ensure_ascii=False, separators=(",", ":"))


def parsed(text: str) -> Mapping[str, Any]:
    """Parse a message that came; an empty one where it is too long or no JSON object."""
    if len(text) > MOST_BYTES:
        return {}
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def read_view(content: Mapping[str, Any]) -> View | None:
    """Read a view; None where it is none."""
    address, title = content.get("address"), content.get("title")
    if not isinstance(address, str) or not isinstance(title, str) or not _ADDRESS.fullmatch(address):
        return None
    return View(address, _line(title))


def read_move(content: Mapping[str, Any]) -> Move | None:
    """Read thresholds under a hand; None where they are none."""
    values, uppers = _cuts(content.get("values")), _cuts(content.get("uppers"))
    names = [content.get(name) for name in ("token", "finding")]
    place = content.get("place")
    if values is None or not isinstance(place, int) or not 0 <= place < len(values):
        return None
    if (content.get("uppers") is not None and uppers is None) or (uppers is not None and len(uppers) != len(values)):
        return None
    if not all(isinstance(name, str) and len(name) <= _MOST_WORDS for name in names):
        return None
    token, finding = map(str, names)
    return Move(token, values, uppers, _line(finding), place, content.get("is_held") is True)


def read_name(content: Mapping[str, Any]) -> str:
    """Read the name that a follower gives; "" for none."""
    name = content.get("name")
    return _line(name)[:60] if isinstance(name, str) else ""


def _cuts(sent: object) -> tuple[float | None, ...] | None:
    if not isinstance(sent, list) or not len(sent) <= _MOST_CLASSES:
        return None
    if not all(value is None or _is_finite(value) for value in sent):
        return None
    return tuple(None if value is None else float(value) for value in sent)


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _line(text: str) -> str:
    return " ".join("".join(sign for sign in text if sign.isprintable()).split())[:_MOST_WORDS]
