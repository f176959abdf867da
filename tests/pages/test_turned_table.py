"""The table of Per class under every position of the truth dial, as it is sent to the browser."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from core.figures.class_tables import class_words
from core.report.report import compute_report
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from pages.shared.truth_dial import key_of, positions
from tests.golden import make_study_v2
from tests.pages.conftest import Open


def sent_to(page: AppTest, name: str) -> dict[str, Any]:
    (found,) = [one.proto for one in page.get("bidi_component") if one.proto.component_name == name]
    """What a component gets."""
    sent: dict[str, Any] = json.loads(found.mixed.json if found.WhichOneof("data") == "mixed" else found.json)
    return sent


def _expected(study: Study, setting: str) -> dict[str, Any]:
    sets = [fit_thresholds(study, name) for name in study.settings]
    report = compute_report(study, "test", thresholds=sets, intervals=True)
    headings, rows = class_words(report.settings[setting].per_class)
    return {"headings": list(headings), "rows": [list(row) for row in rows]}


def test_every_position_is_sent_with_the_figures_of_the_study_under_it(open_page: Open) -> None:
    study = open_study(make_study_v2.STUDY)
    page = open_page("per_class", make_study_v2.STUDY, setting="linear_probe")
    assert not page.exception
    shown, turned = sent_to(page, "class_table"), sent_to(page, "class_tables")
    assert shown["token"] == turned["token"]
    by_name = {key_of(one): _expected(study.under(one), "linear_probe") for one in positions(study)}
    assert set(turned["tables"]) == set(by_name)
    assert turned["tables"] == by_name
    assert shown["table"] == by_name[shown["here"]]
    assert len({json.dumps(table) for table in by_name.values()}) > 5


def test_a_turn_sends_the_same_tables_again(open_page: Open) -> None:
    """So that what the browser holds stays, and a second turn is not too early."""
    before = sent_to(open_page("per_class", make_study_v2.STUDY), "class_tables")
    study = open_study(make_study_v2.STUDY)
    other = key_of(positions(study)[-1])
    page = open_page("per_class", make_study_v2.STUDY, labels=other)
    assert sent_to(page, "class_table")["here"] == other
    assert sent_to(page, "class_tables") == before
