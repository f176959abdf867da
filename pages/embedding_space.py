"""The map of films, linked to the films; how well classes separate, in the original space."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app


from core.parts import map_encoders
from pages.shared import map_view, navigation, notices, studies

navigation.begin("embedding_space")
study = studies.chosen_study()
notices.nature_of(study)
encoders = map_encoders(study)
if not encoders:
    notices.missing(
        "This study holds no image embeddings laid out by UMAP, so there is no map. A build adds both; an import takes "
        "`--embeddings ENCODER=FILE.npy` for the class distances."
    )
else:
    map_view.show(study, encoders)
