"""Settings that share an image tower get the maps that each would get alone, from the passes of one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.saliency.film_maps import maps_by_method, unsuited
from core.saliency.methods import METHODS
from core.saliency.shared_tower import maps_of_settings
from core.saliency.tower.layers import tower_layers
from core.saliency.tower.setting_model import SettingModel, load_setting_model
from core.study.read import Study
from tests.models.tiny import random_films

FILM = random_films(1)[0]
PASSES = ("grad_cam", "layer_cam", "chefer", "rollout", "legrad", "attn_lrp")


@pytest.fixture(scope="module")
def models(study: Study) -> dict[str, SettingModel]:
    """Two settings of the frozen tower, of other classes each, and one of a tower of its own."""
    wanted = {"zero_shot": study.classes[:2], "linear_probe": study.classes[1:4], "fine_tune": study.classes[:1]}
    return {setting: load_setting_model(study, setting).only(classes) for setting, classes in wanted.items()}


def test_every_method_gives_the_maps_of_each_setting_alone(models: dict[str, SettingModel]) -> None:
    tower = tower_layers(models["zero_shot"].visual)
    methods = [one.name for one in METHODS if unsuited(one, tower) is None and one.needs not in ("tower", "masks")]
    found = maps_of_settings(models, FILM, methods)
    for setting, model in models.items():
        alone = maps_by_method(model, FILM, methods)
        assert list(found[setting]) == methods
        for name, maps in found[setting].items():
            expected = alone[name]
            assert (maps.classes, maps.layers, maps.targets) == (expected.classes, expected.layers, expected.targets)
            np.testing.assert_allclose(maps.scores, expected.scores, atol=1e-5)
            for one, other in zip(maps.values, expected.values, strict=True):
                # the library's Grad-CAM++ and what follows it down magnify the last digits of gradients
                loose = 1e-2 if name in ("grad_cam_plus_plus_library", "m2ib") else 1e-4
                np.testing.assert_allclose(one, other, atol=loose * max(other.max(), 1e-12), err_msg=name)


def test_a_tower_is_gone_through_as_often_for_two_settings_as_for_one(models: dict[str, SettingModel]) -> None:
    frozen = {name: models[name] for name in ("zero_shot", "linear_probe")}
    passes: list[int] = []
    hook = models["zero_shot"].visual.register_forward_hook(lambda *_: passes.append(1))
    maps_by_method(models["zero_shot"], FILM, PASSES)
    one = len(passes)
    maps_of_settings(frozen, FILM, PASSES)
    hook.remove()
    assert len(passes) - one == one


def test_a_class_that_one_setting_never_saw_stays_undefined_in_it_alone(models: dict[str, SettingModel]) -> None:
    name = models["linear_probe"].classes[0]
    frozen = {
        "zero_shot": models["zero_shot"],
        "linear_probe": replace(models["linear_probe"], untrained={name: "No."}),
    }
    found = maps_of_settings(frozen, FILM, ["grad_cam"])
    (values,) = found["linear_probe"]["grad_cam"].values
    assert np.isnan(values[0]).all()
    assert np.isfinite(values[1:]).all()
    assert np.isfinite(found["zero_shot"]["grad_cam"].values[0]).all()
