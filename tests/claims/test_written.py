"""Claims of one's own in a file: taken, or refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.claims.claim import Claim
from core.claims.registry import CLAIMS
from core.claims.store import claims_of
from core.claims.written import ClaimError, claim_from_json, claim_to_json, own_claims, read_claims, write_claims
from core.findings import CLASSES
from core.study import check_study, open_study
from tests.pages.scores_only import make_scores_only

GOOD: dict[str, Any] = {"id": "mine", "sentence": "Ours is good.", "figures": ["f1"], "first": "ours", "second": 0.5}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda one: one.name)
def test_claims_that_ship_can_be_written_down(claim: Claim) -> None:
    assert claim_from_json(json.loads(json.dumps(claim_to_json(claim))), "here") == claim


def test_ids_are_unique() -> None:
    assert len({one.name for one in CLAIMS}) == len(CLAIMS) >= 12


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "Our Claim"}, "here: the id is 'Our Claim'; expected small letters"),
        ({"sentence": " "}, "here: sentence is ' '; expected a text"),
        ({"figures": []}, "here: figures is []; expected a list of f1"),
        ({"figures": ["f3"]}, "here: figures is ['f3']; expected a list of f1"),
        ({"second": None}, "here: second is missing; expected a text"),
        ({"second": "ours"}, "here: ours is set against itself."),
        ({"second": "chance"}, "here: chance is not known of F1."),
        ({"direction": "better"}, "here: direction is 'better'; expected above or below"),
        ({"direction": "near"}, "here: 'near' needs a margin above 0"),
        ({"margin": -1}, "here: margin is -1; expected a number of at least 0."),
        ({"at_least": 2}, "here: at_least is 2; expected a number from 0 to 1."),
        ({"choices": {"polcy": ["max-f1"]}}, "here: choices is {'polcy': ['max-f1']}; expected a list of options"),
        ({"choices": {"policy": "max-f1"}}, "here: choices is {'policy': 'max-f1'}; expected a list of options"),
        ({"published": {"policy": 3}}, "here: published is {'policy': 3}; expected an option"),
        ({"figure": "f1"}, "here: 'figure' is unknown; a claim has id"),
        ({"figures": ["f1", "ratio"], "second": "b"}, "here: its figures are of unlike things"),
        ({"figures": ["map_energy"]}, "here: maps are compared between settings."),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ClaimError) as raised:
        claim_from_json({**GOOD, **change}, "here")
    assert raised.value.message.startswith(said)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no claims"),
        ('{"claims": []}', "holds 0 claims"),
        (json.dumps({"claims": [GOOD, GOOD]}), "two claims are called 'mine'"),
        (json.dumps({"claims": [GOOD, {**GOOD, "id": "other", "first": 3}]}), "claim 2: first is 3"),
    ],
)
def test_a_file_that_holds_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "claims.json"
    path.write_text(text)
    with pytest.raises(ClaimError, match=said):
        read_claims(path)


def test_own_claims_stay_with_a_study_and_change_nothing_of_it(tmp_path: Path) -> None:
    root = make_scores_only(tmp_path / "study", CLASSES[:3])
    study = open_study(root)
    own = claim_from_json(GOOD, "here")
    changed = claim_from_json({**GOOD, "id": CLAIMS[0].name, "sentence": "Another sentence."}, "here")
    write_claims(root, (own, changed))
    assert own_claims(root) == (own, changed)
    assert [one.sentence for one in claims_of(study) if one.name == CLAIMS[0].name] == ["Another sentence."]
    assert claims_of(study)[-2:] == (own, changed)
    assert len(claims_of(study)) == len(CLAIMS) + 1
    assert check_study(root) == []
    assert open_study(root).fingerprint == study.fingerprint
    write_claims(root, ())
    assert not (root / "claims.json").exists()
