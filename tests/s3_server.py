"""A store of the kind of Amazon's S3 for tests: moto's, in a process of its own, as range_server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen


@contextmanager
def serve_s3(folder: Path, bucket: str) -> Iterator[str]:
    """Put the files of a folder into a bucket; yield the server, as AWS_S3_ENDPOINT says it."""
    arguments = [sys.executable, "-W", "ignore", __file__]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            server = f"127.0.0.1:{int(process.stdout.readline())}"
            put(f"http://{server}/{bucket}", b"")
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    key = path.relative_to(folder).as_posix()
                    put(f"http://{server}/{bucket}/{key}", path.read_bytes())
            yield server
        finally:
            process.kill()


def put(address: str, data: bytes) -> None:
    kind = {
        "Content-Type": "application/octet-stream",  # else it is parsed as a form
        "x-amz-acl": "public-read",
    }
    with urlopen(Request(address, data, kind, method="PUT"), timeout=60) as answer:
        assert answer.status == 200


def settings(server: str) -> dict[str, str]:
    """The environment by which GDAL, and all that goes by Amazon's variables, finds it."""
    return {
        "AWS_S3_ENDPOINT": server,
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIASECRETID",
        "AWS_SECRET_ACCESS_KEY": "SECRETKEY",
    }


if __name__ == "__main__":
    from threading import Event

    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    print(running.get_host_and_port()[1], flush=True)
    Event().wait()
