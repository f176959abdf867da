"""What became of every claim in a study: its variants, their verdicts, and the sentence that sums them up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.claims.axes import Choices, OpenAxis, Option
from core.claims.claim import Claim
from core.claims.deciding import Codes, Tree, deciding_tree
from core.claims.effects import CONTRADICTS, HOLDS, UNTOLD, Int8Array, joint_factor, verdicts
from core.claims.written import claim_from_json, claim_to_json
from core.metrics.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ClaimResult:
    """One claim. Arrays are of its V variants, those that are computed so far; NaN where a figure is undefined.

    axes : with the options that were open.  codes : (V, A) the place of each variant's option.
    first, second : the two figures.  low, high, error, n : as in `Effects`.
    peak : (R,) as there, over all variants.
    n_variants : how many there will be.  excluded : by reason, combinations that make no sense.
    missing : why it could not be asked; None where it could.
    """

    claim: Claim
    axes: tuple[OpenAxis, ...]
    codes: Codes
    first: FloatArray
    second: FloatArray
    low: FloatArray
    high: FloatArray
    error: FloatArray
    n: IntArray
    peak: FloatArray
    n_variants: int
    excluded: Mapping[str, int]
    missing: str | None = None

    @property
    def effect(self) -> FloatArray:
        """Give the first figure less the second."""
        return self.first - self.second

    @cached_property
    def verdict(self) -> Int8Array:
        """Say of each variant whether it holds (1), contradicts (-1), or cannot be told (0)."""
        return verdicts(self.claim, self.low, self.high)

    @cached_property
    def holds_jointly(self) -> BoolArray:
        """Tell which variants hold with intervals that are wide enough for all of them at once."""
        wide = joint_factor(self.peak) * self.error
        found = verdicts(self.claim, self.effect - wide, self.effect + wide)
        return np.asarray((found == HOLDS) & (self.verdict == HOLDS))

    @property
    def n_holding(self) -> int:
        """Count the variants that hold."""
        return int(np.count_nonzero(self.verdict == HOLDS))

    @property
    def n_contradicting(self) -> int:
        """Count the variants whose interval lies on the other side."""
        return int(np.count_nonzero(self.verdict == CONTRADICTS))

    @property
    def n_untold(self) -> int:
        """Count the variants whose interval tells nothing, or that have none."""
        return int(np.count_nonzero(self.verdict == UNTOLD))

    @cached_property
    def tree(self) -> Tree | None:
        """Find the choice that decides; None where there is nothing to decide, or no two choices do."""
        return deciding_tree(self.codes, self.verdict)

    @cached_property
    def published(self) -> int | None:
        """Find the variant that the source published; None where the study does not offer it.

        Where a study holds its scores and no prompts, these are what the published protocol reads.
        """
        wanted = dict(self.claim.published)
        if any(axis.name == "prompts" and len(axis.options) == 1 for axis in self.axes):
            wanted.pop("prompts", None)
        return self.find(wanted) if wanted else None

    def choices(self, variant: int) -> Choices:
        """Give the choices of a variant."""
        pairs = zip(self.axes, self.codes[variant], strict=True)
        return {axis.name: axis.options[code].name for axis, code in pairs}

    def find(self, wanted: Choices) -> int | None:
        """Find the first variant with some choices; axes that the study does not offer are passed over."""
        rows = np.ones(len(self.codes), dtype=np.bool_)
        for place, axis in enumerate(self.axes):
            if axis.name in wanted:
                codes = [code for code, option in enumerate(axis.options) if option.name == wanted[axis.name]]
                rows &= np.isin(self.codes[:, place], codes)
        found = np.flatnonzero(rows)
        return int(found[0]) if found.size else None

    def to_json(self) -> dict[str, Any]:
        """Give plain values that `from_json` reads; None where a number is undefined."""
        return {
            "claim": claim_to_json(self.claim),
            "axes": [
                [one.name, one.title, [[option.name, option.words] for option in one.options]] for one in self.axes
            ],
            "codes": self.codes.tolist(),
            **{name: _listed(values) for name, values in self._numbers().items()},
            "n": self.n.tolist(),
            "n_variants": self.n_variants,
            "excluded": dict(self.excluded),
            "missing": self.missing,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> ClaimResult:
        """Read what `to_json` gave."""
        axes = tuple(
            OpenAxis(name, title, tuple(Option(*one) for one in options)) for name, title, options in told["axes"]
        )
        codes = np.array(told["codes"], dtype=np.int16).reshape(len(told["n"]), len(axes))
        return cls(
            claim=claim_from_json(told["claim"], "the ledger"),
            axes=axes,
            codes=codes,
            first=_array(told["first"]),
            second=_array(told["second"]),
            low=_array(told["low"]),
            high=_array(told["high"]),
            error=_array(told["error"]),
            n=np.array(told["n"], dtype=np.int64),
            peak=_array(told["peak"]),
            n_variants=told["n_variants"],
            excluded=told["excluded"],
            missing=told["missing"],
        )

    def _numbers(self) -> dict[str, FloatArray]:
        return {
            "first": self.first,
            "second": self.second,
            "low": self.low,
            "high": self.high,
            "error": self.error,
            "peak": self.peak,
        }


@dataclass(frozen=True, eq=False)
class Ledger:
    """All claims of a study.

    is_complete : False while variants are still computed.  seconds : that it took.
    """

    study: str
    fingerprint: str
    results: tuple[ClaimResult, ...]
    is_complete: bool
    seconds: float

    def result(self, name: str) -> ClaimResult | None:
        """Find the result of a claim; None where there is none of the name."""
        return next((one for one in self.results if one.claim.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """Give plain values that `from_json` reads."""
        return {
            "study": self.study,
            "fingerprint": self.fingerprint,
            "results": [one.to_json() for one in self.results],
            "is_complete": self.is_complete,
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Ledger:
        """Read what `to_json` gave."""
        results = tuple(map(ClaimResult.from_json, told["results"]))
        return cls(told["study"], told["fingerprint"], results, told["is_complete"], told["seconds"])


def _listed(values: FloatArray) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _array(values: Sequence[float | None]) -> FloatArray:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)
