"""Things that are kept by key, a few of them: the one unused for longest goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Keeps what was used last; any thread may ask."""

    def __init__(self, n_kept: int) -> None:
        """Keep at most `n_kept` things, one at least."""
        self._n_kept = n_kept
        self._lock = threading.RLock()
        self._things: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """Give what is kept, which counts as use; None where nothing is."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
            return self._things.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Keep a thing, in place of the one that was there."""
        with self._lock:
            self._things[key] = value
            self._things.move_to_end(key)
            while len(self._things) > self._n_kept:
                self._things.popitem(last=False)

    def get_or_load(self, key: Key, load: Callable[[], Value]) -> Value:
        """Give what is kept, else load it: once, however many ask at once. What `load` raises is passed on."""
        with self._lock:
            if key not in self._things:
                self.put(key, load())
            self._things.move_to_end(key)
            return self._things[key]
