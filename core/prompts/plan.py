"""Which prompts are asked: every class in every style, with every phrase, affirmed and denied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.findings import NO_FINDING
from core.prompts.styles import STYLES
from core.prompts.wording import phrases_for
from core.study.manifest import Prompt


@dataclass(frozen=True)
class Wording:
    """One class asked about in one way: a film's score is its similarity to `present` less that to `absent`.

    style : name of a PromptStyle.
    phrase : what the class is called in it.
    """

    finding: str
    style: str
    phrase: str
    present: str
    absent: str

    @property
    def prompts(self) -> tuple[Prompt, Prompt]:
        """Give the pair as a build of the study would hold it."""
        return Prompt(self.finding, "present", self.present), Prompt(self.finding, "absent", self.absent)


def wordings_for(classes: Sequence[str]) -> tuple[Wording, ...]:
    """List every wording of every class, class by class, style by style, in the order of the phrases.

    >>> wordings_for(["Edema"])[6]
    Wording(finding='Edema', style='chexzero', phrase='edema', present='edema', absent='no edema')
    """
    found = []
    for finding in classes:
        for style in STYLES:
            for phrase in phrases_for(finding):
                sides = style.affirmed(phrase), style.denied(phrase)
                present, absent = sides[::-1] if finding == NO_FINDING else sides
                found.append(Wording(finding, style.name, phrase, present, absent))
    return tuple(found)


def texts_of(wordings: Sequence[Wording]) -> tuple[str, ...]:
    """List the prompts of some wordings, each once: several share one, and it is encoded once."""
    return tuple(dict.fromkeys(text for one in wordings for text in (one.present, one.absent)))
