"""Setting the engine up from QGIS, through QGIS's proxy, with pip and with uv."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from urllib.parse import quote

import packages
import processing
import pytest
from geoseg_qgis import engine, installer, settings
from geoseg_qgis.algorithms import set_up
from qgis.core import QgsNetworkAccessManager, QgsProcessingException, QgsSettings

USER, PASSWORD = "a user@home", "p:a/ss w%rd@#?"
UV = shutil.which("uv")
without_uv = pytest.mark.skipif(UV is None, reason="uv is not installed")
WAYS = pytest.mark.parametrize("way", ["pip", pytest.param("uv", marks=without_uv)])


@pytest.fixture
def proxy(qgis_app, tmp_path, monkeypatch):
    """A proxy, which QGIS's settings name; and an empty data folder."""
    monkeypatch.delenv(engine.VARIABLE)
    for name, value in {
        "XDG_DATA_HOME": tmp_path / "data",
        "UV_CACHE_DIR": tmp_path / "cache",
        "PIP_RETRIES": 1,
        "UV_HTTP_RETRIES": 0,
        "PIP_TRUSTED_HOST": "packages.test",
    }.items():
        monkeypatch.setenv(name, str(value))
    main = f"print('geoseg, version {engine.plugin_version()}')"
    wheel = packages.write_wheel(tmp_path / "wheels", engine.plugin_version(), main)
    with packages.proxy(wheel, USER, PASSWORD) as server:
        with_proxy(
            {
                "proxyEnabled": True,
                "proxyType": "HttpProxy",
                "proxyHost": "127.0.0.1",
                "proxyPort": str(server.server_port),
                "proxyUser": USER,
                "proxyPassword": PASSWORD,
                "noProxyUrls": ["http://intranet.test/wheels", "localhost"],
            }
        )
        yield server
    QgsSettings().remove("proxy")
    QgsNetworkAccessManager.instance().setupDefaultProxyAndCache()


def with_proxy(values):
    for name, value in values.items():
        QgsSettings().setValue(f"proxy/{name}", value)
    QgsNetworkAccessManager.instance().setupDefaultProxyAndCache()


def test_the_proxy_is_qgis_s(proxy):
    found = settings.proxy()
    who = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
    assert (
        found["HTTPS_PROXY"] == found["http_proxy"] == f"http://{who}@127.0.0.1:{proxy.server_port}"
    )
    assert found["NO_PROXY"] == "intranet.test,localhost"
    with_proxy({"proxyType": "Socks5Proxy", "proxyUser": "", "proxyPassword": ""})
    assert settings.proxy()["ALL_PROXY"] == f"socks5://127.0.0.1:{proxy.server_port}"
    with_proxy({"proxyEnabled": False})
    assert settings.proxy() == {}


@WAYS
def test_the_engine_is_set_up_through_the_proxy(provider, proxy, tmp_path, feedback, context, way):
    wish = {"PYTHON": sys.executable if way == "pip" else ""}
    index = {"INDEX": f"http://somebody:token@{packages.INDEX}"}
    found = processing.run("geoseg:setup", {**wish, **index}, feedback=feedback, context=context)
    assert engine.find("").python == found["ENGINE"]
    assert any(address.endswith(".whl") for _, address in proxy.asked)
    assert f"http://127.0.0.1:{proxy.server_port}" not in feedback.text
    nowhere_a_secret(feedback.text, tmp_path)


@WAYS
def test_a_proxy_that_lets_nothing_through_is_told(provider, proxy, tmp_path, feedback, way):
    if way == "pip":
        pytest.importorskip("pip", reason="QGIS's Python has no pip")
    pip = [sys.executable, "-m", "pip", "download", "--index-url"]
    uv = [
        UV,
        "pip",
        "install",
        "--python",
        sys.executable,
        "--target",
        str(tmp_path / "t"),
        "--default-index",
    ]
    step = installer.Step(
        "Install", [*(pip if way == "pip" else uv), f"https://{packages.INDEX}", "geoseg"]
    )
    with pytest.raises(
        QgsProcessingException, match="look at the network, at QGIS's proxy"
    ) as caught:
        set_up.carry_out([step], feedback, tmp_path / "scratch", settings.proxy(), print)
    assert ("CONNECT", "packages.test:443") in proxy.asked
    nowhere_a_secret(f"{feedback.text}\n{caught.value}", tmp_path)


def nowhere_a_secret(text, folder):
    files = [path.read_text(encoding="utf-8") for path in Path(folder).rglob(engine.READY)]
    for secret in (PASSWORD, quote(PASSWORD, safe=""), quote(USER, safe=""), "token"):
        assert secret not in "\n".join([text, *files])
