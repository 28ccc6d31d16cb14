"""The files of the page: ours, and those of Leaflet, out of its installed package."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from ..core.errors import InputError

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".png": "image/png",
}
OWN = (
    "index.html",
    "view.css",
    "words.js",
    "source.js",
    "view.js",
    "label.js",
    "photo.js",
)
LEAFLET = ("leaflet.js", "leaflet.css")


def page_files() -> tuple[str, ...]:
    """Return the names of all files that a page may ask for.

    Returns
    -------
    tuple of str
        Without folders.
    """
    return OWN + LEAFLET


@cache
def asset(name: str) -> tuple[bytes, str]:
    """Return a file of the page.

    Parameters
    ----------
    name
        One of `page_files`.

    Returns
    -------
    tuple
        Its bytes and its media type.

    Raises
    ------
    InputError
        If the package that holds it is not installed.
    """
    place: Any = files(__package__) / "page"
    if name in LEAFLET:
        need("xstatic.pkg.leaflet")
        place = files("xstatic.pkg.leaflet") / "data"
    return (place / name).read_bytes(), KINDS[name[name.rindex(".") :]]


def need(*modules: str) -> None:
    """Import what the page needs, at once: threads that import it side by side get halves of it.

    Parameters
    ----------
    *modules
        Of packages of the extra.

    Raises
    ------
    InputError
        If one is not installed.
    """
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            raise InputError(
                f"{error.name} is not installed, which `geoseg view` needs",
                "the packages of the extra view",
                "pip install 'geoseg[view]'",
            ) from error
