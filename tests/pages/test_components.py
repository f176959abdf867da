"""Components from their files, and what travels to them."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.paths import PROJECT
from pages.shared.components import joined, pack
from tests.conftest import IN_CI
from tests.js import fixtures
from tests.unpacked import unpacked

ENTRIES = sorted(
    path
    for path in PROJECT.glob("pages/**/*.js")
    if re.search("^export default function", path.read_text(encoding="utf-8"), re.MULTILINE)
)


def test_arrays_are_found_wherever_they_stand_and_are_aligned() -> None:
    for title in ("", "x", "xé", "xyz", "a longer title than the others"):
        content = {"title": title, "rows": [{"a": np.arange(3, dtype=np.uint8)}, {"b": np.array([0.5, np.nan])}]}
        found = unpacked(pack(content))
        assert found["title"] == title
        assert found["rows"][0]["a"].tolist() == [0, 1, 2]
        np.testing.assert_array_equal(found["rows"][1]["b"], [0.5, np.nan])


def test_arrays_of_other_byte_order_or_layout_arrive_in_c_order() -> None:
    values = np.asfortranarray(np.arange(6, dtype=">u2").reshape(2, 3))
    assert unpacked(pack({"values": values}))["values"].tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("value", [np.arange(3), np.array(["a"]), np.float32(1), {1, 2}, b"bytes"])
def test_what_the_browser_has_no_type_for_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be sent to the browser"):
        pack({"value": value})


def test_nan_outside_of_arrays_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack({"value": math.nan})


def test_the_scripts_tests_stand_on_what_python_makes_now() -> None:
    """Written by `python -m tests.js.fixtures`; the last digits of scikit-learn's figures are its own.

    Python may send more than was written: a figure that is registered later, which no script counts by itself.
    """
    written = {name: json.loads((fixtures.FOLDER / name).read_text()) for name in ("packed.json", "cases.json")}
    assert written["packed.json"] == fixtures.packed_fixture()
    found, made = _flat(written["cases.json"]), _flat(fixtures.cases_fixture())
    assert found.keys() <= made.keys()
    assert [name for name in found if not _same(found[name], made[name])] == []


def _same(one: Any, other: Any) -> bool:
    is_number = isinstance(one, float) and isinstance(other, float)
    return math.isclose(one, other, rel_tol=1e-9) if is_number else one == other


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Every leaf by its path."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        return {name: value}
    return {path: leaf for key, one in inner for path, leaf in _flat(one, f"{name}/{key}").items()}


def test_a_script_comes_after_what_it_imports_and_once(tmp_path: Path) -> None:
    write(tmp_path, "low.js", "// A comment.\nexport const low = 1; // stays\n")
    write(tmp_path, "left.js", 'import { low } from "./low.js";\n\nexport const left = low;\n')
    write(tmp_path, "right.js", 'import {\n  low,\n} from "./low.js";\n/** Said. */\nexport function right() {}\n')
    entry = write(
        tmp_path,
        "entry.js",
        'import { left } from "./left.js";\nimport { right } from "./right.js";\nexport default function entry() {}\n',
    )
    assert [line for line in joined(entry).splitlines() if line] == [
        "const low = 1; // stays",
        "const left = low;",
        "function right() {}",
        "export default function entry() {}",
    ]


def test_a_comment_before_code_on_its_line_takes_nothing_with_it(tmp_path: Path) -> None:
    """Only comments that stand on lines of their own are left out."""
    entry = write(tmp_path, "entry.js", "  /** @type {x} */ (one);\ntwo();\n/** Said. */\nthree();\n")
    assert joined(entry) == "  /** @type {x} */ (one);\ntwo();\nthree();\n"


@pytest.mark.parametrize(
    "line", ['import "./low.js";', 'import * as all from "./low.js";', "import def from './low.js';"]
)
def test_an_import_of_another_form_is_refused(tmp_path: Path, line: str) -> None:
    write(tmp_path, "low.js", "export const low = 1;\n")
    with pytest.raises(ValueError, match="not of the form"):
        joined(write(tmp_path, "entry.js", f"{line}\n"))


def test_a_name_that_two_modules_declare_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "low.js", "function same() {}\nexport const low = 1;\n")
    entry = write(tmp_path, "entry.js", 'import { low } from "./low.js";\nexport class same {}\n')
    with pytest.raises(ValueError, match=r"entry\.js and low\.js both declare same"):
        joined(entry)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_there_are_components() -> None:
    assert {path.stem for path in ENTRIES} >= {"deck", "map", "viewer", "gallery", "parcel"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_every_component_is_one_module_with_one_default_export(entry: Path, tmp_path: Path) -> None:
    text = joined(entry)
    assert len(re.findall("^export ", text, re.MULTILINE)) == 1
    assert not re.search("^import ", text, re.MULTILINE)
    node = shutil.which("node")
    if node is None:
        if IN_CI:
            pytest.fail("node is absent: install node 20 or later.")
        pytest.skip("node is absent.")
    script = write(tmp_path, "script.mjs", text)
    done = subprocess.run([node, "--check", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
