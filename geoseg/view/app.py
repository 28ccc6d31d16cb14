"""The server of the page: what is asked for, and what answers it.

It listens on 127.0.0.1 alone, under a path that nobody can guess, and gives out what was named on
the command line and its own page: nothing here takes a path from a request.
"""

from __future__ import annotations

import json
import math
import re
import secrets
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..core.errors import GeosegError, InputError
from ..raster import quicklook
from . import rasters, vectors
from .assets import asset, page_files
from .desk import Desk
from .frame import place_of
from .guard import Guard
from .named import View, areas_of
from .photo import Darkroom
from .rasters import RasterLayer

MOST_PHOTO = 64 << 20  # bytes of a photograph
MOST_TEXT = 2 << 20  # of anything else that a page sends
DEEPEST = 4  # zooms beyond the finest pixel that are answered; the browser enlarges further
LEAST_ZOOM = -8  # all that is shown in a pixel of a tile; the page goes to -2


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server is for."""

    view: View
    """What the page shows."""
    desk: Desk | None
    """Where it labels; None where it only shows."""
    darkroom: Darkroom
    """Where photographs become maps."""


def make_app(shown: Shown) -> Any:
    """Return the application that answers the page.

    Parameters
    ----------
    shown
        What it shows.

    Returns
    -------
    Starlette
        Without a guard: for `Guard` alone.
    """
    from starlette.applications import Starlette

    return Starlette(
        routes=[*_pages(), *_maps(shown), *_photographs(shown.darkroom)]
        + (_labelling(shown.desk) if shown.desk else [])
    )


def _pages() -> list[Any]:
    return [
        _get("/", lambda _: _file("index.html")),
        _get("/static/{name}", lambda request: _file(request.path_params["name"])),
    ]


def _maps(shown: Shown) -> list[Any]:
    view = shown.view

    def told(_: Any) -> Any:
        more = {"labelling": shown.desk.told() if shown.desk else None, "photographs": True}
        return _json(view.told() | more)

    def tile(request: Any) -> Any:
        layer = view.find(request.path_params["key"])
        zoom, column, row = (_whole(request.path_params[name]) for name in ("z", "x", "y"))
        if layer is None or not LEAST_ZOOM <= zoom <= view.frame.zoom + DEEPEST:
            return _missing()
        box = view.frame.tile(zoom, column, row)
        if isinstance(layer, RasterLayer):
            return _png(rasters.tile_png(layer, view.frame, box))
        return _png(vectors.tile_png(layer, view.frame, box))

    def at(request: Any) -> Any:
        keys = request.query_params.get("keys")
        wanted = None if keys is None else keys.split(",")
        x, y = _numbers(request, "x", "y")
        return _json(values_at(view, x, y, wanted))

    def areas(request: Any) -> Any:
        layer = view.find(request.path_params["key"])
        return _missing() if layer is None else _json(areas_of(layer))

    def pick(request: Any) -> Any:
        x, y, reach = _numbers(request, "x", "y", "reach")
        found = [
            feature
            for layer in view.vectors
            for feature in vectors.features_at(layer, view.frame, x, y, abs(reach))
        ]
        return _json(found)

    return [
        _get("/view.json", told),
        _get("/tile/{key}/{z}/{x}/{y}.png", tile),
        _get("/areas/{key}", areas),
        _get("/at", at),
        _get("/pick", pick),
    ]


def _photographs(darkroom: Darkroom) -> list[Any]:
    def take(request: Any, body: bytes) -> Any:
        return _json(darkroom.take(body, *_numbers(request, "centimetres")))

    def picture(request: Any) -> Any:
        return _png(darkroom.picture(*(request.path_params[part] for part in ("name", "which"))))

    return [
        _change("/photo", take, MOST_PHOTO),
        _get("/photo/{name}", lambda request: _json(darkroom.state(request.path_params["name"]))),
        _get("/photo/{name}/{which}.png", picture),
    ]


def _labelling(desk: Desk) -> list[Any]:
    def preview(request: Any) -> Any:
        box = _numbers(request, "left", "bottom", "right", "top")
        height, width = _numbers(request, "height", "width")
        found = desk.preview((box[0], box[1], box[2], box[3]), int(height), int(width))
        return (
            _png(found) if found else _json({"error": "needless"}, 409)
        )  # the page wants it no more

    def remove(request: Any, _: bytes) -> Any:
        return _json(desk.remove(_whole(request.path_params["number"])))

    def state(request: Any) -> Any:
        return _json(desk.state(int(*_numbers(request, "since"))))

    return [
        _get("/labels", lambda _: _json(desk.labels())),
        _change("/labels", lambda _, body: _json(desk.add(_object(body)))),
        _change("/labels/{number}", remove, method="DELETE"),
        _get("/learn", state),
        _change("/learn/start", lambda *_: _json(desk.start())),
        _change("/learn/stop", lambda *_: _json(desk.stop())),
        _get("/suggestions", lambda _: _json(desk.suggestions())),
        _get("/preview.png", preview),
    ]


def _get(path: str, answer: Callable[[Any], Any]) -> Any:
    """Return a route that changes nothing; it is answered by a thread of Starlette's."""
    from starlette.routing import Route

    return Route(path, _safe(answer), methods=["GET"])


def _change(
    path: str, answer: Callable[[Any, bytes], Any], most: int = MOST_TEXT, method: str = "POST"
) -> Any:
    """Return a route that takes a body, of so many bytes at most."""
    from starlette.concurrency import run_in_threadpool
    from starlette.routing import Route

    async def taken(request: Any) -> Any:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > most:
                return _json({"error": f"more than {most >> 20} MB cannot be taken"}, 413)
        return await run_in_threadpool(_safe(lambda asked: answer(asked, bytes(body))), request)

    return Route(path, taken, methods=[method])


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"what was sent is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise InputError(f"what was sent is {type(told).__name__}", "an object of JSON")
    return told


def values_at(
    view: View, x: float, y: float, wanted: Collection[str] | None = None
) -> dict[str, Any]:
    """Return what rasters say of a point of the page.

    Parameters
    ----------
    view
        What is shown.
    x, y
        In its plane.
    wanted
        Keys of the layers; None is all.

    Returns
    -------
    dict
        The place in degrees, and by layer its class or numbers; layers without data are left out.
    """
    found: dict[str, Any] = {}
    for layer in view.rasters:
        if wanted is not None and layer.key not in wanted:
            continue
        numbers = rasters.value_at(layer, view.frame, x, y)
        if numbers is None:
            continue
        entry: dict[str, Any] = {"numbers": numbers}
        if layer.kind == "classes":
            named = {label.value: label for label in layer.legend}
            label = named.get(int(numbers[0]))
            entry |= {
                "class": label.name if label else f"class {int(numbers[0])}",
                "colour": label.colour if label else "",
            }
        found[layer.key] = entry
    return {"place": place_of(view.frame, x, y), "layers": found}


def _safe(answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Have an answer say in its own words what went wrong."""

    def safely(request: Any) -> Any:
        try:
            return answer(request)
        except InputError as error:
            return _json({"error": str(error)}, 400)
        except GeosegError as error:
            return _json({"error": str(error)}, 500)

    return safely


def _numbers(request: Any, *names: str) -> list[float]:
    """Return finite numbers of a query."""
    found = []
    for name in names:
        text = request.query_params.get(name, "")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"{name} is {text[:40]!r}", "a number")
        found.append(number)
    return found


def _whole(text: str) -> int:
    """Return a whole number of a path."""
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise InputError(f"{text[:40]!r} is no tile", "a whole number")
    return int(text)


def _file(name: str) -> Any:
    from starlette.responses import Response

    if name not in page_files():
        return _missing()
    data, kind = asset(name)
    return Response(data, media_type=kind)


def _json(told: Any, status: int = 200) -> Any:
    from starlette.responses import JSONResponse

    return JSONResponse(told, status)


def _png(data: bytes) -> Any:
    from starlette.responses import Response

    # the page is one session's, and a file may change while it is open
    headers = {"Cache-Control": "private, max-age=60"}
    return Response(data or _nothing(), 200, headers, "image/png")


@cache
def _nothing() -> bytes:
    """A tile where there is nothing."""
    return quicklook.png(np.zeros((4, 1, 1), np.uint8))


def _missing() -> Any:
    return _json({"error": "there is nothing of that name"}, 404)


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that has its port, and does not answer yet."""

    address: str
    """Of the page, with its token."""
    serve: Callable[[], None]
    """Answer until the process is told to stop."""


def listen(shown: Shown, port: int = 0) -> Listening:
    """Take a port of 127.0.0.1.

    Parameters
    ----------
    shown
        What is shown.
    port
        That port; 0 takes one that is free.

    Returns
    -------
    Listening
        To be served.

    Raises
    ------
    InputError
        If the port is taken.
    """
    import uvicorn

    own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        own.bind(("127.0.0.1", port))
        own.listen(100)  # who asks before it answers waits
    except OSError as error:
        own.close()
        raise InputError(
            f"port {port} cannot be had: {error.strerror}",
            "a port that is free",
            "leave --port out",
        ) from error
    host = f"127.0.0.1:{own.getsockname()[1]}"
    token = secrets.token_urlsafe(24)
    config = uvicorn.Config(
        Guard(make_app(shown), host, token),
        log_level="warning",
        access_log=False,  # its lines would hold the token
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
        limit_concurrency=100,
    )
    server = uvicorn.Server(config)
    return Listening(f"http://{host}/{token}/", lambda: server.run(sockets=[own]))
