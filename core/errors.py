"""Errors that a user can act on: where, what was found, what was expected, and what to do."""

from __future__ import annotations


class CoreError(Exception):
    """A problem the user can mend.

    message : where it is, what was found and what was expected, as one sentence.
    remedy : what to do about it, as one sentence.
    """

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


class StudyError(CoreError):
    """A study on disk, or a table being imported into one, is not what the format says."""


class ReplacedError(StudyError):
    """Another study has taken the place of one that is open; it can be opened again."""


class DatasetError(CoreError):
    """A dataset is absent, incomplete, or not in the layout that was expected."""


class ModelError(CoreError):
    """A model or tokenizer cannot be found or loaded, or would give wrong numbers silently."""


class SaliencyError(CoreError):
    """A saliency map cannot be computed, or is zero or undefined."""


class FetchError(CoreError):
    """Something cannot be fetched: no network, no space, or what came is not what was published."""
