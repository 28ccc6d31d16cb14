"""Models of the Hugging Face hub: what is fetched, what is checked, what is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import segmentation_models_pytorch as smp
import torch
from bundles import make_bundle
from hub_server import COMMIT, NAME, Hub, serve_hub

from geoseg.cli.models_add import facts_of
from geoseg.core.errors import InputError, ModelError
from geoseg.models import Bundle
from geoseg.models.library import add, open_source

SAID = {
    "bands": "red,green,blue",
    "classes": "water,land",
    "gsd": "2",
    "scale": "0.00392156862745098",
    "mean": "0.4",
    "std": "0.2",
    "dtype": "uint8",
}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    (tmp_path / "hub").mkdir()
    with serve_hub(tmp_path / "hub") as found:
        monkeypatch.setenv("HF_ENDPOINT", found.address)
        yield found


def save(folder: Path) -> None:
    torch.manual_seed(0)
    network = smp.Unet(
        "mobilenet_v2", encoder_weights=None, classes=2, decoder_channels=(32, 16, 8, 8, 8)
    )
    network.save_pretrained(folder)


def added(location: str = f"hf://{NAME}", **told: str) -> tuple[Bundle, str]:
    with open_source(location, facts_of(told or SAID)) as offer:
        return add(offer), " ".join(offer.found.notes)


@pytest.mark.parametrize("revision", ["", "@v1"])
def test_a_model_is_fetched_and_its_commit_stands_on_the_card(hub: Hub, revision: str) -> None:
    save(hub.folder)
    (hub.folder / "pytorch_model.bin").write_bytes(b"a pickle")
    (hub.folder / "training.log").write_bytes(b"of no use")
    bundle, notes = added(f"hf://{NAME}{revision}")
    assert bundle.card.name == "small-net"
    assert f"hf://{NAME}, commit {COMMIT}" in bundle.card.description
    assert f"commit {COMMIT}" in notes
    assert " MB" in notes
    weights = hub.folder / "model.safetensors"
    assert bundle.weights.read_bytes() == weights.read_bytes()
    names = {path.rpartition("/")[2] for path in hub.asked if "/resolve/" in path}
    assert names == {"config.json", "model.safetensors", "README.md"}
    assert hub.tokens == {"Bearer hf_secret"}
    assert "hf_secret" not in f"{bundle.card} {notes}"


def test_a_bundle_of_geosegs_own_is_taken_with_its_card(hub: Hub) -> None:
    make_bundle(hub.folder)
    with open_source(f"hf://{NAME}", {}) as offer:
        bundle = add(offer)
    assert bundle.card.name == "test-model"
    assert (
        bundle.card.description == f"Random weights, for tests. From hf://{NAME}, commit {COMMIT}."
    )


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_other_bytes_than_the_hub_says_are_refused(hub: Hub, name: str, tmp_path: Path) -> None:
    save(hub.folder)
    hub.wrong = name
    with pytest.raises(InputError, match=f"{name} of hf://{NAME} arrived as other bytes"):
        added()
    assert not (tmp_path / "models").exists()


def test_weights_as_a_pickle_alone_are_not_even_fetched(hub: Hub) -> None:
    save(hub.folder)
    (hub.folder / "model.safetensors").rename(hub.folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pickle alone \(pytorch_model\.bin\).*not fetched"):
        added()
    assert not [path for path in hub.asked if "/resolve/" in path]


def test_an_index_names_no_file_elsewhere(hub: Hub) -> None:
    save(hub.folder)
    (hub.folder / "model.safetensors").unlink()
    index = hub.folder / "model.safetensors.index.json"
    index.write_text('{"weight_map": {"a": "../../evil.safetensors"}}')
    hub.reports = ("../../evil.safetensors",)
    with pytest.raises(ModelError, match="names no files of weights"):
        added()


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("hf://some-one/nothing", "there is no hf://some-one/nothing"),
        (f"hf://{NAME}@v9", "no such revision"),
        ("hf://some-one", "no address of the hub"),
        ("hf://some-one/../x", "no address of the hub"),
        (f"hf://{NAME}/model.safetensors", "no address of the hub"),
    ],
)
def test_what_is_not_there_is_one_line(hub: Hub, location: str, said: str) -> None:
    save(hub.folder)
    with pytest.raises(InputError, match=said) as caught:
        added(location)
    assert "hf_secret" not in str(caught.value)


def test_terms_that_are_to_be_accepted_are_told(hub: Hub) -> None:
    save(hub.folder)
    hub.gated = True
    with pytest.raises(InputError, match=f"accept them at {hub.address}/{NAME}, and set HF_TOKEN"):
        added()


def test_a_repository_of_something_else_says_what_it_holds(hub: Hub) -> None:
    (hub.folder / "words.txt").write_text("no model")
    with pytest.raises(ModelError, match=r"holds words\.txt; expected card\.json, or config\.json"):
        added()
