"""A web server for tests that gives ranges of files, and fails as it is told.

Every `nth` request, and all while there is a file `busy` in the folder, are refused with 503, and
so are for `x` as many as `x.503` says. `faults.json` in the folder says what else goes wrong:
`{"cut": 3}` breaks the connection in the middle of every third answer, `short` sends half of what
was asked for as if that were all, `delay` waits so many seconds, `drip` sends a byte each so many,
`head` answers HEAD with that status, `user` (name:password) is asked for.

A process of its own: GDAL asks while Python's lock is held, and a server in a thread would wait for
it forever.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote


class Handler(BaseHTTPRequestHandler):
    """Answers HEAD and GET; logs status, first and last byte of the latter, and all addresses."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # bodies would wait 40 ms for the headers to be acknowledged
    folder, log, nth, number = Path(), Path(), 0, count(1)
    refused: ClassVar[Counter[Path]] = Counter()
    ranged = count(1)

    def do_GET(self) -> None:
        path, number = self.folder / unquote(self.path.split("?")[0]).lstrip("/"), next(self.number)
        with self.log.with_suffix(".paths").open("a") as log:
            log.write(f"{self.command} {self.path}\n")
        if (
            (self.nth and number % self.nth == 0)
            or (self.folder / "busy").exists()
            or self.refuses(path)
        ):
            self.answer(503)
        elif self.faults.get("head") and self.command == "HEAD":
            self.answer(self.faults["head"])
        elif not self.may_read():
            self.answer(401)
        elif not path.is_file():
            self.answer(404)
        elif found := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")):
            first, last = int(found[1]), min(int(found[2]), path.stat().st_size - 1)
            with path.open("rb") as file:
                file.seek(first)
                self.answer_range(file.read(last + 1 - first), first, path.stat().st_size)
        else:
            self.answer(200, path.read_bytes())

    do_HEAD = do_GET

    @property
    def faults(self) -> dict[str, Any]:
        file = self.folder / "faults.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def may_read(self) -> bool:
        user = self.faults.get("user")
        wanted = f"Basic {b64encode(user.encode()).decode()}" if user else None
        return wanted is None or self.headers.get("Authorization") == wanted

    def refuses(self, path: Path) -> bool:
        times = path.with_name(f"{path.name}.503")
        if not times.exists() or self.refused[path] >= int(times.read_text()):
            return False
        self.refused[path] += 1
        return True

    def answer_range(self, body: bytes, first: int, size: int) -> None:
        number, faults = next(self.ranged), self.faults
        time.sleep(faults.get("delay", 0))
        if "short" in faults and number % faults["short"] == 0:
            body = body[: len(body) // 2]
        cut = "cut" in faults and number % faults["cut"] == 0 and self.command == "GET"
        self.answer(206, body, first, len(body) // 2 if cut else len(body), size)
        if cut:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def answer(
        self,
        status: int,
        body: bytes = b"",
        first: int = 0,
        sent: int | None = None,
        size: int = 0,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{size}")
        self.end_headers()
        if self.command == "GET":
            if drip := self.faults.get("drip"):
                self.drip(body, drip)
            self.wfile.write(body[:sent])
            with self.log.open("a") as log:
                log.write(f"{status} {first} {first + len(body)}\n")

    def drip(self, body: bytes, pause: float) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            time.sleep(pause)

    def log_message(self, *arguments: object) -> None:
        pass


@dataclass
class Server:
    """A running server: `url` of its folder in GDAL's words, and what it was asked for."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def address(self) -> str:
        """That of its folder, as users write it."""
        return self.url.removeprefix("/vsicurl/")

    def requests(self) -> list[tuple[int, int, int]]:
        """Status, first byte and end of each GET so far."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [(int(a), int(b), int(c)) for a, b, c in map(str.split, lines)]

    def paths(self) -> list[str]:
        """What was asked for so far, as `GET /scene.tif?sig=x`."""
        log = self.log.with_suffix(".paths")
        return log.read_text().splitlines() if log.exists() else []

    def fetched(self) -> int:
        """How many bytes of files were sent so far."""
        return sum(stop - start for status, start, stop in self.requests() if status < 300)

    def fails(self, **faults: Any) -> None:
        """Have it fail from now on, as the module says; without any, no more."""
        (self.log.parent / "faults.json").write_text(json.dumps(faults))


@contextmanager
def serve(folder: Path, nth: int = 0) -> Iterator[Server]:
    log = folder / "requests.log"
    arguments = [sys.executable, __file__, str(folder), str(log), str(nth)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(
                process, f"/vsicurl/http://127.0.0.1:{int(process.stdout.readline())}", log
            )
        finally:
            process.kill()


if __name__ == "__main__":
    Handler.folder, Handler.log, Handler.nth = (
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        int(sys.argv[3]),
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
