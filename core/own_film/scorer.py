"""Scores of films that are in no study, in every setting whose model is here: one pass a tower, many films at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from core.errors import CoreError, StudyError
from core.models.arrays import Float32Array, UInt8Array
from core.study.read import Study

if TYPE_CHECKING:
    import torch

    from core.saliency.tower.setting_model import SettingModel


@dataclass(frozen=True, eq=False)
class FilmScorer:
    """The models of a study's settings.

    models : by setting.
    problems : why a setting is not among them.
    """

    models: Mapping[str, SettingModel]
    problems: Mapping[str, CoreError] = field(default_factory=dict)

    def only(self, settings: Collection[str]) -> FilmScorer:
        """Keep some settings; those whose model is not here stay away. Raises the first's CoreError if all do."""
        models = {name: model for name, model in self.models.items() if name in settings}
        if not models:
            raise next(problem for name, problem in self.problems.items() if name in settings)
        return replace(self, models=models)

    def scores(self, films: Sequence[UInt8Array]) -> dict[str, Float32Array]:
        """Compute (n_films, C) raw scores of films (H, W), uint8, by setting; NaN where one was never trained."""
        return self.seen(films)[0]

    def seen(self, films: Sequence[UInt8Array]) -> tuple[dict[str, Float32Array], dict[str, Float32Array]]:
        """Compute the `scores` of films, and by setting the embeddings (n_films, d), un-normalised, that they are of.

        Settings that share a tower share its pass.
        """
        import torch

        by_tower: dict[int, torch.Tensor] = {}
        scores, embeddings = {}, {}
        for setting, model in self.models.items():
            key = id(model.tower.visual)
            if key not in by_tower:
                by_tower[key] = _embeddings(model, films)
            with torch.inference_mode():
                values = np.array(model.target(by_tower[key]).cpu().numpy(), np.float32)
            scores[setting] = model.learnt(values.T).T
            embeddings[setting] = by_tower[key].cpu().numpy()
        return scores, embeddings


def load_scorer(study: Study) -> FilmScorer:
    """Load the models of all settings. Raises the first setting's CoreError where none is here, StudyError where the
    study has no setting.
    """
    if not study.settings:
        raise StudyError(
            f"The study {study.name} has no setting, so no model to look at a film with.",
            remedy="Choose a study that was made by `python -m core build`.",
        )
    from core.saliency.tower.setting_model import load_setting_model

    models: dict[str, SettingModel] = {}
    problems: dict[str, CoreError] = {}
    for setting in study.settings:
        try:
            models[setting] = load_setting_model(study, setting)
        except CoreError as error:
            problems[setting] = error
    if problems and not models:
        raise next(iter(problems.values()))
    return FilmScorer(models, problems)


def _embeddings(model: SettingModel, films: Sequence[UInt8Array]) -> torch.Tensor:
    """(n, d), un-normalised."""
    import torch

    pixels = torch.stack([model.tower.transform(film) for film in films]).to(model.tower.device)
    with model.tower.lock, torch.inference_mode():
        embeddings: torch.Tensor = model.visual(pixels).float()
    return embeddings
