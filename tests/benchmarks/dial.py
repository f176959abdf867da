"""The truth dial in Chromium: from a key on it to every figure of the deck, and to Python's agreement.

`python -m tests.benchmarks.dial [--films 7500] [--turns 20]`: a made-up study of 14 classes and two sources of labels.
Says the time from a key press to the frame after which all figures of the deck stand, and to Python's figures; compares
what is shown with a study that is written anew under the last position. Ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from playwright.sync_api import Page

from core.study import open_study, write_study
from core.study.contents import StudyContents, label_frame
from core.thresholds import fit_thresholds
from core.thresholds.operating_point import point_of_set
from core.words import number_words
from pages.shared.truth_dial import key_of, positions
from tests.browser.deck_page import DeckPage
from tests.browser.dial_study import dial_contents, write_dial_study
from tests.browser.server import chromium, open_page, serving

LONG_MS: Final = 60_000
LIMIT_MS: Final = 100
"""Most that the 95th percentile of the figures may take."""
WATCH: Final = """deck => {
    window.shown = []; window.answers = []; window.pressed = null;
    addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
    new MutationObserver(() => {
        const pressed = window.pressed;
        requestAnimationFrame(() => window.shown.push(performance.now() - pressed));
    }).observe(deck, {attributes: true, attributeFilter: ['data-truth']});
    new MutationObserver(() => {
        if (deck.dataset.confirmed && deck.dataset.confirmed === deck.dataset.number)
            window.answers.push(performance.now() - window.pressed);
    }).observe(deck, {attributes: true, attributeFilter: ['data-confirmed']});
}"""


def main() -> None:
    """Prints the figures; ends with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="The truth dial in Chromium.")
    parser.add_argument("--films", type=int, default=7_500)
    parser.add_argument("--turns", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        study = write_dial_study(Path(folder) / "dial", args.films)
        with serving(Path(folder) / "server.log", studies=[study]) as address:
            page = browser.new_context(viewport={"width": 1440, "height": 1700}).new_page()
            page.set_default_timeout(LONG_MS)
            open_page(page, f"{address}/thresholds?study=dial&read_on=all")
            deck = DeckPage(page)
            shown, answers = _turns(page, deck, args.turns)
            n_positions = len(positions(open_study(study)))
            differing = _differences(deck, study, Path(folder) / "anew")
    slow = float(np.percentile(shown, 95))
    print(f"{args.films:,} films x 14 classes, {n_positions} positions, {len(shown)} turns")
    print(f"  every figure of the deck: median {np.median(shown):.0f} ms, 95th percentile {slow:.0f} ms")
    print(
        f"  Python's figures: median {np.median(answers):.0f} ms, 95th percentile {np.percentile(answers, 95):.0f} ms"
    )
    print(f"  differing from a study that is written anew under the last position: {differing}")
    raise SystemExit(slow > LIMIT_MS or differing > 0)


def _turns(page: Page, deck: DeckPage, number: int) -> tuple[list[float], list[float]]:
    """Milliseconds from key to figures, and to Python's, by turn."""
    page.get_by_role("radio", name="reports", exact=True).focus()
    page.keyboard.press("ArrowRight")
    deck.confirmed()
    page.get_by_role("radio", name="any reader says so", exact=True).focus()
    deck.root.evaluate(WATCH)
    for _ in range(number):
        page.keyboard.press("ArrowRight")
        deck.confirmed()
        page.wait_for_timeout(300)
    return page.evaluate("window.shown"), page.evaluate("window.answers")


def _differences(deck: DeckPage, study: Path, out: Path) -> int:
    """How many figures on screen are not those of a study that is written anew under the position."""
    opened = open_study(study)
    chosen = next(one for one in positions(opened) if key_of(one) == deck.root.get_attribute("data-truth"))
    contents: StudyContents = dial_contents(len(opened.image_ids))
    assert opened.readings is not None
    labels = label_frame(opened.image_ids, opened.classes, opened.readings.resolve(len(opened.image_ids), chosen))
    anew = open_study(write_study(out, dataclasses.replace(contents, labels=labels, convention=chosen)))
    point = point_of_set(anew, "all", fit_thresholds(anew, "second"))
    expected = {name: number_words(point.overall.of_decisions()[name]) for name in ("macro_f1", "micro_f1", "hamming")}
    wrong = sum(deck.overall(name) != words for name, words in expected.items())
    for finding, counts in point.per_class.items():
        wrong += deck.counts(finding) != (counts.tp, counts.fn, counts.fp)
    return wrong


if __name__ == "__main__":
    main()
