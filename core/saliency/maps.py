"""Saliency maps, raw and each on its own grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import SaliencyError
from core.geometry import WHOLE_SQUARE, Geometry
from core.models.arrays import Float32Array
from core.saliency.methods import method_of


@dataclass(frozen=True, eq=False)
class SaliencyMap:
    """Where a model looked, before any scaling or smoothing.

    values : (rows, columns), 0 and above, one value per patch of the cropped film, top row first.
    layer, method : where and how it was computed; `layer` is "" for methods without layers.
    target : in words, what was explained.
    score : its value for this film.
    raw_maximum : largest value; maps of one target may be compared only by raw values.
    is_zero : no patch speaks for the class here (all values are 0); say so instead of drawing it.
    """

    values: Float32Array
    layer: str
    method: str
    target: str
    score: float
    raw_maximum: float
    is_zero: bool


@dataclass(frozen=True, eq=False)
class FilmMaps:
    """The maps of all classes of one film, by one method, at one or more layers.

    method : its name.
    layers : their names; ("",) for a method without layers.
    values : one (C, rows, columns) a layer, raw, 0 and above.
    problems : one a layer: None, or why there is no map, in a sentence.
    scores : (C,) of the film.
    untrained : why a class has no map, in a sentence, by class; its values and its score are NaN.
    targets : what they are, in words, one a class.
    geometry : where the maps lie on the film.
    """

    method: str
    layers: tuple[str, ...]
    classes: tuple[str, ...]
    values: tuple[Float32Array, ...]
    problems: tuple[str | None, ...]
    scores: Float32Array
    targets: tuple[str, ...]
    untrained: Mapping[str, str] = field(default_factory=dict)
    geometry: Geometry = WHOLE_SQUARE

    def of(self, finding: str, layer: str | None = None) -> SaliencyMap:
        """Find the map of a class at a layer, by default the last; SaliencyError where there is none."""
        position = self._position(layer)
        problem = self.problems[position]
        if problem is not None:
            raise SaliencyError(problem, remedy="Choose an earlier layer, or a method that needs no gradient.")
        index = self._class_index(finding)
        if finding in self.untrained:
            raise SaliencyError(
                self.untrained[finding], remedy="Choose a setting that was trained on it, or zero-shot."
            )
        values = self.values[position][index]
        return SaliencyMap(
            values=values,
            layer=self.layers[position],
            method=method_of(self.method).title,
            target=self.targets[index],
            score=float(self.scores[index]),
            raw_maximum=float(values.max()),
            is_zero=not bool(values.any()),
        )

    def only(self, layer: str) -> FilmMaps:
        """Take those of one layer alone; SaliencyError where there are none of it."""
        place = self._position(layer)
        return replace(self, layers=(layer,), values=(self.values[place],), problems=(self.problems[place],))

    def maximum(self, layer: str | None = None, findings: Sequence[str] | None = None) -> float:
        """Give the largest raw value at a layer, by default the last, over classes,
        by default all; 0 where all are zero, or none was trained.
        """
        indices = [self._class_index(name) for name in (findings or self.classes) if name not in self.untrained]
        return float(self.values[self._position(layer)][indices].max(initial=0.0))

    def _position(self, layer: str | None) -> int:
        if layer is None:
            return len(self.layers) - 1
        if layer not in self.layers:
            raise SaliencyError(
                f"No map was computed at {layer!r}.", remedy=f"Choose one of {', '.join(self.layers) or 'none'}."
            )
        return self.layers.index(layer)

    def _class_index(self, finding: str) -> int:
        if finding not in self.classes:
            raise SaliencyError(
                f"{finding!r} is not a class of this model.", remedy=f"Choose one of {', '.join(self.classes)}."
            )
        return self.classes.index(finding)
