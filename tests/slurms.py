"""A real Slurm of two nodes on this machine, with keys, ports and folders of its own, and no
systemd.

Where the kernel allows it each node is a namespace of processes: a node that is killed dies at once
with everything on it, and from one node nobody sees the processes of the other, as between
machines.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from getpass import getuser
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from batches import until
from commands import environment

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
NODES = ("node1", "node2")
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
ALONE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
CONFIGURATION = """\
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmctldPort={ports[0]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=0,sched_interval=1,bf_interval=1
MpiDefault=none
ReturnToService=2
SlurmdTimeout=5
MessageTimeout=3
TCPTimeout=1
KillWait=20
InactiveLimit=0
MinJobAge=600
NodeName=node1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=8000 State=UNKNOWN
NodeName=node2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=8000 State=UNKNOWN
PartitionName=batch Nodes=ALL Default=YES MaxTime=INFINITE State=UP DefMemPerCPU=500
"""


@dataclass
class Slurm:
    """A running Slurm: what its commands say, and its nodes, that may be killed."""

    folder: Path
    services: list[subprocess.Popen[bytes]] = field(default_factory=list)
    nodes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find this Slurm and the tree's geoseg."""
        return environment() | {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": PATH}

    def call(self, *arguments: str | Path) -> str:
        """Run one of Slurm's commands; return what it says."""
        done = subprocess.run(
            list(map(str, arguments)),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert not done.returncode, done.stderr
        return done.stdout.strip()

    def submit(self, *arguments: str | Path) -> str:
        """Submit a script; return the job's number."""
        return self.call("sbatch", "--parsable", *arguments)

    def jobs(self, job: str) -> list[dict[str, str]]:
        """What Slurm says of a job, or of each member of an array."""
        found = self.call("scontrol", "--oneliner", "show", "job", job).splitlines()
        return [
            dict(pair.partition("=")[::2] for pair in line.split() if "=" in pair) for line in found
        ]

    def states(self, job: str) -> list[str]:
        return [found["JobState"] for found in self.jobs(job)]

    def ended(self, job: str, states: tuple[str, ...] = ENDED) -> list[str]:
        """Wait until all members of a job are in these states; return the states."""
        asked(lambda: set(self.states(job)) <= set(states))
        return self.states(job)

    def start(self, node: str) -> None:
        """Start a node; once killed it comes back as a machine does that was started again."""
        # the shell takes over orphans, as a machine's first process has to
        command = [*alone(), "sh", "-c", f"slurmd -D -N {node} & wait"]
        self.nodes[node] = background(command, self)

    def kill(self, node: str) -> None:
        """Kill a node with everything on it, at once, as when the power fails."""
        process = self.nodes.pop(node)
        running = self.call("squeue", "-h", "-w", node, "-t", "R,CG", "-o", "%A").split()
        for pid in below(process.pid, tuple(f"slurmstepd: [{job}." for job in running)):
            with suppress(ProcessLookupError):  # it went with another
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def ready(self) -> bool:
        """Whether all nodes can take jobs."""
        done = subprocess.run(
            ["sinfo", "-h", "-N", "-o", "%T"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout.split() == ["idle"] * len(NODES)


# a question to Slurm starts a process, which the jobs' own would have to wait for
asked = partial(until, pause=0.2)


def below(pid: int, shepherds: tuple[str, ...]) -> list[int]:
    """Return a process and all below it, and the shepherds of jobs, which may be nobody's
    children, with theirs.
    """
    lines = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in lines.splitlines()]
    found = [str(pid), *(child for child, _, args in rows if args.startswith(shepherds))]
    for parent in found:  # it grows while it is walked
        found += [child for child, above, _ in rows if above == parent and child not in found]
    return [int(child) for child in found]


def alone() -> tuple[str, ...]:
    """Return what to put before a command for a namespace of its own, nothing where that is not
    allowed.
    """
    try:
        tried = subprocess.run([*ALONE, "true"], capture_output=True, timeout=60, check=False)
    except OSError:
        return ()
    return () if tried.returncode else ALONE


@contextmanager
def slurm() -> Iterator[Slurm]:
    """Start a Slurm of two nodes; skip, with a message, where it is not installed or does not
    start.
    """
    missing = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    if missing:
        pytest.skip(f"{', '.join(missing)} not found: apt-get install slurm-wlm munge")
    # a socket's path may have 107 letters: too few for pytest's folders
    with TemporaryDirectory(prefix="slurm-") as name, ExitStack() as stack:
        found = Slurm(Path(name))
        configure(found.folder)
        stack.callback(stop, found)
        for command in (
            (
                "munged",
                "--foreground",
                "--force",
                f"--key-file={name}/key",
                f"--socket={name}/munge.socket",
                f"--pid-file={name}/munged.pid",
                f"--log-file={name}/munged.log",
                f"--seed-file={name}/munged.seed",
            ),
            ("slurmctld", "-D", "-i"),
        ):
            found.services.append(background(command, found))
        for node in NODES:
            found.start(node)
        try:
            asked(found.ready, 20)
        except AssertionError:
            pytest.skip(f"Slurm does not start here: {said(found.folder)}")
        yield found


def configure(folder: Path) -> None:
    """Write what Slurm and munge read, into a folder that both may use."""
    (folder / "state").mkdir()
    for node in NODES:
        (folder / f"spool-{node}").mkdir()
    text = CONFIGURATION.format(folder=folder, user=getuser(), ports=free_ports(3))
    (folder / "slurm.conf").write_text(text)
    (folder / "key").touch(0o600)
    (folder / "key").write_bytes(secrets.token_bytes(1024))


def free_ports(count: int) -> list[int]:
    """Return ports on which nobody listens."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def background(command: Sequence[str], slurm: Slurm) -> subprocess.Popen[bytes]:
    """Start a service whose words go to the folder."""
    with (slurm.folder / "output.log").open("ab") as log:
        return subprocess.Popen(
            command,
            env=slurm.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def stop(slurm: Slurm) -> None:
    """End all that was started."""
    for node in list(slurm.nodes):
        slurm.kill(node)
    for process in reversed(slurm.services):
        process.kill()
        process.wait()


def said(folder: Path) -> str:
    """Return the last words of the services."""
    lines = [
        line
        for log in sorted(folder.glob("*.log"))
        for line in log.read_text(errors="replace").splitlines()[-2:]
    ]
    return " | ".join(lines) or "nothing was said"
