"""Pictures of every page: `python -m tests.browser.screenshots --study DIR --out DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Browser

from pages.shared.navigation import PAGES
from tests.browser.server import chromium, open_page, serving, settle

SIZES = {"wide": (1440, 900, 1.0), "projector": (683, 512, 1.5), "phone": (390, 844, 2.0)}
"""Width and height in pixels of the page, and how many of the screen each is; a projector of 1024 x 768 at 150 %."""
SCHEMES = ("light", "dark")


def main() -> None:
    """Every page of a study, wide, on a projector and on a phone, light and dark, from top to bottom."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--study", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", nargs="*", default=[page.stem for page in PAGES])
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--schemes", nargs="*", default=list(SCHEMES), choices=list(SCHEMES))
    parser.add_argument("--query", default="", help="more of the address, such as film=ID")
    parser.add_argument("--visible", action="store_true", help="only what fits the window, not the whole page")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    study = args.study.resolve()
    with serving(args.out / "server.log", studies=[study]) as address, chromium() as browser:
        for size in args.sizes:
            for scheme in args.schemes:
                for stem in args.pages:
                    target = f"{address}/{stem}?study={study.name}&{args.query}"
                    path = args.out / f"{stem}-{size}-{scheme}.png"
                    _take(browser, target, path, size, scheme, whole=not args.visible)
                    print(path)


def _take(browser: Browser, address: str, path: Path, size: str, scheme: str, *, whole: bool) -> None:
    width, height, scale = SIZES[size]
    window = {"width": width, "height": height}
    context = browser.new_context(viewport=window, device_scale_factor=scale, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    open_page(page, address)
    page.wait_for_timeout(1200)
    if whole:
        length = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
        page.set_viewport_size({"width": width, "height": max(height, int(length) + 20)})
        settle(page)
        page.wait_for_timeout(1500)
    page.screenshot(path=path)
    context.close()


if __name__ == "__main__":
    main()
