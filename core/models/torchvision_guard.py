"""open_clip and timm, imported so that a torchvision without its compiled operators does not stop them.

A torchvision wheel built for CUDA does not load beside a CPU torch: its `_C` library is missing symbols, and the import
then fails with "operator torchvision::nms does not exist". Only image transforms are needed here, so the schemas of the
two operators that its import looks up are declared. Where torchvision is whole nothing is declared.
Import open_clip and timm from here, never directly.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

_BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_SCHEMAS = (f"nms{_BOXES}", f"qnms{_BOXES}")


def _compiled_operators_load() -> bool:
    """Whether torchvision's compiled library is there and loads beside this torch."""
    spec = importlib.util.find_spec("torchvision")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for library in sorted(Path(folder).glob("_C.*")):
            try:
                torch.ops.load_library(str(library))
            except OSError:
                continue
            return True
    return False


def _declare_missing_operators() -> torch.library.Library | None:
    """Declare the schemas that torchvision's import looks up; the result must stay alive as long as they do."""
    if _compiled_operators_load():
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        library.define(schema)
    return library


DECLARED = _declare_missing_operators()
"""The library of declared schemas; None where torchvision is whole."""

import open_clip  # noqa: E402  (only after the operators are declared)
import timm  # noqa: E402

__all__ = ["DECLARED", "open_clip", "timm"]
