"""The figures over all annotated films: every setting beside chance, baselines and readers, and the ranking on val."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from core.errors import CoreError
from core.saliency.localization.metrics import metric_named
from core.saliency.localization.pairs import MapKey
from core.saliency.localization.ranking import RankedMaps
from core.saliency.localization.summary import LocalizationSummary, PairedDifference
from core.saliency.localization.table import LocalizationResults
from core.saliency.methods import method_of
from core.settings.registry import shown_first
from core.settings.titles import setting_title
from core.study import Study
from core.words import (
    UNDEFINED,
    interval_words,
    number_words,
    share_words,
    signed_interval_words,
    signed_words,
    unbroken,
)
from pages.saliency import cache
from pages.saliency.cache import Agreement, ChosenMaps
from pages.shared import notices, selection, take

_HOW = (
    "Mean over the classes that 5 films or more were drawn for (else over the films), several readers of a film first "
    "averaged; patients resampled. What stands beside a mean is of the same films."
)


def show(study: Study, table: LocalizationResults, chosen: Agreement) -> None:
    """Every setting's figure, what to read it by, and how far settings and baselines are apart."""
    metric = metric_named(chosen.metric)
    st.markdown(f"**{notices.plain(metric.title)}.** {notices.plain(metric.meaning)} {_HOW}")
    summaries = cache.agreement(table, chosen)
    said = f"{method_of(chosen.method).title}. {_HOW}"
    take.table(_figures(summaries), take.Of(f"maps-{chosen.metric}", metric.title, split=chosen.split, said=said))
    of = take.Of(f"baselines-{chosen.metric}", f"{metric.title}, less baselines", split=chosen.split, said=said)
    take.table(_over_baselines(summaries), of)
    _differences(table, chosen)
    _warnings(summaries)


def layer_titles(study: Study) -> Mapping[str, str]:
    """The layers of the study's image tower by name, as they are called on the pages; empty without a model."""
    for setting in study.settings:
        try:
            return {choice.name: choice.label for choice in cache.layer_choices(study, setting)}
        except CoreError:
            continue
    return {}


def title_of(metric: str) -> str:
    """How a metric is called on the pages."""
    return metric_named(metric).title


def _figures(summaries: Mapping[str, LocalizationSummary]) -> pd.DataFrame:
    """One row per setting: its mean with interval, beside chance, baselines and the readers' own agreement."""
    rows = []
    for setting, found in summaries.items():
        readers = found.ceiling
        beside = {
            "Chance": number_words(found.chance),
            **{method_of(name).title: number_words(entry.value) for name, entry in found.baselines.items()},
            "Readers among themselves": f"{number_words(readers.value)} ({readers.n_pairs:,})"
            if readers.n_pairs
            else UNDEFINED,
            "Cut at": UNDEFINED if found.level != found.level else f"{share_words(found.level)} of maximum",
        }
        rows.append(
            {
                "Setting": setting_title(setting),
                "Mean": f"**{number_words(found.value)}**",
                "95 % interval": unbroken(interval_words(found.interval)),
                **beside,
                "Films": f"{found.n_films:,}",
                "Masks": f"{found.n_pairs:,}",
                "Zero maps": f"{found.n_zero:,}",
                "Masks below a patch": f"{found.n_below_resolution:,}",
                "Masks outside": f"{found.n_outside:,}",
            }
        )
    table = pd.DataFrame(rows).set_index("Setting")
    return table.loc[:, (table != UNDEFINED).any()]


def _over_baselines(summaries: Mapping[str, LocalizationSummary]) -> pd.DataFrame:
    """One row per setting: how much more than each baseline, on the same films."""
    rows = {
        setting_title(setting): {
            f"Minus {_lower(method_of(name).title)} (95 %)": _difference(entry)
            for name, entry in found.over_baselines.items()
        }
        for setting, found in summaries.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Setting")


def _differences(table: LocalizationResults, chosen: Agreement) -> None:
    """The settings against each other on the same films and findings."""
    sentences = [
        f"{setting_title(first)} minus {_lower(setting_title(second))}: {_difference(found)}"
        for (first, second), found in cache.agreement_differences(table, chosen).items()
        if found.value == found.value
    ]
    if sentences:
        st.caption("Paired differences, with 95 % intervals: " + "; ".join(sentences) + ".")


def _warnings(summaries: Mapping[str, LocalizationSummary]) -> None:
    left_out = {name: number for found in summaries.values() for name, number in found.left_out.items()}
    if left_out:
        named = ", ".join(f"{notices.plain(name)} ({number})" for name, number in left_out.items())
        st.caption(f"Not in the mean, for they were drawn on fewer than 5 films: {named}.")
    if any(found.is_optimistic for found in summaries.values()):
        st.caption(
            ":material/explore: Optimistic: the level at which maps are cut was fitted on validation films, and these "
            "figures are read on them too."
        )


def ranking(study: Study, table: LocalizationResults, metric: str, *, look: Callable[[str, str | None], None]) -> None:
    """Which method and layer agree best on validation, and their figure on test. look : takes one over."""
    ranked = cache.ranking(table, metric)
    if not any(ranked.values()):
        st.caption("No validation film was drawn on, so no method or layer can be chosen on other films than these.")
        return
    card = st.expander(
        "Which method and layer? Chosen on validation, read on test", icon=":material/leaderboard:", key="ranking"
    )
    with card:
        _ranking(study, table, metric, ranked, look)


def _ranking(
    study: Study,
    table: LocalizationResults,
    metric: str,
    ranked: Mapping[str, tuple[RankedMaps, ...]],
    look: Callable[[str, str | None], None],
) -> None:
    words = {name: setting_title(name) for name in table.settings}
    setting = selection.pick_one(
        "Setting", list(table.settings), default=shown_first(table.settings), words=words, key="ranking_setting"
    )
    titles = layer_titles(study)
    n_films = max((entry.n_films for entry in ranked[setting]), default=0)
    st.caption(
        f"{title_of(metric)} on {n_films:,} validation films, mean over classes. Bold: the layer that a method takes "
        "by itself."
    )
    of = take.Of(f"ranking-{metric}", f"{title_of(metric)} of every method and layer", setting, "val", _HOW)
    take.table(_grid(ranked[setting], titles), of)
    chosen = cache.chosen_maps(table, metric).get(setting)
    if chosen is None:
        st.caption("Fewer than 5 validation films were drawn on: nothing is chosen.")
        return
    st.markdown(_chosen_words(chosen, titles))
    best = chosen.on_val.of
    st.button(
        "Look at this one", icon=":material/visibility:", on_click=look, args=(best.method, best.layer), key="take"
    )


def _grid(ranked: tuple[RankedMaps, ...], titles: Mapping[str, str]) -> pd.DataFrame:
    """Methods down, the best first; layers across."""
    layers = [name for name in titles if any(entry.of.layer == name for entry in ranked)]
    rows: dict[str, dict[str, str]] = {}
    for entry in ranked:
        row = rows.setdefault(method_of(entry.of.method).title, dict.fromkeys(["", *layers], ""))
        row[entry.of.layer or ""] = f"**{number_words(entry.value)}**" if entry.is_usual else number_words(entry.value)
    grid = pd.DataFrame.from_dict(rows, orient="index").rename_axis("Method")
    return grid.rename(columns={"": "Without layers", **titles})


def _chosen_words(chosen: ChosenMaps, titles: Mapping[str, str]) -> str:
    found = chosen.on_test
    best = (
        f"**{maps_words(chosen.on_val.of, titles)}** agrees best on validation ({number_words(chosen.on_val.value)})."
    )
    if found.value != found.value:
        return f"{best} No test film was drawn on to read it on."
    against = [f"minus {_lower(method_of(name).title)} {_difference(e)}" for name, e in found.over_baselines.items()]
    ends = unbroken(interval_words(found.interval))
    return f"{best} On test: **{number_words(found.value)}** ({ends}); {'; '.join(against)}."


def maps_words(of: MapKey, titles: Mapping[str, str]) -> str:
    """A method and a layer, as they are called on the pages."""
    layer = f", {_lower(titles.get(of.layer, of.layer))}" if of.layer else ""
    return notices.plain(f"{method_of(of.method).title}{layer}")


def _difference(found: PairedDifference) -> str:
    ends = unbroken(signed_interval_words(found.interval))
    return UNDEFINED if found.value != found.value else f"**{signed_words(found.value)}** ({ends})"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
