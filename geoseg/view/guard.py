"""Who may ask the server: the page it gave out, by its token, from this machine, and nobody else.

Another page in the same browser can send requests to 127.0.0.1. It cannot know the token; if it
goes by a name of its own that leads here (DNS rebinding), the Host gives it away; if it posts
blindly, the Origin does.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

# scripts and styles are files of the server alone; pictures are also made by the page itself
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """An application that answers only those who may ask."""

    app: App
    """What answers them."""
    host: str
    """Address and port by which the server is called."""
    token: str
    """The first part of every path."""

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer a request, or refuse it.

        Parameters
        ----------
        scope, receive, send
            As ASGI has them.
        """
        if scope["type"] != "http":  # no web sockets
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        if not self._may(scope):
            await _refuse(send)
            return
        prefix = f"/{self.token}"
        inner = {**scope, "path": scope["path"][len(prefix) :], "root_path": ""}
        await self.app(inner, receive, _with_headers(send))

    def _may(self, scope: Scope) -> bool:
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        origin = f"http://{self.host}".encode()
        if headers.get(b"host") != [self.host.encode()]:
            return False
        if any(found != origin for found in headers.get(b"origin", [])):
            return False
        if scope["method"] not in ("GET", "HEAD") and headers.get(b"origin") != [origin]:
            return False  # what changes something comes from the page, and browsers say so
        given = scope["path"].split("/")[1]
        return secrets.compare_digest(given.encode(), self.token.encode())


def _with_headers(send: Any) -> Any:
    async def told(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(
                    (name.lower().encode(), value.encode())
                    for name, value in HEADERS.items()
                    if name.lower().encode() not in own
                ),
            ]
        await send(message)

    return told


async def _refuse(send: Any) -> None:
    """Tell nothing: not even which of the reasons it was."""
    body = b"This page is another's, or its server was started anew: open the address it printed.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    headers += [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
