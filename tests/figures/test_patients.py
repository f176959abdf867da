"""1,000 patients as marks: how many of each kind, each at a place of its own."""

from __future__ import annotations

from core.figures.patients import icon_array, icon_words
from core.metrics.cells import Counts
from core.metrics.prevalence import expected_at


def test_every_patient_is_one_mark_at_a_place_of_its_own() -> None:
    figure = icon_array(expected_at(Counts(tp=9, fp=2, fn=1, tn=8), 0.1))
    assert [len(trace.x) for trace in figure.data] == [90, 10, 180, 720]
    places = {(x, y) for trace in figure.data for x, y in zip(trace.x, trace.y, strict=True)}
    assert len(places) == 1000
    assert figure.data[1].name == "10 have it and are missed"
    assert len({(trace.marker.symbol, trace.marker.size) for trace in figure.data}) == 4


def test_a_class_without_positives_is_said_to_be_undefined() -> None:
    expected = expected_at(Counts(tp=0, fp=1, fn=0, tn=9), 0.1)
    assert not icon_array(expected).data
    assert "nothing can be expected" in icon_words("Edema", expected)
