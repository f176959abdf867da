"""An address is the view: with every control of a page turned, another browser shows the same from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.study import open_study
from pages.shared import film_view, navigation
from pages.shared.navigation import PAGES
from tests.pages.conftest import Open
from tests.pages.scores_only import make_scores_only

CONTROLS = (
    "segmented_control",
    "pills",
    "selectbox",
    "multiselect",
    "toggle",
    "number_input",
    "slider",
)
SHOWN = ("title", "subheader", "markdown", "caption", "info", "warning", "metric", "arrow_data_frame", "plotly_chart")
TURNED_LAST = ("saliency_view", "facing")
"""What takes the other controls off the page."""
FORGOTTEN = ("claim_", "map_metric", "map_n_neighbors", "map_min_dist", "map_seed", "meeting", "study")
"""What keys of forms begin with: what is typed there is no view before it is sent off."""


def controls(page: AppTest) -> dict[str, Any]:
    """Every control that is drawn, by what its key begins with: some keys go on with what they are of."""
    found = [one for kind in CONTROLS for one in page.get(kind)]
    return {one.key.split("-")[0]: one for one in found if one.key and not one.key.startswith(FORGOTTEN)}


def other_value(control: Any) -> Any:
    """The value after the one that it has now."""
    if control.type == "toggle":
        return not control.value
    if control.type in ("number_input", "slider"):
        return control.max if control.value != control.max else control.min
    if control.type == "multiselect":
        return [*control.value, *[one for one in control.options if one not in control.value][:1]]
    place = control.index if control.type == "selectbox" else control.indices[0]
    return control.options[(place + 1) % len(control.options)]


def values(page: AppTest) -> dict[str, Any]:
    return {key: one.value for key, one in controls(page).items()}


def shown(page: AppTest) -> list[tuple[str, str]]:
    """What a page says and draws."""
    return [(kind, str(one.proto)) for kind in SHOWN for one in page.get(kind)]


@pytest.mark.parametrize("stem", [page.stem for page in PAGES])
def test_a_copied_link_shows_what_its_sender_sees(open_page: Open, made_up: Path, stem: str) -> None:
    page = open_page(stem, made_up)
    turned: set[str] = set()
    while waiting := sorted((key for key in controls(page) if key not in turned), key=TURNED_LAST.__contains__):
        turned.add(waiting[0])
        control = controls(page)[waiting[0]]
        if not control.disabled:
            control.set_value(other_value(control)).run()
        assert not page.exception
    asked = {name: page.query_params[name] for name in page.query_params}
    other = open_page(stem, made_up, **asked)
    assert values(other) == values(page)
    assert shown(other) == shown(page)
    assert len(shown(page)) > 3


def toasts(page: AppTest) -> list[str]:
    return [str(one.value) for one in page.toast]


def test_a_link_that_cannot_be_shown_says_what_was_not_found(open_page: Open, made_up: Path) -> None:
    page = open_page("thresholds", made_up, setting="ours", read_on="val", below="nowhere")
    said = toasts(page)
    assert len(said) == 2
    assert said[0].endswith("Model\\: ours")
    assert "nowhere" in said[1]
    assert not toasts(page.run())  # it stands in the browser; another run says nothing anew
    assert not toasts(open_page("thresholds", made_up, setting="zero_shot"))


def test_a_film_that_is_not_in_the_study_is_said_to_be_absent(open_page: Open, made_up: Path) -> None:
    page = open_page("saliency", made_up, film="film-9999")
    assert toasts(page) == ["The link asks for something that is not here. Film\\: film-9999"]
    assert not toasts(open_page("saliency", made_up, film="film-0003"))


def test_a_film_leads_only_to_pages_that_can_show_more_of_it(
    made_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = open_study(made_up)
    monkeypatch.setattr(navigation, "is_in_app", lambda: True)
    assert film_view.pages_of_film(study) == ("embedding_space",)  # it has no model
    with_model = replace(study, manifest=replace(study.manifest, model={"name": "a model"}))
    assert film_view.pages_of_film(with_model) == ("saliency", "embedding_space")
    bare = open_study(make_scores_only(tmp_path / "bare", ["Edema"]))
    assert film_view.pages_of_film(bare) == ()
    led: list[str] = []
    monkeypatch.setattr(navigation, "link_to", lambda stem, *_, **__: led.append(stem))
    for one in (study, with_model, bare):
        film_view.link_to(one, "saliency", "Where do the models look?")
    assert led == ["saliency"]
    monkeypatch.setattr(navigation, "is_in_app", lambda: False)
    assert film_view.pages_of_film(with_model) == ()
