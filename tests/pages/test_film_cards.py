"""Cards and small pictures by address: whose films, and for whom."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.study import Study, open_study
from core.study.small_pictures import SIDE
from pages.shared import film_cards
from tests.pages.embeddings_only import make_embeddings_only


@pytest.fixture(scope="module")
def study(made_up: Path) -> Study:
    return open_study(made_up)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=film_cards.routes()))


def test_a_card_says_findings_and_telling_scores(study: Study, client: TestClient) -> None:
    found = client.get(f"{film_cards.offer(study)}7").json()
    assert found["title"] == "film-0007"
    read = [name for name, value in zip(study.classes, study.labels[7], strict=True) if value == 1]
    assert found["findings"] == ", ".join(read)
    assert found["scores"]["heads"] == ["", "Zero-shot, margin", "Linear probe, logit", "Fine-tuning, logit"]
    assert [row[0] for row in found["scores"]["rows"][: len(read)]] == [f"✓ {name}" for name in read]
    assert len(found["scores"]["rows"]) == 5


def test_a_picture_is_small_and_kept_nowhere(study: Study, client: TestClient) -> None:
    row = int(study.images["file"].notna().to_numpy().argmax())
    answer = client.get(f"{film_cards.offer(study)}{row}/picture")
    assert answer.headers["cache-control"] == "no-store"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert max(picture.size) == SIDE


def test_another_site_gets_nothing(study: Study, client: TestClient) -> None:
    address = f"{film_cards.offer(study)}7"
    assert client.get(address, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert client.get(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 404


def test_films_that_are_not_there_are_not_found(study: Study, client: TestClient) -> None:
    address = film_cards.offer(study)
    n_films = len(study.image_ids)
    assert client.get(f"{address}{n_films}").status_code == 404
    assert client.get(f"/films/{'0' * 16}/0").status_code == 404
    row = int(study.images["file"].isna().to_numpy().argmax())
    assert client.get(f"{address}{row}/picture").status_code == 404


def test_a_study_without_scores_has_a_card_without_scores(client: TestClient, tmp_path: Path) -> None:
    address = film_cards.offer(open_study(make_embeddings_only(tmp_path / "study", n_films=20)))
    assert client.get(f"{address}3").json()["scores"]["rows"] == []
