"""How to read the maps of one film: method, layer, scale, and what the annotated films say of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.saliency.methods import method_of
from core.settings.titles import setting_title
from core.study import Study
from pages.saliency import annotated_figures, cache, choices
from pages.saliency.choices import MapChoice
from pages.saliency.maps import Found
from pages.shared import cache as shared_cache
from pages.shared import notices


def explain(study: Study, found: Found, look: MapChoice) -> None:
    """How to read the maps."""
    choice = choices.layer_of(study, look)
    note = f" {choice.note}" if choice is not None and choice.note else ""
    if look.strip == "layer" and method_of(look.method).is_slow:
        note += " Layers are not shown in a row by a method that takes a pass for every patch, channel or class."
    st.caption(
        notices.plain(" ".join(about_maps(study, found, look)) + note)
        + " A map shows where a score comes from, not whether it is right.",
        help="The dashed frame is what the model sees; it does not see the shaded border.",
    )


def about_maps(study: Study, found: Found, look: MapChoice) -> tuple[str, ...]:
    """Method, layer and scale, in sentences."""
    method = method_of(look.method)
    names = sorted({maps.layers[0] for maps in found.maps.values()} - {""})
    titles = annotated_figures.layer_titles(study)
    layers = ", ".join(f"{titles[name]} ({name})" if name in titles else name for name in names)
    at = f"Read at {layers}, values raw." if layers else "Values raw."
    return (f"{method.title}: {method.note.rstrip('.')} ({method.source}).", at, _scale_words(found, look))


def _scale_words(found: Found, look: MapChoice) -> str:
    if look.scale != "unit":
        return {
            "own": "Each map is scaled to its own strongest value: compare places, not strengths.",
            "setting": "A setting's maps of all classes share one scale: a pale map is weaker than another class's.",
            "all": "All settings share one scale: one whose score has smaller units looks paler.",
        }[look.scale]
    groups = dict.fromkeys(found.alike(setting) for setting in found.maps)
    words = [
        f"{_and([setting_title(name) for name in group])} ({found.units.get(group[0], 'no unit')}) "
        f"{'share one' if len(group) > 1 else 'has its own'}"
        for group in groups
    ]
    return f"Scales by the unit of the score: {'; '.join(words)}. Compare strengths within a unit only."


def _and(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def best_on_validation(study: Study) -> None:
    """What the table of all annotated films says of methods and layers, where it has been computed."""
    table = shared_cache.maps_table(study)
    chosen = cache.chosen_maps(table, "energy") if table is not None else {}
    if not chosen:
        return
    titles = annotated_figures.layer_titles(study)
    words = [
        f"{setting_title(setting)}: {annotated_figures.maps_words(entry.on_val.of, titles)}"
        for setting, entry in chosen.items()
    ]
    st.caption(
        f":material/leaderboard: Of the methods and layers compared, these put most of the map into the "
        f"masks of validation films: {'; '.join(words)}. See “All annotated films”."
    )
