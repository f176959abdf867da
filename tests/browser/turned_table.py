"""The table of all classes of Per class in a browser, where the truth dial can be turned."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class TurnedTable:
    """The table, once Python has sent it, and the tables of the other positions too."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root: Locator = page.locator(".classes")
        expect(self.root.locator("tbody tr").first).to_be_visible()
        self.confirmed()

    def confirmed(self) -> None:
        """Waits until Python shows what the table shows, and the tables of all positions are there."""
        self.page.wait_for_function(
            """root => root.dataset.confirmed && root.dataset.confirmed === root.dataset.truth
                && globalThis.parcels?.get('class_tables')?.data.token === root.dataset.token""",
            arg=self.root.element_handle(),
        )

    def rows(self) -> list[list[str]]:
        """The words of every cell, as they are shown."""
        found: list[list[str]] = self.root.evaluate(
            "root => [...root.querySelectorAll('tbody tr')].map(row => [...row.children].map(one => one.textContent))"
        )
        return found

    def column(self, heading: str) -> list[str]:
        """The words of one column."""
        titles = self.root.locator("thead th").all_inner_texts()
        place = [title.strip(" ↑↓") for title in titles].index(heading)
        return [row[place] for row in self.rows()]

    def sort(self, heading: str) -> None:
        """Presses Enter on a heading."""
        self.root.get_by_role("button", name=heading, exact=True).press("Enter")
