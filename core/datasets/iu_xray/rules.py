"""From OpenI's expert coding to the 14 classes: the rule table, whole.

OpenI's coders gave every report MeSH and RadLex terms such as "Opacity/lung/base/left/round": a head, then
qualifiers for place, size and kind (Demner-Fushman et al., JAMIA 2016). A rule turns some heads into one class, where
its qualifiers are met. What the heads stand for follows the mention phrases of the CheXpert labeller (Irvin et al.,
AAAI 2019), so that the classes mean what CheXbert's mean. A finding that is coded as borderline counts as there, as
uncertain ones do in the CheXbert table of IU-Xray.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


def _named(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


BEYOND_LUNG: Final = _named(
    "abdomen|aorta|breast|cervical vertebrae|clavicle|heart|humerus|lumbar vertebrae|neck|ribs|shoulder|spine|sternum|"
    "thoracic vertebrae"
)
"""Places that a film shows and that are not lung: a round opacity over a rib is no lesion of the lung."""

MEDIASTINAL: Final = frozenset({"mediastinum", "paratracheal", "supracardiac"})
LARGE: Final = frozenset({"enlarged", "prominent", "abnormal", "borderline"})
ROUND: Final = frozenset({"round"})


@dataclass(frozen=True)
class Rule:
    """A class for some heads.

    heads : in small letters.
    needs : every set must share a qualifier with the term.
    unless : no qualifier may be one of these.
    why : in words.
    """

    name: str
    finding: str
    heads: frozenset[str]
    why: str
    needs: tuple[frozenset[str], ...] = ()
    unless: frozenset[str] = frozenset()

    def fits(self, head: str, qualifiers: frozenset[str]) -> bool:
        """Tell whether a term, in small letters, falls under the rule."""
        return head in self.heads and all(need & qualifiers for need in self.needs) and not self.unless & qualifiers


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "mediastinum",
        "Enlarged Cardiomediastinum",
        _named("mediastinum"),
        "a wide or prominent mediastinum",
        (LARGE,),
    ),
    Rule(
        "mediastinal-shadow",
        "Enlarged Cardiomediastinum",
        _named("opacity|density|mass"),
        "a shadow that changes the mediastinal contour",
        (MEDIASTINAL,),
    ),
    Rule(
        "adenopathy",
        "Enlarged Cardiomediastinum",
        _named("lung"),
        "large hilar lymph nodes",
        (LARGE, frozenset({"lymph nodes"})),
    ),
    Rule("lymph-nodes", "Enlarged Cardiomediastinum", _named("lymph nodes"), "large lymph nodes", (LARGE,)),
    Rule("aneurysm", "Enlarged Cardiomediastinum", _named("aortic aneurysm"), "an aneurysm widens the contour"),
    Rule("cardiomegaly", "Cardiomegaly", _named("cardiomegaly"), "coded as such, borderline too"),
    Rule(
        "large-heart",
        "Cardiomegaly",
        _named("cardiac shadow|heart|heart atria|heart ventricles"),
        "the heart, or a chamber of it, is large",
        (LARGE,),
    ),
    Rule(
        "opacity",
        "Lung Opacity",
        _named("opacity"),
        "an opacity in the lung that is not round (those are lesions)",
        unless=BEYOND_LUNG | MEDIASTINAL | ROUND,
    ),
    Rule("airspace", "Lung Opacity", _named("airspace disease|infiltrate"), "CheXpert: airspace disease, infiltrate"),
    Rule("scar", "Lung Opacity", _named("cicatrix"), "CheXpert: parenchymal scarring", (frozenset({"lung"}),)),
    Rule(
        "interstitial-markings",
        "Lung Opacity",
        _named("markings"),
        "CheXpert: interstitial marking; bronchovascular markings alone are none",
        (frozenset({"interstitial", "reticular"}),),
    ),
    Rule(
        "interstitial-disease",
        "Lung Opacity",
        _named("lung diseases, interstitial|pulmonary fibrosis"),
        "CheXpert: interstitial lung",
    ),
    Rule(
        "round-shadow",
        "Lung Lesion",
        _named("opacity|density"),
        "CheXpert: nodular opacity, nodular density",
        (ROUND,),
        BEYOND_LUNG | MEDIASTINAL,
    ),
    Rule("nodule", "Lung Lesion", _named("nodule|mass"), "CheXpert: nodule, mass", unless=BEYOND_LUNG),
    Rule("cavity", "Lung Lesion", _named("cavitation"), "CheXpert: cavitary lesion"),
    Rule("edema", "Edema", _named("pulmonary edema"), "coded as such"),
    Rule("congestion", "Edema", _named("pulmonary congestion|heart failure"), "CheXpert: congestion, heart failure"),
    Rule("consolidation", "Consolidation", _named("consolidation"), "coded as such"),
    Rule("pneumonia", "Pneumonia", _named("pneumonia|tuberculosis"), "CheXpert: pneumonia, infection"),
    Rule("atelectasis", "Atelectasis", _named("pulmonary atelectasis"), "coded as such"),
    Rule(
        "pneumothorax",
        "Pneumothorax",
        _named("pneumothorax|hydropneumothorax|hemopneumothorax"),
        "air in the pleural space, alone or with fluid",
    ),
    Rule(
        "effusion",
        "Pleural Effusion",
        _named("pleural effusion|hydropneumothorax|hemopneumothorax|hemothorax"),
        "fluid in the pleural space, alone or with air; a blunted angle alone is not coded as one, and is none",
    ),
    Rule(
        "pleura",
        "Pleural Other",
        _named("thickening|cicatrix|calcinosis"),
        "CheXpert: pleural thickening, pleural scar",
        (frozenset({"pleura"}),),
    ),
    Rule("pleura-abnormal", "Pleural Other", _named("pleura"), "the pleura is coded as changed"),
    Rule("fracture", "Fracture", _named("fractures, bone"), "any bone, healed or not; a deformity alone is none"),
    Rule(
        "devices",
        "Support Devices",
        _named("catheters, indwelling|tube, inserted|implanted medical device"),
        "lines, tubes, valves, pacemakers, hardware; neither clips, sutures and stents nor leads on the skin",
    ),
)
"""The table. A term may fall under several rules; a study has the classes of all its terms."""

RULES_VERSION: Final = 1
"""Raised whenever the same coding would give other labels; studies record it."""

DENIALS: Final = frozenset({"normal", "no indexing"})
"""Terms that say that nothing was found: the coder read the report as normal, or found nothing in it to code."""

NO_CLASS: Final = _named(
    "abdomen|adipose tissue|aorta|aorta, thoracic|arthritis|atherosclerosis|blister|blood vessels|bone and bones|"
    "bone diseases, metabolic|breast implants|bronchiectasis|bronchiolitis|bronchitis|bullous emphysema|"
    "calcified granuloma|cervical vertebrae|cholelithiasis|colonic interposition|contrast media|costophrenic angle|"
    "cystic fibrosis|cysts|deformity|diaphragm|diaphragmatic eventration|dislocations|emphysema|epicardial fat|"
    "expansile bone lesions|fibrosis|foreign bodies|funnel chest|granuloma|granulomatous disease|hernia, diaphragmatic|"
    "hernia, hiatal|humerus|hyperostosis, diffuse idiopathic skeletal|hypertension, pulmonary|hypovolemia|kyphosis|"
    "lucency|lumbar vertebrae|lung, hyperlucent|mastectomy|mediastinal emphysema|medical device|nipple shadow|"
    "osteophyte|osteoporosis|"
    "pectus carinatum|pericardial effusion|pneumonectomy|pneumoperitoneum|pulmonary artery|"
    "pulmonary disease, chronic obstructive|pulmonary emphysema|ribs|sarcoidosis|sclerosis|scoliosis|shift|shoulder|"
    "spinal fusion|spine|spondylosis|stents|subcutaneous emphysema|sulcus|surgical instruments|sutures|"
    "technical quality of image unsatisfactory|thoracic vertebrae|thorax|trachea|trachea, carina|volume loss"
)
"""Heads that the coders use and that are, on their own, none of the 13 findings."""
