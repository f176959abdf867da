"""All claims with their verdicts."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from core.claims.ledger import ClaimResult, Ledger
from core.claims.verdict import VARIANT_WORDS, decided_by, verdict_words
from core.words import UNDEFINED, count_words
from pages.shared import notices, take


def show(ledger: Ledger) -> None:
    """One row per claim that was asked; a heading sorts. The others, with what they lack, stand in a sentence."""
    rows = [one for one in ledger.results if one.missing is None]
    lacking = Counter(one.missing for one in ledger.results if one.missing is not None)
    if lacking:
        said = " ".join(f"{count_words(number)} not asked: {reason}" for reason, number in lacking.most_common())
        st.markdown(notices.plain(said))
    if not rows:
        return
    take.frame(
        pd.DataFrame(
            {
                "Claim": [one.claim.sentence for one in rows],
                "Holds": [one.n_holding / len(one.codes) if len(one.codes) else None for one in rows],
                "Variants": [count_words(len(one.codes)) for one in rows],
                "Contradicted": [count_words(one.n_contradicting) for one in rows],
                "As published": [_published(one) for one in rows],
                "Decided by": [decided_by(one) or UNDEFINED for one in rows],
                "Verdict": [verdict_words(one) for one in rows],
            }
        ),
        take.Of("claims", f"{len(rows)} claims with their verdicts"),
        key="claims-table",
        hide_index=True,
        height="content",
        column_config={
            "Claim": st.column_config.TextColumn(width="medium"),
            "Holds": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0, width="small"),
            "Verdict": st.column_config.TextColumn(width="large"),
        },
    )


def _published(result: ClaimResult) -> str:
    return UNDEFINED if result.published is None else VARIANT_WORDS[int(result.verdict[result.published])]
