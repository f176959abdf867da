"""The command `claims`: JSON as agreed, own claims as a check, and kept results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.findings import CLASSES
from tests.pages.scores_only import make_scores_only

KEYS = ["id", "sentence", "n_variants", "n_holding", "verdict", "decided_by"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_scores_only(tmp_path_factory.mktemp("claims") / "study", CLASSES[:4])


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path_factory.getbasetemp() / "claims-cache"))


def _file(folder: Path, **change: object) -> Path:
    claim = {"id": "mine", "sentence": "It tells.", "figures": ["auroc"], "first": "zero_shot", "second": "chance"}
    path = folder / "mine.json"
    path.write_text(json.dumps({"claims": [{**claim, "choices": {"split": ["test", "dealt-2"]}, **change}]}))
    return path


def test_json_says_what_was_agreed(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", str(study), "--json", "--claim", str(_file(tmp_path))]) == 0
    first = capsys.readouterr()
    (claim,) = json.loads(first.out)["claims"]
    assert list(claim)[:6] == KEYS
    assert (claim["id"], claim["decided_by"]) == ("mine", None)
    assert claim["n_holding"] == claim["n_variants"] == 12
    assert claim["verdict"] == "Holds in all 12 variants."
    assert "variants" in first.err
    assert main(["claims", str(study), "--json", "--claim", str(_file(tmp_path))]) == 0
    again = capsys.readouterr()
    assert (again.out, again.err) == (first.out, "")  # kept, so not computed again


def test_a_claim_that_holds_no_longer_ends_with_1(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _file(tmp_path, second=0.99, sentence="It is nearly perfect.")
    assert main(["claims", str(study), "--claim", str(path)]) == 1
    said = capsys.readouterr()
    assert "mine: must hold in 50\N{NO-BREAK SPACE}% of its variants. Contradicted in all 12 variants." in said.err
    assert "It is nearly perfect." in said.out


def test_a_claim_that_cannot_be_asked_does_not_pass(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", str(study), "--claim", str(_file(tmp_path, first="linear_probe"))]) == 1
    assert "Not asked. The study has no scores of Linear probe; it has Zero-shot." in capsys.readouterr().err


def test_a_wrong_file_is_a_sentence(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", str(study), "--claim", str(_file(tmp_path, direction="up"))]) == 2
    assert "claim 1: direction is 'up'; expected above or below or near or apart." in capsys.readouterr().err
