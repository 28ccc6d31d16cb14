"""A package index behind a proxy that wants a name and a password, and a small wheel for it."""

from __future__ import annotations

import base64
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

INDEX = "packages.test/simple/"  # a name that no server has: who gets an answer has asked the proxy


def write_wheel(folder: Path, version: str, main: str) -> Path:
    """Write a geoseg that needs nothing: what the set-up does is tested, not what it fetches."""
    info = f"geoseg-{version}.dist-info"
    files = {
        "geoseg/__init__.py": "",
        "geoseg/__main__.py": main,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: geoseg\nVersion: {version}\n"
        "Provides-Extra: openvino\nProvides-Extra: train\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: "
        "py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"geoseg-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return path


class Proxy(ThreadingHTTPServer):
    """Answers for the index over http; a tunnel to https is refused, after its name and password
    were looked at.
    """

    def __init__(self, wheel: Path, user: str, password: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.wheel = wheel
        self.wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.asked: list[
            tuple[str, str]
        ] = []  # method and address of what came with the right name and password


class Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        if not self.allowed():
            return
        wheel = self.server.wheel
        if self.path.endswith(".whl"):
            self.answer(200, wheel.read_bytes(), "application/zip")
        elif self.path.endswith("/geoseg/"):
            self.answer(200, f'<a href="{wheel.name}">{wheel.name}</a>'.encode(), "text/html")
        else:
            self.answer(404)

    do_HEAD = do_GET

    def do_CONNECT(self) -> None:
        if self.allowed():
            self.answer(502)

    def allowed(self) -> bool:
        if self.headers.get("Proxy-Authorization") == self.server.wanted:
            self.server.asked.append((self.command, self.path))
            return True
        self.answer(407)
        return False

    def answer(self, status: int, body: bytes = b"", kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 407:
            self.send_header("Proxy-Authenticate", 'Basic realm="a test"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def proxy(wheel: Path, user: str, password: str) -> Iterator[Proxy]:
    with Proxy(wheel, user, password) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
