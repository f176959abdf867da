"""What else a finding is called in reports: up to five phrases for each of the usual chest findings."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.findings import NO_FINDING

SYNONYMS: Final = MappingProxyType(
    {
        "enlarged cardiomediastinum": (
            "enlarged cardiomediastinum",
            "enlarged mediastinum",
            "widened mediastinum",
            "mediastinal enlargement",
            "enlarged mediastinal contour",
        ),
        "cardiomegaly": (
            "cardiomegaly",
            "enlarged heart",
            "cardiac enlargement",
            "enlarged cardiac silhouette",
            "increased heart size",
        ),
        "lung opacity": (
            "lung opacity",
            "pulmonary opacity",
            "airspace opacity",
            "opacification of the lung",
            "infiltrate",
        ),
        "lung lesion": ("lung lesion", "lung nodule", "lung mass", "pulmonary nodule", "nodular density"),
        "edema": (
            "pulmonary edema",
            "edema",
            "interstitial edema",
            "pulmonary vascular congestion",
            "fluid overload",
        ),
        "consolidation": (
            "consolidation",
            "lung consolidation",
            "airspace consolidation",
            "focal consolidation",
            "consolidated lung",
        ),
        "pneumonia": ("pneumonia", "lung infection", "infectious process", "bronchopneumonia", "lobar pneumonia"),
        "atelectasis": (
            "atelectasis",
            "collapse of the lung base",
            "volume loss",
            "subsegmental atelectasis",
            "atelectatic lung",
        ),
        "pneumothorax": (
            "pneumothorax",
            "pleural air",
            "apical pneumothorax",
            "air in the pleural space",
            "collapsed lung",
        ),
        "pleural effusion": (
            "pleural effusion",
            "effusion",
            "pleural fluid",
            "blunted costophrenic angle",
            "fluid in the pleural space",
        ),
        "pleural other": (
            "pleural thickening",
            "pleural scarring",
            "pleural plaque",
            "pleural abnormality",
            "thickened pleura",
        ),
        "pleural thickening": (
            "pleural thickening",
            "thickened pleura",
            "pleural scarring",
            "pleural plaque",
            "apical pleural thickening",
        ),
        "fracture": ("rib fracture", "fracture", "broken rib", "fractured bone", "skeletal fracture"),
        "support devices": ("support devices", "medical device", "catheter", "tubes and lines", "pacemaker"),
        "infiltration": (
            "infiltration",
            "infiltrate",
            "pulmonary infiltrate",
            "interstitial infiltrate",
            "lung infiltration",
        ),
        "mass": ("mass", "lung mass", "pulmonary mass", "mass lesion", "large nodule"),
        "nodule": ("nodule", "lung nodule", "pulmonary nodule", "nodular opacity", "small nodule"),
        "emphysema": ("emphysema", "hyperinflation", "hyperinflated lungs", "bullous disease", "air trapping"),
        "fibrosis": (
            "fibrosis",
            "pulmonary fibrosis",
            "interstitial fibrosis",
            "fibrotic change",
            "lung scarring",
        ),
        "hernia": ("hernia", "hiatal hernia", "diaphragmatic hernia", "hiatus hernia", "herniation"),
        "calcification": (
            "calcification",
            "calcified nodule",
            "calcified granuloma",
            "calcific density",
            "pulmonary calcification",
        ),
        "aortic enlargement": (
            "aortic enlargement",
            "enlarged aorta",
            "dilated aorta",
            "tortuous aorta",
            "prominent aortic knob",
        ),
        "tuberculosis": (
            "tuberculosis",
            "pulmonary tuberculosis",
            "active tuberculosis",
            "cavitary lesion",
            "tuberculous infection",
        ),
    }
)
"""By the class's name in lower case; the first is how a report calls it, as zero-shot's own prompts do."""

OTHER_NAMES: Final = MappingProxyType(
    {
        "effusion": "pleural effusion",
        "pulmonary edema": "edema",
        "nodule/mass": "lung lesion",
        "opacity": "lung opacity",
        "infiltrate": "infiltration",
        "enlarged cardiac silhouette": "cardiomegaly",
        "rib fracture": "fracture",
        "pulmonary fibrosis": "fibrosis",
    }
)
"""Classes that collections call otherwise."""

ABNORMALITY: Final = (
    "abnormality",
    "disease",
    "acute disease",
    "acute cardiopulmonary abnormality",
    "abnormal finding",
)
"""What No Finding denies: its prompts are those of these phrases with the sides changed."""


def phrases_for(finding: str) -> tuple[str, ...]:
    """List the phrases for a class, one to five, the usual one first; its own name where the table does not know it.

    >>> phrases_for("Cardiomegaly")[:2], phrases_for("Pleural_Thickening")[0], phrases_for("Dextrocardia")
    (('cardiomegaly', 'enlarged heart'), 'pleural thickening', ('dextrocardia',))
    """
    if finding == NO_FINDING:
        return ABNORMALITY
    name = " ".join(finding.replace("_", " ").lower().split())
    return SYNONYMS.get(OTHER_NAMES.get(name, name), (name,))
