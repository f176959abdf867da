"""Every way to make a map, on the same planted clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA

from core.metrics.map_quality import map_quality
from core.projection.methods import MAP_METHODS, MapMethod, method_named, turned_onto
from core.projection.request import MapError, MapRequest

REQUEST = MapRequest("frozen", n_neighbors=10, perplexity=10)


def clusters() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.vstack([rng.normal(centre, 1, (40, 12)) for centre in (0, 4, 8)]).astype(np.float32)


@pytest.mark.parametrize("method", MAP_METHODS, ids=lambda method: method.name)
def test_contract(method: MapMethod) -> None:
    """Shape, type, the same map twice, neighbours kept, parameters that a request has, a library that is there."""
    told = []
    embeddings = clusters()
    first, second = (method.make(embeddings, REQUEST, None, lambda *entry: told.append(entry)) for _ in range(2))
    assert first.shape == (120, 2)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, second)
    assert map_quality(embeddings, first, k=10).trustworthiness > 0.75
    assert told
    assert set(method.parameters) <= set(MapRequest.__dataclass_fields__)
    assert method.version.split()[1][0].isdigit()


def test_three_dimensions() -> None:
    for method in MAP_METHODS:
        if method.name != "tsne":
            request = MapRequest("frozen", n_components=3, n_neighbors=10)
            assert method.make(clusters(), request, None, lambda *_: None).shape == (120, 3)


def test_pca_is_scikit_learn_s_up_to_sign() -> None:
    embeddings = clusters()
    got = method_named("pca").make(embeddings, REQUEST, None, lambda *_: None)
    np.testing.assert_allclose(np.abs(got), np.abs(PCA(2).fit_transform(embeddings)), atol=2e-4)


def test_a_map_turned_onto_another_keeps_its_distances_and_undoes_turns_and_mirrors() -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(size=(30, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0] @ np.diag([1, 1, -1])
    np.testing.assert_allclose(turned_onto(target @ turn + 5, target), target, atol=1e-5)
    points = rng.normal(size=(30, 3))
    np.testing.assert_allclose(pdist(turned_onto(points, target)), pdist(points), rtol=1e-5)


def test_another_name_is_refused() -> None:
    with pytest.raises(MapError, match="isomap"):
        method_named("isomap")


def test_t_sne_of_very_many_films_is_refused() -> None:
    with pytest.raises(MapError, match="30,000"):
        method_named("tsne").require_room(30_000)
    method_named("tsne").require_room(20_000)
    method_named("umap").require_room(400_000)


@pytest.mark.parametrize(
    "wrong", [{"n_components": 4}, {"n_neighbors": 1}, {"min_dist": 2.0}, {"metric": "manhattan"}, {"perplexity": 0}]
)
def test_requests_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(MapError, match=next(iter(wrong))):
        MapRequest("frozen", **wrong)  # type: ignore[arg-type]


def test_a_request_survives_json_and_its_key_tells_it_apart() -> None:
    request = MapRequest("frozen", "tsne", perplexity=12.5)
    assert MapRequest.from_json(request.to_json()) == request
    assert request.key != MapRequest("frozen", "tsne").key
