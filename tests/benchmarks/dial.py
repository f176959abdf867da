"""The truth dial in Chromium: from a key on it to every figure on screen, and to Python's agreement.

`python -m tests.benchmarks.dial [--films 7500] [--turns 20]`: a made-up study of 14 classes and two sources of labels.
Says the time from a key press to the frame after which all figures of the deck of Thresholds, and all of the table of
Per class, stand, and to Python's figures; compares what is shown with a study that is written, or read, anew under the
last position. Ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from playwright.sync_api import Locator, Page

from core.figures.class_tables import class_words
from core.report.report import compute_report
from core.study import Study, open_study, write_study
from core.study.contents import StudyContents, label_frame
from core.thresholds import fit_thresholds
from core.thresholds.operating_point import point_of_set
from core.words import number_words
from pages.shared.truth_dial import key_of, positions
from tests.browser.deck_page import DeckPage
from tests.browser.dial_study import dial_contents, write_dial_study
from tests.browser.server import chromium, open_page, serving
from tests.browser.turned_table import TurnedTable

LONG_MS: Final = 60_000
LIMIT_MS: Final = 100
"""Most that the 95th percentile of the figures may take."""
WATCH: Final = """shown => {
    window.shown = []; window.answers = []; window.pressed = null;
    addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
    new MutationObserver(() => {
        const pressed = window.pressed;
        requestAnimationFrame(() => window.shown.push(performance.now() - pressed));
    }).observe(shown, {attributes: true, attributeFilter: ['data-truth']});
    new MutationObserver(() => {
        const {confirmed, number, truth} = shown.dataset;
        if (confirmed && confirmed === (number ?? truth))
            window.answers.push(performance.now() - window.pressed);
    }).observe(shown, {attributes: true, attributeFilter: ['data-confirmed']});
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
            on_deck = _turns(page, deck.root, deck.confirmed, args.turns)
            differing = _differences(deck, study, Path(folder) / "anew")
            open_page(page, f"{address}/per_class?study=dial")
            table = TurnedTable(page)
            on_table = _turns(page, table.root, table.confirmed, args.turns)
            differing += _differing_cells(table, open_study(study))
            n_positions = len(positions(open_study(study)))
    print(f"{args.films:,} films x 14 classes, {n_positions} positions, {args.turns} turns of each page")
    slow = [_said("every figure of the deck", *on_deck), _said("every figure of Per class's table", *on_table)]
    print(f"  differing from a study that is read anew under the last position: {differing}")
    raise SystemExit(max(slow) > LIMIT_MS or differing > 0)


def _said(what: str, shown: Sequence[float], answers: Sequence[float]) -> float:
    """Prints the milliseconds of one page, and gives the 95th percentile of its own figures."""
    slow, late = (float(np.percentile(times, 95)) for times in (shown, answers))
    print(f"  {what}: median {np.median(shown):.0f} ms, 95th percentile {slow:.0f} ms ({len(shown)} turns)")
    print(f"    Python's figures there: median {np.median(answers):.0f} ms, 95th percentile {late:.0f} ms")
    return slow


def _turns(page: Page, root: Locator, confirmed: Callable[[], None], number: int) -> tuple[list[float], list[float]]:
    """Milliseconds from key to figures, and to Python's, by turn."""
    page.get_by_role("radio", name="reports", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1000)
    confirmed()
    page.get_by_role("radio", name="any reader says so", exact=True).focus()
    root.evaluate(WATCH)
    for _ in range(number):
        page.keyboard.press("ArrowRight")
        confirmed()
        page.wait_for_timeout(300)
    return page.evaluate("window.shown"), page.evaluate("window.answers")


def _differing_cells(table: TurnedTable, study: Study) -> int:
    """How many cells of the table on screen are not what Python says of the study under the position."""
    chosen = next(one for one in positions(study) if key_of(one) == table.root.get_attribute("data-truth"))
    turned = study.under(chosen)
    report = compute_report(
        turned, "test", thresholds=[fit_thresholds(turned, name) for name in turned.settings], intervals=True
    )
    _, rows = class_words(report.settings["second"].per_class)
    return sum(a != b for shown, row in zip(table.rows(), rows, strict=True) for a, b in zip(shown, row, strict=True))


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
