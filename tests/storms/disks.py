"""Disks that fail while a study is changed: full, read-only, or gone; said in a sentence, and the study as it was.

`python -m tests.storms.disks [--cases 120] [--seed 0] [--deed NAME] [--fault NAME]`: "full" is a small disk of its own,
"refusing" a disk that refuses the n-th change and all later ones, "read-only" one that is so or is turned so, "gone" a
folder that is renamed at the n-th step. "full" and "read-only" need the right to mount; without it they are left out,
with a word.
Afterwards the disk is well again: a reader finds the old study or the new, and the same done again ends as in peace.
Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tests.storms.deeds import DEEDS, Deed, Workshop, quicken
from tests.storms.forks import Ended, Steps, in_a_fork
from tests.storms.kills import Peace, as_in_peace, in_peace, still_sound

Fault = Callable[[Workshop, Deed, Peace, random.Random], Ended]
_BLOCK: Final = 4096
_GONE: Final = ".gone"


def full(shop: Workshop, deed: Deed, peace: Peace, rng: random.Random) -> Ended:
    """A disk that has room for all that was there, and for part of what is to come."""
    before = shop.at.with_name("before")
    shop.at.rename(before)
    shop.at.mkdir()
    room = _size(before) + 16 * _BLOCK
    _mount("-t", "tmpfs", "-o", f"size={room + rng.randrange(0, 150) * _BLOCK}", "tmpfs", str(shop.at))
    shutil.copytree(before, shop.at, dirs_exist_ok=True)
    shutil.rmtree(before)
    ended, _ = in_a_fork(lambda: shop.do(deed))
    after = shop.at.with_name("after")
    shutil.copytree(shop.at, after, symlinks=True)
    _unmount(shop.at)
    shop.at.rmdir()
    after.rename(shop.at)
    return ended


def read_only(shop: Workshop, deed: Deed, peace: Peace, rng: random.Random) -> Ended:
    """A disk that is read-only from the beginning, or from a step on at which no file is open for writing."""
    _mount("--bind", str(shop.at), str(shop.at))
    step = rng.choice((0, rng.randint(1, peace.n_steps)))
    if step == 0:
        _mount("-o", "remount,ro,bind", str(shop.at))
    ended, _ = in_a_fork(lambda: shop.do(deed), steps=_TurnedReadOnly(shop.at, step or None, lambda: None))
    _unmount(shop.at)
    return ended


def refusing(shop: Workshop, deed: Deed, peace: Peace, rng: random.Random) -> Ended:
    """A disk that refuses one change, and all that come after it."""
    number = rng.choice((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES))
    steps = _Refusal(shop.at, rng.randint(1, max(1, peace.n_steps // 2)), number)
    ended, _ = in_a_fork(lambda: shop.do(deed), steps=steps)
    return ended


def gone(shop: Workshop, deed: Deed, peace: Peace, rng: random.Random) -> Ended:
    """A folder that is not there any more, and comes back afterwards, as a drive on a network does."""
    away = shop.at.with_name(shop.at.name + _GONE)
    ended, _ = in_a_fork(
        lambda: shop.do(deed),
        steps=Steps(shop.at, rng.randint(1, peace.n_steps), lambda: os.rename(shop.at, away)),
    )
    if away.exists():
        shutil.rmtree(shop.at, ignore_errors=True)
        away.rename(shop.at)
    return ended


class _Refusal(Steps):
    """Refuses every change below a folder from the n-th on."""

    def __init__(self, below: Path, first: int, number: int) -> None:
        super().__init__(below, None, lambda: None)
        self._first, self._number = first, number

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if _is_change(event, arguments) and self._is_below(arguments):
            self.count += 1
            if self.count >= self._first:
                raise OSError(self._number, os.strerror(self._number), str(arguments[0]))


class _TurnedReadOnly(Steps):
    """Turns a disk read-only at a step, or at the first one after it when no file is open for writing."""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        super().__call__(event, arguments)
        if self._at_step is not None and self.count >= self._at_step:
            with suppress(subprocess.CalledProcessError):
                at_step, self._at_step = self._at_step, None  # what mounts is audited too
                _mount("-o", "remount,ro,bind", self._below)
                return
            self._at_step = at_step


def _is_change(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate")


FAULTS: Final[dict[str, Fault]] = {"full": full, "refusing": refusing, "read-only": read_only, "gone": gone}
_MOUNTING: Final = ("full", "read-only")


def failed(shop: Workshop, deed: Deed, fault: Fault, peace: Peace, rng: random.Random) -> tuple[Ended, list[str]]:
    """Do a deed on a disk that fails, and list what is wrong then and afterwards."""
    shop.lay_out(deed)
    ended = fault(shop, deed, peace, rng)
    problems = [] if ended.came_to in ("done", "refused") else [f"{ended.came_to}: {ended.said}"]
    if ended.came_to == "refused" and ("\n" in ended.said or not ended.said.endswith(".")):
        problems.append(f"no sentence: {ended.said!r}")
    return ended, [*problems, *still_sound(shop, peace), *as_in_peace(shop, deed, peace)]


def can_mount() -> bool:
    """Whether this process may mount a disk."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
        except (OSError, subprocess.CalledProcessError):
            return False
        _unmount(Path(folder))
    return True


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def _size(folder: Path) -> int:
    """Bytes that a folder takes on a disk of blocks."""
    paths = list(folder.rglob("*"))
    return sum(-(-path.stat().st_size // _BLOCK) * _BLOCK for path in paths if path.is_file()) + len(paths) * 512


def main() -> None:
    """Fail and compare, fault by fault and deed by deed in turn."""
    parser = argparse.ArgumentParser(description="Disks that fail.")
    parser.add_argument("--cases", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--deed", choices=[deed.name for deed in DEEDS], action="append")
    parser.add_argument("--fault", choices=FAULTS, action="append")
    args = parser.parse_args()
    may = can_mount()
    if not may:
        print(f"Left out, for want of the right to mount: {', '.join(_MOUNTING)}.")
    faults = [name for name in args.fault or FAULTS if may or name not in _MOUNTING]
    deeds = [deed for deed in DEEDS if not args.deed or deed.name in args.deed]
    quicken()
    rng, n_wrong, came, started = random.Random(args.seed), 0, Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shop = Workshop(Path(folder))
        peace = {deed.name: in_peace(shop, deed) for deed in deeds}
        for number in range(args.cases):
            name, deed = faults[number % len(faults)], deeds[number // len(faults) % len(deeds)]
            ended, problems = failed(shop, deed, FAULTS[name], peace[deed.name], rng)
            came[f"{name}, {ended.came_to}"] += 1
            n_wrong += bool(problems)
            for problem in problems:
                print(f"{number}, {name}, {deed.name}, {ended.came_to}: {problem}", flush=True)
    for words, n in sorted(came.items()):
        print(f"{words}: {n}")
    print(f"{args.cases} cases, {n_wrong} wrong, in {(time.monotonic() - started) / 60:.1f} min")
    raise SystemExit(n_wrong > 0)


if __name__ == "__main__":
    main()
