"""What may be asked of a finding in place of what would be drawn: its size, its side and its height.

Every number is drawn all the same, so that what is not asked for stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.datasets.phantom.anatomy import LEFT, RIGHT

BOTH = (RIGHT, LEFT)
_SIDES = {"right": (RIGHT,), "left": (LEFT,), "both": BOTH}


@dataclass(frozen=True)
class Wish:
    """None leaves what is drawn.

    severity : 0..1.
    side : "right", "left" or "both", the patient's.
    level : where in the range that anatomy allows, 0 the highest, 1 the lowest.
    """

    severity: float | None = None
    side: str | None = None
    level: float | None = None

    def sides(self, drawn: tuple[int, ...]) -> tuple[int, ...]:
        """Give the sides, for a finding that may be on both."""
        return drawn if self.side is None else _SIDES[self.side]

    def one_side(self, drawn: int) -> int:
        """Give the side of a finding that is on one."""
        return drawn if self.side in (None, "both") else _SIDES[str(self.side)][0]

    def level_between(self, highest: float, lowest: float, drawn: float) -> float:
        """Give a height between two, in their unit."""
        return drawn if self.level is None else highest + (lowest - highest) * self.level

    def is_upper(self, drawn: bool) -> bool:
        """Say whether the upper lobe is meant."""
        return drawn if self.level is None else self.level < 0.5


AS_DRAWN = Wish()
