"""A real web server for tests, nginx, that serves a folder well or badly.

Under `/badly/` requests wait for their turn, and of each connection's number, of which each request
has one of its own, it follows what becomes of it: 503, a connection that is closed without an
answer, or in the middle of one. Under `/cut/` every answer ends early, under `/busy/` it is 503.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

CONFIG = """
daemon off;
master_process off;
pid {own}/pid;
error_log {own}/error.log;
events {{ worker_connections 512; }}
http {{
  log_format fates '$fate $status $request_method $uri';
  keepalive_timeout 0;
  client_body_temp_path {own}/body;
  proxy_temp_path {own}/proxy;
  fastcgi_temp_path {own}/fastcgi;
  uwsgi_temp_path {own}/uwsgi;
  scgi_temp_path {own}/scgi;
  limit_req_zone $server_name zone=turn:1m rate=100r/s;
  split_clients $connection $fate {{ 7% busy; 7% gone; 7% cut; * well; }}
  server {{
    listen 127.0.0.1:{port};
    access_log {own}/access.log fates;
    location /busy/ {{ return 503; }}
    location /badly/ {{
      if ($fate = busy) {{ return 503; }}
      if ($fate = gone) {{ return 444; }}
      if ($fate = cut) {{ rewrite ^/badly/(.*)$ /cut/$1 last; }}
      limit_req zone=turn burst=1000;
      alias {folder}/;
    }}
    location /cut/ {{
      proxy_pass http://unix:{own}/slow:/;
      proxy_set_header Range $http_range;
      proxy_buffering off;
      proxy_read_timeout 50ms;
    }}
  }}
  server {{
    listen unix:{own}/slow;
    access_log off;
    root {folder};
    limit_rate_after 1k;
    limit_rate 1;
  }}
}}
"""
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


@dataclass(frozen=True)
class Nginx:
    """A running server."""

    address: str
    """Such as http://127.0.0.1:1234."""
    log: Path
    """Of what it was asked for."""

    def fates(self) -> Counter[str]:
        """What became of the requests so far: how many were answered well, busy, gone, cut."""
        return Counter(line.split()[0] for line in self.log.read_text().splitlines())


@contextmanager
def serve_by_nginx(folder: Path) -> Iterator[Nginx]:
    """Serve a folder; the server ends with the block."""
    assert NGINX
    with TemporaryDirectory() as own:  # the name of a socket has to be short
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        config = Path(own, "nginx.conf")
        config.write_text(CONFIG.format(own=own, port=port, folder=folder))
        with subprocess.Popen([NGINX, "-c", str(config), "-e", f"{own}/error.log"]) as process:
            try:
                _wait(port, process, Path(own, "error.log"))
                yield Nginx(f"http://127.0.0.1:{port}", Path(own, "access.log"))
            finally:
                process.kill()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError(log.read_text())
