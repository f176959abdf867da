"""Work that runs ahead: in order, overlapping, bounded, and its errors where its results would have come."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.building.prefetch import prefetch


def test_results_come_in_order_whoever_is_first() -> None:
    assert list(prefetch(lambda number: number * number, range(50), workers=4, depth=6)) == [n * n for n in range(50)]
    assert list(prefetch(abs, [])) == []


def test_the_next_is_worked_on_while_one_is_used() -> None:
    """Without overlap the second would never begin, and this would wait for ever."""
    begun = threading.Event()

    def work(number: int) -> int:
        if number == 1:
            begun.set()
        return number

    results = prefetch(work, range(3))
    assert next(results) == 0
    assert begun.wait(timeout=30)
    assert list(results) == [1, 2]


def test_no_more_is_begun_than_asked_for() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = prefetch(abs, items(), depth=3)
    next(results)
    assert len(taken) == 4
    results.close()  # type: ignore[attr-defined]


def test_an_error_comes_where_its_result_would_have() -> None:
    results = prefetch(lambda number: 6 // (number - 2), range(5))
    assert [next(results), next(results)] == [-3, -6]
    with pytest.raises(ZeroDivisionError):
        next(results)
