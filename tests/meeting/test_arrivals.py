"""An address that is opened in a session under way shows what a new window shows."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.testing.v1 import AppTest

from core.paths import PROJECT
from pages.meeting import arrivals
from tests.pages.made_study import make_study


def app(**asked: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    for name, value in {"study": "made-up", **asked}.items():
        page.query_params[name] = value
    return page.run()


def test_choices_of_a_session_are_forgotten_and_the_address_says_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CXR_STUDIES", str(make_study(tmp_path / "made-up", n_films=60)))
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    page, fresh = app(protocol="paper", rank="macro_f1"), app(rank="macro_auroc")
    usual = fresh.get("segmented_control")[0].value
    assert page.get("segmented_control")[0].value == "paper" != usual
    page.session_state["meeting-going"] = arrivals._Going("overview?study=made-up&rank=macro_auroc", 7.0)
    page.run()
    assert not page.exception
    assert page.session_state["meeting-arrived"] == 7.0
    assert page.get("segmented_control")[0].value == usual
    assert page.selectbox(key="rank").value == "macro_auroc"
    for kind in ("markdown", "caption", "selectbox", "segmented_control"):
        assert [one.value for one in page.get(kind)] == [one.value for one in fresh.get(kind)]


def test_an_address_of_another_page_of_no_page_and_of_damage_is_of_a_page_of_the_app() -> None:
    for address, stem in {"saliency?film=x": "saliency", "nowhere?a=b": "overview", "": "overview"}.items():
        assert arrivals._Going(address, 0.0).stem == stem
    assert arrivals._Going("saliency?a=1&a=2&b=", 0.0).asked == {"a": ["1", "2"], "b": [""]}


def test_a_run_that_was_called_off_forgets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def called_off() -> None:
        raise InterruptedError

    state = SessionState()
    SafeSessionState(state, lambda: None)["choice"] = "kept"
    for look in (called_off, lambda: None):
        context = SimpleNamespace(session_state=SafeSessionState(state, look))
        monkeypatch.setattr(arrivals, "get_script_run_ctx", lambda context=context: context)
        with suppress(InterruptedError):
            arrivals._forget()
        assert ("choice" in state) == (look is called_off)
