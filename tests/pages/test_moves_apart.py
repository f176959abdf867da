"""The figures of a move by an address of their own: the page's, to the bit, and for its session alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.recent import Recent
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from pages.shared import working_thresholds
from pages.shared.cache import films_of
from pages.thresholds import asked_apart
from pages.thresholds.answer import answer
from pages.thresholds.asked_apart import Standing

SETTING = "fine_tune"


@pytest.fixture(scope="module")
def study(made_up: Path) -> Study:
    return open_study(made_up)


@pytest.fixture
def standing(study: Study) -> Standing:
    start = fit_thresholds(study, SETTING, "max-f1")
    now = working_thresholds.begin(start, epoch="first")
    return Standing(study, "test", now, "first", token="counts", truth=None)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=asked_apart.routes()))


def _move(standing: Standing, **other: Any) -> dict[str, Any]:
    """The second class, far above where it stands."""
    values = list(standing.now.values)
    values[1] = values[1] + 5
    sent = [None if np.isnan(value) else value for value in values]
    return {"number": 1, "epoch": "first", "values": sent, "uppers": None, "token": "counts", "truth": None, **other}


def test_the_answer_is_the_pages_own(study: Study, standing: Standing, client: TestClient) -> None:
    move = _move(standing)
    found = client.post(f"/{asked_apart.offer(standing)}", json=move)
    moved = working_thresholds.moved(standing.now, move["values"], films_of(study, "test"), 1)
    expected = answer(study, "test", moved)
    assert found.json() == expected
    assert found.json()["number"] == 1
    assert expected["classes"] != answer(study, "test", standing.now)["classes"]
    assert found.headers["cache-control"] == "no-store"


def test_two_cuts_are_settled(standing: Standing, client: TestClient) -> None:
    move = _move(standing)
    uppers = [None if value is None else value + 1 for value in move["values"]]
    found = client.post(f"/{asked_apart.offer(standing)}", json={**move, "uppers": uppers}).json()
    assert set(found["settled"]) >= {"classes", "overall"}


@pytest.mark.parametrize("other", [{"epoch": "before"}, {"token": "other"}, {"truth": "reader~blank"}, {"values": [0]}])
def test_a_move_of_another_deck_is_left_to_the_page(
    standing: Standing, client: TestClient, other: dict[str, Any]
) -> None:
    assert client.post(f"/{asked_apart.offer(standing)}", json=_move(standing, **other)).status_code == 409


def test_nobody_else_is_answered(standing: Standing, client: TestClient) -> None:
    address, move = f"/{asked_apart.offer(standing)}", _move(standing)
    assert client.post(address, json=move, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 404
    assert client.post("/moves/somebody", json=move).status_code == 404
    assert client.get(address).status_code == 405


@pytest.mark.parametrize("body", [b"no JSON", b"[1]", b"\xff", b'{"values": ["a"]}'])
def test_what_is_no_move_is_refused(standing: Standing, client: TestClient, body: bytes) -> None:
    assert client.post(f"/{asked_apart.offer(standing)}", content=body).status_code in (400, 409)


def test_what_is_too_long_is_not_read(standing: Standing, client: TestClient) -> None:
    assert client.post(f"/{asked_apart.offer(standing)}", content=b" " * 200_000).status_code == 413


def test_old_sessions_are_let_go(standing: Standing, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_apart, "_standing", Recent(2))
    addresses = []
    for number in range(3):
        monkeypatch.setattr(asked_apart.st, "session_state", {})
        addresses.append(asked_apart.offer(replace(standing, split="val" if number else "test")))
    assert len(set(addresses)) == 3
    assert [client.post(f"/{one}", json=_move(standing)).status_code for one in addresses] == [404, 200, 200]
