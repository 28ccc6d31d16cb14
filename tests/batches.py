"""Small batches for tests: scenes that a model of `bundles` maps in less than a second each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import torch
from bundles import make_bundle

from geoseg.batches.ledger import Ledger
from geoseg.batches.plan import Batch, Recipe, add_scenes, create_batch, weights_of
from geoseg.batches.regions import cut
from geoseg.batches.run import Worker
from geoseg.batches.scenes import find_scenes
from geoseg.batches.work import Share, Tally, Work
from geoseg.core.options import Options

COUNT = 5
# of OpenVINO, for its workers start without PyTorch: in a third of the time
OPTIONS = Options.of(device="cpu", engine="openvino", tile=64)
ASKED = ("--device", "cpu", "--compute-engine", "openvino", "--tile", "64")


def write_scene(path: Path, height: int = 90, width: int = 110, seed: int = 0) -> Path:
    """Write blobs and noise in three named bands, each seed on a ground of its own."""
    rng = np.random.default_rng(seed)
    coarse = (
        rng.integers(0, 256, (3, height // 16 + 2, width // 16 + 2)).repeat(16, 1).repeat(16, 2)
    )
    pixels = (coarse[:, :height, :width] * 0.8 + rng.integers(0, 50, (3, height, width))).astype(
        np.uint8
    )
    place = rasterio.Affine(1.0, 0, 400_000 + seed * width, 0, -1.0, 5_000_000)
    keys = {"crs": "EPSG:32632", "transform": place, "dtype": "uint8"}
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=3, **keys
    ) as raster:
        raster.write(pixels)
        raster.descriptions = ("red", "green", "blue")
    return path


def write_scenes(folder: Path, count: int) -> Path:
    folder.mkdir(exist_ok=True)
    for i in range(count):
        write_scene(folder / f"scene{i}.tif", seed=i)
    return folder


def rasters(folder: Path) -> dict[str, bytes]:
    """Return the class rasters of a batch as bytes, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.tif"))}


def content(path: Path) -> tuple[Any, ...]:
    """Return what a class raster is, wherever scene and model lie: pixels, form, tags."""
    with rasterio.open(path) as file:
        tags = file.tags()
        said = json.loads(tags.pop("geoseg_provenance"))
        del said["scene"], said["inputs"]
        for model in said["models"]:
            del model["given"]
        return file.read().tobytes(), str(file.profile), tags, said


def contents(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return what the class rasters of a batch are, by name."""
    return {path.name: content(path) for path in sorted(folder.glob("*.tif"))}


def shapes(path: Path) -> list[tuple[object, ...]]:
    """Return geometries and attributes of polygons, in their order."""
    frame = (
        pyogrio.read_dataframe(path, layer=path.stem)
        if path.suffix == ".gpkg"
        else pyogrio.read_dataframe(path)
    )
    return [(*row[:-1], row[-1].wkb) for row in frame.itertuples(index=False)]


def state(folder: Path) -> dict[str, set[str]]:
    """Return what the ledger holds, by kind."""
    ledger = folder / ".ledger"
    kinds = ("done", "failed", "claims")
    return {kind: {path.name for path in (ledger / kind).glob("*/*")} for kind in kinds}


def leftovers(folder: Path) -> list[Path]:
    """Return what a batch should have taken along: unfinished files and folders, maps of
    regions, journals.
    """
    ledger = folder / ".ledger"
    hidden = [path for path in folder.rglob(".*") if path != ledger]
    inside = [path for kind in ("new", "parts") for path in (ledger / kind).iterdir()]
    strays = [
        path
        for path in folder.rglob("*")
        if path.name.endswith((".part", ".lock", "-journal", "-wal", "-shm"))
    ]
    return hidden + inside + strays


def record(folder: Path, kind: str, name: str) -> dict[str, object]:
    return json.loads(next((folder / ".ledger" / kind).glob(f"*/{name}.json")).read_text())


def make_home(folder: Path) -> Path:
    """Fill a folder with a model, scenes, and the maps of these from a run that nothing
    disturbs.
    """
    make_bundle(folder / "model")
    write_scenes(folder / "scenes", COUNT)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    assert do(planned(folder, folder / "maps")) == Tally(done=COUNT)
    torch.set_num_threads(threads)
    return folder


def planned(home: Path, out: Path, *scenes: str, **changes: object) -> Batch:
    model = str(home / "model")
    recipe = replace(Recipe(model, weights_of(model), options=OPTIONS), **changes)
    batch = create_batch(out, recipe)
    found = find_scenes(scenes or (f"{home}/scenes/*.tif",), model)
    add_scenes(batch, found, lambda scene, name: cut(scene, name, batch.recipe))
    return batch


def do(batch: Batch, run: str = "r", **how: object) -> Tally:
    """Work a batch off in this process."""
    ledger = Ledger(batch, run)
    return Work(Worker(ledger, 2, how.pop("report", lambda event: None)), Share(), **how)()


def asked(home: Path, out: Path, *more: str) -> tuple[str, ...]:
    return (
        "batch",
        f"{home}/scenes/*.tif",
        "--out-dir",
        str(out),
        "--model",
        f"{home}/model",
        *ASKED,
        *more,
    )


def until(condition: Callable[[], object], seconds: float = 240, pause: float = 0.01) -> object:
    limit = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit, "nothing happened"
        time.sleep(pause)
    return found


def holders(out: Path) -> list[int]:
    """Return the processes that hold a unit now."""
    return [holder["pid"] for holder in claims(out)]


def claims(out: Path) -> list[dict[str, Any]]:
    """Return what is said of the processes that hold a unit now."""
    found = []
    for path in (out / ".ledger" / "claims").glob("*/*"):
        try:
            found.append(json.loads(path.read_text()))
        except (OSError, ValueError, KeyError):
            continue  # released, or not written yet
    return found


def same_as_undisturbed(home: Path, out: Path) -> None:
    """Check that nothing is lost, nothing left over, and the maps are those of a run that nothing
    disturbs.

    Rasters say where their scenes lie, and a GeoPackage holds the time of its making: so neither is
    compared by its bytes.
    """
    assert contents(out) == contents(home / "maps")
    names = {path.name for path in (home / "maps").glob("*.gpkg")}
    assert {path.name for path in out.glob("*.gpkg")} == names
    for name in names:
        assert shapes(out / name) == shapes(home / "maps" / name)
    assert state(out) == {
        "done": {f"scene{i}.json" for i in range(COUNT)},
        "failed": set(),
        "claims": set(),
    }
    assert not leftovers(out)


def done_twice(out: Path) -> list[str]:
    """Return the units that more than one worker says it did."""
    lines = [
        line
        for path in (out / ".ledger/workers").glob("*.jsonl")
        for line in path.read_text().splitlines()
    ]
    names = sorted(json.loads(line)["name"] for line in lines)
    return [name for name, following in pairwise(names) if name == following]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True
