"""Report sentences for source films: findings under several names, denials, normal films in words."""

from __future__ import annotations

import numpy as np

from core.findings import FINDINGS

NAMES: dict[str, tuple[str, ...]] = {
    "Enlarged Cardiomediastinum": ("enlarged cardiomediastinum", "a widened mediastinum"),
    "Cardiomegaly": ("cardiomegaly", "an enlarged heart"),
    "Lung Opacity": ("lung opacity", "a hazy lung opacity"),
    "Lung Lesion": ("lung lesion", "a lung nodule"),
    "Edema": ("edema", "pulmonary edema"),
    "Consolidation": ("consolidation", "lobar consolidation with air bronchograms"),
    "Pneumonia": ("pneumonia", "patchy pneumonia"),
    "Atelectasis": ("atelectasis", "plate-like atelectasis"),
    "Pneumothorax": ("pneumothorax", "a pneumothorax with a visible pleural line"),
    "Pleural Effusion": ("pleural effusion", "a pleural effusion with a meniscus"),
    "Pleural Other": ("pleural other", "pleural thickening", "pleural thickening with plaques"),
    "Fracture": ("fracture", "rib fracture", "a displaced fracture"),
    "Support Devices": ("support devices", "a pacemaker, tube or line in place"),
}
"""The class name first, then how a report might put it."""

OPENINGS = ("", "there is ", "chest x-ray with ", "a chest x-ray showing ", "findings consistent with ")
DENIALS = ("no {}", "no evidence of {}", "without {}")
NORMAL = (
    "no finding",
    "normal chest x-ray",
    "no acute cardiopulmonary abnormality",
    "the lungs are clear",
    "clear lungs and a normal heart",
)
ABNORMAL = ("abnormal chest x-ray. ", "acute cardiopulmonary abnormality. ", "the lungs are not clear. ")
ABNORMAL_SHARE = 0.15
"""Share of the reports of films with findings that open by calling the film abnormal."""

DENIED = (0.4, 0.4, 0.2)
"""Share of reports that deny no finding, one, and two."""


def caption(findings: tuple[str, ...], rng: np.random.Generator) -> str:
    """Write one report of a film: every finding it shows, and up to two that it does not."""
    shown = [str(rng.choice(NAMES[name])) for name in findings]
    rng.shuffle(shown)
    if shown:
        text = str(rng.choice(ABNORMAL)) if rng.random() < ABNORMAL_SHARE else ""
        text += str(rng.choice(OPENINGS)) + (", " if rng.random() < 0.5 else " and ").join(shown)
    else:
        text = str(rng.choice(NORMAL))
    absent = [name for name in FINDINGS if name not in findings]
    for name in rng.choice(absent, size=int(rng.choice(3, p=DENIED)), replace=False):
        text += ". " + str(rng.choice(DENIALS)).format(str(rng.choice(NAMES[str(name)])))
    return text + "."


def vocabulary() -> list[str]:
    """List the WordPiece tokens, ids in order: special ones, signs,
    every word of the captions, letters that spell the rest.
    """
    texts = [*OPENINGS, *DENIALS, *NORMAL, *ABNORMAL, *(name for names in NAMES.values() for name in names)]
    texts += ["and an x-ray of the film image photo radiograph chest frontal shows with absent present"]
    words = {
        word
        for text in texts
        for word in text.replace("-", " ").replace(",", " ").replace(".", " ").replace("{}", " ").split()
    }
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    characters = letters + [str(digit) for digit in range(10)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "-", ":", "(", ")", "/"]
    return special + characters + [f"##{c}" for c in characters] + sorted(words - set(characters))
