"""A web server for tests that answers as the Hugging Face hub does: one repository, one commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "some-one/small-net"


@dataclass
class Hub:
    """What it has, and what it was asked for."""

    folder: Path
    address: str = ""
    asked: list[str] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    wrong: str = ""
    """A file of which other bytes come than it says."""
    gated: bool = False
    reports: tuple[str, ...] = ()
    """Further files that it says it has."""


def entry(file: Path, name: str) -> dict[str, object]:
    """What the hub says of a file: small ones lie in git, weights beside it."""
    data = file.read_bytes()
    found: dict[str, object] = {"rfilename": name, "size": len(data)}
    if name.endswith((".safetensors", ".onnx")):
        digest = hashlib.sha256(data).hexdigest()
        return found | {"lfs": {"sha256": digest, "size": len(data), "pointerSize": 130}}
    return found | {"blobId": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()}


@contextmanager
def serve_hub(folder: Path, name: str = NAME) -> Iterator[Hub]:
    """Serve the files of a folder as one repository."""
    hub = Hub(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = unquote(self.path.partition("?")[0])
            hub.asked.append(path)
            hub.tokens.add(self.headers.get("Authorization"))
            known = [f"/api/models/{name}", f"/api/models/{name}/revision/{COMMIT}"]
            known.append(f"/api/models/{name}/revision/v1")
            if hub.gated:
                self.answer(403, b"", {"X-Error-Code": "GatedRepo"})
            elif path in known:
                files = [
                    entry(file, file.relative_to(folder).as_posix())
                    for file in sorted(folder.rglob("*"))
                    if file.is_file()
                ] + [{"rfilename": each, "size": 1, "blobId": "0"} for each in hub.reports]
                told = {"id": name, "sha": COMMIT, "siblings": files}
                self.answer(200, json.dumps(told).encode(), {"Content-Type": "application/json"})
            elif path.startswith(f"/api/models/{name}/revision/"):
                self.answer(404, b"", {"X-Error-Code": "RevisionNotFound"})
            elif path.startswith(f"/{name}/resolve/{COMMIT}/"):
                file = folder / path.removeprefix(f"/{name}/resolve/{COMMIT}/")
                data = file.read_bytes()
                tag = hashlib.sha256(data).hexdigest()
                if file.name == hub.wrong:
                    data = data[:-1] + b"?"
                self.answer(200, data, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT})
            else:
                self.answer(404, b"", {"X-Error-Code": "RepoNotFound"})

        def answer(self, status: int, data: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
