"""What the numbers of an array may be, by the part of the study that it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import StudyError
from core.study import layout
from core.study.arrays import finite_problems, range_problems, shared_array, unit_problems
from core.study.manifest import Manifest


def value_problems(
    path: Path, manifest: Manifest, part: str, image_ids: Sequence[str] | None = None
) -> Iterator[StudyError]:
    """Find scores, embeddings and coordinates that are not finite, scores that their kind rules out, rows that are not
    of length 1 where they are declared so; nothing of a part that is no such array.

    path : of the part, which has the shape that it should have.  image_ids : to name films by; None names rows.
    """
    for setting, entry in manifest.settings.items():
        if part == layout.scores_part(setting):
            yield from finite_problems(path, shared_array(path), image_ids, manifest.classes)
            yield from range_problems(path, shared_array(path), entry.score_kind, image_ids, manifest.classes)
    for encoder, described in manifest.encoders.items():
        spaces = (layout.image_embeddings_part(encoder), layout.text_embeddings_part(encoder))
        if part in (*spaces, layout.umap_part(encoder, 2), layout.umap_part(encoder, 3)):
            yield from finite_problems(path, shared_array(path), None, None)
            if part in spaces and described.normalised:
                yield from unit_problems(path, shared_array(path))
