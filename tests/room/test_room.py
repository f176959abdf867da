"""A room: who gets what, what waits for a slow one, what is asked and answered, and what the minutes say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import RoomError
from core.room import Room, Rooms, Seat
from core.room.keys import new_key, read_key
from core.room.messages import MOST_BYTES, parsed
from core.room.minutes import MOST_ENTRIES, Minutes
from core.room.room import MOST_FOLLOWERS
from core.room.rooms import DESERTED_S, MOST_ROOMS
from core.room.votes import Question, Results

MOVE: dict[str, Any] = {"kind": "move", "token": "t", "values": [0.1, None], "uppers": None}
MOVE |= {"finding": "Edema", "place": 0, "is_held": True}
FILM = Question("positive", "Edema", film="film-7", truth=1.0)


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def nobody() -> None:
    """Wakes nobody."""


def got(seat: Seat) -> dict[str, Any]:
    """What waits for a seat, by kind."""
    return {message["kind"]: message for message in map(json.loads, seat.mailbox.take())}


def at_work(clock: Callable[[], float] | None = None) -> tuple[Room, Seat, Seat]:
    """A room with a presenter and one who follows, whose mailboxes are empty."""
    room = Room(clock or Clock())
    presenter, follower = room.present(room.secret, nobody), room.join(nobody)
    got(presenter)
    got(follower)
    return room, presenter, follower


def test_what_the_presenter_shows_and_moves_reaches_everybody_who_follows() -> None:
    room, presenter, follower = at_work()
    other = room.join(nobody)
    room.hear(presenter, {"kind": "view", "address": "thresholds?study=a&below=fit", "title": "Thresholds"})
    room.hear(presenter, MOVE)
    for seat in (follower, other, room.join(nobody)):
        messages = got(seat)
        assert messages["view"]["address"] == room.address == "thresholds?study=a&below=fit"
        assert messages["move"]["values"] == [0.1, None]
        assert messages["move"]["is_held"] is True
    assert got(presenter) == {"count": {"kind": "count", "followers": 3, "answers": 0}}


def test_a_slow_one_gets_the_last_move_and_no_queue_of_old_ones() -> None:
    room, presenter, follower = at_work()
    for number in range(10_000):
        room.hear(presenter, {**MOVE, "values": [float(number), None]})
    waiting = follower.mailbox.take()
    assert len(waiting) == 1
    assert json.loads(waiting[0])["values"] == [9999.0, None]


def test_a_mailbox_wakes_once_until_it_is_emptied() -> None:
    woken: list[int] = []
    room = Room(Clock())
    presenter, seat = room.present(room.secret, nobody), room.join(lambda: woken.append(1))
    seat.mailbox.take()
    woken.clear()
    room.hear(presenter, MOVE)
    room.hear(presenter, MOVE)
    assert len(woken) == 1
    seat.mailbox.take()
    room.hear(presenter, MOVE)
    assert len(woken) == 2


@pytest.mark.parametrize(
    "damaged",
    [
        {"kind": "view", "address": "https://elsewhere.example/", "title": ""},
        {"kind": "view", "address": "//elsewhere.example", "title": ""},
        {"kind": "view", "address": "a/../b?x", "title": ""},
        {"kind": "view", "address": "thresholds?x#y", "title": ""},
        {"kind": "view", "address": 3, "title": ""},
        {**MOVE, "values": "0"},
        {**MOVE, "values": [float("nan")]},
        {**MOVE, "values": [True]},
        {**MOVE, "uppers": [0.1]},
        {**MOVE, "place": 2},
        {**MOVE, "token": "t" * 1000},
        {"kind": "closed"},
    ],
)
def test_what_is_no_view_and_no_move_reaches_nobody(damaged: dict[str, Any]) -> None:
    room, presenter, follower = at_work()
    room.hear(presenter, damaged)
    assert got(follower) == {}


def test_only_the_presenter_shows_and_only_followers_answer() -> None:
    room, presenter, follower = at_work()
    other = room.join(nobody)
    room.hear(follower, {"kind": "view", "address": "thresholds", "title": "Thresholds"})
    room.hear(follower, MOVE)
    assert "view" not in got(other)
    room.ask(FILM)
    room.hear(presenter, {"kind": "answer", "value": 1})
    assert room.n_answers == 0


def test_messages_that_are_too_long_or_no_objects_are_empty() -> None:
    assert parsed('{"kind":"x"}') == {"kind": "x"}
    for text in ("[1]", "{", "1" * 5000, "[" * 20_000, json.dumps({"kind": "x" * MOST_BYTES})):
        assert parsed(text) == {}


def test_a_presenter_who_is_gone_is_missed_and_comes_back() -> None:
    room, presenter, follower = at_work()
    room.leave(presenter)
    assert not got(follower)["presenter"]["is_here"]
    late = got(room.join(nobody))["presenter"]
    assert "connection is gone" in late["words"]
    room.present(room.secret, nobody)
    assert got(follower)["presenter"] == {"kind": "presenter", "is_here": True}


def test_who_presents_in_another_window_takes_the_seat() -> None:
    room, presenter, follower = at_work()
    newer = room.present(room.secret, nobody)
    got(follower)
    room.hear(presenter, MOVE)
    assert got(follower) == {}
    room.leave(presenter)  # the window before closes: nobody is missed
    assert got(follower) == {}
    room.hear(newer, MOVE)
    assert "move" in got(follower)
    with pytest.raises(RoomError, match="does not present"):
        room.present(new_key(), nobody)


def test_a_closed_room_says_so_to_those_in_it_and_to_those_who_come() -> None:
    rooms = Rooms(Clock())
    room = rooms.open()
    follower = room.join(nobody)
    rooms.close(room)
    assert "closed the room" in got(follower)["closed"]["words"]
    with pytest.raises(RoomError, match="closed"):
        room.join(nobody)
    with pytest.raises(RoomError, match="This room is closed, and its key with it"):
        rooms.find(room.key)
    with pytest.raises(RoomError, match="No room has this key"):
        rooms.find(new_key())
    assert not rooms.has(room.key)


def test_a_deserted_room_is_closed_and_one_with_a_presenter_never() -> None:
    clock = Clock()
    rooms = Rooms(clock)
    kept, left = rooms.open(), rooms.open()
    kept.present(kept.secret, nobody)
    clock.now += DESERTED_S + 1
    assert rooms.has(kept.key)
    assert not rooms.has(left.key)
    assert not left.is_open


def test_rooms_and_followers_are_bounded() -> None:
    rooms = Rooms(Clock())
    for _ in range(MOST_ROOMS):
        rooms.open()
    with pytest.raises(RoomError, match="16 rooms are open"):
        rooms.open()
    room = Room(Clock())
    seats = [room.join(nobody) for _ in range(MOST_FOLLOWERS)]
    with pytest.raises(RoomError, match="The room is full"):
        room.join(nobody)
    room.leave(seats[0])
    room.join(nobody)
    assert room.n_followers == MOST_FOLLOWERS


def test_a_key_is_read_however_it_was_typed_and_none_comes_twice() -> None:
    key = new_key()
    assert len(key.replace("-", "")) == 12
    assert read_key(f" {key.lower().replace('-', ' ')} ") == key
    assert len({new_key() for _ in range(200)}) == 200


def test_answers_appear_together_with_what_is_true() -> None:
    room, presenter, follower = at_work()
    others = [room.join(nobody), room.join(nobody)]
    room.ask(FILM)
    asked = got(follower)["question"]
    assert asked["question"]["words"] == "Is film film-7 positive for Edema?"
    assert "truth" not in json.dumps(asked)
    assert asked["results"] is None
    room.hear(follower, {"kind": "answer", "value": 1})
    room.hear(follower, {"kind": "answer", "value": 0})  # thought again: one answer each
    room.hear(others[0], {"kind": "answer", "value": 1})
    room.hear(others[1], {"kind": "answer", "value": 0.5})  # neither yes nor no
    count = got(presenter)["count"]
    assert (count["followers"], count["answers"]) == (3, 2)
    assert got(others[0])["question"]["results"] is None
    room.reveal()
    for seat in (presenter, follower, *others):
        results = got(seat)["question"]["results"]
        assert results["words"] == "1 of 2 say yes. The label says yes."
        assert [(bar["label"], bar["number"], bar["is_true"]) for bar in results["bars"]] == [
            ("Yes", 1, True),
            ("No", 1, False),
        ]
    room.hear(follower, {"kind": "answer", "value": 1})  # too late
    assert room.reveal() == Results(FILM, (0.0, 1.0))


def test_thresholds_of_a_room_have_a_median_and_bins() -> None:
    question = Question("threshold", "Edema", truth=0.5, low=0.0, high=1.0)
    results = Results.of(question, [0.9, 0.1, 0.2, 0.4])
    assert results.median == pytest.approx(0.3)
    assert results.words() == "4 answers, median 0.3 (0.1 to 0.9). It stands at 0.5."
    bars = results.content()["bars"]
    assert sum(bar["number"] for bar in bars) == 4
    assert bars[0]["number"] == 1
    assert bars[-1]["number"] == 1
    assert [number for number, bar in enumerate(bars) if bar["is_true"]] == [6]
    assert question.read(1.5) is None
    assert question.read(float("nan")) is None
    assert question.read("0.5") is None
    assert Results.of(question, []).words() == "Nobody answered."
    assert Results.of(question, [0.25]).words() == "1 answer, median 0.25 (0.25 to 0.25). It stands at 0.5."


def test_minutes_say_what_was_shown_moved_and_answered_and_name_only_who_gave_a_name() -> None:
    clock = Clock()
    room, presenter, follower = at_work(clock)
    other = room.join(nobody)
    room.hear(presenter, {"kind": "view", "address": "thresholds?study=a", "title": "Thresholds"})
    clock.now += 1
    room.hear(presenter, {"kind": "view", "address": "thresholds?study=a&setting=b", "title": "Thresholds"})
    clock.now += 60
    for value, is_held in ((0.2, True), (0.3, False), (0.25, False)):
        room.hear(presenter, {**MOVE, "values": [value, None], "is_held": is_held})
    room.ask(FILM)
    room.hear(follower, {"kind": "name", "name": "Reader *1*\n"})
    for seat in (follower, other):
        room.hear(seat, {"kind": "answer", "value": 1})
    room.reveal()
    entries = [(entry.kind, entry.words) for entry in room.minutes.entries]
    assert entries == [
        ("view", "Thresholds"),
        ("threshold", "Edema: 0.25"),
        ("vote", "Is film film-7 positive for Edema? 2 of 2 say yes. The label says yes. (Reader *1*: yes)"),
    ]
    text = room.minutes.markdown("http://localhost:8501/")
    assert "[Thresholds](<http://localhost:8501/thresholds?study=a&setting=b>)" in text
    assert r"Reader \*1\*: yes" in text
    assert text.count("\n| ") == 5


def test_a_name_goes_with_the_answer_though_its_line_broke_before_or_after() -> None:
    room, _, follower = at_work()
    room.ask(FILM)
    room.hear(follower, {"kind": "name", "name": "Reader 1"})
    room.leave(follower)
    again = room.join(nobody)
    room.hear(again, {"kind": "answer", "value": 1, "name": "Reader 1"})
    room.leave(again)
    room.reveal()
    assert room.minutes.entries[-1].words.endswith("1 of 1 say yes. The label says yes. (Reader 1: yes)")


def test_minutes_are_bounded_and_say_where_they_end() -> None:
    minutes = Minutes()
    for number in range(MOST_ENTRIES + 50):
        minutes.view(10.0 * number, "Saliency", f"saliency?film={number}")
    assert len(minutes.entries) == MOST_ENTRIES
    assert minutes.entries[-1].words == "The minutes end here: they hold 2,000 entries."
    assert "Nothing was shown" in Minutes().markdown("")
