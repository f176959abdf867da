"""The figures of the saliency table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.errors import SaliencyError
from core.registries import find_by_name


@dataclass(frozen=True)
class Metric:
    """One figure of the table.

    name : its column, or `iou_fitted`, `dice_fitted`: cut at the level that is best on val.
    has_chance : whether the mask's share of the crop is what an uninformative map gets; elsewhere no such figure
        is known, and none is shown.
    ceiling : the column of the readers' own agreement, "" where there is none of the kind.
    """

    name: str
    title: str
    meaning: str
    has_chance: bool = False
    ceiling: str = ""


METRICS: Final[tuple[Metric, ...]] = (
    Metric("energy", "Energy in the mask", "The share of the map's sum that lies in the mask.", True),
    Metric("hit", "Pointing game", "How often the map's maximum lies in the mask.", True),
    Metric(
        "relevance_rank",
        "Relevance rank",
        "Of as many highest pixels as the mask has, the share that lies in it.",
        True,
    ),
    Metric(
        "average_precision",
        "Pixel average precision",
        "How well the map ranks the mask's pixels above the others.",
        True,
    ),
    Metric("iou_otsu", "IoU, Otsu", "Overlap of the mask and the map cut at Otsu's level.", ceiling="readers_iou"),
    Metric("dice_otsu", "Dice, Otsu", "Overlap of the mask and the map cut at Otsu's level.", ceiling="readers_dice"),
    Metric(
        "iou_fitted",
        "IoU, level from val",
        "Overlap of the mask and the map cut where IoU is best on the val films.",
        ceiling="readers_iou",
    ),
    Metric(
        "dice_fitted",
        "Dice, level from val",
        "Overlap of the mask and the map cut where Dice is best on the val films.",
        ceiling="readers_dice",
    ),
    Metric(
        "chexlocalize_iou",
        "IoU by CheXlocalize",
        "CheXlocalize's protocol: over the whole film at Otsu's level, maps with nothing left not counted.",
        ceiling="readers_iou",
    ),
)


def metric_named(name: str) -> Metric:
    """Find the metric of a name; SaliencyError where there is none."""
    return find_by_name(METRICS, name, "measure", SaliencyError)
