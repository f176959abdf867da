"""What a study holds, what it lacks, and the command that adds what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.settings.titles import encoder_title, setting_title
from core.study import layout

if TYPE_CHECKING:
    from core.study import Study

BUILD: Final = "python -m core build DATASET MODEL --out DIR"
ANNOTATE: Final = "python -m core annotate STUDY FILE --reader NAME"
PROMPTS: Final = "python -m core prompts STUDY"
PROJECT: Final = "python -m core project STUDY"
IMPORT: Final = "python -m core import --out DIR --name NAME --labels FILE --scores SETTING=FILE"


@dataclass(frozen=True)
class Part:
    """One part of a study.

    detail : how much of it there is, or what cannot be shown without it.
    command : what adds it; None where it is there.
    """

    title: str
    detail: str
    command: str | None = None

    @property
    def is_there(self) -> bool:
        """Tell whether the study holds it."""
        return self.command is None


def parts_of(study: Study) -> tuple[Part, ...]:
    """List every optional part, in the order in which the pages use them."""
    return (
        _scores(study),
        _films(study),
        _masks(study),
        _embeddings(study),
        _maps(study),
        _model(study),
        _wordings(study),
    )


def map_encoders(study: Study) -> tuple[str, ...]:
    """List the encoders whose films have been laid out in a plane."""
    return tuple(encoder for encoder in study.encoders if study.has(layout.umap_part(encoder, 2)))


def embedded(study: Study) -> tuple[str, ...]:
    """List the encoders with image embeddings, those whose films the study has laid out first."""
    here = [encoder for encoder in study.encoders if study.has(layout.image_embeddings_part(encoder))]
    return tuple(sorted(here, key=lambda encoder: encoder not in map_encoders(study)))


def _scores(study: Study) -> Part:
    if not study.settings:
        return Part("Scores", "Without them there are no metrics and no thresholds.", f"{IMPORT} --replace")
    kinds = [f"{setting_title(name)} ({study.manifest.settings[name].score_kind})" for name in study.settings]
    return Part("Scores", ", ".join(kinds))


def _films(study: Study) -> Part:
    n_stored, n_films = int(study.images["file"].notna().sum()), len(study.images)
    stored = f"{n_stored:,} of {n_films:,} stored with the study"
    if n_stored < n_films and study.manifest.dataset.get("name") == "phantom":
        return Part("Films", f"{stored}; any other is simulated again when it is looked at")
    if n_stored:
        return Part("Films", stored)
    return Part("Films", "Without them no film can be shown.", f"{IMPORT} --images DIR --replace")


def _masks(study: Study) -> Part:
    annotations = study.annotations()
    if not annotations:
        return Part("Masks", "Without them maps cannot be set against a reader's region.", ANNOTATE)
    n_readers = len({annotation.reader for annotation in annotations})
    readers = "1 reader" if n_readers == 1 else f"{n_readers} readers"
    return Part("Masks", f"{len(annotations):,} on {len(study.annotated_ids()):,} films by {readers}")


def _embeddings(study: Study) -> Part:
    here = [encoder for encoder in study.encoders if study.has(layout.image_embeddings_part(encoder))]
    if not here:
        return Part("Embeddings", "Without them class distances are undefined.", BUILD)
    sizes = [f"{encoder_title(name)} ({study.manifest.encoders[name].n_dimensions} dimensions)" for name in here]
    return Part("Embeddings", ", ".join(sizes))


def _maps(study: Study) -> Part:
    here = map_encoders(study)
    if not here:
        can_project = any(study.has(layout.image_embeddings_part(name)) for name in study.encoders)
        return Part("UMAP", "Without it there is no map of the films.", PROJECT if can_project else BUILD)
    return Part("UMAP", ", ".join(encoder_title(name) for name in here))


def _model(study: Study) -> Part:
    model = study.manifest.model
    if not model:
        return Part("Model", "Without it no saliency map can be computed.", BUILD)
    return Part("Model", ", ".join(model_names(study)))


def model_names(study: Study) -> tuple[str, ...]:
    """Name the models of a study, each other than the first with what stands behind its settings; none of an import."""
    model = study.manifest.model
    if not model:
        return ()
    beside = [f"{_model_name(one)} ({key})" for key, one in study.manifest.beside.items()]
    return (_model_name(model), *beside)


def _model_name(model: Mapping[str, Any]) -> str:
    return str(model.get("name", model.get("source", "named in the manifest")))


def _wordings(study: Study) -> Part:
    if study.has(layout.WORDING_EMBEDDINGS):
        n_prompts = (study.manifest.files[layout.WORDING_EMBEDDINGS].shape or (0,))[0]
        return Part("Wordings", f"{n_prompts:,} prompts beside the study's own")
    can_ask = bool(study.manifest.prompts and study.manifest.model)
    detail = "Without them nobody sees how far zero-shot hangs on the words of its prompts."
    return Part("Wordings", detail, PROMPTS if can_ask else BUILD)
