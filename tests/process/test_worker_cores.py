"""Workers of one machine compute on cores of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bundles import make_bundle
from commands import ROOT, environment

pytest.importorskip("openvino", reason="OpenVINO is not installed: pip install 'geoseg[openvino]'")
# prints on which processors its threads may run once a network computes
CHILD = """
import os, sys
import numpy as np
from geoseg.core.card import Scaling
from geoseg.models import find_model, openvino
model = openvino.engine(find_model(sys.argv[1]), Scaling()).load("fp32", ())
model(np.zeros((1, 3, 64, 64), np.uint8), np.ones((1, 64, 64), bool))
print(min(len(os.sched_getaffinity(int(task))) for task in os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux tells it of each thread")
@pytest.mark.parametrize("threads", ["1", "2"])
def test_no_thread_is_bound_to_a_core(tmp_path: Path, threads: str) -> None:
    """Bound ones begin at the first core: those of two workers would share it."""
    allowed = len(os.sched_getaffinity(0))
    if allowed < 2:
        pytest.skip("a machine of one core")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(make_bundle(tmp_path / "model"))],
        env=environment() | {"OMP_NUM_THREADS": threads},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout.split() == [str(allowed)], done.stderr
