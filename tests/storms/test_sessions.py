"""A few sessions at once on a real server, without a browser: each sees its own figures, and what is not is found."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.study import open_study
from tests.browser.server import serving
from tests.pages.made_study import make_study
from tests.storms.session import Session
from tests.storms.sessions import Door, Seen, Truth, Visitor, storm


@pytest.mark.slow
def test_three_sessions_at_once_see_figures_of_their_own(tmp_path: Path) -> None:
    study = open_study(make_study(tmp_path / "made", n_films=300))
    with serving(tmp_path / "server.log", studies=[study.root]) as address:
        seen = storm(Door(address), [os.getpid()], study, 3, 6.0, think_s=0.1)
        assert seen.problems == []
        assert seen.n_tabs >= 3
        assert seen.n_figures >= 3
        truth, wrong = Truth(study), Seen()
        visitor, other = (Visitor(Door(address), truth, wrong, seed) for seed in (7, 8))
        assert wrong.problems == []
        with urlopen(f"{address}/health", timeout=60) as told:
            load = json.load(told)
        assert (load["sessions"], load["waiting"], load["busy"]) == (2, 0, False)
        assert load["studies"] >= 1
        visitor._setting, visitor._split = other._setting, other._split
        visitor._cuts = other._cuts
        visitor._check_deck("as if it were another's")
        visitor.close()
        other.close()
    assert any("thresholds: shown" in problem for problem in wrong.problems)
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def test_a_session_without_a_browser_forgets_what_a_block_or_a_spinner_of_another_page_takes_the_place_of() -> None:
    """Else it would pick in the widget of a page that it has left, and that pick would be lost."""

    def drawn(place: list[int], fill: Callable[[Delta], object]) -> ForwardMsg:
        message = ForwardMsg()
        message.metadata.delta_path.extend(place)
        fill(message.delta)
        return message

    def widget(name: str) -> Callable[[Delta], object]:
        return lambda delta: setattr(delta.new_element.button_group, "id", name)

    session = Session(None, "per_class", "")  # type: ignore[arg-type]
    for left, place in (("block", [0, 1]), ("spinner", [0, 2])):
        session.elements.clear()
        session._take(drawn(place, widget("$$ID-left-setting")), set())
        seen: set[tuple[int, ...]] = set()
        session._take(drawn([0, 4], widget("$$ID-here-setting")), seen)
        if left == "block":
            session._take(drawn(place, lambda delta: delta.add_block.SetInParent()), seen)
        else:
            session._take(drawn(place, lambda delta: delta.new_transient.SetInParent()), seen)
        session.forget_but(seen)
        assert [*session.keys()] == ["$$ID-here-setting"]
