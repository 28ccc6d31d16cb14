"""Whole products at addresses: the map of the same files on this disk, read by ranges."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rasterio
from bundles import make_bundle
from deliveries import pack_tar, pack_zip, write_landsat, write_s2
from range_server import Server, serve
from s3_server import serve_s3, settings
from safes import SIZES

import geoseg
from geoseg.cli import run
from geoseg.core.card import Scaling, read_card, write_card
from geoseg.core.errors import InputError
from geoseg.raster import patience

HOW: dict[str, Any] = {"device": "cpu", "engine": "openvino", "force": True, "mask": ("clouds",)}


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three products, two of them in archives, too; a model; the maps from here."""
    folder = tmp_path_factory.mktemp("products")
    served = folder / "served"
    safe = write_s2(served).path
    pack_zip(safe, served / "S2A.zip")
    landsat = write_landsat(served).path
    pack_tar(landsat, served / "L8.tar")
    _write_tile(safe, served / "tile")
    names = {"safe": safe.name, "landsat": landsat.name, "tile": "tile"}
    names["granule"] = f"GRANULE/{next((safe / 'GRANULE').iterdir()).name}"
    names["MTL"] = next(landsat.glob("*_MTL.txt")).name
    (folder / "names.json").write_text(json.dumps(names))
    model = make_bundle(folder / "model")
    card = replace(
        read_card(model / "card.json"),
        unit="reflectance",
        scaling=Scaling(1e-4),
        dtypes=("uint16",),
        gsd=10.0,
        gsd_range=(5.0, 40.0),
    )
    write_card(card, model / "card.json")
    for name in ("safe", "landsat", "tile"):
        geoseg.predict(served / names[name], folder / f"{name}.tif", model=model, **HOW)
    return folder


def _write_tile(safe: Path, target: Path) -> None:
    """Bring a product into the layout of the clouds: a granule's folder with short names."""
    (granule,) = (safe / "GRANULE").iterdir()
    target.mkdir()
    for name in SIZES:
        shutil.copy(next(granule.glob(f"IMG_DATA/*_{name}.jp2")), target / f"{name}.jp2")
    shutil.copytree(granule / "QI_DATA", target / "qi")
    shutil.copy(safe / "MTD_MSIL1C.xml", target / "product_metadata.xml")
    text = "<n1:Level-1C_Tile_ID xmlns:n1='x'><TILE_ID>S2A_OPER_MSI_L1C_TL_X</TILE_ID>{}"
    (target / "metadata.xml").write_text(text.format("</n1:Level-1C_Tile_ID>"))


def place(products: Path, way: str) -> str:
    """The path on the servers of what is called so here."""
    names = json.loads((products / "names.json").read_text())
    return "/".join(names.get(part, part) for part in way.split("/"))


def same(one: Path, other: Path) -> bool:
    with rasterio.open(one) as found, rasterio.open(other) as known:
        return bool((found.read() == known.read()).all()) and found.profile == known.profile


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSES", (0.01,) * 6)


@pytest.fixture
def server(products: Path) -> Iterator[Server]:
    with serve(products / "served") as running:
        yield running
        running.fails()


@pytest.fixture(scope="module")
def store(products: Path) -> Iterator[str]:
    with serve_s3(products / "served", "scenes") as running:
        yield running


@pytest.fixture
def s3(store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in settings(store).items():
        monkeypatch.setenv(name, value)
    return "s3://scenes"


@pytest.mark.parametrize(
    ("product", "way", "end"),
    [
        ("safe", "safe/MTD_MSIL1C.xml", ""),
        ("safe", "S2A.zip", "?sig=SECRET"),
        ("landsat", "landsat/MTL", "?sig=SECRET"),
        ("landsat", "L8.tar", ""),
        ("tile", "tile/metadata.xml", ""),
    ],
)
def test_on_the_web_a_product_gives_the_map_of_its_files(
    products: Path, server: Server, tmp_path: Path, product: str, way: str, end: str
) -> None:
    server.fails(cut=9)
    out = tmp_path / "map.tif"
    scene = f"{server.address}/{place(products, way)}{end}"
    geoseg.predict(scene, out, model=products / "model", **HOW)
    assert same(out, products / f"{product}.tif")
    whole = [stop - start for status, start, stop in server.requests() if status == 200]
    assert max(whole, default=0) < 20_000  # metadata alone
    with rasterio.open(out) as raster:
        assert "SECRET" not in str(raster.tags())


def test_in_a_bucket_a_folder_gives_the_map_of_its_files(
    products: Path, s3: str, tmp_path: Path
) -> None:
    out = tmp_path / "map.tif"
    geoseg.predict(f"{s3}/{place(products, 'safe')}", out, model=products / "model", **HOW)
    assert same(out, products / "safe.tif")


def test_check_and_batch_take_products_at_addresses(
    products: Path, s3: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(products / "model")
    asked = ["check", f"{s3}/{place(products, 'tile')}", "--model", model, "--force"]
    assert run(asked) == 0
    assert "Sentinel-2 L1C N0509" in "".join(capsys.readouterr())
    words = [
        "batch",
        f"{s3}/S2A.zip",
        f"{s3}/{place(products, 'landsat')}",
        "--model",
        model,
        "--force",
    ]
    words += ["--mask", "clouds", "--device", "cpu", "--compute-engine", "openvino"]
    assert run([*words, "--out-dir", str(tmp_path / "maps")]) == 0
    assert same(tmp_path / "maps/S2A.tif", products / "safe.tif")
    assert same(tmp_path / f"maps/{place(products, 'landsat')}.tif", products / "landsat.tif")


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("safe", "not listed by its server.*MTD_MSIL2A.xml"),
        ("safe/granule", "not listed by its server"),
        ("landsat", "not listed by its server.*_MTL.txt"),
        ("S2A.tar.gz?sig=SECRET", "packed tar file"),
        ("none.zip?sig=SECRET", "404"),
        ("safe/MTD_MSIL2A.xml", "MTD_MSIL2A.xml"),
    ],
)
def test_what_cannot_be_fetched_is_said(
    products: Path, server: Server, tmp_path: Path, way: str, told: str
) -> None:
    scene = f"{server.address}/{place(products, way)}"
    with pytest.raises(InputError, match=told) as raised:
        geoseg.predict(scene, tmp_path / "map.tif", model=products / "model", **HOW)
    assert "SECRET" not in str(raised.value)
    assert not list(tmp_path.iterdir())
