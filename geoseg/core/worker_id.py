"""Who holds a unit of work, and whether it is alive: told by process on the same machine, else
by age.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

JOBS = (
    "SLURM_JOB_ID",
    "PBS_JOBID",
    "LSB_JOBID",
    "JOB_ID",
    "OAR_JOB_ID",
)  # as the schedulers call it
ARRAYS = (
    "SLURM_ARRAY_JOB_ID",
    "SLURM_JOB_ID",
    "PBS_ARRAY_ID",
    "PBS_JOBID",
    "LSB_JOBID",
    "JOB_ID",
    "OAR_ARRAY_ID",
)


@dataclass(frozen=True, slots=True)
class WorkerId:
    """A process that holds a unit of work, or writes an output."""

    host: str
    """The machine's name in its network."""
    space: str
    """Where the process's number means something: boot and numbering; "" where unknown."""
    pid: int
    """The process's number there."""
    begun: str
    """When it began, in the kernel's ticks: tells it from a later one of the same number."""
    job: str = ""
    """The scheduler's number of its job; "" outside of one."""

    @property
    def died(self) -> bool:
        """Whether it is known to have ended; False where it cannot be known from here."""
        return bool(self.space) and self.space == myself().space and _begun(self.pid) != self.begun

    @property
    def boot(self) -> str:
        """The boot of the machine in which the process runs; "" where it is not known."""
        return self.space.partition(" ")[0]

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}" + (f", job {self.job}" if self.job else "")


@cache
def _myself(pid: int) -> WorkerId:
    return WorkerId(socket.gethostname(), _space(), pid, _begun(pid), job_id(JOBS))


def myself() -> WorkerId:
    """Return this process.

    Returns
    -------
    WorkerId
        After a fork another one.
    """
    return _myself(os.getpid())


def read_worker_id(data: Any) -> WorkerId:
    """Return the process that a claim names.

    Parameters
    ----------
    data
        The fields of a `WorkerId`, as JSON gave them.

    Returns
    -------
    WorkerId
        With all fields of their types.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the claim names none.
    """
    return WorkerId(
        str(data["host"]),
        str(data["space"]),
        int(data["pid"]),
        str(data["begun"]),
        str(data["job"]),
    )


def job_id(variables: tuple[str, ...]) -> str:
    """Return the scheduler's number of the job in which this runs.

    Parameters
    ----------
    variables
        Names of environment variables; the first that is set counts.

    Returns
    -------
    str
        Without the member of an array that PBS names in brackets; "" outside of a job.
    """
    found = next((os.environ[name] for name in variables if os.environ.get(name)), "")
    return found.partition("[")[0]  # PBS names the member of an array in brackets


def _space() -> str:
    """One boot of one machine, and one numbering of processes in it: containers have their own.
    "" where not known.
    """
    if not sys.platform.startswith("linux"):
        return ""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _begun(pid: int) -> str:
    """When a process began, in the kernel's ticks; "" where there is none, or only what is left
    of one.
    """
    try:
        fields = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()
        )
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
