"""Whether a film that is not in a study is like the study's films, as an encoder sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from core.metrics.neighbours import nearest, patient_groups
from core.words import count_words

if TYPE_CHECKING:
    from core.metrics.arrays import FloatArray, IntArray
    from core.study import Study

LEVEL: Final = 0.01
"""Of the films that are like the study's, so many are called unlike them."""
MOST_REFERENCE: Final = 1_000
_TIE: Final = 1e-6
"""Two films that are each other's nearest are as far, however their distance was rounded."""
MOST_SEARCHED: Final = 20_000
"""Films of a larger study are drawn at random, which leaves the level as it is."""
HOW: Final = (
    "Each film's distance is that to its nearest film of another patient, by cosine in the encoder's own space. It is "
    "set beside the distances of the study's validation and test films, which the encoder was not adapted to: a "
    "conformal test (Laxhammar and Falkman, 2014; Sun et al., 2022, for the distance). Of films that are like the "
    "study's, 1 in 100 is called unlike them."
)


@dataclass(frozen=True)
class Familiarity:
    """How far a film lies from a study's films.

    distance : to the nearest of them, cosine, 0..2.
    n_as_far : reference films that lie at least as far from their nearest film of another patient.
    n_reference : how many there are: films that nothing was trained on, all where there are none of those.
    """

    distance: float
    n_as_far: int
    n_reference: int

    @property
    def p_value(self) -> float:
        """Compute the conformal p-value, 1 / (n_reference + 1) at least and 1 at most."""
        return (1 + self.n_as_far) / (1 + self.n_reference)

    @property
    def is_told(self) -> bool:
        """Tell whether there are enough reference films for any film to be called unlike them."""
        return 1 / (1 + self.n_reference) <= LEVEL

    @property
    def is_unlike(self) -> bool:
        """Tell whether fewer than 1 in 100 films of the study would lie as far."""
        return self.p_value <= LEVEL


def familiarity_words(found: Mapping[str, Familiarity]) -> str:
    """Say how many films lie as far, by the encoder that saw them; there is one at least.

    >>> familiarity_words({"Frozen": Familiarity(0.3, 26, 573), "Fine-tuned": Familiarity(0.2, 0, 573)})
    'Of 573 films of the study, 26 (Frozen) and 0 (Fine-tuned) lie as far from all other patients as yours does.'
    """
    *others, last = [f"{count_words(one.n_as_far)} ({name})" for name, one in found.items()]
    counted = " and ".join([*([", ".join(others)] if others else []), last])
    n = max(one.n_reference for one in found.values())
    return f"Of {count_words(n)} films of the study, {counted} lie as far from all other patients as yours does."


def familiarity(study: Study, encoder: str, embedding: npt.NDArray[np.float32]) -> Familiarity:
    """Set a film's distance to a study's films beside theirs to each other.

    embedding : (d,), of the encoder. The film counts as a film of its own patient, and as a neighbour of the others,
        so that all are treated alike: with films drawn as the study's were, p-values are at most uniform (conformal
        anomaly detection; Laxhammar and Falkman, Ann. Math. Artif. Intell. 2014). Distance to the nearest film as
        in Sun et al., ICML 2022.
    """
    rows, n_reference = _drawn(study)
    films = np.concatenate([np.asarray(study.image_embeddings(encoder)[rows], np.float64), embedding[None]])
    patients = patient_groups(study.images["patient_id"].to_numpy()[rows])
    groups = np.append(patients, patients.max(initial=-1) + 1)
    queries = np.append(np.arange(n_reference), len(rows))
    return familiarity_of(films, groups, queries)


def familiarity_of(films: FloatArray, groups: IntArray, queries: IntArray) -> Familiarity:
    """Compare the last query's distance to its nearest film of another group with those of the other queries.

    films : (n, d).  groups : (n,), such as patients.  queries : (q + 1,) rows; those without any film of another group
        are left out of the reference.

    >>> films, alone = np.array([[1.0, 0.0], [1.0, 0.1], [0.9, 0.0], [0.0, 1.0]]), np.arange(4)
    >>> found = familiarity_of(films, alone, np.array([0, 1, 2, 3]))
    >>> found.n_as_far, found.n_reference, found.p_value
    (0, 3, 0.25)
    """
    found = nearest(films, 1, metric="cosine", queries=queries, groups=groups).distances[:, 0]
    own, others = float(found[-1]), found[:-1][~np.isnan(found[:-1])]
    return Familiarity(own, int(np.count_nonzero(others >= own - _TIE)), len(others))


def _drawn(study: Study) -> tuple[IntArray, int]:
    """Rows of the films to search, and how many of the first are the reference."""
    rng = np.random.default_rng(0)
    every = study.rows("all")
    unseen = np.setdiff1d(every, study.rows("train"))
    reference = rng.permutation(unseen if len(unseen) else every)[:MOST_REFERENCE]
    others = rng.permutation(np.setdiff1d(every, reference))[: MOST_SEARCHED - len(reference)]
    return np.concatenate([reference, others]), len(reference)
