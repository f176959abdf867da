"""Votes of readers between two maps, as a small file in a study's folder: read, refused in sentences, and added to.

They are no part of the study: they come and change while its fingerprint stays, and studies without them are whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from core.errors import CoreError
from core.files import read_json, write_whole
from core.saliency.localization.pairs import MapKey
from core.study.layout import VOTES
from core.study.write import writing_alone

Answer = Literal["left", "right", "neither", "unsure"]
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)

_VERSION: Final = 1
_MOST: Final = 1_000_000
_LONGEST: Final = 200
_REMEDY: Final = "Get the file again from whoever voted, or take it out of the study's folder."


class VoteError(CoreError):
    """A file of votes holds what are none, or cannot be written."""


@dataclass(frozen=True)
class Vote:
    """What one reader said of two maps of a film.

    left, right : whose maps they were, which the reader was not told.
    answer : the side that is trusted more; "neither", or "unsure" where it cannot be told.
    """

    reader: str
    image_id: str
    finding: str
    left: MapKey
    right: MapKey
    answer: Answer

    @property
    def pair(self) -> frozenset[MapKey]:
        """Give both maps, whatever side they were on."""
        return frozenset((self.left, self.right))

    @property
    def question(self) -> tuple[str, str, str, frozenset[MapKey]]:
        """Give what was asked of whom: of one question a reader's last answer counts."""
        return self.reader, self.image_id, self.finding, self.pair

    @property
    def preferred(self) -> MapKey | None:
        """Give the map that is trusted more; None where none is."""
        return {"left": self.left, "right": self.right}.get(self.answer)


def read_votes(root: Path) -> tuple[Vote, ...]:
    """Read the votes in a study's folder; () where it holds none. VoteError where they are no votes."""
    path = root / VOTES
    return read_vote_file(path) if path.exists() else ()


def read_vote_file(path: Path) -> tuple[Vote, ...]:
    """Read a file of votes. VoteError, saying which and why, where one of them is none."""
    content = read_json(path, remedy=_REMEDY, error=VoteError)
    found = content.get("votes") if isinstance(content, dict) else None
    if not isinstance(found, list) or len(found) > _MOST:
        raise VoteError(f'{path}: holds no votes; expected {{"version": 1, "votes": [...]}}.', remedy=_REMEDY)
    if (version := content.get("version")) != _VERSION:
        newer = "Update this software: the file was written by a newer one."
        raise VoteError(f"{path}: is of version {version!r}; expected {_VERSION}.", remedy=newer)
    return joined((), (_from_json(one, f"{path}: vote {place}") for place, one in enumerate(found, 1)))


def add_votes(root: Path, votes: Sequence[Vote]) -> tuple[Vote, ...]:
    """Add votes to those in a study's folder, whole or not at all, and give them all.

    Raises StudyError where the folder cannot be written, VoteError where what stands there are no votes.
    """
    with writing_alone(root):
        found = joined(read_votes(root), votes)
        write_whole(root / VOTES, vote_file(found))
    return found


def take_back(root: Path, vote: Vote) -> tuple[Vote, ...]:
    """Take one vote out of a study's folder, and give the others. Raises as `add_votes`."""
    with writing_alone(root):
        found = tuple(one for one in read_votes(root) if one.question != vote.question)
        write_whole(root / VOTES, vote_file(found))
    return found


def joined(votes: Iterable[Vote], more: Iterable[Vote]) -> tuple[Vote, ...]:
    """Join votes; of the same reader and question the last counts, in the place of the first."""
    last = {vote.question: vote for vote in (*votes, *more)}
    return tuple(last.values())


def vote_file(votes: Sequence[Vote]) -> str:
    """Write votes as the JSON text that `read_vote_file` reads."""
    return json.dumps({"version": _VERSION, "votes": list(map(_to_json, votes))}, indent=1, ensure_ascii=False) + "\n"


def _to_json(vote: Vote) -> dict[str, Any]:
    return {
        "reader": vote.reader,
        "image_id": vote.image_id,
        "finding": vote.finding,
        "left": vars(vote.left),
        "right": vars(vote.right),
        "answer": vote.answer,
    }


def _from_json(told: object, where: str) -> Vote:
    if not isinstance(told, dict) or set(told) != {"reader", "image_id", "finding", "left", "right", "answer"}:
        keys = "reader, image_id, finding, left, right and answer"
        raise VoteError(f"{where}: is no vote; expected {keys}.", remedy=_REMEDY)
    if told["answer"] not in ANSWERS:
        raise VoteError(f"{where}: the answer is {told['answer']!r}; expected {', '.join(ANSWERS)}.", remedy=_REMEDY)
    reader, image_id, finding = (_text(told, key, where) for key in ("reader", "image_id", "finding"))
    left, right = (_map(told[side], f"{where}, {side}") for side in ("left", "right"))
    if left == right:
        raise VoteError(f"{where}: a map is set against itself.", remedy=_REMEDY)
    return Vote(reader, image_id, finding, left, right, told["answer"])


def _map(told: object, where: str) -> MapKey:
    if not isinstance(told, dict) or set(told) != {"setting", "method", "layer"}:
        raise VoteError(f"{where}: is no map; expected setting, method and layer.", remedy=_REMEDY)
    layer = None if told["layer"] is None else _text(told, "layer", where)
    return MapKey(_text(told, "setting", where), _text(told, "method", where), layer)


def _text(told: Mapping[str, Any], key: str, where: str) -> str:
    value = told[key]
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise VoteError(f"{where}: {key} is {value!r}; expected 1 to {_LONGEST} signs.", remedy=_REMEDY)
    return value
