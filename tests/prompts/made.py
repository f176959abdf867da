"""Studies of arrays alone in which what a wording is worth is planted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.prompts.plan import Wording, texts_of
from core.prompts.stored import AskedPrompts
from core.study.manifest import Prompt
from tests.metrics.table_study import TableStudy

D = 12


def made_study(
    labels: np.ndarray, films: np.ndarray, classes: Sequence[str], own: Mapping[str, np.ndarray], *, val: bool = True
) -> TableStudy:
    """Films (n, d), two a patient, val and test in turn; `own` is the present prompt's embedding by class."""
    prompts = tuple(Prompt(name, role, f"{role} {name}") for name in own for role in ("present", "absent"))
    texts = np.array([vector * sign for vector in own.values() for sign in (1, -1)]).reshape(len(prompts), D)
    n = len(labels)
    return TableStudy(
        tuple(classes),
        labels.astype(float),
        [("val" if film // 2 % 2 and val else "test") for film in range(n)],
        {"zero_shot": np.zeros(labels.shape)},
        {"zero_shot": "margin"},
        {"frozen": films},
        {"frozen": texts},
        {"zero_shot": "frozen"},
        prompts,
        patients=[f"p{film // 2}" for film in range(n)],
    )


def asked_of(pairs: Sequence[tuple[str, np.ndarray, np.ndarray]], style: str = "chexzero") -> AskedPrompts:
    """One wording a row: its class, the embedding that affirms and the one that denies."""
    rows = [
        Wording(finding, style, f"phrase {number}", f"yes {number}", f"no {number}")
        for number, (finding, _, _) in enumerate(pairs)
    ]
    vectors = {f"yes {n}": yes for n, (_, yes, _) in enumerate(pairs)}
    vectors |= {f"no {n}": no for n, (_, _, no) in enumerate(pairs)}
    texts = texts_of(rows)
    return AskedPrompts(tuple(rows), texts, np.array([vectors[text] for text in texts], dtype=np.float32))
