"""The rooms of a server: found by their keys, closed where nobody presents any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from core.errors import RoomError
from core.room.keys import are_same, read_key
from core.room.room import Room

MOST_ROOMS: Final = 16
DESERTED_S: Final = 30 * 60.0
"""A room without a presenter is closed after so long."""


class Rooms:
    """Open rooms, and the keys of some that were closed, so that a late comer is told which it is."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Begin without a room. clock : seconds since 1970."""
        self._clock = clock
        self._rooms: dict[str, Room] = {}
        self._closed: list[str] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count the open rooms."""
        with self._lock:
            self._sweep()
            return len(self._rooms)

    def open(self) -> Room:
        """Open a room. Raises RoomError where there are as many as may be."""
        with self._lock:
            self._sweep()
            if len(self._rooms) >= MOST_ROOMS:
                raise RoomError(f"{MOST_ROOMS} rooms are open.", remedy="Close one of them first.")
            room = Room(self._clock)
            self._rooms[room.key] = room
            return room

    def find(self, key: str) -> Room:
        """Find an open room by its key, however that was typed.

        Raises RoomError where there is none: one that is closed is told apart from one that never was.
        """
        asked = read_key(key)
        with self._lock:
            self._sweep()
            found = next((room for own, room in self._rooms.items() if are_same(own, asked)), None)
            if found is not None:
                return found
            if any(are_same(own, asked) for own in self._closed):
                raise RoomError(
                    "This room is closed, and its key with it.",
                    remedy="Ask the presenter for the address of a new one.",
                )
            raise RoomError(
                "No room has this key.", remedy="Compare the address with the one on the presenter's screen."
            )

    def has(self, key: str) -> bool:
        """Tell whether an open room has a key."""
        try:
            self.find(key)
        except RoomError:
            return False
        return True

    def close(self, room: Room) -> None:
        """End a room for good."""
        with self._lock:
            self._close(room)

    def _close(self, room: Room) -> None:
        room.close()
        if self._rooms.pop(room.key, None) is not None:
            self._closed = [*self._closed, room.key][-64:]

    def _sweep(self) -> None:
        for room in list(self._rooms.values()):
            if not room.has_presenter and self._clock() - room.seen_at > DESERTED_S:
                self._close(room)
