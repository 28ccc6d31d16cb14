"""A store of the kind of Azure's for tests: HEAD, ranges and lists of a folder's files, a process of
its own, as range_server. It asks for no signature, and writes down what it was told.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

ACCOUNT = "account"
KEY = "U0VDUkVUS0VZ"
WHEN = "Mon, 01 Jan 2024 00:00:00 GMT"
HEADERS = {  # the store's own program ends the process where one of them is missing
    "x-ms-blob-type": "BlockBlob",
    "x-ms-creation-time": WHEN,
    "x-ms-lease-status": "unlocked",
    "x-ms-lease-state": "available",
    "x-ms-server-encrypted": "true",
    "x-ms-version": "2026-10-06",
    "x-ms-request-id": "1",
    "Content-Type": "application/octet-stream",
    "Last-Modified": WHEN,
    "ETag": '"1"',
}
LIST = (
    '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="scenes"><Blobs>{}'
    "</Blobs><NextMarker/></EnumerationResults>"
)
BLOB = (
    "<Blob><Name>{}</Name><Properties><Creation-Time>{when}</Creation-Time><Last-Modified>{when}"
    "</Last-Modified><Etag>1</Etag><Content-Length>{}</Content-Length><BlobType>BlockBlob</BlobType>"
    "<ServerEncrypted>true</ServerEncrypted></Properties></Blob>"
)


class Handler(BaseHTTPRequestHandler):
    """The files of a folder as those of the container `scenes`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder = Path()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        path = self.folder / unquote(parts.path).removeprefix(f"/{ACCOUNT}/scenes").strip("/")
        if "action" in query:
            self.answer(400)  # a store without folders
        elif "list" in query.get("comp", []):
            self.answer(200, self.listed(query.get("prefix", [""])[0]))
        elif not path.is_file():
            self.answer(404)
        else:
            self.give(path.read_bytes())

    do_HEAD = do_GET

    def give(self, data: bytes) -> None:
        asked = self.headers.get("x-ms-range") or self.headers.get("Range") or ""
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
        if found is None:
            return self.answer(200, data)
        first = int(found[1])
        body = data[first : int(found[2]) + 1 if found[2] else None]
        place = f"bytes {first}-{first + len(body) - 1}/{len(data)}"
        return self.answer(206, body, {"Content-Range": place})

    def listed(self, prefix: str) -> bytes:
        begin = self.folder / prefix.rpartition("/")[0]
        found = ""
        for path in sorted(begin.iterdir()) if begin.is_dir() else ():
            name = path.relative_to(self.folder).as_posix() + "/" * path.is_dir()
            if name.startswith(prefix):
                size = path.stat().st_size
                entry = BLOB.format(escape(name), size, when=WHEN)
                found += (
                    f"<BlobPrefix><Name>{escape(name)}</Name></BlobPrefix>"
                    if path.is_dir()
                    else entry
                )
        return LIST.format(found).encode()

    def answer(self, status: int, body: bytes = b"", more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, **(more or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serve_azure(folder: Path) -> Iterator[dict[str, str]]:
    """Serve a folder; yield the environment by which it is found."""
    arguments = [sys.executable, __file__, str(folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            place = f"http://127.0.0.1:{int(process.stdout.readline())}/{ACCOUNT}"
            yield {
                "AZURE_STORAGE_CONNECTION_STRING": "DefaultEndpointsProtocol=http;"
                f"AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={place}"
            }
        finally:
            process.kill()


if __name__ == "__main__":
    Handler.folder = Path(sys.argv[1])
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
