"""A build with a tiny random model on a few synthetic films: whole, resumed, and from a folder of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.__main__ import main
from core.building.checked import chosen_rows
from core.building.plan import BuildOptions
from core.datasets.base import DatasetCard, FloatArray, UInt8Array
from core.datasets.films import film_pixels
from core.datasets.folder import FolderDataset
from core.datasets.phantom.dataset import PhantomDataset
from core.datasets.registry import DATASETS, load_dataset
from core.errors import DatasetError, StudyError
from core.labels.convention import Convention
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.projection.record import map_record
from core.report.report import compute_report
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.head import load_head
from core.settings.registry import usual
from core.settings.zero_shot import zero_shot_margins
from core.study import Study, check_study, open_study
from core.study.arrays import open_array
from core.study.layout import scores_part
from core.study.small_pictures import packed_picture, small_picture
from tests.building.planned import built
from tests.datasets.collection_files import WRITERS
from tests.datasets.iu_xray_files import write_kaggle
from tests.models.tiny import make_tiny_clip

LIMIT = 36
OPTIONS = BuildOptions("tiny", limit=LIMIT, training={"fine_tune": FineTuneOptions(max_epochs=2)})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return load_clip(make_tiny_clip(tmp_path_factory.mktemp("model") / "tiny"))


@pytest.fixture(scope="module")
def study(model: ClipModel, tmp_path_factory: pytest.TempPathFactory) -> Study:
    out = tmp_path_factory.mktemp("studies") / "tiny"
    return built(PhantomDataset(), model, str(model.folder), out, OPTIONS)


class Counting:
    """A dataset that counts how often its films are read."""

    def __init__(self, dataset: PhantomDataset) -> None:
        self.dataset, self.n_read = dataset, 0

    @property
    def card(self) -> DatasetCard:
        return self.dataset.card

    @property
    def images(self) -> pd.DataFrame:
        return self.dataset.images

    @property
    def labels(self) -> FloatArray:
        return self.dataset.labels

    def film(self, row: int) -> UInt8Array:
        self.n_read += 1
        return self.dataset.film(row)

    def film_file(self, row: int) -> None:
        return None

    def annotations(self, row: int):  # type: ignore[no-untyped-def]
        return self.dataset.annotations(row)


def test_a_built_study_is_whole(study: Study) -> None:
    assert check_study(study.root) == []
    assert study.settings == usual()
    assert study.encoders[:2] == ("frozen", "fine_tuned")
    assert len(study.image_ids) == pytest.approx(LIMIT, abs=3)
    assert set(study.splits()) == {"train", "val", "test"}
    for encoder in study.encoders:
        assert study.umap(encoder, 2).shape == (len(study.image_ids), 2)
        assert study.umap(encoder, 3).shape == (len(study.image_ids), 3)
        record = map_record(study, encoder)
        assert record["started_from"] == (None if encoder == "frozen" else "frozen")
        assert 0.5 < record["quality"]["2"]["trustworthiness"] <= 1
    assert not study.root.with_name("tiny.building").exists()


def test_scores_follow_from_what_is_stored_beside_them(study: Study) -> None:
    images, prompts = np.asarray(study.image_embeddings("frozen")), study.manifest.prompts
    margins = zero_shot_margins(images, study.text_embeddings("frozen"), prompts, study.classes)
    np.testing.assert_array_equal(study.scores("zero_shot"), margins)
    for setting, encoder in (("linear_probe", "frozen"), ("fine_tune", "fine_tuned")):
        head = load_head(study.path(f"settings/{setting}/head.safetensors"))
        logits = head.logits(np.asarray(study.image_embeddings(encoder)))
        np.testing.assert_allclose(open_array(study.path(scores_part(setting))), logits, rtol=1e-6, atol=1e-6)
        learnt = [name not in study.untrained(setting) for name in study.classes]
        assert any(learnt)
        np.testing.assert_allclose(study.scores(setting), np.where(learnt, logits, np.nan), rtol=1e-6, atol=1e-6)


def test_test_films_are_stored_and_the_others_can_be_made_again(study: Study) -> None:
    phantom = PhantomDataset()
    splits = dict(zip(study.image_ids, study.images["split"], strict=True))
    for image_id in (study.image_ids[0], study.image_ids[-1], study.image_ids[len(study.image_ids) // 2]):
        assert (study.film_path(image_id) is not None) == (splits[image_id] == "test")
        np.testing.assert_array_equal(film_pixels(study, image_id), phantom.film(phantom.row_of(image_id)))


def test_stored_films_have_small_pictures_and_no_other_film_has(study: Study) -> None:
    phantom = PhantomDataset()
    for row, image_id in enumerate(study.image_ids):
        small = packed_picture(study, row)
        assert (small is None) == (study.film_path(image_id) is None)
        if small is not None:
            assert small == small_picture(phantom.film(phantom.row_of(image_id)))


def test_every_positive_finding_has_its_mask(study: Study) -> None:
    shown = {
        (image_id, name)
        for image_id, row in zip(study.image_ids, study.labels, strict=True)
        for name, label in zip(study.classes, row, strict=True)
        if label == 1 and name != "No Finding"
    }
    assert {(mark.image_id, mark.finding) for mark in study.annotations()} == shown


def test_its_report_has_all_settings_and_says_what_is_undefined(study: Study) -> None:
    report = compute_report(study).to_json()
    assert list(report["settings"]) == list(usual())
    assert report["settings"]["zero_shot"]["overall"]["minutes"] is None
    assert report["settings"]["fine_tune"]["overall"]["minutes"] > 0


def test_an_interrupted_build_ends_as_one_in_peace_and_reads_no_film_twice(
    study: Study, model: ClipModel, tmp_path: Path
) -> None:
    dataset, out = Counting(PhantomDataset()), tmp_path / "tiny"

    def stop(done: int, total: int, what: str) -> None:
        if what.startswith("films in epoch 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built(dataset, model, str(model.folder), out, OPTIONS, progress=stop)
    assert not out.exists()
    with pytest.raises(StudyError):
        open_study(tmp_path / "tiny.building")
    before = dataset.n_read
    again = built(dataset, model, str(model.folder), out, OPTIONS)
    assert dataset.n_read == before == len(study.image_ids)
    assert _hashes(again) == _hashes(study)
    assert again.fingerprint == study.fingerprint


def _hashes(study: Study) -> dict[str, str]:
    return {path: entry.sha256 for path, entry in study.manifest.files.items()}


def test_a_limit_takes_from_every_split() -> None:
    splits = ["train"] * 70 + ["val"] * 15 + ["test"] * 15
    rows = chosen_rows(splits, 20)
    assert [splits[row] for row in rows].count("train") == 14
    assert {splits[row] for row in rows} == {"train", "val", "test"}
    assert chosen_rows(splits, None) == list(range(100))


def _folder(root: Path, *, films: int = 6) -> Path:
    root.mkdir()
    rng = np.random.default_rng(0)
    lines = ["image_id,patient_id,split,Edema,Mass"]
    for number in range(films):
        Image.fromarray(rng.integers(0, 256, (90 + number, 120), dtype=np.uint8)).save(root / f"f{number}.png")
        lines.append(f"f{number},p{number},{'train' if number < 4 else 'test'},{number % 2},{'' if number == 1 else 0}")
    lines.append("absent,p9,test,0,1")
    (root / "labels.csv").write_text("\n".join(lines))
    return root


def test_a_folder_of_one_s_own_is_built_with_its_own_classes(model: ClipModel, tmp_path: Path) -> None:
    dataset = FolderDataset(_folder(tmp_path / "films"))
    settings = BuildOptions("own", ("zero_shot", "linear_probe"))
    own = built(dataset, model, str(model.folder), tmp_path / "own", settings)
    assert own.classes == ("Edema", "Mass")
    assert own.settings == ("zero_shot", "linear_probe")
    assert np.isnan(own.labels[1, 1])
    assert own.convention == Convention("not looked at")
    assert own.readings is not None
    assert own.readings.codes.tolist() == [[0, 0], [1, -2], [0, 0], [1, 0], [0, 0], [1, 0]]
    assert "1 labelled films had no file" in own.manifest.notice
    assert film_pixels(own, "f5").shape == (95, 120)
    with pytest.raises(DatasetError, match="not stored"):
        film_pixels(own, "f0")


@pytest.mark.parametrize("entry", DATASETS, ids=lambda entry: entry.name)
def test_every_dataset_keeps_the_contract(entry, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    makers = {"phantom": lambda root: None, "folder": _folder, "iu-xray": write_kaggle, **WRITERS}
    dataset = load_dataset(entry.name, makers[entry.name](tmp_path / "films"))
    images, labels = dataset.images, dataset.labels
    assert labels.shape == (len(images), len(dataset.card.classes))
    if (said := dataset.card.readings) is not None and dataset.card.convention is not None:
        np.testing.assert_array_equal(said.resolve(len(images), dataset.card.convention), labels)
    assert (dataset.card.readings is None) == (dataset.card.convention is None)
    assert images["image_id"].is_unique
    assert set(np.unique(labels[~np.isnan(labels)])) <= {0.0, 1.0}
    film = dataset.film(0)
    assert film.dtype == np.uint8
    assert film.shape == (images["height_px"].iloc[0], images["width_px"].iloc[0])
    assert all(mark.image_id == images["image_id"].iloc[0] for mark in dataset.annotations(0))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "phantom-clip"], "There is no dataset 'nowhere'"),
        (["folder", "phantom-clip"], "--root"),
        (["phantom", "no/such/model"], "There is no model"),
        (["phantom", "phantom-clip", "--settings", "zero"], "--settings names zero"),
    ],
)
def test_bad_commands_get_a_sentence_and_write_nothing(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
