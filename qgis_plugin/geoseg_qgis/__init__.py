"""geoseg in QGIS: land-cover maps from the Processing Toolbox; the engine runs in a Python of
its own.
"""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:
    """Return the plugin; QGIS calls this when it is enabled. `iface` is None under qgis_process."""
    from .plugin import GeosegPlugin

    return GeosegPlugin(iface)
