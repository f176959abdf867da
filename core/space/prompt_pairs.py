"""Prompts that say a finding is there, and prompts that deny it: the stored ones, and edited ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import CoreError
from core.settings.zero_shot import PHRASES
from core.study.manifest import Prompt

if TYPE_CHECKING:
    from core.study import Study

MOST: Final = 20
"""Prompts on one side."""
LONGEST: Final = 400
"""Characters of one prompt."""


class PromptError(CoreError):
    """An edited prompt or template cannot be used."""


@dataclass(frozen=True)
class PromptPair:
    """One class's prompts; each side is an ensemble of at least one.

    Raises PromptError where a side is empty, a prompt blank or very long, or the two sides are the same.
    """

    finding: str
    present: tuple[str, ...]
    absent: tuple[str, ...]

    def __post_init__(self) -> None:
        for side, prompts in (("present", self.present), ("absent", self.absent)):
            if not 1 <= len(prompts) <= MOST or any(not text.strip() for text in prompts):
                message = f"{self.finding}: {len(prompts)} prompts for {side}, or one of them blank."
                raise PromptError(message, remedy=f"Give 1 to {MOST} prompts with words for each side.")
            longest = max(len(text) for text in prompts)
            if longest > LONGEST:
                message = f"{self.finding}: a prompt for {side} has {longest:,} characters."
                raise PromptError(message, remedy=f"Use at most {LONGEST}; the model reads a sentence or two.")
        if sorted(map(_wording, self.present)) == sorted(map(_wording, self.absent)):
            message = f"{self.finding}: both sides say the same, so every margin would be 0."
            raise PromptError(message, remedy="Let the second side deny what the first one says.")

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """Give the prompts as a manifest holds them."""
        present = tuple(Prompt(self.finding, "present", text) for text in self.present)
        return present + tuple(Prompt(self.finding, "absent", text) for text in self.absent)


def stored_pair(study: Study, finding: str) -> PromptPair:
    """Give the prompts that a study's zero-shot scores come from. PromptError where it holds none for the class."""
    sides = {
        role: tuple(
            prompt.text for prompt in study.manifest.prompts if (prompt.finding, prompt.role) == (finding, role)
        )
        for role in ("present", "absent")
    }
    return PromptPair(finding, sides["present"], sides["absent"])


def pair_from_templates(
    finding: str, present: Sequence[str], absent: Sequence[str], *, phrase: str | None = None
) -> PromptPair:
    """Make prompts from templates with {} for the phrase that a report uses for the finding.

    PromptError where a template has no {}, or other braces.
    """
    words = phrase or PHRASES.get(finding, finding.lower())
    return PromptPair(
        finding, tuple(_filled(text, words) for text in present), tuple(_filled(text, words) for text in absent)
    )


def lines_of(text: str) -> tuple[str, ...]:
    """Split the prompts of a text field: one a line, blank lines left out, spaces around them too."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _filled(template: str, phrase: str) -> str:
    rest = template.replace("{}", "")
    if rest == template or "{" in rest or "}" in rest:
        message = f"The template {template!r} has no {{}} to put {phrase!r} in, or other braces."
        raise PromptError(message, remedy='Write {} where the finding stands, such as "no evidence of {}".')
    return template.replace("{}", phrase)


def _wording(text: str) -> str:
    return " ".join(text.lower().split())
