"""The guide's examples are made of what the code has now."""

from __future__ import annotations

import ast
import re
from types import ModuleType

import pytest

from core.paths import PROJECT

BLOCKS = re.findall(r"```python\n(.*?)```", (PROJECT / ".github" / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)


def test_it_has_examples() -> None:
    assert len(BLOCKS) >= 4


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][:40])
def test_what_an_example_imports_and_takes_of_a_module_is_there(block: str) -> None:
    tree = ast.parse(block)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names: dict[str, object] = {}
    exec(compile(ast.Module(imports, []), "guide", "exec"), names)
    taken = [
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    missing = [
        f"{of}.{name}" for of, name in taken if isinstance(names.get(of), ModuleType) and not hasattr(names[of], name)
    ]
    assert not missing
