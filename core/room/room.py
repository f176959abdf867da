"""One room: where its presenter is, who follows, what was asked. Safe to use from several threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import RoomError
from core.room.keys import are_same, new_key
from core.room.mailbox import Mailbox
from core.room.messages import Move, View, read_move, read_name, read_view, written
from core.room.minutes import Minutes
from core.room.votes import Question, Results

MOST_FOLLOWERS: Final = 200
_GONE: Final = "The presenter's connection is gone. You see the last view; it goes on when the presenter is back."
_CLOSED: Final = "The presenter has closed the room. What you see stays, and is yours to look around in."


@dataclass
class Seat:
    """A browser in the room.

    place : 0 for the presenter, 1 and so on for followers.  name : "" where none was given.
    """

    place: int
    mailbox: Mailbox
    name: str = ""


class Room:
    """What a room holds is bounded: the last view, the last move, one question, a seat a browser, and its minutes."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Open it. clock : seconds since 1970."""
        self.key, self.secret = new_key(), new_key()
        self.minutes = Minutes()
        self.is_open = True
        self.question: Question | None = None
        self.results: Results | None = None
        self._clock = clock
        self._lock = threading.RLock()
        self._presenter: Seat | None = None
        self._followers: dict[int, Seat] = {}
        self._last_place = 0
        self._view: View | None = None
        self._move: Move | None = None
        self._answers: dict[int, tuple[Seat, float]] = {}
        self.seen_at = clock()

    # Who is in it

    @property
    def n_followers(self) -> int:
        """Count the browsers that follow."""
        return len(self._followers)

    @property
    def n_answers(self) -> int:
        """Count the answers to the question."""
        return len(self._answers)

    @property
    def address(self) -> str:
        """Give where the presenter is, below where the app begins; "" before anything was shown."""
        return "" if self._view is None else self._view.address

    @property
    def has_presenter(self) -> bool:
        """Tell whether the presenter's browser is connected."""
        return self._presenter is not None

    def is_presenter(self, secret: str) -> bool:
        """Tell whether somebody holds what its presenter holds."""
        return are_same(secret, self.secret)

    def present(self, secret: str, wake: Callable[[], None]) -> Seat:
        """Take the presenter's seat; who sat there before gets nothing any more.

        Raises RoomError where the secret is another, and where the room is closed.
        """
        with self._lock:
            self._require_open()
            if not self.is_presenter(secret):
                raise RoomError(
                    "This browser does not present in the room.", remedy="Open a room of your own, or follow this one."
                )
            self._presenter = Seat(0, Mailbox(wake))
            self.seen_at = self._clock()
            self._tell("presenter", written("presenter", is_here=True))
            self._count()
            self._send_question(self._presenter)
            return self._presenter

    def join(self, wake: Callable[[], None]) -> Seat:
        """Take a follower's seat, whose mailbox holds what is shown now. wake : see Mailbox.

        Raises RoomError where the room is closed or full.
        """
        with self._lock:
            self._require_open()
            if len(self._followers) >= MOST_FOLLOWERS:
                raise RoomError(
                    f"The room is full: {MOST_FOLLOWERS} follow.", remedy="Look on with somebody, or wait for a place."
                )
            self._last_place += 1
            seat = Seat(self._last_place, Mailbox(wake))
            self._followers[seat.place] = seat
            if self._view is not None:
                seat.mailbox.put("view", written("view", address=self._view.address))
            if self._move is not None:
                seat.mailbox.put("move", self._move.message())
            if self._presenter is None:
                seat.mailbox.put("presenter", written("presenter", is_here=False, words=_GONE))
            self._send_question(seat)
            self._count()
            return seat

    def leave(self, seat: Seat) -> None:
        """Give a seat back; followers are told where it was the presenter's."""
        with self._lock:
            if seat is self._presenter:
                self._presenter = None
                self.seen_at = self._clock()
                self._tell("presenter", written("presenter", is_here=False, words=_GONE))
            elif self._followers.pop(seat.place, None) is not None:
                self._count()

    def close(self) -> None:
        """End it for good: everybody is told, and the minutes stay."""
        with self._lock:
            if self.is_open:
                self.is_open = False
                self.minutes.note(self._clock(), "The room was closed.")
                for seat in self._everybody():
                    seat.mailbox.put("closed", written("closed", words=_CLOSED))
            self._followers.clear()
            self._presenter = None

    # What is shown

    def hear(self, seat: Seat, content: Mapping[str, Any]) -> None:
        """Take what a browser sent, as parsed; what is not for this seat, or is damaged, does nothing."""
        with self._lock:
            kind, is_presenter = content.get("kind"), seat is self._presenter
            if is_presenter and kind == "view" and (view := read_view(content)):
                self._show(view)
            elif is_presenter and kind == "move" and (move := read_move(content)):
                self._take_move(move)
            elif not is_presenter and kind == "answer":
                self._take_answer(seat, content)
            elif not is_presenter and kind == "name":
                seat.name = read_name(content)

    def _show(self, view: View) -> None:
        if self._view is not None and view.address == self._view.address:
            return
        self._view = view
        self.minutes.view(self._clock(), view.title, view.address)
        self._tell("view", written("view", address=view.address))

    def _take_move(self, move: Move) -> None:
        self._move = move
        self._tell("move", move.message())
        if not move.is_held:
            self.minutes.threshold(self._clock(), move.finding, *move.cuts)

    # What is asked

    def ask(self, question: Question) -> None:
        """Ask everybody who follows; answers to the question before are gone."""
        with self._lock:
            self._require_open()
            self.question, self.results = question, None
            self._answers.clear()
            self._send_question(*self._everybody())
            self._count()

    def reveal(self) -> Results | None:
        """Tell everybody all answers together, and note them; None where nothing is asked."""
        with self._lock:
            if self.question is None or self.results is not None:
                return self.results
            self.results = Results.of(self.question, [value for _, value in self._answers.values()])
            named = [(seat.name, self.question.said(value)) for seat, value in self._answers.values() if seat.name]
            self.minutes.vote(self._clock(), self.results, named)
            self._send_question(*self._everybody())
            return self.results

    def withdraw(self) -> None:
        """Ask nothing any more: what is shown of the last question goes."""
        with self._lock:
            self.question = self.results = None
            self._answers.clear()
            self._send_question(*self._everybody())

    def _take_answer(self, seat: Seat, content: Mapping[str, Any]) -> None:
        if self.question is None or self.results is not None or seat.place not in self._followers:
            return
        if "name" in content:
            seat.name = read_name(content)
        value = self.question.read(content.get("value"))
        if value is not None:
            self._answers[seat.place] = seat, value
            self._count()

    def _send_question(self, *seats: Seat) -> None:
        """What is asked now, without what is true of it; the results once they are shown."""
        question = self.question
        asked: dict[str, Any] | None = None
        if question is not None:
            asked = {"type": question.kind, "words": question.words, "low": question.low, "high": question.high}
            asked["finding"] = question.finding
        results = None if self.results is None else self.results.content()
        for seat in seats:
            seat.mailbox.put("question", written("question", question=asked, results=results))

    # Telling

    def _everybody(self) -> list[Seat]:
        return [*([] if self._presenter is None else [self._presenter]), *self._followers.values()]

    def _tell(self, kind: str, message: str) -> None:
        for seat in self._followers.values():
            seat.mailbox.put(kind, message)

    def _count(self) -> None:
        """The presenter is told how many follow, and how many answered."""
        if self._presenter is not None:
            message = written("count", followers=self.n_followers, answers=self.n_answers)
            self._presenter.mailbox.put("count", message)

    def _require_open(self) -> None:
        if not self.is_open:
            raise RoomError("This room is closed.", remedy="Ask the presenter for the address of an open one.")
