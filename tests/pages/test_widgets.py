"""A widget that is not drawn for a while keeps its value: all say so, where it is forgotten on purpose aside."""

from __future__ import annotations

import ast

from core.paths import PROJECT

KINDS = {
    "checkbox", "multiselect", "number_input", "pills", "radio", "segmented_control", "select_slider", "selectbox",
    "slider", "text_area", "text_input", "toggle",
}  # fmt: skip
FORGOTTEN = {
    ("pages/thresholds/start.py", "selectbox"): "its key names the start that it shows",
    ("pages/thresholds/start.py", "number_input"): "its key names the start that it shows",
    ("pages/embedding_space/other_maps.py", "selectbox"): "of a form: what was sent off is kept",
    ("pages/embedding_space/other_maps.py", "number_input"): "of a form: what was sent off is kept",
    ("pages/claims/own.py", "text_input"): "of a form: what was sent off is a claim",
    ("pages/claims/own.py", "number_input"): "of a form: what was sent off is a claim",
    ("pages/claims/own.py", "selectbox"): "of a form, or names a claim that is taken away at once",
}


def test_every_widget_keeps_its_value_for_the_session() -> None:
    forgetting = set()
    for path in PROJECT.glob("pages/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in KINDS:
                named = {one.arg: one.value for one in node.keywords}
                kept = named.get("persist_state")
                if not (isinstance(kept, ast.Constant) and kept.value == "session"):
                    forgetting.add((path.relative_to(PROJECT).as_posix(), node.func.attr))
    assert forgetting == set(FORGOTTEN)
