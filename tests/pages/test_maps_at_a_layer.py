"""Where every layer is shown below a map, the map is one of those, and nothing is computed for it alone."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import SaliencyError
from core.saliency.layer_choice import LayerChoice
from core.saliency.maps import FilmMaps
from pages.saliency.choices import MapChoice
from pages.saliency.maps import at_layer

EVERY = ("first", "second", "third")
CHOICES = (*(LayerChoice(name, name) for name in EVERY), LayerChoice("aside", "aside", is_in_strip=False))


class Computing:
    """Gives maps whose values are the layer's place, and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...] | None] = []

    def __call__(self, layers: tuple[str, ...] | None) -> FilmMaps:
        self.asked.append(layers)
        names = layers or ("usual",)
        values = tuple(np.full((1, 2, 2), place, np.float32) for place, _ in enumerate(names))
        return FilmMaps("grad_cam", names, ("Edema",), values, (None,) * len(names), np.zeros(1, np.float32), ("it",))


@pytest.mark.parametrize(
    ("look", "layers", "asked", "value"),
    [
        (MapChoice("Edema", "grad_cam", "second", strip="layer"), ("second",), EVERY, 1),
        (MapChoice("Edema", "grad_cam", "second", strip="none"), ("second",), ("second",), 0),
        (MapChoice("Edema", "grad_cam", "aside", strip="layer"), ("aside",), ("aside",), 0),
        (MapChoice("Edema", "grad_cam", None, strip="layer"), None, None, 0),
        (MapChoice("Edema", "rise", "second", strip="layer"), ("second",), ("second",), 0),
    ],
)
def test_what_is_computed(
    look: MapChoice, layers: tuple[str, ...] | None, asked: tuple[str, ...] | None, value: int
) -> None:
    compute = Computing()
    found = at_layer(look, layers, lambda: CHOICES, compute)
    assert compute.asked == [asked]
    assert found.layers == (layers or ("usual",))
    assert found.of("Edema").values.tolist() == [[value] * 2] * 2


def test_a_layer_without_maps_is_a_sentence() -> None:
    with pytest.raises(SaliencyError, match="No map was computed at 'fourth'"):
        Computing()(EVERY).only("fourth")
