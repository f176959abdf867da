"""Makes tests/golden/study_v1: a dozen small films with every part that a study of schema version 1 can have.

Run `python -m tests.golden.make_study_v1 DIR`. The study in the repository is not made again for a new schema version:
it shows that studies of version 1 still open. A new version gets a golden study of its own.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from safetensors.numpy import save as save_tensors

from core.annotations.annotation import Annotation, annotation_from_mask
from core.findings import CLASSES
from core.geometry import FloatArray
from core.study.contents import StudyContents
from core.study.manifest import EncoderEntry, Prompt, SettingEntry
from core.study.write import write_study

STUDY = Path(__file__).resolve().parent / "study_v1"

N_FILMS, N_DIMENSIONS, HEIGHT_PX, WIDTH_PX = 12, 8, 64, 48
IDS = [f"golden-{number:02d}" for number in range(N_FILMS)]
SPLIT = ["train"] * 6 + ["val"] * 3 + ["test"] * 3
PROMPTS = (
    *(Prompt(finding, "name", finding) for finding in CLASSES),
    *(Prompt(finding, "present", f"a chest film with {finding.lower()}") for finding in CLASSES),
    *(Prompt(finding, "absent", f"a chest film without {finding.lower()}") for finding in CLASSES),
)


def golden_contents() -> StudyContents:
    """The contents; the same on every call."""
    rng = np.random.default_rng(1)
    labels = _labels()
    frozen = rng.normal(size=(N_FILMS, N_DIMENSIONS)) + 3 * labels @ rng.normal(size=(14, N_DIMENSIONS))
    fine_tuned = _unit(frozen + labels @ rng.normal(size=(14, N_DIMENSIONS)))
    texts = rng.normal(size=(len(PROMPTS), N_DIMENSIONS))
    heads = {
        setting: (rng.normal(size=(14, N_DIMENSIONS)), rng.normal(size=14)) for setting in ("linear_probe", "fine_tune")
    }
    margins = _unit(frozen) @ (_unit(texts[14:28]) - _unit(texts[28:])).T
    return StudyContents(
        name="Golden study, version 1",
        classes=CLASSES,
        dataset={"name": "golden", "version": "1", "seed": 1},
        images=_images(),
        labels=_label_table(labels),
        synthetic=True,
        model={"name": "random vectors", "source": "random", "crop_px": 48},
        settings={
            "zero_shot": SettingEntry("margin", "frozen", 0.1, {}, "Present minus absent."),
            "linear_probe": SettingEntry("logit", "frozen", 0.2, {"learning_rate": 1e-4}, "A random head."),
            "fine_tune": SettingEntry("logit", "fine_tuned", 0.3, {"learning_rate": 1e-5}, "A random head."),
        },
        scores={
            "zero_shot": margins,
            "linear_probe": _logits(frozen, *heads["linear_probe"]),
            "fine_tune": _logits(fine_tuned, *heads["fine_tune"]),
        },
        encoders={
            "frozen": EncoderEntry(N_DIMENSIONS, False, 50.0, "Random directions a class, plus noise."),
            "fine_tuned": EncoderEntry(N_DIMENSIONS, True, None, "The same, moved apart."),
        },
        image_embeddings={"frozen": frozen, "fine_tuned": fine_tuned},
        text_embeddings={"frozen": texts},
        umaps={"frozen": {2: frozen[:, :2], 3: frozen[:, :3]}, "fine_tuned": {2: fine_tuned[:, :2]}},
        prompts=PROMPTS,
        annotations=_annotations(),
        protocol={"name": "golden"},
        seeds={"numpy": 1},
        timings={"embed": 0.05},
        software={"numpy": "any"},
        licence="CC0-1.0",
        notice="Synthetic numbers and films; they mean nothing.",
        extra={**_films(), **_other_files(heads)},
    )


def _labels() -> FloatArray:
    """(12, 14) of {0, 1}: two findings in turn, no finding on every fourth film, support devices on one."""
    labels = np.zeros((N_FILMS, 14))
    for row in range(N_FILMS):
        labels[row, 13 if row % 4 == 3 else (1, 9, 2)[row % 4]] = 1
    labels[0, 9] = labels[10, 12] = 1
    return labels


def _label_table(labels: FloatArray) -> pd.DataFrame:
    """As stored: nobody read film 5 for fractures, nor film 11 for anything."""
    unread = labels.copy()
    unread[5, CLASSES.index("Fracture")] = np.nan
    unread[11] = np.nan
    return pd.DataFrame({"image_id": IDS, **{name: unread[:, column] for column, name in enumerate(CLASSES)}})


def _images() -> pd.DataFrame:
    """Films 0 and 1 are one patient's; film 4 is not stored."""
    return pd.DataFrame(
        {
            "image_id": IDS,
            "patient_id": ["patient-00", "patient-00", *(f"patient-{number:02d}" for number in range(2, N_FILMS))],
            "split": SPLIT,
            "view": ["PA"] * 11 + [None],
            "height_px": HEIGHT_PX,
            "width_px": WIDTH_PX,
            "file": [None if number == 4 else f"images/{image_id}.png" for number, image_id in enumerate(IDS)],
            "age": pd.array([50, None, *range(20, 30)], dtype="Int64"),
            "sex": ["F", "M"] * 6,
        }
    )


def _films() -> dict[str, bytes]:
    """A bright oval on a dark ramp, further down on every film."""
    rows, columns = np.mgrid[:HEIGHT_PX, :WIDTH_PX]
    films = {}
    for number, image_id in enumerate(IDS):
        oval = ((rows - 20 - 2 * number) / 12) ** 2 + ((columns - 24) / 8) ** 2 < 1
        stream = io.BytesIO()
        Image.fromarray((rows + 120 * oval).astype(np.uint8)).save(stream, format="PNG")
        films[f"images/{image_id}.png"] = stream.getvalue()
    del films["images/golden-04.png"]
    return films


def _annotations() -> list[Annotation]:
    """One of each kind, on two films, by two readers."""
    mask = np.zeros((HEIGHT_PX, WIDTH_PX), dtype=bool)
    mask[10:20, 5:15] = mask[30:32, 40:48] = True
    size = (HEIGHT_PX, WIDTH_PX)
    return [
        annotation_from_mask(IDS[9], "Cardiomegaly", "reader A", mask),
        Annotation(IDS[0], "Cardiomegaly", "reader A", "polygon", *size, "[[10,10,30,10,30,40,10,40]]"),
        Annotation(IDS[0], "Pleural Effusion", "reader B", "box", *size, "[4,8,16,32]"),
    ]


def _other_files(heads: dict[str, tuple[FloatArray, FloatArray]]) -> dict[str, bytes]:
    """Heads, the UMAP's parameters, and a threshold set."""
    files = {
        f"settings/{setting}/head.safetensors": save_tensors(
            {"weight": weight.astype(np.float32), "bias": bias.astype(np.float32)}
        )
        for setting, (weight, bias) in heads.items()
    }
    files["encoders/frozen/umap.json"] = json.dumps({"n_neighbors": 5, "seed": 1}).encode()
    files["thresholds.json"] = json.dumps({"halves": {"policy": "fixed", "values": {"Cardiomegaly": 0.5}}}).encode()
    return files


def _logits(embeddings: FloatArray, weight: FloatArray, bias: FloatArray) -> FloatArray:
    return embeddings @ weight.T + bias


def _unit(rows: FloatArray) -> FloatArray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


if __name__ == "__main__":
    print(write_study(Path(sys.argv[1]), golden_contents()))
