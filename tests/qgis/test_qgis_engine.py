"""Finding the engine and setting it up, without QGIS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from geoseg_qgis import engine, installer
from geoseg_qgis.environment import ADDED, child_environment, proxy_variables, without_secrets
from hypothesis import given
from hypothesis import strategies as st
from packages import write_wheel

LEADS_ASTRAY = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__", "PROJ_DATA", "GDAL_DATA", "LD_LIBRARY_PATH",
                "QGIS_PREFIX_PATH", "DYLD_LIBRARY_PATH", "GRASS_PYTHON", "O4W_QT_PREFIX", "VIRTUAL_ENV")  # fmt: skip


def test_what_leads_the_engine_astray_is_dropped() -> None:
    given = dict.fromkeys(LEADS_ASTRAY, "x") | {"HOME": "/home/a", "HTTPS_PROXY": "p", "CUDA_VISIBLE_DEVICES": "0"}
    assert child_environment(given, {"MORE": "1"}) == {
        "HOME": "/home/a", "HTTPS_PROXY": "p", "CUDA_VISIBLE_DEVICES": "0", "MORE": "1"} | ADDED  # fmt: skip


def test_the_bundles_folders_leave_the_path() -> None:
    path = os.pathsep.join(["/osgeo/bin", "/Applications/QGIS.app/Contents/MacOS/bin", "/usr/bin", "/opt/uv"])
    kept = child_environment({"OSGEO4W_ROOT": "/osgeo", "PATH": path})["PATH"]
    assert kept.split(os.pathsep) == ["/usr/bin", "/opt/uv"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_proxys_password_survives_its_address_and_is_shown_nowhere(user: str, password: str) -> None:
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
    managed = made(engine.managed_folder(environ))
    assert engine.find("", environ).python == str(managed)
    variable = made(tmp_path / "variable", ready=False)
    environ[engine.VARIABLE] = str(variable)
    assert engine.find("", environ).python == str(variable)
    setting = made(tmp_path / "setting", ready=False)
    assert engine.find(str(tmp_path / "setting"), environ).python == str(setting)


def test_a_half_made_environment_is_no_engine(tmp_path: Path) -> None:
    environ = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    made(engine.managed_folder(environ), ready=False)
    with pytest.raises(engine.NoEngine):
        engine.find("", environ)


def test_a_place_that_is_named_and_wrong_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(engine.NoEngine, match="nowhere"):
        engine.find(str(tmp_path / "nowhere"), {})


@pytest.mark.parametrize(("platform", "end"), [("linux", ".local/share/geoseg"), ("win32", "AppData/Local/geoseg"),
                                               ("darwin", "Library/Application Support/geoseg")])  # fmt: skip
def test_the_data_folder_is_the_users(platform: str, end: str) -> None:
    assert engine.data_folder({"HOME": "/home/a"}, platform) == Path("/home/a") / end


def test_the_managed_environment_never_lies_in_the_plugin() -> None:
    assert engine.HERE not in engine.managed_folder().parents


@pytest.mark.parametrize(("found", "fits"), [("1.4.9", True), ("1.4.0", True), ("0+source", True), ("1.5.0", False),
                                             ("2.4.0", False), ("1", False)])  # fmt: skip
def test_versions_fit_by_their_first_two_numbers(found: str, fits: bool) -> None:
    assert (engine.mismatch(found, "1.4.2") == "") is fits


@given(st.tuples(*[st.integers(0, 99)] * 3), st.tuples(*[st.integers(0, 99)] * 3))
def test_versions_fit_both_ways_or_neither(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    texts = [".".join(map(str, numbers)) for numbers in (one, other)]
    assert bool(engine.mismatch(*texts)) == bool(engine.mismatch(*texts[::-1])) == (one[:2] != other[:2])


def test_the_plugins_version_is_the_engines() -> None:
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{engine.plugin_version()}"\n' in pyproject


def test_a_python_without_geoseg_is_told(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    with pytest.raises(engine.NoEngine, match="No module named geoseg"):
        engine.version(engine.Engine(str(engine.python_in(bare)), "a test"))


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


def test_setting_up_with_pythons_own_means(tools: Path, tmp_path: Path) -> None:
    made, uv, install, check = commands(installer.Wish("cpu"), {"PATH": str(tools)}, tmp_path / "e")
    assert made.endswith(f"-m venv {tmp_path / 'e'}")
    assert uv.endswith("-m pip install uv")
    assert install.endswith(f"--torch-backend cpu geoseg[openvino,train]=={engine.plugin_version()}")
    assert check.endswith("-m geoseg doctor")


def test_setting_up_with_uv(tools: Path, tmp_path: Path) -> None:
    (tools / "uv").write_text("#!/bin/sh\n")
    (tools / "uv").chmod(0o755)
    made, install, _ = commands(installer.Wish("cuda"), {"PATH": str(tools)}, tmp_path / "e")
    assert made == f"{tools / 'uv'} venv --python >=3.11,<3.14 {tmp_path / 'e'}"
    assert "--torch-backend auto" in install


def test_cuda_is_chosen_where_there_is_a_driver(tools: Path, tmp_path: Path) -> None:
    assert "--torch-backend cpu" in commands(installer.Wish(), {"PATH": str(tools)}, tmp_path / "e")[2]
    (tools / "nvidia-smi").write_text("#!/bin/sh\n")
    (tools / "nvidia-smi").chmod(0o755)
    assert "--torch-backend auto" in commands(installer.Wish(), {"PATH": str(tools)}, tmp_path / "e")[2]


def test_a_folder_of_wheels_means_no_network(tools: Path, tmp_path: Path) -> None:
    wish = installer.Wish(wheels=str(tmp_path / "wheels"))
    _, install, _ = commands(wish, {"PATH": str(tools)}, tmp_path / "e")
    assert f"--no-index --find-links {tmp_path / 'wheels'} geoseg[openvino,train]==" in install


def test_an_index_of_ones_own_is_the_only_one(tools: Path, tmp_path: Path) -> None:
    _, install, _ = commands(installer.Wish(index="https://index.example/simple"), {"PATH": str(tools)}, tmp_path / "e")
    assert "--index-url https://index.example/simple geoseg[openvino,train]==" in install
    assert "torch-backend" not in install


def test_without_any_python_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path))
    with pytest.raises(engine.NoEngine, match="Install uv"):
        installer.plan(installer.Wish(), tmp_path / "e", {"PATH": str(tmp_path)})


def test_the_wheel_that_the_plugin_brings_is_installed(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(tmp_path / "wheels", engine.plugin_version(), "")
    monkeypatch.setattr(installer, "HERE", tmp_path)
    for wish in (installer.Wish("cpu"), installer.Wish(wheels=str(tmp_path))):
        install = commands(wish, {"PATH": str(tools)}, tmp_path / "e")[-2]
        assert f"geoseg[openvino,train] @ {(tmp_path / 'wheels').as_uri()}/geoseg-" in install


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
    made = commands(installer.Wish(wheels=str(tmp_path / "wheels")), {"PATH": str(tools)}, tmp_path / "e")[0]
    assert "--python 3.13 --offline" in made


def test_a_python_that_is_named_must_do(tmp_path: Path) -> None:
    with pytest.raises(engine.NoEngine, match=r"old is no Python of 3\.11"):
        installer.plan(installer.Wish("cpu", python=str(tmp_path / "old")), tmp_path / "e", {"PATH": ""})


def test_a_disk_that_is_too_small_is_told_first(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(installer.ROOM, "cpu", 1e18)
    with pytest.raises(engine.NoEngine, match=r"needs about 1000000000 GB in .* are free there"):
        installer.plan(installer.Wish("cpu"), tmp_path / "made" / "later", {"PATH": str(tools)})


@pytest.mark.parametrize(("said", "do"), [
    ("OSError: [Errno 28] No space left on device", "make room"),
    ("Failed to establish a new connection: [Errno 111] Connection refused", "could not be reached"),
    ("Temporary failure in name resolution", "could not be reached"),
    ("error: Failed to fetch: https://index\n  cause: tunnel error: unsuccessful", "could not be reached"),
    ("Missing dependencies for SOCKS support.", "install uv"),
    ("ERROR: No matching distribution found for torch>=2.4", "not there for this Python"),
    ("pip's dependency resolver found conflicts", ""),
])  # fmt: skip
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
    folder = engine.managed_folder(environ)
    (folder.parent / "engine-0.0.1").mkdir(parents=True)  # of an older plugin
    write_wheel(tmp_path / "wheels", engine.plugin_version(), f"print('geoseg, version {engine.plugin_version()}')")
    steps, _ = installer.plan(installer.Wish(wheels=str(tmp_path / "wheels"), python=sys.executable), folder, environ)
    for step in steps:
        subprocess.run(step.command, env=environ, check=True, capture_output=True)
    installer.finish(folder, steps)
    found = engine.find("", environ)
    assert engine.version(found) == engine.plugin_version()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    installer.remove(folder)
    assert not folder.exists()
