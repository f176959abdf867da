"""What a meeting looked at, moved and answered, and when: to take along. It holds no name that was not given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from core.room.votes import Results
from core.words import count_words, cut_words

MOST_ENTRIES: Final = 2000
SETTLING_S: Final = 3.0
_TITLES: Final = {"view": "Shown", "threshold": "Threshold", "vote": "Vote", "note": ""}
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>|#])")


@dataclass(frozen=True)
class Entry:
    """One thing that happened. at : seconds since 1970.  words : one line.  address : of a view, below the app."""

    at: float
    kind: Literal["view", "threshold", "vote", "note"]
    words: str
    address: str = ""


class Minutes:
    """A meeting's minutes: at most MOST_ENTRIES entries, of which the last says that it is the last."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.entries: list[Entry] = []

    def note(self, at: float, words: str) -> None:
        """Note something in a sentence."""
        self._add(Entry(at, "note", words))

    def view(self, at: float, title: str, address: str) -> None:
        """Note what is shown; views of one page that follow within SETTLING_S are one view, the last of them."""
        last = self.entries[-1] if self.entries else None
        is_same = last is not None and last.kind == "view" and last.address.split("?")[0] == address.split("?")[0]
        if last is not None and is_same and at - last.at <= SETTLING_S:
            self.entries.pop()
        self._add(Entry(at, "view", title, address))

    def threshold(self, at: float, finding: str, value: float | None, upper: float | None) -> None:
        """Note where a threshold was left; of one class that is moved again and again, where it is left at last."""
        entry = Entry(at, "threshold", f"{finding}: {cut_words(value, upper)}")
        last = self.entries[-1] if self.entries else None
        if last is not None and last.kind == "threshold" and last.words.startswith(f"{finding}: "):
            self.entries.pop()
        self._add(entry)

    def vote(self, at: float, results: Results, names: list[tuple[str, str]]) -> None:
        """Note a question and its answers. names : who gave one, and what they answered."""
        said = "; ".join(f"{name}: {answer}" for name, answer in names)
        self._add(Entry(at, "vote", f"{results.question.words} {results.words()}{f' ({said})' if said else ''}"))

    def _add(self, entry: Entry) -> None:
        if len(self.entries) < MOST_ENTRIES - 1:
            self.entries.append(entry)
        elif len(self.entries) == MOST_ENTRIES - 1:
            self.entries.append(
                Entry(entry.at, "note", f"The minutes end here: they hold {count_words(MOST_ENTRIES)} entries.")
            )

    def markdown(self, base: str) -> str:
        """Write them as Markdown: a table of times, what happened, and addresses below `base` that open each view."""
        if not self.entries:
            return "# Minutes\n\nNothing was shown.\n"
        day = datetime.fromtimestamp(self.entries[0].at).astimezone()
        lines = [f"# Minutes of {day:%Y-%m-%d}, times in {day.tzname()}", "", "| Time | | |", "| --- | --- | --- |"]
        for entry in self.entries:
            at = datetime.fromtimestamp(entry.at).astimezone()
            words = _MARKUP.sub(r"\\\1", " ".join(entry.words.split()))
            said = f"[{words}](<{base}{entry.address}>)" if entry.kind == "view" else words
            lines.append(f"| {at:%H:%M:%S} | {_TITLES[entry.kind]} | {said} |")
        return "\n".join(lines) + "\n"
