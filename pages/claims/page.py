"""Claims: every sentence with its verdict, and the specification curve of one."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from core.claims.ledger import Ledger
from core.errors import CoreError
from core.report.parts import IMPORT
from pages.claims import cache, curve, downloads, listed, own, work
from pages.shared import navigation, notices, selection

study = navigation.begin("claims")
try:
    claims, path = cache.place(study)
except CoreError as error:
    notices.show_error(error, title="The claims of this study cannot be read")
    st.stop()
if not study.settings:
    notices.missing("This study holds no scores, so nothing can be claimed of it.", IMPORT)
    st.stop()
lacking = cache.unasked(study, claims)
names = sorted((one.name for one in claims), key=lambda name: name in lacking)  # those that can be asked first
words = {one.name: one.sentence for one in claims}


def so_far(ledger: Ledger) -> None:
    """What is known while the claims are asked."""
    result = ledger.result(st.session_state.get("claim", names[0])) or ledger.results[0]
    listed.show(ledger)
    curve.show(study, result, is_complete=False)


ledger = cache.ledger(path)
can_ask = len(lacking) < len(claims)
if can_ask:
    chosen = selection.pick_listed("Claim", names, default=names[0], words=words, key="claim", width=640)
if work.is_running(study, claims):
    work.watch(study, claims, path, so_far)
elif not can_ask or ledger is None or not ledger.is_complete:
    work.offer(study, claims, lacking)
else:
    result = ledger.result(chosen)
    if result is not None:
        curve.show(study, result, is_complete=True)
    st.header("All claims")
    listed.show(ledger)
    downloads.show(ledger)
own.show(study, claims, is_open=not can_ask)
