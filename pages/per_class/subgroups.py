"""One class by age, sex or view: whether a setting does as well in every group."""

from __future__ import annotations

import streamlit as st

from core.figures.class_tables import INTERVAL, subgroup_differences, subgroup_table
from core.figures.subgroups import subgroup_figure
from core.metrics.class_figures import ClassMetrics, class_figures_in
from core.report.subgroups import available_groupings
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds import ThresholdSet
from core.words import UNDEFINED
from pages.shared import cache, notices, selection, take


def show(study: Study, split: str, chosen: ThresholdSet, finding: str, every: ClassMetrics) -> None:
    """The groups of one class; every : the class over all films of the split."""
    groupings = available_groupings(study)
    if not groupings:
        st.info(
            "This study's table of films has no age, sex or view to group them by. A column age, sex or view in the "
            "label table of an import adds one.",
            icon=":material/add_box:",
        )
        return
    words = {one.column: one.title for one in groupings}
    column = selection.pick_one("Groups by", list(words), default=groupings[0].column, words=words, key="groups_by")
    with st.spinner("Measuring every group"):
        groups = cache.grouped(study, split, chosen, column)
    st.markdown(
        f"**{notices.plain(finding)}, {setting_title(chosen.setting)}:** every group at the same threshold. "
        "Dashed: all films together."
    )
    figure = subgroup_figure(groups, finding, every)
    title = f"{finding} by {words[column].lower()}"
    said = f"{chosen.basis} 95 % intervals; dashed: all films together."
    take.chart(figure, take.Of(f"groups-{finding}-{column}", title, chosen.setting, split, said), key="subgroups")
    figures = class_figures_in("groups")
    take.frame(
        subgroup_table(groups, finding),
        take.Of(f"group-figures-{finding}-{column}", title, chosen.setting, split, said),
        key="subgroup-table",
        hide_index=True,
        height="content",
        placeholder=UNDEFINED,
        column_config={
            "Group": st.column_config.TextColumn(pinned=True),
            **{one.title: st.column_config.NumberColumn(format=f"%.{one.digits}f", help=one.help) for one in figures},
            **{f"{one.title}{INTERVAL}": st.column_config.TextColumn(width=150) for one in figures},
        },
    )
    if len(groups) > 1:
        st.markdown("**Each group minus the rest**, with 95 % intervals; * excludes 0")
        take.frame(
            subgroup_differences(groups, finding),
            take.Of(
                f"group-differences-{finding}-{column}",
                f"{finding}: each group minus the rest",
                chosen.setting,
                split,
                said,
            ),
            key="subgroup-differences",
            hide_index=True,
            height="content",
        )
    st.caption(
        "n: positive films. With many groups and classes, about 1 in 20 differences excludes 0 by chance.",
        help="Precision and F1 depend on how frequent a class is in a group, so compare recall, specificity and AUROC.",
    )
