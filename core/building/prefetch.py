"""Work that runs ahead of whoever takes its results, so that decoding and encoding overlap."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def prefetch(
    work: Callable[[Item], Result], items: Iterable[Item], *, workers: int = 1, depth: int = 2
) -> Iterator[Result]:
    """Yield work(item) for every item in order; threads work on the next `depth` while one is being used.

    Threads suffice: decoding, resizing and matrix products all let go of Python's lock.
    An error in `work` is raised where its result would have come; what runs then is waited for.
    """
    remaining = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="ahead") as pool:
        waiting: deque[Future[Result]] = deque(pool.submit(work, item) for item in islice(remaining, depth))
        try:
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(work, item) for item in islice(remaining, 1))
                yield result
        finally:
            for future in waiting:
                future.cancel()
