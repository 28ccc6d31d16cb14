"""The environment variables of the engine: those of QGIS without what leads another Python or
GDAL astray.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

# PROJ_LIB and PROJ_DATA: with QGIS's proj.db every look-up of a CRS fails in the engine's own PROJ.
# __PYVENV_LAUNCHER__ and PYTHONEXECUTABLE: the engine's Python would lose its virtual environment.
DROPPED = frozenset(
    {
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONEXECUTABLE",
        "PYTHONSTARTUP",
        "__PYVENV_LAUNCHER__",
        "VIRTUAL_ENV",
        "PROJ_LIB",
        "PROJ_DATA",
        "GDAL_DATA",
        "GDAL_DRIVER_PATH",
        "GDAL_PAM_PROXY_DIR",
        "GEOTIFF_CSV",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "QT_PLUGIN_PATH",
        "QT_QPA_PLATFORM_PLUGIN_PATH",
        "OSGEO4W_ROOT",
        "GISBASE",
    }
)
DROPPED_STARTS = ("QGIS_", "GRASS_", "DYLD_", "O4W_QT_")
# PYTHONSAFEPATH: `python -m` would import from the folder that QGIS was started in before anything
# else. GEOSEG_CONFIG: what a dialog shows is what is computed, whatever a file of defaults says
ADDED = {
    "GEOSEG_CONFIG": "",
    "PYTHONSAFEPATH": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONIOENCODING": "utf-8",
    "PYTHONUNBUFFERED": "1",
}


def child_environment(
    environ: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables that the engine starts with; `more` are set on top of them."""
    given = os.environ if environ is None else environ
    kept = {name: value for name, value in given.items() if not _leads_astray(name)}
    if "PATH" in kept:
        kept["PATH"] = _own_path(kept["PATH"], given.get("OSGEO4W_ROOT", ""))
    return {**kept, **ADDED, **(more or {})}


def _leads_astray(name: str) -> bool:
    return name.upper() in DROPPED or name.upper().startswith(DROPPED_STARTS)


def _own_path(path: str, root: str) -> str:
    """Return PATH without the folders of QGIS's own bundle: their libraries shadow the engine's."""
    places = path.split(os.pathsep)
    return os.pathsep.join(place for place in places if not _in_bundle(place, root))


def _in_bundle(place: str, root: str) -> bool:
    inside = bool(root) and os.path.normcase(place).startswith(os.path.normcase(root))
    return inside or ".app/Contents/" in place


def proxy_variables(
    host: str,
    port: int,
    user: str = "",
    password: str = "",
    scheme: str = "http",
    except_for: Iterable[str] = (),
) -> dict[str, str]:
    """Return a proxy as the variables that pip and uv read: no other user of the computer sees
    those of a process.

    `except_for` are the beginnings of addresses that are reached without it.
    """
    who = ":".join(quote(part, safe="") for part in (user, password) if part)
    address = f"{scheme}://{who}{'@' if who else ''}{host}{f':{port}' if port else ''}"
    direct = {urlsplit(url if "//" in url else f"//{url}").hostname or "" for url in except_for} - {
        ""
    }
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    exceptions = dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(sorted(direct))) if direct else {}
    return {**dict.fromkeys(names, address), **exceptions}


def without_secrets(text: str) -> str:
    """Return a text without the names and passwords in its addresses, for all to see."""
    return re.sub(r"(?<=://)[^/@\s]+@", "***@", text)
