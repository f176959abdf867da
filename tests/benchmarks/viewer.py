"""One film from key press to painted, its maps in three settings included, against a bare page that shows the film.

`python -m tests.benchmarks.viewer [--films 15] [--study DIR] [--limit-ms 700]`: prints the median of each and their
ratio; ends with 1 where the viewer's median is above the limit. Painted means that the browser has drawn the new film
and its maps; the bare page has one button and one `st.image`. The two take turns, every film is new to both, and the
first of each, which load the model, are not counted.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from core.paths import PROJECT, STUDIES
from core.study import open_study
from tests.browser.server import TIMEOUT_MS, chromium, open_page, serving

_BARE = """
import sys
sys.path.insert(0, {project!r})
import streamlit as st
from core.datasets.films import film_pixels
from core.study import open_study

study = st.cache_resource(open_study)({study!r})
st.title("Bare")
st.session_state.setdefault("row", 0)
if st.button("Next"):
    st.session_state.row += 1
st.image(film_pixels(study, study.image_ids[study.rows("test")[st.session_state.row]]))
"""

_VIEWER = """root => new Promise(resolve => {
    const begun = performance.now(), before = root.dataset.painted.split('|')[0];
    new MutationObserver((_, watching) => {
        if (root.dataset.painted.split('|')[0] === before) return;
        watching.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - begun));
    }).observe(root, {attributes: true});
    root.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
})"""

_IMAGE = """button => new Promise(resolve => {
    const begun = performance.now(), source = () => document.querySelector('[data-testid="stImage"] img').src;
    const before = source();
    const look = () => {
        const image = document.querySelector('[data-testid="stImage"] img');
        if (image && image.src !== before && image.complete) resolve(performance.now() - begun);
        else requestAnimationFrame(look);
    };
    button.click();
    look();
})"""


def main() -> None:
    """Prints both medians and the ratio; ends with 1 where the viewer is above the limit."""
    parser = argparse.ArgumentParser(description="From key press to a film with its maps painted.")
    parser.add_argument("--films", type=int, default=15)
    parser.add_argument("--study", type=Path, default=STUDIES / "phantom")
    parser.add_argument("--limit-ms", type=float, default=700)
    args = parser.parse_args()
    study = args.study.resolve()
    n_test = len(open_study(study).rows("test"))
    if n_test < args.films + 2:
        parser.error(
            f"{study} has {n_test} test films, and {args.films} changes after the first need {args.films + 2}."
        )
    taken: dict[str, list[float]] = {"viewer": [], "bare page": []}
    with tempfile.TemporaryDirectory() as text, chromium() as browser:
        folder = Path(text)
        script = folder / "bare.py"
        script.write_text(_BARE.format(project=str(PROJECT), study=str(study)), encoding="utf-8")
        with (
            serving(folder / "app.log", studies=[study]) as app,
            serving(folder / "bare.log", script=str(script)) as bare,
        ):
            pages = {name: browser.new_context(viewport={"width": 1440, "height": 900}).new_page() for name in taken}
            open_page(pages["viewer"], f"{app}/saliency?study={study.name}")
            open_page(pages["bare page"], bare)
            for film in range(args.films + 1):
                for name, page in pages.items():
                    milliseconds = _measure(page, name)
                    if film:
                        taken[name].append(milliseconds)
    medians = {name: statistics.median(values) for name, values in taken.items()}
    for name, values in taken.items():
        print(f"{name}: median {medians[name]:.0f} ms of {', '.join(f'{value:.0f}' for value in values)}")
    print(f"ratio {medians['viewer'] / medians['bare page']:.2f}; limit of the viewer {args.limit_ms:.0f} ms")
    raise SystemExit(medians["viewer"] > args.limit_ms)


def _measure(page: Page, name: str) -> float:
    """Milliseconds, as the page itself measures them."""
    if name == "viewer":
        root = page.locator(".viewer[data-painted]")
        root.wait_for(timeout=TIMEOUT_MS)
        return float(root.evaluate(_VIEWER))
    return float(page.get_by_role("button", name="Next").evaluate(_IMAGE))


if __name__ == "__main__":
    main()
