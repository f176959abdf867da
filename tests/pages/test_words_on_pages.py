"""Words on the pages: short captions, and marks of code around commands alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.models.registry import MODELS
from core.paths import PROJECT
from pages.shared.notices import plain, readable

MOST_WORDS = 25
_COMMAND = re.compile(r"(python -m |streamlit |pip |hf |--|CXR_)")
_TICKED = re.compile(r"`([^`]*)`")


def literal_of(node: ast.AST, constants: dict[str, ast.expr]) -> str:
    """The literal parts of a text; of two that are chosen between the longer one; "" for what is computed."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(literal_of(part, constants) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return literal_of(left, constants) + literal_of(right, constants)
        case ast.IfExp(body=body, orelse=other):
            return max(literal_of(body, constants), literal_of(other, constants), key=lambda text: len(text.split()))
        case ast.Name(id=name) if name in constants:
            return literal_of(constants[name], {})
        case ast.Subscript(value=ast.Name(id=name)) if isinstance(constants.get(name), ast.Dict):
            values = [literal_of(value, {}) for value in constants[name].values]  # type: ignore[attr-defined]
            return max(values, key=lambda text: len(text.split()))
    return ""


def constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    """What a module gives names to, by name."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update({target.id: node.value for target in targets if isinstance(target, ast.Name)})
    return found


def captions_in(code: str) -> Iterator[tuple[int, str]]:
    """Line and literal text of every caption that a module draws."""
    tree = ast.parse(code)
    constants = constants_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "caption":
            yield node.lineno, literal_of(node.args[0], constants)


def test_a_long_caption_is_found_however_it_is_written() -> None:
    long = " ".join(["word"] * 26)
    for code in (
        f'st.caption("{long}")',
        f'st.caption(f"{{n}} {long}" + "x")',
        f'left.caption("short" if n else "{long}")',
        f'_WORDS: Final = "{long}"\nst.caption(_WORDS, help="more")',
        f'WORDS = {{"a": "short", "b": "{long}"}}\nst.caption(WORDS[choice])',
    ):
        assert [len(text.split()) > MOST_WORDS for _, text in captions_in(code)] == [True], code
    assert next(captions_in(f'st.caption("short", help="{long}")'))[1] == "short"


def test_captions_are_short() -> None:
    found = [
        (path.relative_to(PROJECT).as_posix(), line, text)
        for path in sorted((PROJECT / "pages").rglob("*.py"))
        for line, text in captions_in(path.read_text(encoding="utf-8"))
    ]
    assert len(found) > 50
    assert [one for one in found if len(one[2].split()) > MOST_WORDS] == []


def sentences_in(path: Path) -> Iterator[tuple[int, str]]:
    """Line and literal text of what a module writes out; docstrings are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs | parts:
            yield node.lineno, node.value


def test_core_marks_commands_alone_as_code() -> None:
    """A page shows other back-ticks as they are, since a class may have them in its name."""
    found = [
        (path.relative_to(PROJECT).as_posix(), line, ticked)
        for path in sorted((PROJECT / "core").rglob("*.py"))
        for line, sentence in sentences_in(path)
        for ticked in _TICKED.findall(sentence)
    ]
    assert len(found) > 20
    assert [one for one in found if not _COMMAND.match(one[2])] == []


@pytest.mark.parametrize("remedy", [model.remedy for model in MODELS], ids=[model.name for model in MODELS])
def test_a_remedy_shows_no_escaped_back_ticks(remedy: str) -> None:
    assert "\\`" not in plain(remedy)


def test_a_command_in_a_sentence_is_shown_as_code() -> None:
    sentence = "Make one with `python -m core build`; class `a_b` stays as it is."
    assert plain(sentence) == "Make one with `python -m core build`; class \\`a\\_b\\` stays as it is."
    assert readable(sentence, ()) == plain(sentence)
