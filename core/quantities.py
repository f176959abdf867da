"""Seconds and bytes as a reader says them."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Write a time as 40 s, 12 min, 9.5 h; at least 1 s.

    >>> duration(40), duration(720), duration(34200)
    ('40 s', '12 min', '9.5 h')
    """
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(n_bytes: float) -> str:
    """Write a size as 512 B, 1.1 MB, 1.36 GB; powers of ten.

    >>> size(512), size(1_100_000), size(1_360_000_000)
    ('512 B', '1.1 MB', '1.36 GB')
    """
    for unit, factor, digits in (("GB", 1e9, 2), ("MB", 1e6, 1), ("kB", 1e3, 0)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.{digits}f} {unit}"
    return f"{n_bytes:.0f} B"
