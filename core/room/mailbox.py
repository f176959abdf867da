"""What waits to be sent to one browser: of every kind only the latest, so that a slow one holds nothing up."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Mailbox:
    """Messages by kind. Of what moves sixty times a second a slow reader gets the last, and never a queue of old ones:
    what waits is bounded by the number of kinds."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """Begin with nothing. wake : called, from any thread, when the first message comes to wait."""
        self._wake = wake
        self._waiting: dict[str, str] = {}
        self._lock = threading.Lock()

    def put(self, kind: str, message: str) -> None:
        """Let a message wait, in the place of one of its kind that still does."""
        with self._lock:
            is_first = not self._waiting
            self._waiting.pop(kind, None)  # behind what came since
            self._waiting[kind] = message
        if is_first:
            self._wake()

    def take(self) -> list[str]:
        """Take what waits, the oldest first."""
        with self._lock:
            messages = list(self._waiting.values())
            self._waiting.clear()
        return messages
