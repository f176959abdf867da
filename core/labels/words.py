"""A convention in words, as far as it decides anything about what was said."""

from __future__ import annotations

from typing import Final

from core.labels.convention import Convention
from core.labels.readings import NOT_MENTIONED, UNCERTAIN, UNNAMED, Readings

_UNCERTAIN: Final = {
    "positive": "an uncertain finding counts as present (U-Ones)",
    "negative": "an uncertain finding counts as absent (U-Zeros)",
    "left out": "an uncertain finding is left out (U-Ignore)",
}
_READERS: Final = {
    "any": "what any reader sees is there",
    "majority": "of several readers, most decide",
    "all": "what all readers see is there",
}


def convention_words(convention: Convention, readings: Readings) -> str:
    """Say how labels were made of the readings, in one sentence; only what applies to any of them.

    >>> from core.study import open_study
    >>> convention_words(Convention(blank="negative", source="reports"), open_study("tests/golden/study_v2").readings)
    'Labels (reports): a finding that is not mentioned counts as absent.'
    """
    source = convention.source or next(iter(readings.source_names), "")
    codes = readings.codes[readings.sources == source]
    parts = []
    if (codes == NOT_MENTIONED).any():
        counted = "absent" if convention.blank == "negative" else "not looked at"
        parts.append(f"a finding that is not mentioned counts as {counted}")
    if (codes == UNCERTAIN).any():
        parts.append(_UNCERTAIN[convention.uncertain])
    if len(readings.reader_names(source)) > 1:
        parts.append(_reader_words(convention))
    whose = "Labels" if source == UNNAMED else f"Labels ({source})"
    return f"{whose}: {'; '.join(parts) or 'as they are given'}."


def _reader_words(convention: Convention) -> str:
    if convention.reader is not None:
        return f"of several readers, {convention.reader} alone counts"
    if convention.at_least is not None:
        return f"what {convention.at_least} readers see is there"
    return _READERS[convention.readers]
