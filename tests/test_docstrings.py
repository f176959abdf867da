"""Docstrings of core: what a public function does is said first, as a verb and its object."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).parents[1] / "core"
_WORDS = """
Add Ask Assemble Average Begin Blur Bring Build Calibrate Check Choose Colour Compare Compile Compute Copy Count
Crop Decide Decode Delete Derive Describe Divide Draw Encode End Estimate Expose Fetch Fill Find Fit Forget Give Go
Group Grow Guard Hash Hold Import Join Keep Lay Let List Load Make Mark Measure Model Move Multiply Name Note
Number Open Pack Paint Parse Pick Plan Prepare Print Project Put Raise Rank Read Rearrange Record Remember Remove
Rename Render Replace Report Return Run Say Scale Score Set Shape Shift Sort Split Start Sum Summarise Tabulate
Take Tell Test Trace Train Turn Unpack Vary Wait Walk Weigh Write Yield
"""
VERBS = frozenset(_WORDS.split())
"""With what a docstring may begin. A new verb is added here; a noun, "The", "Whether" or a shape is not one."""


def _public(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node.body, f"{prefix}{node.name}.")


def _begins_otherwise(source: str) -> list[str]:
    functions = _public(ast.parse(source).body, "")
    return [
        f"{name}: {text[:40]!r}"
        for name, node in functions
        if (text := ast.get_docstring(node)) and text.split()[0].rstrip(",.:;") not in VERBS
    ]


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: path.relative_to(CORE).as_posix())
def test_docstrings_begin_with_a_verb(path: Path) -> None:
    assert _begins_otherwise(path.read_text(encoding="utf-8")) == []


def test_the_rule_sees_methods_and_lets_classes_and_private_names_be() -> None:
    source = '''
class Table:
    """A table."""
    def rows(self):
        """The rows."""
    def _row(self):
        """One row."""
def read():
    """Read it."""
'''
    assert _begins_otherwise(source) == ["Table.rows: 'The rows.'"]
