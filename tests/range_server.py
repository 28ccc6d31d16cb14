"""A web server for tests that gives ranges of files; every `nth` request, and all while there
is a file `busy` in the folder, are refused with 503, and so are for `x` as many as `x.503` says.

A process of its own: GDAL asks while Python's lock is held, and a server in a thread would wait for
it forever.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import ClassVar


class Handler(BaseHTTPRequestHandler):
    """Answers HEAD and GET, and logs status, first and last byte."""

    protocol_version = "HTTP/1.1"
    folder, log, nth, number = Path(), Path(), 0, count(1)
    refused: ClassVar[Counter[Path]] = Counter()

    def do_GET(self) -> None:
        path, number = self.folder / self.path.lstrip("/"), next(self.number)
        if (
            (self.nth and number % self.nth == 0)
            or (self.folder / "busy").exists()
            or self.refuses(path)
        ):
            self.answer(503)
        elif not path.is_file():
            self.answer(404)
        elif found := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")):
            first, last = int(found[1]), min(int(found[2]), path.stat().st_size - 1)
            self.answer(206, path.read_bytes()[first : last + 1], first)
        else:
            self.answer(200, path.read_bytes())

    do_HEAD = do_GET

    def refuses(self, path: Path) -> bool:
        times = path.with_name(f"{path.name}.503")
        if not times.exists() or self.refused[path] >= int(times.read_text()):
            return False
        self.refused[path] += 1
        return True

    def answer(self, status: int, body: bytes = b"", first: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/*")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
            with self.log.open("a") as log:
                log.write(f"{status} {first} {first + len(body)}\n")

    def log_message(self, *arguments: object) -> None:
        pass


@dataclass
class Server:
    """A running server: `url` of its folder in GDAL's words, and what it was asked for."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    def requests(self) -> list[tuple[int, int, int]]:
        """Status, first byte and end of each GET so far."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [(int(a), int(b), int(c)) for a, b, c in map(str.split, lines)]


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
