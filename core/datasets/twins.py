"""What a dataset offers that can take the same film again with something changed: twin films."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.geometry import BoolArray

FloatArray = npt.NDArray[np.floating]
UInt8Array = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class AskedFinding:
    """How a finding is asked for; None is as it was drawn, or would be.

    size : 0..1.
    side : out of the finding's `sides`.
    level : 0 the highest that anatomy allows .. 1 the lowest.
    """

    size: float | None = None
    side: str | None = None
    level: float | None = None


@dataclass(frozen=True)
class AskedFilm:
    """What a film is to show, and how it is to be taken.

    findings : all of them, by name, in any order.
    view, style : out of the renderer's; "" is as the film was taken.
    dose : photons, as a factor.
    """

    findings: tuple[tuple[str, AskedFinding], ...]
    view: str = ""
    style: str = ""
    dose: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """List the findings."""
        return tuple(name for name, _ in self.findings)

    def with_finding(self, name: str, asked: AskedFinding | None = None) -> AskedFilm:
        """Ask for a finding too, or otherwise than before."""
        others = tuple(entry for entry in self.findings if entry[0] != name)
        return replace(self, findings=(*others, (name, asked or AskedFinding())))

    def without(self, *names: str) -> AskedFilm:
        """Ask for the film without some findings."""
        return replace(self, findings=tuple(entry for entry in self.findings if entry[0] not in names))


@dataclass(frozen=True)
class FindingControl:
    """What of a finding can be asked for.

    sides : of the patient; empty where anatomy leaves no choice.
    has_level : whether it can lie higher or lower.
    """

    name: str
    sides: tuple[str, ...] = ()
    has_level: bool = False


@dataclass(frozen=True, eq=False)
class TakenFilm:
    """A film as it was taken.

    pixels : (H, W) uint8.
    masks : by finding, (H, W).
    path : the line integral (H, W) of attenuation, before scatter, noise and development.
    exposed : which pixels (H, W) are not covered by borders.
    reach_px : how far focal spot and screen blur a change.
    geometry : stands for where the rays run; films of another cannot be compared pixel by pixel.
    development : of the renderer's own, to develop a twin alike.
    """

    pixels: UInt8Array
    masks: dict[str, BoolArray]
    path: FloatArray
    exposed: BoolArray
    reach_px: int
    geometry: object
    development: object = field(repr=False)


class Renderer(Protocol):
    """Takes films of a study again. Same request, same pixels; the noise is the film's own whatever is asked for.

    controls : the findings, in the order of the study's vocabulary.
    visible_change : by how much the line integral changes at least where a finding is seen.
    views, styles : that films can be taken in.
    """

    def __hash__(self) -> int: ...

    @property
    def controls(self) -> tuple[FindingControl, ...]: ...

    @property
    def visible_change(self) -> float: ...

    @property
    def views(self) -> tuple[str, ...]: ...

    @property
    def styles(self) -> tuple[str, ...]: ...

    def film(self, image_id: str) -> UInt8Array:
        """Render the film as the study has it."""
        ...

    def shown(self, image_id: str) -> AskedFilm:
        """Say what the study's film shows."""
        ...

    def own_view(self, image_id: str) -> str:
        """Say in which of the views the study's film was taken."""
        ...

    def drawn_size(self, image_id: str, finding: str) -> float:
        """Say how large, 0..1, a finding is on a film, or would be."""
        ...

    def take(self, image_id: str, asked: AskedFilm, like: TakenFilm | None = None) -> TakenFilm:
        """Take a film. like : a film that it is developed alike, so that a finding does not change the rest of it."""
        ...
