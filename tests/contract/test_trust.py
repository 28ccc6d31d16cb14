"""Files that can hold code: what is refused, what one digest changes, and that no payload runs."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch_networks import SAVERS, Shape, digest, make_network, quietly, save_program, save_script

from geoseg.cli import run
from geoseg.cli.models_add import facts_of
from geoseg.core.errors import InputError, ModelError
from geoseg.models import Bundle, find_model, own_engine
from geoseg.models.library import add, open_source, remove
from geoseg.models.trust import is_trusted

pytest.importorskip("openvino", reason="pip install 'geoseg[openvino]'")

ALL = {
    "bands": "red,green,blue",
    "classes": "water,trees,crops,built",
    "gsd": "10",
    "scale": "0.004",
    "mean": "0",
    "std": "1",
    "dtype": "uint8",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("GEOSEG_CACHE", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "models"


def added(source: Path, trust: str = "", **told: str) -> Bundle:
    with open_source(str(source), facts_of(ALL | told), trust=trust) as offer:
        return add(offer)


class Payload:
    """What would run as it is unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch exploded",)


def saved(thing: Any, **settings: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(thing, stream, **settings)
    return stream.getvalue()


PICKLES: dict[str, Callable[[], bytes]] = {
    "a pickle": lambda: pickle.dumps(Payload()),
    "a pickle of protocol 0": lambda: pickle.dumps(Payload(), protocol=0),
    "torch.save": lambda: saved({"weights": torch.zeros(2), "other": Payload()}),
    "torch.save of old": lambda: saved(
        Payload(), _use_new_zipfile_serialization=False, pickle_protocol=4
    ),
}
NAMES = ("net.pt", "net.pth", "net.bin", "net.pkl", "net.onnx", "net.pt2", "net.safetensors")


def exploded() -> bool:
    return Path("exploded").exists()


def test_the_payload_explodes_where_somebody_unpickles_it() -> None:
    for what in ("a pickle", "a pickle of protocol 0"):
        pickle.loads(PICKLES[what]())
        Path("exploded").unlink()
    torch.load(io.BytesIO(PICKLES["torch.save"]()), weights_only=False)
    assert exploded()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", PICKLES)
def test_a_pickle_is_refused_whatever_is_trusted(tmp_path: Path, name: str, what: str) -> None:
    path = tmp_path / name
    path.write_bytes(PICKLES[what]())
    for trust in ("", digest(path)):
        with pytest.raises(InputError) as caught:
            added(path, trust)
        if path.suffix not in (".onnx", ".safetensors"):
            assert "system" in str(caught.value)
            assert "torch.export" in caught.value.do
    with pytest.raises(InputError):
        find_model(str(path))
    assert not exploded()


def test_a_pickled_network_and_weights_alone_are_told_apart(tmp_path: Path) -> None:
    network = make_network()
    torch.save(network, tmp_path / "whole.pt")
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    with pytest.raises(ModelError, match=r"pickled objects \(.*torch_networks\.Network"):
        added(tmp_path / "whole.pt", digest(tmp_path / "whole.pt"))
    with pytest.raises(ModelError, match=r"weights without their network.*torch\.onnx"):
        added(tmp_path / "weights.pth", digest(tmp_path / "weights.pth"))


@pytest.mark.parametrize("kind", SAVERS)
def test_what_can_hold_code_is_added_by_its_digest_alone(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    source = SAVERS[kind](tmp_path / kind, Shape(fixed=True))
    known = digest(source)
    options = [text for name, value in ALL.items() for text in (f"--{name}", value)]
    command = ["models", "add", str(source), "--name", "net", *options]
    assert run(command) == 2
    said = capsys.readouterr().err
    assert "can hold code" in said
    assert f"--trust {known}" in said
    for wrong, why in ((known[:-1] + "g", "64 hex"), ("0" * 64, "another file"), ("", "can hold")):
        assert run([*command, "--trust", wrong]) == 2
        assert why in capsys.readouterr().err
    assert not list(folder.glob("*/card.json"))
    assert run([*command, "--trust", f"SHA256:{known.upper()}"]) == 0  # as programs print it
    assert f"sha256    {known}" in capsys.readouterr().out
    bundle = find_model("net")
    assert bundle.sha256 == known
    assert bundle.card.fixed_tile == (kind == "model.pt2")  # what was traced takes any size
    assert run(["models", "check", "net", "--json"]) == 0
    copied = tmp_path / "copy"
    copied.mkdir()
    for file in bundle.path.iterdir():
        (copied / file.name).write_bytes(file.read_bytes())
    own_engine(find_model(str(copied)), bundle.card.scaling, "cpu")  # the same bytes
    remove("net")
    assert not is_trusted(known)
    for place in (copied, source):
        with pytest.raises(ModelError, match=r"add it first|can hold code"):
            own_engine(find_model(str(place)), bundle.card.scaling, "cpu")


def test_a_model_that_has_changed_is_refused(tmp_path: Path) -> None:
    source = save_script(tmp_path / "net.pt", Shape(fixed=True))
    bundle = added(source, digest(source))
    other = save_script(tmp_path / "other.pt", Shape(fixed=True, scores=5))
    bundle.weights.write_bytes(other.read_bytes())
    with pytest.raises(ModelError, match=f"--trust {digest(other)}"):
        own_engine(bundle, bundle.card.scaling, "cpu")


def test_a_bundle_that_says_of_itself_that_it_is_trusted_is_not(tmp_path: Path) -> None:
    source = save_script(tmp_path / "net.pt", Shape(fixed=True))
    bundle = added(source, digest(source))
    stranger = tmp_path / "stranger"
    bundle.path.rename(stranger)
    (stranger / ".trusted").mkdir()
    (stranger / ".trusted" / digest(source)).touch()
    (tmp_path / "models" / ".trusted" / digest(source)).unlink()
    with pytest.raises(ModelError, match="can hold code"):
        own_engine(find_model(str(stranger)), bundle.card.scaling, "cpu")
    with pytest.raises(ModelError, match="can hold code"), open_source(str(stranger), {}):
        pass
    with open_source(str(stranger), {}, trust=digest(source)) as offer:
        assert add(offer, "again").card.name == "again"


def test_what_was_hashed_is_what_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changes behind its digest changes nothing: its bytes are read once."""
    from geoseg.models import torchscript

    source = save_script(tmp_path / "net.pt", Shape(fixed=True))
    bundle = added(source, digest(source))
    read = torchscript.check_archive

    def exchanged(data: bytes, path: Path, kind: str) -> None:
        path.write_bytes(b"something else")
        read(data, path, kind)

    monkeypatch.setattr(torchscript, "check_archive", exchanged)
    model = own_engine(bundle, bundle.card.scaling, "cpu").load("fp32", ())
    scores = model(np.zeros((1, 3, 64, 64), np.uint8), np.ones((1, 64, 64), bool))
    assert scores.shape == (1, 4, 64, 64)
    assert bundle.weights.read_bytes() == b"something else"


def test_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    source = save_script(tmp_path / "real" / "net.pt", Shape(fixed=True))
    link = tmp_path / "link.pt"
    link.symlink_to(source)
    bundle = added(link, digest(source))
    assert not bundle.weights.is_symlink()
    evil = tmp_path / "evil.pt"
    evil.write_bytes(PICKLES["torch.save"]())
    link.unlink()
    link.symlink_to(evil)
    with pytest.raises(ModelError, match="pickled objects"):
        added(link, digest(source))
    bundle.weights.unlink()
    bundle.weights.symlink_to(evil)
    with pytest.raises(ModelError, match=f"--trust {digest(evil)}"):
        own_engine(bundle, bundle.card.scaling, "cpu")
    assert not exploded()


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None], **more: bytes) -> Path:
    """Write an archive again with other files in it; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        held = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    root = next(iter(held)).partition("/")[0]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in held.items():
            if (other := change(name, data)) is not None:
                archive.writestr(name, other)
        for name, data in more.items():
            archive.writestr(f"{root}/{name}", data)
    return path


def test_a_payload_inside_torchscript_is_no_code_to_it(tmp_path: Path) -> None:
    """Its own reader knows tensors and its own classes, and imports nothing of Python's."""

    def change(name: str, data: bytes) -> bytes:
        return pickle.dumps(Payload(), 2) if name.endswith("/data.pkl") else data

    path = rewritten(save_script(tmp_path / "net.pt", Shape(fixed=True)), change)
    with pytest.raises(ModelError, match="cannot be read as TorchScript"):
        added(path, digest(path))
    assert not exploded()


@pytest.mark.parametrize("where", ["data/sample_inputs/model.pt", "a weight", "an object"])
@pytest.mark.parametrize("bare", [False, True])
def test_a_payload_inside_a_program_is_refused_though_trusted(
    tmp_path: Path, where: str, bare: bool
) -> None:
    payload = pickle.dumps(Payload()) if bare else saved(Payload())
    config = {"path_name": "weight_0", "is_param": True, "use_pickle": True, "tensor_meta": None}

    def change(name: str, data: bytes) -> bytes:
        if where == "a weight" and name.endswith("/weights/model_weights_config.json"):
            held = json.loads(data)
            held["config"][next(iter(held["config"]))] = config
            return json.dumps(held).encode()
        if where == "an object" and name.endswith("/constants/model_constants_config.json"):
            entry = config | {"path_name": "opaque_obj_0"}
            return json.dumps({"config": {"thing": entry}}).encode()
        hit = name.endswith(where) or (where == "a weight" and name.endswith("/weight_0"))
        return payload if hit else data

    path = save_program(tmp_path / "net.pt2", Shape(fixed=True))
    rewritten(path, change, **{"data/constants/opaque_obj_0": payload})
    with pytest.raises(ModelError, match="pickled objects along"):
        added(path, digest(path))
    assert not exploded()


@pytest.mark.parametrize("kind", SAVERS)
@pytest.mark.parametrize("name", ["../../../outside", "/etc/outside", "a/../../outside", "a\\b"])
def test_an_archive_that_leads_elsewhere_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    path = SAVERS[kind](tmp_path / kind, Shape(fixed=True))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "something")
    with pytest.raises(ModelError, match="lead elsewhere"):
        added(path, digest(path))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/constants.pkl", b"")
        archive.writestr("net/code/a.py", bytes(1 << 20))
        archive.infolist()[-1].file_size = 5 << 30
    with pytest.raises(ModelError, match="unpacks into"):
        added(path, digest(path))


def test_an_archive_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    for kind, save in SAVERS.items():
        path = save(tmp_path / kind, Shape(fixed=True))
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(ModelError, match=r"cannot be read as an archive|cut off"):
            added(path, digest(path))


def test_code_for_a_processor_is_refused(tmp_path: Path) -> None:
    path = rewritten(
        save_program(tmp_path / "net.pt2", Shape(fixed=True)),
        lambda _, data: data,
        **{"data/aotinductor/model/a.so": b"\x7fELF"},
    )
    with pytest.raises(ModelError, match="compiled"):
        added(path, digest(path))


class Noisy(torch.nn.Module):
    """As networks are while they are trained."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.network = make_network()

    def forward(self, values: Any) -> Any:
        return self.network(self.layer(values))


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (torch.nn.BatchNorm2d(3), "when another one goes along"),
        (torch.nn.Dropout(0.5), "other scores each time"),
    ],
)
def test_a_network_that_is_still_in_training_is_refused(
    tmp_path: Path, layer: torch.nn.Module, said: str
) -> None:
    network = Noisy(layer).train()
    network.network.eval()
    script = save_script(tmp_path / "net.pt", network=network)
    with pytest.raises(ModelError, match=said):
        added(script, digest(script))
    program = save_program(tmp_path / "net.pt2", network=network)
    with pytest.raises(ModelError, match="exported while it was trained|" + said):
        added(program, digest(program))


def test_a_network_of_one_size_says_it_by_running(tmp_path: Path) -> None:
    class Square(torch.nn.Module):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return values.reshape(-1, 3, 224, 224)[:, :2] * 3

    path = save_script(tmp_path / "net.pt", network=quietly(lambda: torch.jit.script(Square())))
    bundle = added(path, digest(path), classes="a,b")
    assert (bundle.card.tile, bundle.card.fixed_tile) == (224, True)


def test_what_a_file_brings_along_is_read(tmp_path: Path) -> None:
    keys = {"class_names": {"0": "no", "1": "road"}, "resolution": 50, "model_type": "Segmentor"}
    for kind, save in SAVERS.items():
        path = save(tmp_path / kind, Shape(scores=2), extra={"about.json": json.dumps(keys)})
        told = facts_of({"bands": "red,green,blue"})
        with open_source(str(path), told, trust=digest(path)) as offer:
            card = offer.card
        assert [label.name for label in card.labels] == ["no", "road"]
        assert (card.gsd, card.scaling.scale) == (0.5, 1 / 255)
