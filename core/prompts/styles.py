"""The styles of prompt: how a finding is affirmed, and how it is denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class PromptStyle:
    """One way to ask.

    name, title : in files and on screen.
    present, absent : templates; {} is the finding's phrase. A template without it is the same for all findings.
    source : where it comes from.
    """

    name: str
    title: str
    present: str
    absent: str
    source: str

    def affirmed(self, phrase: str) -> str:
        """Say that the finding is there."""
        return self.present.replace("{}", phrase)

    def denied(self, phrase: str) -> str:
        """Say that it is not."""
        return self.absent.replace("{}", phrase)


STYLES: Final[tuple[PromptStyle, ...]] = (
    PromptStyle(
        "name", "Name only", "{}", "no finding",
        "arXiv 2506.14136 prompts with bare class names; the other side is the name that label sets give a clear film",
    ),
    PromptStyle("chexzero", "“X” / “no X”", "{}", "no {}", "CheXzero: Tiu et al., Nature Biomedical Engineering 2022"),
    PromptStyle(
        "photo", "“this is a photo of X”", "this is a photo of {}", "this is a photo without {}",
        "BiomedCLIP's model card (Zhang et al., NEJM AI 2025), which has no denial; that is ours",
    ),
    PromptStyle(
        "caption", "“chest x-ray with X”", "chest x-ray with {}", "chest x-ray without {}",
        "captions such as BiomedCLIP's model card has for chest films, as a pair",
    ),
    PromptStyle(
        "report", "“findings consistent with X”", "findings consistent with {}", "no evidence of {}",
        "BioViL: Boecking et al., ECCV 2022",
    ),
    PromptStyle(
        "sentence", "“there is X”", "there is {}", "there is no {}",
        "sentences of reports; the denial is BioViL's (Boecking et al., ECCV 2022)",
    ),
)  # fmt: skip
"""To add a style, write a line. Their order is the order on screen."""


def style_named(name: str) -> PromptStyle | None:
    """Find the style of a name; None for one that a later version of this project may know."""
    return next((style for style in STYLES if style.name == name), None)
