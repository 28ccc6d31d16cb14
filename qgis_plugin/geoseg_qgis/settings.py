"""The plugin's settings, in QGIS's options under Processing > Providers > geoseg; and QGIS's
proxy.
"""

from __future__ import annotations

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import QgsNetworkAccessManager
from qgis.PyQt.QtNetwork import QNetworkProxy

from .environment import proxy_variables
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
    """Return QGIS's proxy as environment variables; empty where there is none. In the main
    thread alone.
    """
    network = QgsNetworkAccessManager.instance()
    found = (
        network.fallbackProxy()
    )  # with the password of QGIS's password store, where the settings name one
    if not found.hostName():
        return {}
    scheme = "socks5" if found.type() == QNetworkProxy.ProxyType.Socks5Proxy else "http"
    direct = [*network.excludeList(), *network.noProxyList()]
    return proxy_variables(
        found.hostName(), found.port(), found.user(), found.password(), scheme, direct
    )


def _icon() -> object:
    from .provider import icon

    return icon()
