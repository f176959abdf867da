"""What the twin is to show and how it is taken: widgets in, an AskedFilm out; all of it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.datasets.twins import AskedFilm, AskedFinding, FindingControl, Renderer
from core.study import Study
from pages.shared import notices, selection

_TWIN: Final = "twin"
"""In the address: the findings of the twin by their places; left out where they are the film's own."""
_NONE: Final = "none"
_WISH: Final = "wish"
"""In the address, once a finding: its place, size, side and level, each empty where it is as drawn."""
_SEPARATOR: Final = "~"
_AS_DRAWN: Final = "as drawn"
_FILM: Final = "twin_film"
_VIEWS: Final = {"": "As taken", "PA": "From the back (PA)", "AP": "From the front (AP)"}
_STYLES: Final = {"": "As taken", "target": "Upright, with grid noise", "source": "Bedside, smooth"}
_DOSES: Final = {"0.25": "A quarter", "1": "As taken", "4": "Four times"}


@dataclass(frozen=True)
class _Film:
    """Which film's widgets: each film has its own, which begin as the film is."""

    study: Study
    renderer: Renderer
    image_id: str

    def key(self, name: str) -> str:
        """Name a widget of this film."""
        return f"twin-{name}-{self.study.fingerprint}-{self.image_id}"


def _pick_film(study: Study) -> str:
    """A film of test, or of all where there is none; the address names it."""
    rows = study.rows("test") if len(study.rows("test")) else study.rows("all")
    ids = [study.image_ids[row] for row in rows]
    chosen = selection.chosen_film(study)
    if chosen is not None and chosen not in ids:
        ids = [chosen, *ids]
    if st.session_state.get(_FILM) not in ids or (chosen is not None and st.session_state[_FILM] != chosen):
        st.session_state[_FILM] = chosen or ids[0]
    image_id = st.selectbox(
        "Film",
        ids,
        key=_FILM,
        format_func=lambda name: _named(study, name),
        on_change=_other_film,
        persist_state="session",
        width=420,
        label_visibility="collapsed",
    )
    selection.choose_film(image_id)
    return str(image_id)


def _named(study: Study, image_id: str) -> str:
    labels = study.labels[study.row_of(image_id)]
    names = [name for name, value in zip(study.classes, labels, strict=True) if value == 1]
    return f"{image_id}: {', '.join(names)}" if names else image_id


def _other_film() -> None:
    """A twin in the address is of the film before."""
    for name in (_TWIN, _WISH):
        st.query_params.pop(name, None)
    selection.choose_film(st.session_state[_FILM])


def pick(study: Study, renderer: Renderer) -> tuple[str, AskedFilm]:
    """The film of the study, and the twin that is asked for."""
    line = selection.controls(has_labels=False)
    with line:
        image_id = _pick_film(study)
    of = _Film(study, renderer, image_id)
    own = renderer.shown(image_id)
    names = [control.name for control in renderer.controls]
    pressed = _pressed(of, names, own.names)
    with line:
        with st.popover("Size, side and place", icon=":material/straighten:", disabled=not pressed):
            _adjust(of, pressed)
        with st.popover("How it is taken", icon=":material/camera:"):
            view = selection.pick_one("View", ["", *renderer.views], default="", words=_VIEWS, key="twin_view")
            style = selection.pick_one("Scanner", ["", *renderer.styles], default="", words=_STYLES, key="twin_style")
            dose = selection.pick_one("Exposure", list(_DOSES), default="1", words=_DOSES, key="twin_dose")
    wishes = {name: _wish(of, name) for name in pressed}
    _write_address(names, own.names, pressed, wishes)
    return image_id, AskedFilm(tuple(wishes.items()), view, style, float(dose))


def _pressed(of: _Film, names: list[str], own: tuple[str, ...]) -> list[str]:
    """The findings that are on; at first those of the address, else the film's own."""
    key = of.key("findings")
    if key not in st.session_state:
        st.session_state[key] = _asked_names(names, own)
        _take_wishes(of, names)
    with st.container(key="twin-findings"):
        chosen = st.pills(
            "Findings on the twin",
            names,
            selection_mode="multi",
            key=key,
            persist_state="session",
            label_visibility="collapsed",
        )
    return [name for name in names if name in (chosen or [])]


def _asked_names(names: list[str], own: tuple[str, ...]) -> list[str]:
    asked = st.query_params.get(_TWIN)
    if asked is None:
        return [name for name in names if name in own]
    places = {place for place in asked.split(_SEPARATOR) if place.isdigit() and int(place) < len(names)}
    return [name for number, name in enumerate(names) if str(number) in places]


def _take_wishes(of: _Film, names: list[str]) -> None:
    """Sizes, sides and places of an address; what cannot be read is as drawn."""
    controls = {control.name: control for control in of.renderer.controls}
    for entry in st.query_params.get_all(_WISH):
        place, size, side, level, *_ = [*entry.split(_SEPARATOR), "", "", ""]
        if not (place.isdigit() and int(place) < len(names)):
            continue
        control = controls[names[int(place)]]
        _begin(of, control, _share(size), side if side in control.sides else None, _share(level))


def _begin(of: _Film, control: FindingControl, size: float | None, side: str | None, level: float | None) -> None:
    name = control.name
    if size is not None:
        st.session_state[of.key(f"size-{name}")] = size
    if side is not None:
        st.session_state[of.key(f"side-{name}")] = side
    if level is not None and control.has_level:
        st.session_state[of.key(f"own-place-{name}")] = True
        st.session_state[of.key(f"level-{name}")] = level


def _share(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _adjust(of: _Film, pressed: list[str]) -> None:
    """The widgets of one finding of the twin."""
    if not pressed:
        return
    name = st.selectbox("Finding", pressed, key=of.key("adjusted"), persist_state="session")
    control = next(control for control in of.renderer.controls if control.name == name)
    size = of.key(f"size-{name}")
    st.session_state.setdefault(size, round(of.renderer.drawn_size(of.image_id, name), 2))
    st.slider("Size", 0.0, 1.0, step=0.01, key=size, persist_state="session")
    if control.sides:
        side = of.key(f"side-{name}")
        st.session_state.setdefault(side, _AS_DRAWN)
        options = [_AS_DRAWN, *control.sides]
        st.segmented_control("Side of the patient", options, key=side, required=True, persist_state="session")
    if control.has_level:
        own_place = st.toggle("Choose its height", key=of.key(f"own-place-{name}"), persist_state="session")
        level = of.key(f"level-{name}")
        st.session_state.setdefault(level, 0.5)
        words = "0 is the highest place that anatomy allows, 1 the lowest."
        st.slider("Height", 0.0, 1.0, step=0.05, key=level, disabled=not own_place, help=words, persist_state="session")


def _wish(of: _Film, name: str) -> AskedFinding:
    """What the session holds of a finding, drawn or not; a size that was not moved is as drawn, to the last digit."""
    size, side = st.session_state.get(of.key(f"size-{name}")), st.session_state.get(of.key(f"side-{name}"))
    is_drawn = size is None or size == round(of.renderer.drawn_size(of.image_id, name), 2)
    has_place = st.session_state.get(of.key(f"own-place-{name}"), False)
    level = st.session_state.get(of.key(f"level-{name}"), 0.5) if has_place else None
    return AskedFinding(None if is_drawn else size, None if side in (None, _AS_DRAWN) else side, level)


def _write_address(names: list[str], own: tuple[str, ...], pressed: list[str], wishes: dict[str, AskedFinding]) -> None:
    places = _SEPARATOR.join(str(names.index(name)) for name in pressed) or _NONE
    selection.write(_TWIN, None if set(pressed) == set(own) else places)
    said = {name: (wish.size, wish.side, wish.level) for name, wish in wishes.items()}
    entries = [
        _SEPARATOR.join([str(names.index(name)), *("" if part is None else str(part) for part in parts)])
        for name, parts in said.items()
        if any(part is not None for part in parts)
    ]
    if not entries:
        st.query_params.pop(_WISH, None)
    elif st.query_params.get_all(_WISH) != entries:
        st.query_params[_WISH] = entries


def own_words(renderer: Renderer, image_id: str) -> str:
    """What the study's film shows, in words."""
    names = renderer.shown(image_id).names
    return notices.plain(", ".join(names)) if names else "no finding"
