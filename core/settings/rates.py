"""The option of a build that suits learning rates to towers of another width."""

from __future__ import annotations

import argparse
import math
from typing import Final

from core.errors import StudyError
from core.settings.base import Argument

RATE_SCALE: Final = Argument(
    "--rate-scale",
    float,
    1.0,
    "times the paper's learning rates (1e-4, 1e-5), which are for a tower 768 wide; 4 suits one 192 wide",
)


def scaled_rate(learning_rate: float, args: argparse.Namespace) -> float:
    """Multiply a learning rate by `args.rate_scale`; StudyError where that is not a number above 0.

    The rate that suits Adam goes as 1 / width: the paper's are for a tower 768 wide.
    Source: Yang et al., "Tensor Programs V", arXiv 2203.03466.
    """
    scale = args.rate_scale
    if not (math.isfinite(scale) and scale > 0):
        raise StudyError(f"--rate-scale is {scale:g}.", remedy="Give a number above 0; 1 keeps the paper's rates.")
    return learning_rate * float(scale)
