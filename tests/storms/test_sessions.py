"""A few sessions at once on a real server, without a browser: each sees its own figures, and what is not is found."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.request import urlopen

import pytest

from core.study import open_study
from tests.browser.server import serving
from tests.pages.made_study import make_study
from tests.storms.sessions import Door, Seen, Truth, Visitor, storm


@pytest.mark.slow
def test_three_sessions_at_once_see_figures_of_their_own(tmp_path: Path) -> None:
    study = open_study(make_study(tmp_path / "made", n_films=300))
    with serving(tmp_path / "server.log", studies=[study.root]) as address:
        seen = storm(Door(address), [os.getpid()], study, 3, 6.0, think_s=0.1)
        assert seen.problems == []
        assert seen.n_tabs >= 3
        assert seen.n_figures >= 12
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
