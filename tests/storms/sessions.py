"""Many sessions at one app: no error, every figure that session's own. `tests.benchmarks.sessions` runs them for long.

Each session, by websocket as a browser would, opens links with thresholds of its own, moves them, changes setting and
films, goes from page to page, and closes its tab now and then. Counts on Thresholds and Per class are compared with
those that NumPy counts for that session's thresholds. What differs, an error on a page, and no answer are problems.
"""

from __future__ import annotations

import os
import random
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.settings.titles import setting_title
from core.study import Study
from core.thresholds import fit_thresholds
from core.thresholds.links import encode_thresholds
from pages.meeting.access import COOKIE
from pages.shared.selection import SPLIT_WORDS
from tests.storms.session import TIMEOUT_S, LostError, Session

DECK: Final = "threshold-deck"
_COUNTS: Final = ("tp", "fp", "fn", "tn")
_PAGES: Final = ("", "embedding_space")
"""Pages that are looked at for errors alone."""


@dataclass(frozen=True)
class Door:
    """Where the app is. key : for who comes through a proxy; the proxy sends everybody to a process, by an address."""

    address: str
    key: str = ""

    @property
    def cookie(self) -> str:
        """What a browser has that came in with the key."""
        return f"{COOKIE}={self.key}" if self.key else ""

    def come_in(self) -> str:
        """The address below which a new tab finds itself."""
        asked = urllib.request.Request(f"{self.address}/", headers={"Cookie": self.cookie, "Accept": "text/html"})
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:
            return str(answer.url).rstrip("/")


@dataclass
class Seen:
    """seconds : of every run.  answers : those of a threshold that was moved.  n_figures : counts that were compared.
    places : addresses at which tabs were.  most_mb : the servers' memory at its highest.  problems : what was wrong."""

    seconds: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    most_mb: float = 0.0
    n_figures: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def n_tabs(self) -> int:
        """How many tabs were opened."""
        return len(self.places)

    def say(self, problem: str) -> None:
        """Take a problem, and print it."""
        self.problems.append(problem)
        print(problem, flush=True)


class Truth:
    """What every session must see of a study, counted here."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.start = {name: fit_thresholds(study, name, "max-f1").array() for name in study.settings}

    def counts(self, setting: str, split: str, cuts: np.ndarray) -> list[dict[str, int]]:
        """By class the films found, falsely alarmed, missed and rightly left of those that are labelled."""
        rows = self.study.rows(split)
        scores, labels = np.asarray(self.study.scores(setting)[rows], np.float64), self.study.labels[rows]
        called = scores >= cuts
        kinds = (called & (labels == 1), called & (labels == 0), ~called & (labels == 1), ~called & (labels == 0))
        columns = [kind.sum(axis=0) for kind in kinds]
        return [
            {name: int(column[place]) for name, column in zip(_COUNTS, columns, strict=True)}
            for place in range(len(self.study.classes))
        ]

    def some_cuts(self, setting: str, rng: random.Random) -> np.ndarray:
        """Thresholds that nobody else has: at random shares of each class's scores."""
        scores = np.asarray(self.study.scores(setting), np.float64)
        return np.array([np.quantile(column, rng.uniform(0.02, 0.98)) for column in scores.T])

    def link(self, setting: str, split: str, cuts: np.ndarray) -> dict[str, str]:
        """The address of these thresholds on the Thresholds page."""
        code = encode_thresholds(self.study.scores_fingerprint(setting), cuts)
        place = self.study.settings.index(setting)
        return {"study": self.study.root.name, "setting": setting, "read_on": split, "thresholds": f"{place}~{code}"}


class Visitor:
    """One tab after another, with its thresholds; does one thing at a time and looks at what comes of it."""

    def __init__(self, door: Door, truth: Truth, seen: Seen, seed: int) -> None:
        self._door, self._truth, self._seen, self._rng = door, truth, seen, random.Random(seed)
        self._name, self._session = f"session {seed}", None
        self._open()

    def step(self) -> None:
        """One thing that people do."""
        do = self._rng.choices(
            (self._move, self._pick_setting, self._pick_split, self._per_class, self._look, self._reopen),
            weights=(6, 2, 2, 4, 1, 0.3),
        )[0]
        do()

    def close(self) -> None:
        """Closes the tab."""
        if self._session is not None:
            self._session.socket.close()

    @property
    def _tab(self) -> Session:
        assert self._session is not None
        return self._session

    def _open(self) -> None:
        """A link, opened in a new tab."""
        study, rng = self._truth.study, self._rng
        self._setting, self._split = rng.choice(study.settings), rng.choice(("val", "test", "train"))
        self._cuts = {**self._truth.start, self._setting: self._truth.some_cuts(self._setting, rng)}
        link = self._truth.link(self._setting, self._split, self._cuts[self._setting])
        with self._timed():
            place = self._door.come_in()
            self._session = Session.open(place, "thresholds", link, cookie=self._door.cookie)
        self._seen.places.append(place)
        self._check_deck("opened")

    def _reopen(self) -> None:
        self.close()
        self._open()

    def _to_thresholds(self) -> None:
        if self._tab.page != "thresholds":
            with self._timed():
                self._tab.go("thresholds", {**self._view(), "read_on": self._split})

    def _view(self) -> dict[str, str]:
        """The address of what is looked at, as links between pages have it."""
        return {"study": self._truth.study.root.name, "setting": self._setting}

    def _move(self) -> None:
        """One threshold by hand."""
        self._to_thresholds()
        data = self._tab.data(DECK)
        cuts = self._cuts[self._setting].copy()
        place = self._rng.randrange(len(cuts))
        cuts[place] = self._truth.some_cuts(self._setting, self._rng)[place]
        move = {"number": int(data["confirmed"]["number"]) + 1, "epoch": data["epoch"], "values": cuts.tolist()}
        with self._timed(self._seen.answers):
            self._tab.send(DECK, "moved", move)
        self._cuts[self._setting] = cuts
        self._check_deck("moved")

    def _pick_setting(self) -> None:
        self._to_thresholds()
        self._setting = self._rng.choice(self._truth.study.settings)
        with self._timed():
            self._tab.set("setting", [setting_title(self._setting)])
        self._check_deck("another setting")

    def _pick_split(self) -> None:
        self._to_thresholds()
        self._split = self._rng.choice(("val", "test", "train"))
        with self._timed():
            self._tab.set("read_on", [self._words(self._split)])
        self._check_deck("another split")

    def _words(self, split: str) -> str:
        return f"{SPLIT_WORDS[split]} ({len(self._truth.study.rows(split)):,})"

    def _per_class(self) -> None:
        """The table of all classes, on films of one's own choice."""
        with self._timed():
            self._tab.go("per_class", self._view())
        split = self._rng.choice(("val", "test"))
        with self._timed():
            self._tab.set("split", [self._words(split)])
        self._no_errors("per class")
        table = self._tab.table("Predicted")
        cuts = self._cuts[self._setting]
        counts = self._truth.counts(self._setting, split, cuts)
        for place, name in enumerate(self._truth.study.classes):
            row = table[table["Class"] == name].iloc[0]
            wanted = (counts[place]["tp"] + counts[place]["fn"], counts[place]["tp"] + counts[place]["fp"])
            self._compare(f"per class, {name}", (int(row["Positive"]), int(row["Predicted"])), wanted)
            shown, cut = (None if np.isnan(value) else float(value) for value in (row["Threshold"], cuts[place]))
            self._compare(f"per class, {name}", shown, cut)

    def _look(self) -> None:
        page = self._rng.choice(_PAGES)
        with self._timed():
            self._tab.go(page, self._view())
        self._no_errors(page or "overview")

    def _check_deck(self, when: str) -> None:
        """The thresholds are this session's, and so are the counts."""
        self._no_errors(when)
        data, cuts = self._tab.data(DECK), self._cuts[self._setting]
        wanted_cuts = [None if np.isnan(cut) else cut for cut in cuts.tolist()]
        self._compare(f"{when}: thresholds", data["values"], wanted_cuts)
        wanted = self._truth.counts(self._setting, self._split, cuts)
        shown = [{name: row[name] for name in _COUNTS} for row in data["confirmed"]["classes"]]
        self._compare(f"{when}: counts of {self._setting} on {self._split}", shown, wanted)

    def _no_errors(self, when: str) -> None:
        for said in self._tab.errors():
            self._seen.say(f"{self._name}, {when}: {said}")

    def _compare(self, what: str, shown: Any, wanted: Any) -> None:
        self._seen.n_figures += 1
        if shown != wanted:
            self._seen.say(f"{self._name}, {what}: shown {shown}, and {wanted} was expected")

    @contextmanager
    def _timed(self, *also: list[float]) -> Iterator[None]:
        started = time.monotonic()
        yield
        for seconds in (self._seen.seconds, *also):
            seconds.append(time.monotonic() - started)


def visit(visitor: Visitor, seen: Seen, until: float, think_s: float, rng: random.Random) -> None:
    """Do one thing after another, with pauses between, until it is time to go."""
    try:
        while time.monotonic() < until:
            time.sleep(rng.uniform(0, 2 * think_s))
            visitor.step()
    except (LostError, LookupError, AssertionError) as error:
        seen.say(f"{type(error).__name__}: {str(error)[:300]}")
    finally:
        visitor.close()


def resident_mb(pid: int) -> float:
    """Megabytes of memory that a process has now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def processor_s(pid: int) -> float:
    """Seconds that a process has had a processor until now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def storm(
    door: Door,
    pids: Sequence[int],
    study: Study,
    n_sessions: int,
    seconds: float,
    think_s: float = 2.0,
    first_seed: int = 0,
) -> Seen:
    """Run the sessions; prints the servers' memory every minute.

    think_s : pause between two things, on average.  first_seed : of the first session; the others count on.
    """
    seen, truth, started = Seen(), Truth(study), time.monotonic()
    threads = [
        threading.Thread(
            target=_come, args=(door, truth, seen, first_seed + rank, rank, started, seconds, think_s), daemon=True
        )
        for rank in range(n_sessions)
    ]
    for thread in threads:
        thread.start()
    minute = 0
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.2)
        now = sum(map(resident_mb, pids))
        seen.most_mb = max(seen.most_mb, now)
        if time.monotonic() - started > 60 * minute:
            load = os.getloadavg()[0]
            print(f"minute {minute}: {now:.0f} MB, {len(seen.seconds)} runs, load {load:.1f}", flush=True)
            minute += 1
    print(f"at the end: {now:.0f} MB, {sum(map(processor_s, pids)):.0f} s of a processor", flush=True)
    return seen


def _come(
    door: Door, truth: Truth, seen: Seen, seed: int, rank: int, started: float, seconds: float, think_s: float
) -> None:
    time.sleep(min(rank, seconds / 5))  # one after the other, a second apart
    try:
        visitor = Visitor(door, truth, seen, seed)
    except (LostError, LookupError, OSError) as error:
        seen.say(f"session {seed} did not begin: {type(error).__name__} {str(error)[:300]}")
        return
    visit(visitor, seen, started + seconds, think_s, random.Random(-seed))
