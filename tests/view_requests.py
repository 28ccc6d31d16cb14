"""An application asked as a server asks it, without one: what came back, and its headers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Answer:
    """What an application answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    app: Any,
    address: str,
    method: str = "GET",
    body: bytes = b"",
    host: str = "127.0.0.1:8000",
    **headers: str,
) -> Answer:
    """Ask an ASGI application; headers by name, with _ for -."""
    parts = urlsplit(address)
    named = {
        "host": host,
        **{name.replace("_", "-").lower(): text for name, text in headers.items()},
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), text.encode()) for name, text in named.items() if text],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
    }
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(dict(message))

    asyncio.run(app(scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    data = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    told = {name.decode(): text.decode() for name, text in start["headers"]}
    return Answer(start["status"], told, data)
