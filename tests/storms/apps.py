"""Two apps on one study, a reader at each who saves marks, while maps are made anew and the study is read.

`python -m tests.storms.apps [--rounds 200]`: two servers and a session at each, by websocket, as a browser would. In a
round both save a mark at once, and a third process makes maps anew, marks, or reads. After each the study is checked
whole, and every mark that an app said it saved must be in it. Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from core.study import write_study
from tests.browser.server import serving
from tests.golden.make_study_v1 import IDS, golden_contents
from tests.storms.session import Session
from tests.storms.writers import DEEDS, Found, forked

VIEWER: Final = "film_viewer"
FILM: Final = IDS[9]


class Reader:
    """A reader at an app, who draws on one film."""

    def __init__(self, address: str, study: Path) -> None:
        self._session = Session.open(address, "saliency", {"study": study.name, "film": FILM})

    def saves(self, name: str) -> str:
        """Draws as somebody and presses Save; what the writers' rounds take: "saved NAME", or what was wrong."""
        self._session.set("reader_name", name)
        self._session.send(VIEWER, "marks", marks_of(name))
        wrong = [said for said in self._session.errors() if "not saved" in said or said.startswith("exception")]
        said = " ".join(self._session.toasts)
        if wrong or f"drawn by {name}" not in said:
            return f"failed: {wrong or said or 'said nothing'}"
        return f"saved {name}\ndone"

    def close(self) -> None:
        """Closes the tab."""
        self._session.socket.close()


def marks_of(reader: str) -> dict[str, Any]:
    """What the viewer sends when a polygon is saved."""
    shape = {"kind": "polygon", "points": [[4, 4], [30, 4], [30, 40], [4, 40]]}
    return {"film": FILM, "finding": "Edema", "reader": reader, "shapes": [shape]}


def rounds(study: Path, logs: Path, n_rounds: int) -> Found:
    """What came of rounds of two readers, and of whoever else is at the study."""
    found = Found()
    with ExitStack() as stack:
        addresses = [stack.enter_context(serving(logs / f"{name}.log", studies=[study])) for name in "ab"]
        readers = [Reader(address, study) for address in addresses]
        pool = stack.enter_context(ThreadPoolExecutor(len(readers)))
        for number in range(n_rounds):
            other = DEEDS[number % len(DEEDS)]
            ended = forked(other, study, f"{number}-other", lambda: False)
            names = [f"reader{number}x{rank}" for rank in range(len(readers))]
            for rank, told in enumerate(pool.map(lambda one: one[0].saves(one[1]), zip(readers, names, strict=True))):
                found.take(f"round {number}, app {rank}", told)
            found.take(f"round {number}, {other}", ended())
            found.check(study, f"round {number}")
        for reader in readers:
            reader.close()
    return found


def main() -> None:
    """Run the rounds."""
    parser = argparse.ArgumentParser(description="Two apps on one study.")
    parser.add_argument("--rounds", type=int, default=200)
    args = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        study = write_study(Path(folder) / "studies/study", golden_contents())
        found = rounds(study, Path(folder), args.rounds)
        is_sound = found.tell(study, args.rounds, started)
    raise SystemExit(not is_sound)


if __name__ == "__main__":
    main()
