"""The script of a job array of Slurm: each member is a worker, and no process has to live as
long as the batch.
"""

from __future__ import annotations

import re
import sys
from os.path import abspath
from shlex import join, quote

from ..core.errors import InputError
from .run_settings import RunSettings
from .status import count_units

# setting -> Slurm's word, what it means, and an example that Slurm does not read, where nothing is
# asked for
ASKED = {
    "partition": ("partition", "where the members run", "gpu"),
    "account": ("account", "who pays", "mine"),
    "gres": ("gres", "what each needs beside cores, such as a GPU", "gpu:1"),
    "walltime": ("time", "how long each may run; it is queued again for what is left", "04:00:00"),
    "cores": ("cpus-per-task", "cores of each", ""),
    "memory": ("mem", "memory of each", ""),
}
USUAL = {"cores": "1", "memory": "4G"}  # of a job that dask-jobqueue submits, too
SCRIPT = """\
#!/bin/bash
# The members of this array share the {units} units that are planned in the folder behind --out-dir.
# Submit it with sbatch; submitted again it does what is missing.
# Slurm does not read lines that begin with ##: take one # away, and set the value, where you need
# them.
#SBATCH --job-name=geoseg
#SBATCH --array=1-{members:<22}# how many members; %8 behind it lets 8 of them run at a time
{settings}
#SBATCH --output={log}
#SBATCH --open-mode=append
#SBATCH --requeue                       # a member whose node died is started again
#SBATCH --signal=B:USR1@60              # seconds before its time ends: more for large scenes

export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
# The program, the folder and the scenes have to be under these paths on every node.
{command} \\
  --part "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" &
worker=$!
trap 'kill -USR1 $worker' USR1 # the time is nearly up: it ends between two scenes
trap 'kill -TERM $worker' TERM # cancelled: it lets its scene go, and ends
while wait $worker; kill -0 $worker 2>/dev/null; do :; done # a signal ends the wait, not the worker
wait $worker
status=$?
if [ $status = 75 ]; then # scenes are left
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID"
fi
exit $status
"""


def array_script(run_settings: RunSettings) -> str:
    """Write a script for `sbatch` that works the batch off. The folder of its logs is made.

    Parameters
    ----------
    run_settings
        Workers are the members of the array.

    Returns
    -------
    str
        The script.

    Raises
    ------
    InputError
        If a setting has no line in it.
    """
    if unknown := sorted(run_settings.cluster.keys() - ASKED.keys()):
        raise InputError(
            f"--print-sbatch does not know {', '.join(unknown)}",
            f"of the settings {', '.join(ASKED)}",
        )
    units = count_units(run_settings.batch)
    log = abspath(run_settings.batch.ledger / "log" / "%A_%a.txt")  # noqa: PTH100 - links stay
    (run_settings.batch.ledger / "log").mkdir(exist_ok=True)  # Slurm makes none
    return SCRIPT.format(
        units=units,
        members=max(1, min(run_settings.workers, units)),
        settings="\n".join(
            _setting(name, run_settings.cluster.get(name) or USUAL.get(name)) for name in ASKED
        ),
        log=quote(log),
        command=join([sys.executable, "-m", "geoseg", "batch", *run_settings.shared]),
    )


def _setting(name: str, value: str | None) -> str:
    word, meaning, example = ASKED[name]
    text = f"--{word}={checked(name, value or example)}"
    return f"{'#SBATCH' if value else '##SBATCH'} {text:<{32 if value else 31}}# {meaning}"


def checked(name: str, value: str) -> str:
    """Turn a setting into what Slurm reads.

    Parameters
    ----------
    name
        Of the setting.
    value
        As it was given.

    Returns
    -------
    str
        The value; of memory the number with one letter.

    Raises
    ------
    InputError
        If it would end its line, or is no size.
    """
    if re.search(r"\s", value):
        raise InputError(f"--{name} {value!r}", "a value without spaces")
    if name != "memory":
        return value
    size = re.fullmatch(r"(\d+)([KMGT])(?:i?B)?", value, re.IGNORECASE)
    if not size:
        raise InputError(f"--memory {value}", "a whole number and a unit, such as 16GB")
    return f"{size[1]}{size[2].upper()}"
