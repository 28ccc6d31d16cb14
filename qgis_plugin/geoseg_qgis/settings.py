"""The plugin's settings, in QGIS's options under Processing > Providers > geoseg; and QGIS's proxy."""

from __future__ import annotations

from urllib.parse import quote

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import QgsSettings

from .text import tr

GROUP = "geoseg"
PYTHON = "GEOSEG_ENGINE_PYTHON"
INDEX = "GEOSEG_PACKAGE_INDEX"


def register() -> None:
    """Show the settings in QGIS's options."""
    python = tr("The engine's Python, or its virtual environment (empty: the one that was set up)")
    index = tr("Package index for “Set up the engine” (empty: the public one)")
    ProcessingConfig.settingIcons[GROUP] = _icon()
    ProcessingConfig.addSetting(Setting(GROUP, PYTHON, python, "", valuetype=Setting.FILE))
    ProcessingConfig.addSetting(Setting(GROUP, INDEX, index, ""))
    ProcessingConfig.readSettings()


def unregister() -> None:
    """Take the settings out of QGIS's options."""
    for name in (PYTHON, INDEX):
        ProcessingConfig.removeSetting(name)


def engine_python() -> str:
    """Return the Python that the user named, or nothing."""
    return ProcessingConfig.getSetting(PYTHON) or ""


def package_index() -> str:
    """Return the package index that the user named, or nothing."""
    return ProcessingConfig.getSetting(INDEX) or ""


def proxy() -> dict[str, str]:
    """Return QGIS's proxy as the environment variables that pip and uv read; empty where there is none."""
    settings = QgsSettings()
    host = settings.value("proxy/proxyHost", "")
    if not settings.value("proxy/proxyEnabled", False, type=bool) or not host:
        return {}
    scheme = "socks5" if "socks" in str(settings.value("proxy/proxyType", "")).lower() else "http"
    user, password = (
        quote(settings.value(f"proxy/{name}", "") or "", safe="") for name in ("proxyUser", "proxyPassword")
    )
    who = f"{user}:{password}@" if user and password else f"{user}@" if user else ""
    port = settings.value("proxy/proxyPort", "")
    address = f"{scheme}://{who}{host}{f':{port}' if port else ''}"
    return {"HTTP_PROXY": address, "HTTPS_PROXY": address, "ALL_PROXY": address}


def _icon() -> object:
    from .provider import icon

    return icon()
