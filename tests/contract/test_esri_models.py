"""Packages of ArcGIS: what their definition says, what runs, and what is refused with the reason."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from rasters import write
from torch_networks import Shape, digest, make_network, save_program, save_script

from geoseg.cli import run
from geoseg.cli.models_add import facts_of
from geoseg.core.errors import GeosegError, ModelError
from geoseg.models import Bundle, own_engine
from geoseg.models.library import add, open_source

pytest.importorskip("openvino", reason="pip install 'geoseg[openvino]'")

UTM = (10.0, 0, 500_000, 0, -10.0, 5_000_000)
SAID = {"bands": "red,green,blue", "gsd": "10"}
STATS = {
    "band_min_values": [10.0, 20.0, 30.0],
    "band_max_values": [210.0, 220.0, 255.0],
    "scaled_mean_values": [0.4, 0.5, 0.6],
    "scaled_std_values": [0.2, 0.25, 0.3],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("GEOSEG_CACHE", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "models"


def classes(*values: int) -> list[dict[str, Any]]:
    return [{"Value": v, "Name": f"c{v}", "Color": [v % 256, 0, 255]} for v in values]


def definition(**changes: Any) -> dict[str, Any]:
    """As arcgis.learn writes it."""
    usual: dict[str, Any] = {
        "Framework": "arcgis.learn.models._inferencing",
        "ModelConfiguration": "_unet",
        "ModelType": "ImageClassification",
        "InferenceFunction": "[Functions]System\\DeepLearning\\ArcGISLearn\\ArcGISImageClassifier.py",
        "ExtractBands": [0, 1, 2],
        "ModelFile": ".\\net.pt",
        "ImageHeight": 64,
        "ImageWidth": 64,
        "Classes": classes(3, 20, 7),
        "IsMultispectral": True,
        "NormalizationStats": STATS,
        "DoNormalize": True,
    } | changes
    return {key: value for key, value in usual.items() if value is not None}


def package(folder: Path, network: Path | None = None, within: str = "", **changes: Any) -> Path:
    """Write a .dlpk with a network of four scores, if no other is given."""
    network = network or save_script(folder / "net.pt")
    path = folder / "roads.dlpk"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("ModelCharacteristics")
        archive.writestr("ModelCharacteristics/loss.png", b"a picture")
        archive.writestr(f"{within}model.emd", json.dumps(definition(**changes)))
        archive.write(network, f"{within}{network.name}")
        archive.writestr(f"{within}ArcGISImageClassifier.py", "open('exploded', 'w')")
    return path


def added(source: Path, trust: Path | None = None, **told: str) -> Bundle:
    with open_source(
        str(source), facts_of(SAID | told), trust=digest(trust) if trust else ""
    ) as offer:
        return add(offer)


@pytest.mark.parametrize("within", ["", "model/"])
def test_a_package_gives_what_its_network_gives(tmp_path: Path, within: str) -> None:
    path = package(tmp_path, within=within)
    with pytest.raises(ModelError, match=f"--trust {digest(tmp_path / 'net.pt')}"):
        added(path, dtype="uint8")
    bundle = added(path, tmp_path / "net.pt", dtype="uint8")
    card = bundle.card
    assert [(label.value, label.name) for label in card.labels] == [
        (0, "background"),
        (3, "c3"),
        (20, "c20"),
        (7, "c7"),
    ]
    assert card.labels[2].colour == "#1400ff"
    pixels = np.random.default_rng(1).integers(0, 256, (1, 3, 64, 64), np.uint8)
    model = own_engine(bundle, card.scaling, "cpu").load("fp32", ())
    found = model(pixels, np.ones((1, 64, 64), bool))
    low, high, mean, std = (np.array(each).reshape(-1, 1, 1) for each in STATS.values())
    values = ((pixels - low) / (high - low) - mean) / std
    with torch.inference_mode():
        expected = make_network()(torch.from_numpy(values).float()).softmax(1).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert not Path("exploded").exists()


def test_classes_keep_their_values_on_the_map(tmp_path: Path) -> None:
    path = package(tmp_path)
    told = ["--bands", "red,green,blue", "--gsd", "10", "--dtype", "uint8", "--name", "arc"]
    trust = ["--trust", digest(tmp_path / "net.pt")]
    assert run(["models", "add", str(path), *told, *trust]) == 0
    pixels = np.random.default_rng(1).integers(0, 256, (3, 64, 64), np.uint8)
    write(tmp_path / "scene.tif", pixels, ("red", "green", "blue"), UTM)
    command = ["predict", "scene.tif", "--model", "arc", "--out", "map.tif", "--quiet"]
    assert run([*command, "--engine", "torch", "--device", "cpu"]) == 0
    with rasterio.open("map.tif") as file:
        found = file.read(1)
    low, high, mean, std = (np.array(each).reshape(-1, 1, 1) for each in STATS.values())
    values = ((pixels - low) / (high - low) - mean) / std
    with torch.inference_mode():
        index = make_network()(torch.from_numpy(values)[None].float())[0].argmax(0).numpy()
    assert (found == np.array([0, 3, 20, 7])[index]).mean() > 0.999


@pytest.mark.parametrize(
    ("scores", "values", "changes", "expected"),
    [
        (4, (1, 2, 3), {}, (0, 1, 2, 3)),
        (4, (0, 1, 2, 3), {}, (0, 1, 2, 3)),
        (4, (10, 20, 30), {}, (0, 10, 20, 30)),
        (4, (3, 1, 2), {}, (0, 1, 2, 3)),  # values that count the scores, in whatever order
        (4, (2, 0, 3, 1), {}, (0, 1, 2, 3)),
        (4, (10, 20, 30), {"Framework": "PyTorch"}, (0, 10, 20, 30)),
        (4, (10, 20, 30, 40), {"Framework": "PyTorch"}, (10, 20, 30, 40)),
        (4, (10, 20, 30, 40), {}, "names 4 classes"),  # one of them would be called another
        (4, (0, 1, 2), {}, "names 3 classes"),
        (4, (1, 2, 3, 4, 5), {}, "names 5 classes"),
        (4, (1, 2, 300), {}, "300"),
    ],
)
def test_the_first_score_is_the_background_where_one_is_left_over(
    tmp_path: Path, scores: int, values: tuple[int, ...], changes: dict[str, Any], expected: Any
) -> None:
    network = save_script(tmp_path / "net.pt", Shape(scores=scores))
    path = package(tmp_path, network, Classes=classes(*values), **changes)
    told = {"scale": "1", "mean": "0", "std": "1", "dtype": "uint8"}
    if isinstance(expected, str):
        with pytest.raises(ModelError, match=expected):
            added(path, network, **told)
        return
    labels = added(path, network, **told).card.labels
    assert tuple(label.value for label in labels) == expected
    assert labels[0].name == ("c0" if 0 in values else "background" if 0 in expected else "c10")


def test_one_score_and_class_indices(tmp_path: Path) -> None:
    single = save_script(tmp_path / "single.pt", Shape(scores=1, end="sigmoid"))
    changes: dict[str, Any] = {"ModelFile": "single.pt", "Classes": classes(5)}
    labels = added(package(tmp_path, single, **changes), single, dtype="uint8").card.labels
    assert [(label.value, label.name) for label in labels] == [(0, "not c5"), (5, "c5")]
    indices = save_script(tmp_path / "indices.pt", Shape(end="argmax"))
    changes = {"ModelFile": "indices.pt", "Classes": classes(1, 2, 3), "ModelName": "UNet"}
    path = package(tmp_path, indices, **changes)
    with open_source(str(path), facts_of(SAID | {"dtype": "uint8"}), trust=digest(indices)) as it:
        assert [label.value for label in it.card.labels] == [0, 1, 2, 3]
    path = package(tmp_path, indices, **(changes | {"Classes": classes(10, 20)}))
    with pytest.raises(ModelError, match="gives indices"):
        added(path, indices, dtype="uint8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, r"--dtype.*Guessed.*--dtype uint8$"),
        ({"NormalizationStats": None, "ExtractBands": [0, 1, 2, 3]}, "--scale"),
        ({"DoNormalize": False}, r"--mean.*--std"),
        (
            {"InferenceFunction": "mine.py"},
            r"--scale.*--mean.*--std.*Guessed.*--scale 1 --mean 90,",
        ),
        ({"Framework": "PyTorch", "InferenceFunction": None}, "--scale"),
        ({"NormalizationStats": None, "DataRange": [0, 1]}, r"--scale.*--mean.*--std"),
        (
            {"Framework": "PyTorch", "NormalizationStats": None, "DataRange": [0, 1]},
            r"Guessed.*--scale 0\.0039",
        ),
    ],
)
def test_what_a_definition_leaves_open_is_asked_for(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        added(package(tmp_path, **changes), tmp_path / "net.pt")


def test_without_statistics_it_is_the_usual_photograph(tmp_path: Path) -> None:
    path = package(tmp_path, NormalizationStats=None, IsMultispectral=False)
    card = added(path, tmp_path / "net.pt").card
    assert card.scaling.scale == pytest.approx(1 / 255)
    assert [band.mean for band in card.bands] == [0.485, 0.456, 0.406]
    assert card.dtypes == ("uint8",)


def test_names_of_bands_are_taken_and_numbers_asked_for(tmp_path: Path) -> None:
    named = package(tmp_path, Bands=["blue", "green", "red", "nir"], ExtractBands=[2, 1, 0])
    told = facts_of({"gsd": "10", "dtype": "uint8"})
    with open_source(str(named), told, trust=digest(tmp_path / "net.pt")) as offer:
        assert offer.card.band_names == ("red", "green", "blue")
        assert offer.card.bands[0].mean == pytest.approx(30 + 0.6 * 225)  # by its number
    with (
        pytest.raises(ModelError, match=r"--bands.*Guessed.*red,green,blue"),
        open_source(str(package(tmp_path)), told, trust=digest(tmp_path / "net.pt")),
    ):
        pass


def test_onnx_a_program_and_a_definition_by_itself(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="pip install 'geoseg[onnx]'")
    from onnx_graphs import Graph, save_graph

    onnx = save_graph(tmp_path / "net.onnx", Graph(side=64))
    card = added(package(tmp_path, onnx, ModelFile="net.onnx"), dtype="uint8").card
    assert (len(card.labels), card.tile, card.fixed_tile) == (4, 64, True)
    program = save_program(tmp_path / "plain" / "net.pt2", Shape(fixed=True))
    emd = tmp_path / "plain" / "model.emd"
    emd.write_text(json.dumps(definition(ModelFile="net.pt2")), encoding="utf-8")
    for source in (emd, emd.parent):
        with open_source(
            str(source), facts_of(SAID | {"dtype": "uint8"}), trust=digest(program)
        ) as offer:
            assert [label.value for label in offer.card.labels] == [0, 3, 20, 7]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ModelType": "ObjectDetection"}, "of the type ObjectDetection"),
        ({"ModelName": "ChangeDetector"}, "two scenes"),
        ({"ignore_mapped_class": [0]}, "leaves out its scores"),
        ({"ModelFile": "../net.pt"}, r"points at \.\./net\.pt"),
        ({"ModelFile": "C:\\nets\\net.pt"}, "points at C:/nets/net.pt"),
        ({"ModelFile": "other.pb"}, r"Framework arcgis\.learn.*_unet.*other\.pb.*no such file"),
        ({"Classes": [{"Name": "x"}]}, "classes of .* are damaged"),
        ({"NormalizationStats": STATS | {"band_min_values": [1]}}, "is damaged"),
    ],
)
def test_what_cannot_run_is_refused_with_what_was_found(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        added(package(tmp_path, **changes), tmp_path / "net.pt")


class Payload:
    def __reduce__(self) -> Any:
        return os.system, ("touch exploded",)


def test_its_usual_weights_are_a_pickle_and_refused(tmp_path: Path) -> None:
    weights = tmp_path / "roads.pth"
    torch.save({"model": make_network().state_dict(), "opt": Payload()}, weights)
    path = package(tmp_path, weights, ModelFile="roads.pth")
    for trust in (None, weights):
        with pytest.raises(ModelError, match=r"_unet.*arcgisimageclassifier") as it:
            added(path, trust)
        assert "system" in str(it.value)
        assert "from-arcgis" in str(it.value)
    assert not Path("exploded").exists()


def test_packages_that_lead_elsewhere_or_burst_are_refused(tmp_path: Path) -> None:
    for name in ("../outside", "/tmp/outside", "a/../../outside"):
        path = package(tmp_path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, "something")
        with pytest.raises(ModelError, match="lead elsewhere"):
            added(path, tmp_path / "net.pt")
    path = package(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("zeros.bin", bytes(1 << 20))
        archive.infolist()[-1].file_size = 5 << 30
    with pytest.raises(ModelError, match="unpacks into"):
        added(path, tmp_path / "net.pt")
    path = package(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("second.emd", "{}")
    with pytest.raises(ModelError, match="2 definitions"):
        added(path, tmp_path / "net.pt")
    for broken in (b"PK\x03\x04" + bytes(99), b"no zip", b""):
        path.write_bytes(broken)
        with pytest.raises(GeosegError, match="cannot be read as an archive"):
            added(path)
    assert not (tmp_path.parent / "outside").exists()
