"""Which setting is best, in a sentence that never names a winner without an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from core.metrics.difference import Difference
from core.report.contest import Contest, Contestant
from core.settings import registry
from core.settings.titles import setting_title
from core.settings.zero_shot import SETTING as ZERO_SHOT
from core.words import difference_words, figure_words, number_words, signed_interval_words, signed_words

Kind = Literal["clear", "open", "alone", "undefined"]

_MOST_NAMED: Final = 2


@dataclass(frozen=True)
class Verdict:
    """What the ranking of settings comes to.

    kind : "clear" one setting is ahead of every other; "open" it is not; "alone" there is one; "undefined" no setting
        has the figure.
    sentence : what it comes to.
    grounds : what that rests on, a sentence or two; "" where there is nothing to add.
    """

    kind: Kind
    sentence: str
    grounds: str


def verdict(found: Contest) -> Verdict:
    """Say which setting is best by a figure, or that none is clearly."""
    rows, name = found.defined, _name(found)
    if not rows:
        return Verdict("undefined", f"{_first_up(name)} is undefined for every setting, so none is called best.", "")
    best = rows[0]
    own = figure_words(best.value, best.interval, found.figure.digits)
    if len(found.rows) == 1:
        sentence = f"One setting, {_in_text(best.setting)}: {name} {own}."
        return Verdict("alone", sentence, "With nothing on the same films to compare it with, it is not called best.")
    if len(rows) == 1:
        sentence = f"{_first_up(name)} is defined for {_in_text(best.setting)} alone: {own}."
        return Verdict("alone", sentence, "A setting that cannot be compared is not called best.")
    if not found.rivals:
        sentence = f"{setting_title(best.setting)} is best: {name} {own}, {_lead(found, best)}."
        return Verdict("clear", sentence, _grounds(found))
    return Verdict("open", f"No setting is clearly best: {_open(found, best, own)}", _grounds(found))


def _open(found: Contest, best: Contestant, own: str) -> str:
    rivals = found.rivals
    near = rivals[0]
    difference = found.difference(best.setting, near)
    digits = found.figure.digits
    said = f"{_in_text(best.setting)} has the {_extreme(found)} {_name(found)}, {own}, but its lead over "
    if not difference.interval.is_estimable:
        return f"{said}{_named(rivals)} is not estimable, n = {difference.interval.n:,}."
    words = difference_words(difference.value, difference.interval, digits)
    if len(rivals) == 1:
        return f"{said}{_in_text(near)}, {words}, may be chance."
    others = f" So may that over {_named(rivals[1:])}."
    return f"{said}{_in_text(near)}, {words}, may be chance.{others}"


def _lead(found: Contest, best: Contestant) -> str:
    """The difference to zero-shot; to the second where zero-shot is best itself, or is not there."""
    settings = [row.setting for row in found.defined]
    other = ZERO_SHOT.name if ZERO_SHOT.name in settings[1:] else settings[1]
    difference: Difference = found.difference(best.setting, other)
    digits, ends = found.figure.digits, signed_interval_words(difference.interval, found.figure.digits)
    return f"{signed_words(difference.value, digits)} over {_in_text(other)} ({ends})"


def _grounds(found: Contest) -> str:
    n = len(found.defined)
    n_pairs = n * (n - 1) // 2
    what = "1 pair" if n_pairs == 1 else f"all {n_pairs} pairs at once"
    said = (
        f"{n} settings compared on the same films. Intervals of differences hold for {what} (95 %, patients resampled)."
    )
    undefined = [_in_text(row.setting) for row in found.rows if math.isnan(row.value)]
    said += f" {_first_up(_name(found))} is undefined for {_listed(undefined)}." if undefined else ""
    left = _listed(found.left_out)
    return said + (f" Left out for all: {left}, which a setting learnt nothing of." if found.left_out else "")


def _named(settings: tuple[str, ...]) -> str:
    """The first few by name, the others by number."""
    names = [_in_text(setting) for setting in settings[:_MOST_NAMED]]
    rest = len(settings) - len(names)
    return _listed([*names, *([f"{number_words(rest, 0)} other{'s' if rest > 1 else ''}"] if rest else [])])


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return "" if not names else names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _extreme(found: Contest) -> str:
    return "lowest" if found.figure.better == "lower" else "highest"


def _name(found: Contest) -> str:
    """The figure within a sentence: its first letter small, unless it is an abbreviation."""
    return _lowered(found.figure.title)


def _in_text(setting: str) -> str:
    """A setting within a sentence; a name that was imported stays as it was written."""
    title = setting_title(setting)
    return title if registry.known(setting) is None else _lowered(title)


def _lowered(title: str) -> str:
    first = title.split()[0]
    return title if sum(letter.isupper() for letter in first) > 1 else title[:1].lower() + title[1:]


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
