"""The threshold deck in Chromium: frames while dragging, Python's answer after release, and how soon it opens.

`python -m tests.benchmarks.deck [--films 7500 377110] [--drags 20] [--no-plain] [--before DIR]`: for each size, with
two cuts a class that a mouse drags in turns, the time between two frames that follow the hand (all figures that it
changes are counted and drawn within each), the time from release to Python's figures on screen (and whether they equal
the browser's), and the time from opening the page to a deck that Python has confirmed. For the first size, 14 plain
`st.slider`s with a small chart each in a fragment answer a key press in the same run, for the ratio. DIR holds the
project as it was before: it writes the same films as a study of its own format, its one cut is dragged in the same run,
and the answer after release is to come so many times sooner as LEAST_SOONER says. Ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Locator, Page

from core.findings import CLASSES
from core.paths import PROJECT
from core.study import StudyContents, write_study
from core.study.manifest import SettingEntry
from tests.browser.server import TIMEOUT_MS, chromium, serving, settle

LONG_MS = 300_000
LIMITS: Final[Mapping[int, Mapping[str, float]]] = {
    7_500: {"ms between frames": 33, "ms to Python's figures": 250, "answers that differ": 0},
    377_110: {"ms between frames": 100, "s to open": 5},
}
"""By number of films, what each measure may be at most, times at the 95th percentile."""
LEAST_SOONER: Final[Mapping[int, float]] = {377_110: 8}
"""By number of films, how many times sooner than before Python answers, at the median."""
WRITE: Final = """import sys
from pathlib import Path
from tests.benchmarks import deck
deck._write(Path(sys.argv[1]), *deck._tables(int(sys.argv[2])))
"""
WATCH = """deck => {
    window.frames_ = []; window.drawn = 0; window.answers = []; window.differing = 0; window.sent = null;
    let isAsked = false;
    addEventListener('pointermove', () => {  // after the deck's own listener, so that its frame is drawn before
        if (isAsked) return;
        isAsked = true;
        requestAnimationFrame(() => { isAsked = false; window.frames_.push(performance.now()); });
    });
    new MutationObserver(() => {
        if (!deck.dataset.confirmed) window.drawn += 1;
    }).observe(deck.querySelector('.rows'), {subtree: true, childList: true, characterData: true});
    new MutationObserver(() => {
        if (deck.dataset.confirmed !== deck.dataset.number || window.sent === deck.dataset.sentAt) return;
        window.sent = deck.dataset.sentAt;
        if (deck.dataset.same !== 'true') window.differing += 1;
        requestAnimationFrame(() => window.answers.push(performance.now() - Number(deck.dataset.sentAt)));
    }).observe(deck, {attributes: true, attributeFilter: ['data-confirmed', 'data-number']});
}"""


@dataclass(frozen=True)
class Measured:
    """One size. frames : ms between two.  answers : ms from release to Python's figures."""

    opened_s: float
    frames: list[float]
    answers: list[float]
    differing: int

    def missed(self, n_films: int) -> list[str]:
        """Every limit of that size that is not held, in words."""
        found = {
            "ms between frames": float(np.percentile(self.frames, 95)),
            "ms to Python's figures": float(np.percentile(self.answers, 95)),
            "answers that differ": float(self.differing),
            "s to open": self.opened_s,
        }
        return [
            f"{n_films:,} films: {found[name]:.1f} {name}, limit {limit:g}"
            for name, limit in LIMITS.get(n_films, {}).items()
            if not found[name] <= limit
        ]


def main() -> None:
    """Prints the figures of every size; ends with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="The threshold deck in Chromium.")
    parser.add_argument("--films", type=int, nargs="*", default=[7_500, 377_110])
    parser.add_argument("--drags", type=int, default=20)
    parser.add_argument("--no-plain", action="store_true")
    parser.add_argument("--before", metavar="DIR", type=Path, help="a checkout of the build before")
    args = parser.parse_args()
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for place, n_films in enumerate(args.films):
            labels, scores = _tables(n_films)
            study = _write(Path(folder) / f"films-{n_films}", labels, scores)
            floor = _floor(browser)
            log = Path(folder) / "server.log"
            measured = _deck(browser, study, args.drags, log)
            missed += measured.missed(n_films)
            answer = float(np.median(measured.answers))
            if args.before is not None:
                old = _written_by(args.before, Path(folder) / f"before-{n_films}", n_films)
                before = float(np.median(_deck(browser, old, args.drags, log, args.before).answers))
                print(f"  before: answers after median {before:.0f} ms; now {before / answer:.1f} times sooner")
                if before / answer < LEAST_SOONER.get(n_films, 0):
                    missed.append(f"{n_films:,} films: {before / answer:.1f} times sooner than before")
            print(f"  a page that only writes where the mouse is: 95th percentile {np.percentile(floor, 95):.1f} ms")
            if place == 0 and not args.no_plain:
                plain = _plain(browser, labels, scores, Path(folder))
                print(f"  14 plain sliders with a chart each: answer median {plain:.0f} ms; ratio {plain / answer:.2f}")
    for words in missed:
        print(f"missed: {words}")
    raise SystemExit(bool(missed))


def _tables(n_films: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = (rng.random((n_films, len(CLASSES))) < np.geomspace(0.005, 0.5, len(CLASSES))).astype(float)
    return labels, (rng.normal(size=labels.shape) + 1.5 * labels).astype(np.float32)


def _write(out: Path, labels: np.ndarray, scores: np.ndarray) -> Path:
    """A study of scores only: a tenth to fit on, a tenth of train, the rest test."""
    ids = [f"film-{row:06d}" for row in range(len(labels))]
    images = pd.DataFrame(
        {
            "image_id": ids,
            "patient_id": [f"patient-{row:06d}" for row in range(len(labels))],
            "split": np.where(np.arange(len(labels)) % 50 == 0, "val", "test"),
            "view": "frontal",
            "height_px": pd.array([None] * len(labels), dtype="Int32"),
            "width_px": pd.array([None] * len(labels), dtype="Int32"),
            "file": None,
        }
    )
    contents = StudyContents(
        name="Many films",
        classes=CLASSES,
        dataset={"name": "made-up", "version": 1},
        synthetic=True,
        images=images,
        labels=pd.DataFrame({"image_id": ids, **dict(zip(CLASSES, labels.T, strict=True))}),
        settings={"model": SettingEntry("logit", None, None)},
        scores={"model": scores},
        licence="CC0 1.0",
        notice="Made-up scores.",
    )
    return write_study(out, contents)


def _written_by(project: Path, out: Path, n_films: int) -> Path:
    """The same films as another checkout writes a study of them."""
    environment = {**os.environ, "PYTHONPATH": str(project)}
    subprocess.run([sys.executable, "-c", WRITE, str(out), str(n_films)], cwd=project, env=environment, check=True)
    return out


def _deck(browser: Browser, study: Path, n_drags: int, log: Path, before: Path | None = None) -> Measured:
    """Prints the figures of one study; two cuts a class, but one where another checkout is measured."""
    with serving(log, studies=[study], project=before or PROJECT) as address:
        page = browser.new_context(viewport={"width": 1440, "height": 1700}).new_page()
        page.set_default_timeout(LONG_MS)
        page.goto(f"{address}/overview?study={study.name}")  # the server warms up
        settle(page, LONG_MS)
        begun = time.perf_counter()
        page.goto(f"{address}/thresholds?study={study.name}&read_on=all")
        deck = page.locator(".deck[data-confirmed='0']")
        deck.wait_for(timeout=LONG_MS)
        opened = time.perf_counter() - begun
        deck = page.locator(".deck")
        page.wait_for_timeout(2000)
        if before is None:
            deck.get_by_label("Cuts").select_option("two")
            page.wait_for_timeout(3000)
        deck.evaluate(WATCH)
        frames = [interval for number in range(n_drags) for interval in _drag(page, deck, number)]
        answers, differing, drawn = page.evaluate("[window.answers, window.differing, window.drawn]")
        page.context.close()
    print(f"{study.name}: opens in {opened:.1f} s (server warm, deck new)")
    print(
        f"  {len(frames)} frames, {drawn} with new figures in rows: "
        f"median {np.median(frames):.1f} ms, 95th percentile {np.percentile(frames, 95):.1f} ms"
    )
    print(f"  {len(answers)} releases: Python's figures after median {np.median(answers):.0f} ms,", end=" ")
    print(f"95th percentile {np.percentile(answers, 95):.0f} ms; {differing} differed from the browser's")
    return Measured(opened, frames, answers, differing)


def _drag(page: Page, deck: Locator, number: int) -> list[float]:
    """One drag by a mouse over half the axis, and the times between its frames in ms."""
    row = deck.locator(".row[data-class]").nth(number % len(CLASSES))
    box, held = row.locator(".plot").bounding_box(), row.get_by_role("slider").last.bounding_box()
    assert box is not None
    assert held is not None
    page.evaluate("window.frames_ = []")
    y, left, width = box["y"] + box["height"] / 2, box["x"], box["width"]
    start, end = (0.3, 0.8 - 0.003 * number) if number % 2 else (0.8, 0.3 + 0.003 * number)
    is_upper = held["width"] < width and number % 2 == 1
    if is_upper:  # from where the rule-in cut stands
        start = (held["x"] + held["width"] / 2 - left) / width
        end = 0.98 - 0.002 * number if start < 0.9 else 0.6 - 0.003 * number
    page.mouse.move(left + start * width, y)
    page.mouse.down()
    page.mouse.move(left + end * width, y, steps=90)
    stamps = page.evaluate("window.frames_")
    n_answers = page.evaluate("window.answers.length")
    page.mouse.up()
    page.wait_for_function(f"window.answers.length > {n_answers}", timeout=LONG_MS)
    page.wait_for_timeout(300)
    return list(np.diff(stamps))


def _plain(browser: Browser, labels: np.ndarray, scores: np.ndarray, folder: Path, n_moves: int = 20) -> float:
    """Median ms from a key on a plain slider to the new text on screen."""
    np.savez(folder / "plain.npz", labels=labels, scores=scores)
    os.environ["PLAIN_SLIDERS"] = str(folder / "plain.npz")
    with serving(folder / "plain.log", script="tests/benchmarks/plain_sliders.py") as address:
        page = browser.new_context(viewport={"width": 1440, "height": 1700}).new_page()
        page.goto(address)
        text = page.get_by_text("macro F1")
        text.wait_for(timeout=TIMEOUT_MS)
        page.wait_for_timeout(3000)
        taken = [_press(page, number) for number in range(n_moves)]
        page.context.close()
    return float(np.median(taken))


def _floor(browser: Browser) -> list[float]:
    """Times between the frames of a page that only writes where the mouse is, in ms: what this computer can do now."""
    page = browser.new_context(viewport={"width": 1440, "height": 1700}).new_page()
    page.set_content("<p>0</p>")
    page.evaluate(
        """() => {
            window.stamps = [];
            let x = null, frame = null;
            document.onpointermove = (event) => {
                x = event.clientX;
                frame ??= requestAnimationFrame(() => {
                    frame = null;
                    document.querySelector('p').textContent = x;
                    window.stamps.push(performance.now());
                });
            };
        }"""
    )
    page.mouse.move(100, 300)
    page.mouse.move(900, 300, steps=400)
    stamps = page.evaluate("window.stamps")
    page.context.close()
    return list(np.diff(stamps))


def _press(page: Page, number: int) -> float:
    page.get_by_role("slider").nth(number % len(CLASSES)).focus()
    page.evaluate(
        """() => {
            const text = [...document.querySelectorAll('p')].find(one => one.textContent.startsWith('macro F1'));
            const before = text.textContent, begun = {};
            window.taken = null;
            document.addEventListener('keydown', () => { begun.at = performance.now(); }, {once: true, capture: true});
            const look = () => {
                const now = [...document.querySelectorAll('p')].find(one => one.textContent.startsWith('macro F1'));
                if (begun.at && now && now.textContent !== before) window.taken = performance.now() - begun.at;
                else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        }"""
    )
    page.keyboard.press("PageUp" if number % 2 else "PageDown")
    page.wait_for_function("window.taken !== null", timeout=TIMEOUT_MS)
    page.wait_for_timeout(300)
    return float(page.evaluate("window.taken"))


if __name__ == "__main__":
    main()
