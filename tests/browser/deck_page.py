"""The threshold deck as a browser test handles it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.server import TIMEOUT_MS, settle

NUMBERS = ("precision", "recall", "specificity", "f1", "predicted")


class DeckPage:
    """The deck on a page that is open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".deck")
        self.confirmed()

    def confirmed(self) -> None:
        """Waits until Python has answered the last move, and checks that it counts as the browser does."""
        self.page.wait_for_function(
            """() => {
                const holders = [...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean);
                const deck = [document, ...holders].map(one => one.querySelector('.deck')).find(Boolean);
                return deck && deck.dataset.confirmed && deck.dataset.confirmed === deck.dataset.number;
            }""",
            timeout=TIMEOUT_MS,
        )
        expect(self.root).to_have_attribute("data-same", "true")
        settle(self.page)

    def row(self, finding: str) -> Locator:
        return self.root.locator(f'.row[data-class="{finding}"]')

    def figures(self, finding: str) -> dict[str, str]:
        """What a row says."""
        row = self.row(finding)
        return {name: row.locator(f'[data-figure="{name}"]').inner_text() for name in NUMBERS}

    def overall(self, name: str) -> str:
        return self.root.locator(f'[data-overall="{name}"]').inner_text()

    def tile(self, name: str, part: str) -> str:
        """What a figure over all classes says beside its value: part is "interval" or "change"."""
        return self.root.locator(f'[data-{part}="{name}"]').inner_text().replace("−", "-")

    def thresholds(self) -> list[str]:
        """Every threshold to its last digit; the fields show as few as give the same figures."""
        return [str(field.get_attribute("data-value")) for field in self.root.locator("input.number").all()]

    def predicted(self, finding: str) -> int:
        return int(self.figures(finding)["predicted"].split(" / ")[0].replace(",", ""))

    def slider(self, finding: str) -> Locator:
        return self.row(finding).get_by_role("slider")

    def grab(self, finding: str, start: float, end: float) -> None:
        """Drags with the mouse between two places of the axis, 0..1, and holds."""
        slider = self.slider(finding)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + start * box["width"], y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + end * box["width"], y, steps=8)
        self.page.wait_for_timeout(100)

    def drag(self, finding: str, start: float, end: float) -> None:
        """Drags, lets go, and waits for Python."""
        self.grab(finding, start, end)
        self.page.mouse.up()
        self.confirmed()

    def press(self, finding: str, *keys: str) -> None:
        """Presses keys on a row's threshold, and waits for Python."""
        self.slider(finding).focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.page.wait_for_timeout(300)
        self.confirmed()

    def type(self, finding: str, text: str) -> None:
        """Types a threshold, and waits for Python."""
        field = self.row(finding).locator("input.number")
        field.fill(text)
        field.press("Enter")
        self.page.wait_for_timeout(100)
        self.confirmed()

    def click(self, button: str) -> None:
        """One of the deck's own buttons."""
        self.root.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_timeout(100)
        self.confirmed()
