"""Few things by key: what was used last stays, each is loaded once, and an error keeps nothing."""

from __future__ import annotations

import threading
import time

import pytest

from core.recent import Recent


def test_only_what_was_used_last_stays() -> None:
    kept: Recent[int, int] = Recent(2)
    loads: list[int] = []

    def load(key: int) -> int:
        loads.append(key)
        return key

    for key in (1, 2, 1, 3, 1, 2):
        assert kept.get_or_load(key, lambda key=key: load(key)) == key  # type: ignore[misc]
    assert loads == [1, 2, 3, 2]


def test_looking_is_using_and_what_is_put_takes_the_place() -> None:
    kept: Recent[str, int] = Recent(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert kept.get("b") is None
    kept.put("a", 4)
    assert (kept.get("a"), kept.get("c")) == (4, 3)


def test_each_is_loaded_once_however_many_ask_at_once() -> None:
    kept: Recent[str, object] = Recent(1)
    loads: list[object] = []

    def load() -> object:
        time.sleep(0.02)
        loads.append(object())
        return loads[-1]

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get_or_load("a", load))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert found == loads * 8


def test_what_cannot_be_loaded_is_asked_for_again() -> None:
    kept: Recent[str, int] = Recent(2)
    with pytest.raises(ZeroDivisionError):
        kept.get_or_load("a", lambda: 1 // 0)
    assert kept.get_or_load("a", lambda: 7) == 7
