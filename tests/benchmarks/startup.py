"""From `streamlit run app.py` to the overview painted, against `streamlit hello`, in one run.

`python -m tests.benchmarks.startup [--runs 5] [--study DIR]`: prints the median of each and their ratio. Painted means
that the results table and the chart are in the window (for hello, its heading). Runs alternate, each in a new server
and a new browser window; the first pair warms the disk and is not counted.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

from core.paths import STUDIES
from tests.browser.server import TIMEOUT_MS, chromium, free_port, start, stop

LIMIT = 1.5


def main() -> None:
    """Prints both medians and the ratio; ends with 1 where the ratio is above the limit."""
    parser = argparse.ArgumentParser(description="Start-up of the app against that of streamlit hello.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--study", type=Path, default=STUDIES / "phantom")
    args = parser.parse_args()
    seconds: dict[str, list[float]] = {"hello": [], "app": []}
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for run in range(args.runs + 1):
            for name in seconds:
                taken = _measure(name, browser, args.study.resolve(), Path(folder) / "server.log")
                if run:
                    seconds[name].append(taken)
    hello, app = (statistics.median(seconds[name]) for name in ("hello", "app"))
    for name, values in seconds.items():
        print(f"{name}: median {statistics.median(values):.2f} s of {', '.join(f'{value:.2f}' for value in values)}")
    print(f"ratio {app / hello:.2f} (limit {LIMIT})")
    raise SystemExit(app / hello > LIMIT)


def _measure(name: str, browser: Browser, study: Path, log: Path) -> float:
    """Seconds from starting the server to the page painted."""
    port = free_port()
    command = ["hello"] if name == "hello" else ["run", "app.py"]
    window = browser.new_context(viewport={"width": 1440, "height": 900})
    page = window.new_page()
    begun = time.perf_counter()
    process = start(
        [*command, "--server.headless", "true", "--server.port", str(port)],
        environment={"CXR_STUDIES": str(study)},
        log=log,
    )
    try:
        _go(page, f"http://localhost:{port}{'' if name == 'hello' else f'/?study={study.name}'}")
        for selector in _painted(name):
            page.locator(selector).first.wait_for(timeout=TIMEOUT_MS)
        return time.perf_counter() - begun
    finally:
        window.close()
        stop(process)


def _painted(name: str) -> Sequence[str]:
    if name == "hello":
        return ("h1",)
    return ("h1", '[data-testid="stMarkdown"] td', '[data-testid="stHtml"] [role="listitem"] div')


def _go(page: Page, address: str, seconds: float = 60) -> None:
    """Opens the address as soon as the server takes connections."""
    deadline = time.perf_counter() + seconds
    while True:
        try:
            page.goto(address, wait_until="commit")
            return
        except Exception:
            if time.perf_counter() > deadline:
                raise
            time.sleep(0.02)


if __name__ == "__main__":
    main()
