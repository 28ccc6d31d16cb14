"""What is light stays light, and imports go down only."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from commands import ROOT, environment

from geoseg.cli import COMMANDS

PACKAGE = ROOT / "geoseg"
HEAVY = {
    "numpy",
    "numba",
    "torch",
    "openvino",
    "rasterio",
    "pandas",
    "geopandas",
    "shapely",
    "pyogrio",
    "segmentation_models_pytorch",
}

# from the bottom up; a module imports its own room and those before it, never one after it
ROOMS = (
    "core",
    "raster",
    "report",
    "scene",
    "features",
    "datasets",
    "architectures",
    "models",
    "vector",
    "objects",
    "prediction",
    "evaluation",
    "training",
    "bench",
    "batches",
    "labelling",
    "view",
    "api",
    "cli",
    "__main__",
)
# modules that may import these packages, by the start of their name
HOMES = {
    "rasterio": ("raster", "scene", "features", "vector", "bench", "view", "api"),
    "numba": ("core.jit", "core.raw"),
    "psutil": ("core.machine",),
    "pyogrio": ("core.ogr", "labelling"),
    "geopandas": ("features", "vector", "labelling", "view", "api"),
    "shapely": (
        *("raster.footprint", "features", "datasets", "vector", "objects", "labelling", "view"),
    ),
    "torch": ("models", "architectures", "training", "labelling", "cli.train"),
    "segmentation_models_pytorch": ("architectures",),
    "transformers": ("models",),
    "huggingface_hub": ("models",),
    "onnx": ("models",),
    "onnxruntime": ("models", "training"),
    "openvino": ("models",),
    "nncf": ("models",),
    "sklearn": ("training",),
    "click": ("cli",),
    "tqdm": ("cli", "training"),
    "distributed": ("batches",),
    "dask_jobqueue": ("batches",),
    "pystac_client": ("batches",),
    "psycopg": ("vector.postgis",),
    "rio_tiler": ("view",),
    "starlette": ("view",),
    "uvicorn": ("view",),
}
# of the public API, beside what a caller needs to find and to describe models
FUNCTIONS = {
    "batch",
    "calibrate",
    "change",
    "check",
    "evaluate",
    "open_model",
    "predict",
    "rerun",
    "sample",
    "train",
    "vectorize",
}
THREADS = {"threading", "concurrent", "multiprocessing", "asyncio"}
THREAD_HOMES = (
    "core.threads",
    "cli.report",
    "raster.handles",  # one GDAL handle per thread
    "raster.blocks",  # locks what threads share
    "models.kept",  # locks what threads share
)


def modules() -> dict[str, Path]:
    """All modules of the package by dotted name below `geoseg`; the package itself is the empty
    name.
    """
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path
    return found


MODULES = modules()
PACKAGES = {
    name for name in MODULES if (PACKAGE / Path(*name.split(".")) / "__init__.py").is_file()
}


@cache
def imports(name: str) -> list[tuple[str, bool]]:
    """What a module imports, absolute; and whether only for the type checker."""
    nodes = list(ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"), name)))
    checking = {id(n) for block in nodes if is_checking(block) for n in ast.walk(block)}
    found = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in checking) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(target, id(node) in checking) for target in resolve(name, node)]
    return found


def is_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def resolve(name: str, node: ast.ImportFrom) -> list[str]:
    if not node.level:
        return [node.module or ""]
    here = ["geoseg", *filter(None, name.split("."))]
    base = here if name in PACKAGES else here[:-1]
    base = base[: len(base) - node.level + 1]
    if node.module:
        return [".".join([*base, node.module])]
    return [".".join([*base, alias.name]) for alias in node.names]


def room(name: str) -> int:
    top = name.split(".", maxsplit=1)[0]
    if top not in ROOMS:
        pytest.fail(f"geoseg.{name} stands in no room: add it to ROOMS, where the design puts it")
    return ROOMS.index(top)


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_imports_go_down_only(name: str) -> None:
    for target, checking in imports(name):
        if target == "geoseg" or not target.startswith("geoseg.") or checking:
            continue  # `from . import __version__` takes nothing from above
        inside = target.removeprefix("geoseg.")
        if inside != "__version__":
            assert room(inside) <= room(name), f"geoseg.{name} imports {target} from above it"


def test_no_modules_import_one_another() -> None:
    """No circle, not even inside functions: what two modules share lies below both."""
    graph = {
        name: {target_of(name, node) for node in imports(name)} - {name, None} for name in MODULES
    }
    done: set[str] = set()
    path: list[str] = []

    def visit(name: str) -> None:
        assert name not in path, (
            f"a circle of imports: {' -> '.join([*path[path.index(name) :], name])}"
        )
        if name in done:
            return
        path.append(name)
        for target in sorted(graph[name] - {None}):
            visit(target)
        done.add(path.pop())

    for name in graph:
        visit(name)


def target_of(name: str, found: tuple[str, bool]) -> str | None:
    """The module of the package that an import names, None for others and for the type
    checker's.
    """
    target, checking = found
    inside = target.removeprefix("geoseg.")
    if checking or not target.startswith("geoseg."):
        return None
    return inside if inside in MODULES else None


@pytest.mark.parametrize("package", HOMES)
def test_each_heavy_package_has_its_home(package: str) -> None:
    for name in MODULES:
        used = any(
            target.split(".")[0] == package and not checking for target, checking in imports(name)
        )
        assert not used or name.startswith(HOMES[package]), f"geoseg.{name} imports {package}"


def test_threads_are_started_in_one_file() -> None:
    users = {name for name in MODULES if any(t.split(".")[0] in THREADS for t, _ in imports(name))}
    assert users <= set(THREAD_HOMES)


def test_networks_are_compiled_in_one_place_which_states_their_precision() -> None:
    call = "compile_model" + "("
    files = [
        path for folder in ("geoseg", "examples", "tests") for path in (ROOT / folder).rglob("*.py")
    ]
    users = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if call in path.read_text(encoding="utf-8")
    }
    assert users == {"geoseg/models/openvino.py"}


def test_every_command_of_the_table_can_be_imported() -> None:
    for module, _ in COMMANDS.values():
        assert module.partition(":")[0].removeprefix("geoseg.") in MODULES


def loaded_after(code: str) -> set[str]:
    """Which heavy packages a fresh interpreter holds after the code."""
    tail = "\nimport json, sys\nprint(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code + tail], env=environment(), capture_output=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1])) & HEAVY


LIGHT = """
import importlib
for name in (
    "", ".core.errors", ".core.grid", ".core.card", ".core.job", ".core.options", ".core.events", ".core.threads",
    ".cli", ".models", ".architectures",
):
    importlib.import_module("geoseg" + name)
"""


@pytest.mark.process
def test_importing_geoseg_is_light() -> None:
    assert loaded_after(LIGHT) == set()


@pytest.mark.process
def test_pyogrio_is_loaded_without_pandas_and_reads_frames_all_the_same(tmp_path: Path) -> None:
    """Whoever wants pandas afterwards has the real one."""
    assert loaded_after("import geoseg.prediction.pipeline") == {
        "numpy",
        "numba",
        "rasterio",
        "shapely",
        "pyogrio",
    }
    path = str(tmp_path / "a.gpkg")
    frame = f"""
import geoseg.core.ogr
import geopandas, pandas, pyogrio, shapely
given = geopandas.GeoDataFrame({{"a": [1, 2]}}, geometry=[shapely.Point(0, 1)] * 2, crs=32633)
given.to_file({path!r})
assert pandas.DataFrame(geopandas.read_file({path!r})).a.sum() == 3
assert pyogrio.read_dataframe({path!r}).crs == given.crs
"""
    assert loaded_after(frame) >= {"pandas", "geopandas"}
    early = "import geoseg.core.ogr, sys; from pandas.api.types import is_integer; is_integer(1)"
    assert "pandas" in loaded_after(early)


HELPS = """
import sys
from geoseg.cli import run
for command in %r:
    before = set(sys.modules)
    assert run([*command.split(), "--help"]) == 0
    heavy = {name.split(".")[0] for name in set(sys.modules) - before} & %r
    assert not heavy, f"geoseg {command} --help loads {heavy}"
"""


@pytest.mark.process
def test_help_is_light() -> None:
    commands = ["", *COMMANDS, "models list", "models show"]
    assert loaded_after(HELPS % (commands, HEAVY)) == set()


def test_the_public_surface() -> None:
    import geoseg

    expected = FUNCTIONS | {
        "GeosegError",
        "Job",
        "ModelCard",
        "Options",
        "Summary",
        "find_model",
        "list_models",
        "load_model",
        "read_config",
        "read_defaults",
        "segment",
    }
    assert set(geoseg.__all__) == expected
    assert all(getattr(geoseg, name) is not None for name in expected)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = geoseg.nothing


EVERYTHING = """
import importlib, pkgutil, geoseg
for module in pkgutil.walk_packages(geoseg.__path__, "geoseg."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert all(callable(getattr(geoseg, name)) for name in %r)
"""


@pytest.mark.process
@pytest.mark.skipif(
    any((PACKAGE / name).is_dir() for name in FUNCTIONS),
    reason="a folder of the package is called as a function, and takes its name once it is "
    "imported",
)
def test_functions_keep_their_names_whatever_was_imported() -> None:
    subprocess.run(
        [sys.executable, "-c", EVERYTHING % sorted(FUNCTIONS)], env=environment(), check=True
    )


def test_the_package_tells_type_checkers_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()
