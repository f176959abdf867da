"""The map of films (UMAP), linked to the films; class distances in the original space."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from core.figures.embedding_space import map_figure
from core.parts import map_encoders
from core.titles import encoder_title, setting_title
from pages.shared import cache, film_view, map_choices, navigation, notices, selection, studies

navigation.begin("embedding_space")
study = studies.chosen_study()
notices.nature_of(study)
encoders = map_encoders(study)
if not encoders:
    notices.missing(
        "This study holds no image embeddings laid out by UMAP, so there is no map. A build adds both; an import takes "
        "`--embeddings ENCODER=FILE.npy` for the class distances."
    )
else:
    choices = map_choices.pick(study, encoders)
    clicked = selection.chosen_film(study)
    film = clicked or map_choices.example(study, choices)
    left, right = st.columns(2, gap="medium")
    with left:
        st.plotly_chart(
            map_figure(
                study.umap(choices.encoder),
                study.image_ids,
                cache.hover_texts(study),
                map_choices.groups(study, choices),
                chosen=study.row_of(film),
            ),
            key="map",
            on_select=lambda: map_choices.keep_selection(st.session_state.get("map")),
            selection_mode=("points", "box", "lasso"),
            config={"scrollZoom": True, "displaylogo": False, "modeBarButtonsToRemove": ["autoScale2d"]},
            alt=f"UMAP of {len(study.image_ids)} films by the {encoder_title(choices.encoder)} encoder",
        )
        st.caption(
            "Click a point for its film; drag to move, scroll to zoom, or take the box or lasso from the toolbar to "
            "select several. Neighbours on the map are films that the encoder finds alike; distances and sizes of "
            "clusters on it mean nothing."
        )
    with right:
        if not clicked:
            st.info(
                "Click a point on the map to see its film here. This is one to begin with.", icon=":material/ads_click:"
            )
        film_view.show(study, film)
    film_view.gallery(study, map_choices.selection())

st.subheader("Do the classes separate?")
report = cache.report(study, "test" if study.splits().get("test") else "all", "sound")
measured = {name: row for name, row in report.settings.items() if row.encoder in study.encoders}
if not measured:
    st.markdown("Class distances are undefined: this study holds no image embeddings of a setting's encoder.")
    st.stop()
st.markdown(
    "Computed in the encoder's original space, never in the plane of the map. **Inter:** mean distance between class "
    "centres. **Intra:** mean distance of a film to the centre of its class. A larger ratio means better separated "
    "classes; a film with several labels counts to each."
)
st.table(
    [
        {
            "Setting": setting_title(name),
            "Encoder": encoder_title(str(row.encoder)),
            "Inter ↑": f"{row.overall.inter_class_distance:.3f}",
            "Intra ↓": f"{row.overall.intra_class_distance:.3f}",
            "Inter / intra ↑": f"{row.overall.distance_ratio:.3f}",
        }
        for name, row in measured.items()
    ],
    alt="Class distances by setting",
)
st.caption(
    "Zero-shot and linear probe read the same frozen encoder: one space, one map, the same distances. Fine-tuning has "
    "a space of its own; it may shrink or grow, so compare ratios, not distances."
)
