"""A real PostgreSQL with PostGIS for tests, on a unix socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

USER = "postgres"  # PostgreSQL refuses to run as root
LOCKED = "locked"  # a role that is let in with a password alone


def binaries() -> Path | None:
    """The newest version's programs, where Debian puts them or on the PATH; None without PostGIS."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found and (there := shutil.which("initdb")):
        found = [Path(there).resolve()]
    shares = [Path("/usr/share/postgresql") / path.parts[-3] for path in found[-1:]]
    has = any((share / "extension" / "postgis.control").is_file() for share in shares)
    return found[-1].parent if found and has else None


@contextmanager
def server() -> Iterator[Path]:
    """Yield the folder of its socket; superuser postgres, and of all roles LOCKED needs a password."""
    programs = binaries()
    assert programs is not None
    user = USER if os.getuid() == 0 else None
    folder = Path(mkdtemp(prefix="geoseg-pg-", dir="/tmp"))  # a socket's path is short
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs / program, *arguments],
            user=user, group=user, extra_groups=[], cwd=folder, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
        ) if user else subprocess.run(
            [programs / program, *arguments], cwd=folder, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    try:
        run("initdb", "-D", str(data), "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8",
            "--auth-local=trust", "--auth-host=reject")  # fmt: skip
        rules = data / "pg_hba.conf"
        rules.write_text(f"local all {LOCKED} scram-sha-256\n{rules.read_text()}")
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c unix_socket_permissions=0777"
        log = str(folder / "log")
        run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", log, "-o", options, "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def address(folder: Path, user: str = "postgres", database: str = "maps", table: str = "") -> str:
    """Of a database; the table as it is written in an address."""
    place = f"postgresql://{quote(user, safe='')}@/{database}?host={quote(str(folder), safe='')}"
    return f"{place}#{table}" if table else place
