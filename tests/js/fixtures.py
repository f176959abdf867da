"""What the scripts' own tests stand on, made by Python: packed values, and tables with scikit-learn's figures.

`python -m tests.js.fixtures` writes packed.json and cases.json; a test fails where they are not what Python makes now.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from pages.shared.components import pack
from tests.thresholds.cases import as_json, case

FOLDER: Final = Path(__file__).resolve().parent
SEEDS: Final = (0, 1, 3, 6, 8, 12)
"""One film, several of a patient, unread labels, ties, thresholds beyond every score and none."""
CONTENT: Final[dict[str, Any]] = {
    "text": "Ödem: “≥ 0.5”",
    "numbers": [1, 2.5, -3],
    "nothing": None,
    "empty": [],
    "rows": [{"bytes": np.array([[0, 127], [128, 255]], np.uint8)}, {"bytes": np.zeros(0, np.uint8)}],
    "words": np.array([1, 65535], np.uint16),
    "long": np.array([4294967295], np.uint32),
    "single": np.array([0.1, -np.inf], np.float32),
    "nested": {"double": np.array([0.1, np.nan, 1e300], np.float64)},
}


def packed_fixture() -> dict[str, Any]:
    """The bytes of CONTENT, and the same as plain lists; numbers that JSON has not are words."""
    return {"bytes": base64.b64encode(pack(CONTENT)).decode(), "content": _plain(CONTENT)}


def cases_fixture() -> dict[str, Any]:
    """Tables as they are sent, thresholds, and the figures that they give."""
    return {str(seed): as_json(case(seed)) for seed in SEEDS}


def text_of(fixture: dict[str, Any]) -> str:
    """As it is written."""
    return json.dumps(fixture, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return [float(one) if np.isfinite(one) else str(float(one)) for one in value.ravel()]
    return value


def main() -> None:
    """Writes the fixtures."""
    (FOLDER / "packed.json").write_text(text_of(packed_fixture()), encoding="utf-8")
    (FOLDER / "cases.json").write_text(text_of(cases_fixture()), encoding="utf-8")


if __name__ == "__main__":
    main()
