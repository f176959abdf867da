"""Every page of a study as large as MIMIC-CXR in Chromium, cold and warm, and how it grows from a small one.

`python -m tests.benchmarks.large [--films 377110] [--small 3818] [--pages STEM ...] [--keep DIR] [--no-exports]`:
for each size and page, a server of its own: the seconds from opening the address to the first result painted, and to
nothing running any more, when the server has just started (cold), then in a new window (warm), and the most memory that
the server took: all of it, and what is its own and not a mapped file. Then a lasso of 50,000 films to its gallery,
links, and the files to take away. DIR keeps the made-up studies for another run; `--project DIR` measures another
checkout. Ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from playwright.sync_api import Browser, Page

from core.paths import PROJECT
from core.study import open_study
from tests.benchmarks.large_study import make_large_study
from tests.benchmarks.map import WATCH_GALLERY
from tests.browser.server import chromium, free_port, settle, start, stop, wait_until_healthy
from tests.browser.test_first_screen import ANY_RESULT, FIRST_RESULT

LIMITS_S: Final[Mapping[str, float]] = {"overview": 3.0, "per_class": 4.0, "thresholds": 3.0, "embedding_space": 2.0}
"""Seconds to the first result in a new window, at the larger size."""
LASSO_S: Final = 1.5
MOST_GB: Final = 2.0
LASSOED: Final = 50_000
PAGES: Final = (*LIMITS_S, "claims", "saliency", "label_budget")
LOOKS: Final[Mapping[str, str]] = {
    "per_class": "&class_part=Settings+compared",
    "thresholds": "&read_on=all",
    "embedding_space": "&colour=score&setting=fine_tune",
}
"""What a link may ask for besides, by page."""
LONG_MS: Final = 300_000
IS_THERE: Final = """selector => {
    const roots = [document, ...[...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(one => one)];
    const found = roots.flatMap(root => [...root.querySelectorAll(selector)]);
    return found.some(one => one.getBoundingClientRect().height > 3) ? performance.now() : 0;
}"""
EXPORT: Final = """
import resource, sys, time
from core.exports.html import html_report
from core.exports.tables import metrics_csv, metrics_latex
from core.paths import PROJECT
from core.study import open_study
from core.thresholds import fit_thresholds
study = open_study(sys.argv[1])
sets = {name: fit_thresholds(study, name) for name in study.settings}
for make in (metrics_csv, metrics_latex, html_report):
    begun = time.perf_counter()
    text = make(study, "test", sets)
    print(f"  {make.__name__}: {time.perf_counter() - begun:.1f} s, {len(text):,} characters")
print(f"  most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
"""


@dataclass(frozen=True)
class Opened:
    """Seconds to the first result, and to the end of the script; and what the server computed till both, in seconds
    of one processor, which are the same on a busy machine."""

    first_s: float
    settled_s: float
    first_cpu_s: float
    settled_cpu_s: float

    def __str__(self) -> str:
        of_processor = f"{self.first_cpu_s:.1f} and {self.settled_cpu_s:.1f} s of a processor"
        return f"{self.first_s:.1f} s ({self.settled_s:.1f} s to its end; {of_processor})"


@dataclass(frozen=True)
class PageTimes:
    """One page of one study. most_gb, own_gb : of the server, with mapped files and without."""

    cold: Opened
    warm: Opened
    most_gb: float
    own_gb: float


class Server:
    """The app on one study, in a process of its own."""

    def __init__(self, study: Path, folder: Path, project: Path) -> None:
        """Begins the process and waits until it answers."""
        port, log = free_port(), folder / "server.log"
        environment = {"CXR_STUDIES": str(study), "CXR_CACHE": str(folder / "cache")}
        command = ["run", "app.py", "--server.headless", "true", "--server.port", str(port)]
        self.process = start(command, environment=environment, log=log, project=project)
        self.address, self.study = f"http://localhost:{port}", study.name
        wait_until_healthy(self.address, self.process, log)

    def cpu_s(self) -> float:
        """What the process has computed since it began, in seconds of one processor."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_gb(self) -> tuple[float, float]:
        """The most that the process has held, and what it holds now that is no mapped file."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = {name: int(size) for name, size in re.findall(r"(\w+):\s+(\d+) kB", status)}
        return kilobytes["VmHWM"] / 1e6, kilobytes["RssAnon"] / 1e6


@contextmanager
def serving_one(study: Path, folder: Path, project: Path) -> Iterator[Server]:
    """A server that has looked at nothing yet."""
    server = Server(study, folder, project)
    try:
        yield server
    finally:
        stop(server.process)


def main() -> None:
    """Prints every figure; ends with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="Every page of a large study in Chromium.")
    parser.add_argument("--films", type=int, default=377_110)
    parser.add_argument("--small", type=int, default=3_818)
    parser.add_argument("--pages", nargs="*", default=PAGES)
    parser.add_argument("--keep", type=Path, help="where the studies are made, and kept")
    parser.add_argument("--no-exports", action="store_true")
    parser.add_argument("--project", type=Path, default=PROJECT, help="another checkout, to compare with")
    args = parser.parse_args()
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        kept, folder = args.keep or Path(scratch), Path(scratch)
        times = {}
        for n_films in (args.small, args.films):
            study = study_of(kept, n_films)
            print(f"{n_films:,} films", flush=True)
            times[n_films] = {stem: _page(browser, study, stem, folder, args.project) for stem in args.pages}
        missed += _missed(times[args.small], times[args.films], math.sqrt(args.films / args.small))
        if "embedding_space" in args.pages:
            missed += _lasso(browser, study, folder, args.project)
        if not args.no_exports:
            subprocess.run([sys.executable, "-c", EXPORT, str(study)], check=True, cwd=args.project)
    for words in missed:
        print(f"missed: {words}")
    raise SystemExit(bool(missed))


def study_of(folder: Path, n_films: int) -> Path:
    """Make a study of a size in a folder, where it is not there yet."""
    out = folder / f"films-{n_films}"
    return out if out.is_dir() else make_large_study(out, n_films)


def _page(browser: Browser, study: Path, stem: str, folder: Path, project: Path) -> PageTimes:
    """One page on a server of its own: at once, then in other windows, then what a link asks for."""
    with serving_one(study, folder, project) as server:
        cold = _open(browser, server, stem)
        warm = min((_open(browser, server, stem) for _ in range(3)), key=lambda one: one.first_s)
        linked = f"; by a link {_open(browser, server, stem, LOOKS[stem])}" if stem in LOOKS else ""
        most, own = server.memory_gb()
    print(f"  {stem}: cold {cold}, warm {warm}{linked}; memory {most:.2f} GB, {own:.2f} GB of it own", flush=True)
    return PageTimes(cold, warm, most, own)


def _open(browser: Browser, server: Server, stem: str, query: str = "") -> Opened:
    """Opens a page in a new window."""
    window = browser.new_context(viewport={"width": 1440, "height": 900})
    page, before = window.new_page(), server.cpu_s()
    page.goto(f"{server.address}/{stem}?study={server.study}{query}", wait_until="commit")
    first = FIRST_RESULT.get(stem, ANY_RESULT)
    first_ms = float(page.wait_for_function(IS_THERE, arg=first, timeout=LONG_MS, polling=20).json_value())
    first_cpu = server.cpu_s() - before
    settle(page, LONG_MS)
    _require_whole(page)
    ended = float(page.evaluate("performance.now()"))
    window.close()
    return Opened(first_ms / 1000, ended / 1000, first_cpu, server.cpu_s() - before)


def _require_whole(page: Page) -> None:
    errors = page.get_by_test_id("stException").all_inner_texts()
    if errors:
        raise RuntimeError(errors[0])


def _missed(small: Mapping[str, PageTimes], large: Mapping[str, PageTimes], most_growth: float) -> list[str]:
    """Every limit that is not held, in words."""
    missed = []
    for stem, times in large.items():
        growth = times.warm.first_s / small[stem].warm.first_s
        cold_growth = times.cold.first_s / small[stem].cold.first_s
        print(f"{stem}: {growth:.1f} times as long, {cold_growth:.1f} times when cold (limit {most_growth:.1f})")
        limit = LIMITS_S.get(stem, math.inf)
        checks: Sequence[tuple[str, float, float]] = (
            ("s to the first result", times.warm.first_s, limit),
            ("GB of memory", times.most_gb, MOST_GB),
            ("times as long as the small study", max(growth, cold_growth), most_growth),
        )
        missed += [f"{stem}: {value:.1f} {what}, limit {most:.1f}" for what, value, most in checks if value > most]
    return missed


def _lasso(browser: Browser, study: Path, folder: Path, project: Path, number: int = 5) -> list[str]:
    """From letting go of a lasso round LASSOED films to their gallery painted."""
    points = open_study(study).umap("frozen")
    order = np.argsort(points[:, 0])
    edge = int(order[min(LASSOED, len(order) - 1)])
    with serving_one(study, folder, project) as server:
        page = browser.new_context(viewport={"width": 1440, "height": 1400}).new_page()
        page.set_default_timeout(LONG_MS)
        page.goto(f"{server.address}/embedding_space?study={server.study}")
        page.wait_for_function(IS_THERE, arg=FIRST_RESULT["embedding_space"], timeout=LONG_MS)
        settle(page, LONG_MS)
        page.get_by_role("button", name="Lasso").click()
        taken = [_drawn(page, edge, turn) for turn in range(number)]
        said = page.locator("#selection").inner_text()
        most, _ = server.memory_gb()
        page.context.close()
    median = statistics.median(taken)
    print(f"lasso ({said}) to gallery: median {median:.2f} s, most {max(taken):.2f} s; memory {most:.2f} GB")
    return [f"lasso: {median:.2f} s, limit {LASSO_S}"] if median > LASSO_S else []


def _drawn(page: Page, edge: int, turn: int) -> float:
    """Seconds of one lasso round all films to the left of one; every turn a little further, so that it is another."""
    box = page.locator(".film-map canvas.over").bounding_box()
    assert box is not None
    x = page.locator(".film-map").evaluate("(map, row) => map.filmMap.where(row)[0]", edge) + turn
    left, top, bottom = box["x"] + 2, box["y"] + 2, box["y"] + box["height"] - 2
    page.evaluate(WATCH_GALLERY)
    page.mouse.move(left, top)
    page.mouse.down()
    for spot in ((x, top), (x, bottom), (left, bottom), (left, top)):
        page.mouse.move(*spot, steps=8)
    page.evaluate("performance.clearMarks('film-map-selected')")
    page.mouse.up()
    page.wait_for_function("window.galleryAt > 0", timeout=LONG_MS, polling=20)
    seconds = float(
        page.evaluate("(window.galleryAt - performance.getEntriesByName('film-map-selected')[0].startTime) / 1000")
    )
    settle(page, LONG_MS)
    return seconds


if __name__ == "__main__":
    main()
