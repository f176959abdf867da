"""Sentences of a study with settings, policies and splits called as on the pages, in whatever says them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.settings.titles import setting_title
from core.thresholds.policies import POLICIES


def with_titles(sentence: str, settings: Sequence[str]) -> str:
    """Say a sentence, such as the basis of a set, with titles in place of the names that code and files use.

    settings : names that may stand in it.

    >>> with_titles("zero_shot: thresholds (max-f1) were fitted on the 20 val films.", ["zero_shot"])
    'Zero-shot: thresholds (highest F1) were fitted on the 20 validation films.'
    """
    for setting in sorted(settings, key=len, reverse=True):  # one name may begin another
        sentence = sentence.replace(setting, setting_title(setting))
    for policy in sorted(POLICIES, key=lambda one: -len(one.name)):
        title = f"{policy.title[0].lower()}{policy.title[1:]}"
        for before, after in (("(", ")"), ("(", ", "), ("from ", "")):
            sentence = sentence.replace(f"{before}{policy.name}{after}", f"{before}{title}{after}")
    return re.sub(r"\bval\b", "validation", sentence)
