"""Errors that a user can act on: where, what was found, what was expected, and what to do."""

from __future__ import annotations


class CoreError(Exception):
    """A problem the user can mend.

    message : where it is, what was found and what was expected, as one sentence.
    remedy : what to do about it, as one sentence.
    Both are made printable, on one line: they may quote whatever a damaged file holds.
    """

    def __init__(self, message: str, *, remedy: str) -> None:
        self.message, self.remedy = printable(message), printable(remedy)
        super().__init__(f"{self.message} {self.remedy}")


def printable(text: str, most: int = 1500) -> str:
    """Give a text as one line that any terminal takes: halves of signs written out, the middle of a long one cut.

    most : characters that are kept.
    """
    if len(text) > most:
        text = f"{text[: 2 * most // 3]} ... {text[-most // 3 :]}"
    line = " ".join(part for part in text.splitlines() if part)
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)


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


class RoomError(CoreError):
    """A room cannot be entered or opened: its key is wrong, it is closed, or there is no place."""


class PictureError(CoreError):
    """A PNG or JPEG cannot be read.

    message : what is wrong, said of "it" ("is cut off"), for a caller's sentence.
    """
