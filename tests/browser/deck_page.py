"""The threshold deck as a browser test handles it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.server import TIMEOUT_MS, settle

NUMBERS = ("precision", "recall", "specificity", "f1")
COUNTS = ("found", "missed", "false_alarms")


class DeckPage:
    """The deck on a page that is open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".deck")
        self.confirmed()

    def confirmed(self) -> None:
        """Waits until Python and its page have answered the last move, and checks that both count the same."""
        self.page.wait_for_function(
            """() => {
                const holders = [...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean);
                const deck = [document, ...holders].map(one => one.querySelector('.deck')).find(Boolean);
                const { confirmed, number, page } = deck?.dataset ?? {};
                return confirmed && confirmed === number && page === number;
            }""",
            timeout=TIMEOUT_MS,
        )
        expect(self.root).to_have_attribute("data-same", "true")
        settle(self.page)

    def row(self, finding: str) -> Locator:
        return self.root.locator(f'.row[data-class="{finding}"]')

    def figures(self, finding: str) -> dict[str, str]:
        """What a row says; a narrow window shows the plain figures of the class in hand alone."""
        row = self.row(finding)
        figures = {name: str(row.locator(f'[data-figure="{name}"]').text_content()) for name in NUMBERS}
        return {**figures, **{name: row.locator(f'[data-count="{name}"]').inner_text() for name in COUNTS}}

    def counts(self, finding: str) -> tuple[int, int, int]:
        """How many films a row says are found, missed and false alarms."""
        found, missed, false_alarms = (self.figures(finding)[name].split(" of ")[0] for name in COUNTS)
        return int(found.replace(",", "")), int(missed.replace(",", "")), int(false_alarms.replace(",", ""))

    def change(self, finding: str, count: str) -> str:
        """What stands behind a count: its change since the marked threshold."""
        text = self.row(finding).locator(f'[data-change-of="{count}"]').inner_text()
        return text.replace("−", "-")

    def overall(self, name: str) -> str:
        return self.root.locator(f'[data-overall="{name}"]').inner_text()

    def tile(self, name: str, part: str) -> str:
        """What a figure over all classes says beside its value: part is "interval" or "change"."""
        return self.root.locator(f'[data-{part}="{name}"]').inner_text().replace("−", "-")

    def thresholds(self) -> list[str]:
        """Every threshold to its last digit; the fields show as few as give the same figures."""
        return [str(field.get_attribute("data-value")) for field in self.root.locator(".row input.number").all()]

    def predicted(self, finding: str) -> int:
        found, _, false_alarms = self.counts(finding)
        return found + false_alarms

    def slider(self, finding: str) -> Locator:
        return self.row(finding).get_by_role("slider", name="Threshold of ")

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
        field.click()
        field.press("ControlOrMeta+a")
        field.press_sequentially(text)
        field.press("Enter")
        self.page.wait_for_timeout(100)
        self.confirmed()

    def click(self, button: str) -> None:
        """One of the deck's own buttons."""
        self.root.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_timeout(100)
        self.confirmed()
