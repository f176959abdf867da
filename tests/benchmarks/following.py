"""Following a presenter: how late a moved threshold is on other screens, and what that costs the presenter.

`python -m tests.benchmarks.following [--followers 30] [--drags 12] [--study NAME]`: a Chromium presents thresholds of
the study that ships, and so many lines follow from a process of their own. A mouse drags. Frames of the presenter's
window are measured without and with followers, in turns. Then a second Chromium takes the place of one line, and of
every move is measured the time from the presenter's deck to every follower's line, and to the following Chromium's
next frame after its deck was drawn; the presenter's frames are said once more, and held to nothing: both windows are
drawn by the same cores here, as no follower's is in a room. The server's memory is read before and after. Ends with 1
where a limit is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import re
import tempfile
import time
from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import numpy as np
from playwright.sync_api import Page
from websockets.asyncio.client import connect

from core.paths import STUDIES
from tests.browser.server import TIMEOUT_MS, chromium, open_page, serving, settle

MOST_MS: Final = 150.0
"""From the presenter's move to the others' screens, at the 95th percentile."""
MOST_SLOWER: Final = 1.25
"""The presenter's frames with followers, as a multiple of those without, at the median and at the 95th percentile."""
N_TURNS: Final = 4
MOST_MEMORY_MB: Final = 200.0
NOTE_MOVES: Final = """
window.moves = []; window.frames_ = null;
addEventListener('deck:moved', ({detail}) => {
    window.moves.push([JSON.stringify(detail.values), performance.timeOrigin + performance.now()]);
});
const noteFrame = (now) => { window.frames_?.push(now); requestAnimationFrame(noteFrame); };
requestAnimationFrame(noteFrame);
"""
NOTE_PAINTS: Final = """
window.paints = [];
addEventListener('deck:led', ({detail}) => {
    const values = JSON.stringify(detail.values);  // the deck draws in the frame to come; the next one is painted after
    requestAnimationFrame(() => requestAnimationFrame(() => {
        window.paints.push([values, performance.timeOrigin + performance.now()]);
    }));
});
"""


def main() -> None:
    """Prints the figures; ends with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="Following a presenter.")
    parser.add_argument("--followers", type=int, default=30)
    parser.add_argument("--drags", type=int, default=12)
    parser.add_argument("--study", default="phantom")
    args = parser.parse_args()
    missed = measure(args.study, args.followers, args.drags)
    for words in missed:
        print(f"missed: {words}")
    raise SystemExit(bool(missed))


def measure(study: str, n_followers: int, n_drags: int) -> list[str]:
    """Prints the figures, and gives every limit that is not held."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        log = Path(folder) / "server.log"
        with serving(log, studies=[STUDIES]) as address:
            presenter = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            presenter.add_init_script(NOTE_MOVES)
            open_page(presenter, f"{address}/thresholds?study={study}&read_on=all")
            presenter.locator(".deck[data-confirmed]").wait_for(timeout=TIMEOUT_MS)
            room = _open_room(presenter)
            line = f"{address.replace('http', 'ws', 1)}/room/{room.rsplit('/', 1)[1]}"
            alone, followed = _frames_in_turns(presenter, line, n_followers, n_drags)
            follower = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            follower.add_init_script(NOTE_PAINTS)
            open_page(follower, room)
            follower.locator(".deck[data-confirmed]").wait_for(timeout=TIMEOUT_MS)
            with _Lines(line, n_followers - 1) as lines:
                before = _memory_mb(log)
                presenter.evaluate("window.moves = []")
                beside = [interval for number in range(n_drags) for interval in drag(presenter, number)]
                presenter.wait_for_timeout(1000)
                moves = dict(_keyed(presenter.evaluate("window.moves")))
                paints = _keyed(follower.evaluate("window.paints"))
                received = _keyed(lines.received())
                after = _memory_mb(log)
    late = [at - moves[values] for values, at in received if values in moves]
    painted = [at - moves[values] for values, at in paints if values in moves]
    return _said(n_followers, len(moves), late, painted, (alone, followed, beside), (before, after))


def _frames_in_turns(presenter: Page, line: str, n_followers: int, n_drags: int) -> tuple[list[float], list[float]]:
    """The times between the presenter's frames in ms, without followers and with them, a round each, four times."""
    alone: list[float] = []
    followed: list[float] = []
    for first in range(0, n_drags, max(n_drags // N_TURNS, 1)):
        numbers = range(first, min(first + max(n_drags // N_TURNS, 1), n_drags))
        alone += [interval for number in numbers for interval in drag(presenter, number)]
        with _Lines(line, n_followers) as lines:
            followed += [interval for number in numbers for interval in drag(presenter, number)]
            if not lines.received():
                raise RuntimeError("The lines heard nothing; nothing was measured.")
    return alone, followed


def _keyed(found: Iterable[tuple[str, float]]) -> list[tuple[tuple[float | None, ...], float]]:
    """Thresholds as numbers, which JavaScript and Python write differently, and when they were there."""
    return [(tuple(None if one is None else float(one) for one in json.loads(text)), at) for text, at in found]


def _said(
    n_followers: int,
    n_moves: int,
    late: list[float],
    painted: list[float],
    frames: tuple[list[float], list[float], list[float]],
    memory: tuple[float, float],
) -> list[str]:
    to_line, to_paint = (float(np.percentile(one, 95)) for one in (late, painted))
    alone, followed, beside = (float(np.median(one)) for one in frames)
    print(f"{n_followers} followers, {n_moves} moves, {len(late):,} received, {len(painted)} painted")
    print(f"  to a line: median {np.median(late):.0f} ms, 95th percentile {to_line:.0f} ms")
    print(f"  to paint in Chromium: median {np.median(painted):.0f} ms, 95th percentile {to_paint:.0f} ms")
    ends = [float(np.percentile(one, 95)) for one in frames]
    print(f"  presenter's frames: median {alone:.1f} ms alone, {followed:.1f} ms followed;", end=" ")
    print(f"95th percentile {ends[0]:.1f} and {ends[1]:.1f} ms")
    print(f"    beside a second Chromium on the same cores: median {beside:.1f} ms, 95th percentile {ends[2]:.1f} ms")
    print(f"  the server's memory: {memory[0]:.0f} MB before, {memory[1]:.0f} MB after")
    found = {
        f"{to_line:.0f} ms to a line, limit {MOST_MS:g}": to_line <= MOST_MS,
        f"{to_paint:.0f} ms to paint, limit {MOST_MS:g}": to_paint <= MOST_MS,
        f"frames {followed / alone:.2f} times as long, limit {MOST_SLOWER:g}": followed <= MOST_SLOWER * alone,
        f"late frames {ends[1] / ends[0]:.2f} times as long, limit {MOST_SLOWER:g}": ends[1] <= MOST_SLOWER * ends[0],
        f"{memory[1] - memory[0]:.0f} MB more, limit {MOST_MEMORY_MB:g}": memory[1] - memory[0] <= MOST_MEMORY_MB,
    }
    return [words for words, is_held in found.items() if not is_held]


def _open_room(page: Page) -> str:
    page.get_by_role("button", name="Room").click()
    page.get_by_role("button", name="Open a room").click()
    address = page.locator("code").filter(has_text=re.compile(r"/r/[0-9A-Z-]{14}$"))
    address.wait_for(timeout=TIMEOUT_MS)
    found = address.inner_text()
    page.keyboard.press("Escape")
    settle(page)
    return found


def drag(page: Page, number: int) -> list[float]:
    """One drag by a mouse over half the axis, at the pace of a hand, and the times between its frames in ms."""
    row = page.locator(".deck .row[data-class]").nth(number % 5)
    box = row.locator(".plot").bounding_box()
    assert box is not None
    page.evaluate("window.frames_ = []")
    y, left, width = box["y"] + box["height"] / 2, box["x"], box["width"]
    start, end = (0.3, 0.8 - 0.003 * number) if number % 2 else (0.8, 0.3 + 0.003 * number)
    page.mouse.move(left + start * width, y)
    page.mouse.down()
    for step in range(1, 61):
        page.mouse.move(left + (start + (end - start) * step / 60) * width, y)
    stamps = page.evaluate("() => { const found = window.frames_; window.frames_ = null; return found; }")
    page.mouse.up()
    page.wait_for_timeout(700)
    return [float(one) for one in np.diff(stamps)]


def _memory_mb(log: Path) -> float:
    """What the server that writes this log holds, in MB."""
    for status in Path("/proc").glob("[0-9]*/fd/1"):
        try:
            if status.resolve() == log.resolve():
                text = (status.parents[1] / "status").read_text()
                return int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) / 1024
        except OSError:
            continue
    raise RuntimeError("The server is not there.")


class _Lines:
    """So many lines that follow, in a process of their own."""

    def __init__(self, address: str, number: int) -> None:
        self.own, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(target=_follow, args=(address, number, theirs))

    def __enter__(self) -> _Lines:
        self.process.start()
        self.own.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.join(10)

    def received(self) -> list[tuple[str, float]]:
        """Every move that came to every line: its values as JSON, and when, in ms since 1970."""
        self.own.send("end")
        found: list[tuple[str, float]] = self.own.recv()
        return found


def _follow(address: str, number: int, pipe: Connection) -> None:
    asyncio.run(_follow_all(address, number, pipe))


async def _follow_all(address: str, number: int, pipe: Connection) -> None:
    received: list[tuple[str, float]] = []
    lines = [asyncio.create_task(_one(address, received)) for _ in range(number)]
    await asyncio.sleep(2)
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    for line in lines:
        line.cancel()
    pipe.send([(json.dumps(json.loads(text)["values"]), at) for text, at in received])


async def _one(address: str, received: list[tuple[str, float]]) -> None:
    async with connect(address, proxy=None) as line:
        await line.send(json.dumps({"kind": "follow"}))
        async for text in line:
            if str(text).startswith('{"kind":"move"'):
                received.append((str(text), 1000 * time.time()))


if __name__ == "__main__":
    main()
