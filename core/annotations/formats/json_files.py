"""Reading what the JSON formats share: the file itself, and run-length encoded masks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import files
from core.annotations.annotation import REMEDY
from core.errors import StudyError


def read_json(path: Path) -> Any:
    """The content of a JSON file; StudyError where it cannot be read, is not JSON, or holds NaN or Infinity."""
    return files.read_json(path, remedy="Export the annotations again.", bounded=False)


def json_object(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file, to recognise a format by; empty where there is none."""
    try:
        content = read_json(path) if path.is_file() and _begins_as_object(path) else {}
    except StudyError:
        return {}
    return content if isinstance(content, dict) else {}


def packed_runs(runs: Mapping[str, Any], height: int, width: int, where: str) -> dict[str, Any]:
    """An RLE with its counts as text; what is no list of counts is returned as it is, for the check to name."""
    counts, size = runs.get("counts"), runs.get("size")
    if not isinstance(counts, list):
        return {"size": size, "counts": counts}
    if any(type(count) is not int or count < 0 for count in counts) or sum(counts) != height * width:
        raise StudyError(f"{where}: the run lengths do not fill {height} x {width} pixels.", remedy=REMEDY)
    from pycocotools import mask as coco

    packed = coco.frPyObjects({"size": [height, width], "counts": counts}, height, width)
    return {"size": size, "counts": packed["counts"].decode("ascii")}


def _begins_as_object(path: Path) -> bool:
    """Whether the first sign of a file is a brace, so that films and tables are not read whole to be told apart."""
    with path.open("rb") as stream:
        return stream.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
