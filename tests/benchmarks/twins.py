"""From a press on a finding to the new film, its scores and decisions in Chromium.

`python -m tests.benchmarks.twins [--presses 40] [--study DIR] [--limit-ms 700]`: prints median and 95th percentile of
the presses, the first, which load the model, not counted; ends with 1 where the 95th percentile is above the limit. A
press is over when the twin's picture is another, is painted, and no script runs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from core.findings import FINDINGS
from core.paths import STUDIES
from tests.browser.server import chromium, open_page, serving, settle

_PRESS = """name => new Promise(resolve => {
    const begun = performance.now();
    const picture = () => document.querySelectorAll('[data-testid="stImage"] img')[1];
    const state = () => document.querySelector('[data-testid="stApp"]').getAttribute('data-test-script-state');
    const before = picture().src;
    const look = () => {
        const image = picture();
        if (image && image.src !== before && image.complete && state() === 'notRunning')
            requestAnimationFrame(() => resolve(performance.now() - begun));
        else requestAnimationFrame(look);
    };
    [...document.querySelectorAll('button')].find(button => button.innerText.trim() === name).click();
    look();
})"""


def main() -> None:
    """Prints the times; ends with 1 where the 95th percentile is above the limit."""
    parser = argparse.ArgumentParser(description="From a press on a finding to film, scores and decisions.")
    parser.add_argument("--presses", type=int, default=40)
    parser.add_argument("--study", type=Path, default=STUDIES / "phantom")
    parser.add_argument("--limit-ms", type=float, default=700)
    args = parser.parse_args()
    study = args.study.resolve()
    with (
        tempfile.TemporaryDirectory() as text,
        chromium() as browser,
        serving(Path(text) / "app.log", studies=[study]) as app,
    ):
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        open_page(page, f"{app}/twins?study={study.name}")
        press(page, FINDINGS[0])
        taken = [press(page, FINDINGS[number % len(FINDINGS)]) for number in range(1, args.presses + 1)]
    median, late = np.quantile(taken, [0.5, 0.95])
    print(f"{len(taken)} presses: median {median:.0f} ms, 95th percentile {late:.0f} ms, limit {args.limit_ms:.0f} ms")
    raise SystemExit(bool(late > args.limit_ms))


def press(page: Page, finding: str) -> float:
    """Milliseconds from a press to the twin's picture; the page is at rest when it ends."""
    milliseconds = float(page.evaluate(_PRESS, finding))
    settle(page)
    return milliseconds


if __name__ == "__main__":
    main()
