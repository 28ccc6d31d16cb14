"""The allocator's settings are taken where the C library has them, and memory is reused
afterwards.
"""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# in a process of its own: the settings stay for its life. Faults are counted for the same work
# before and after.
FAULTS = """
import resource
import numpy as np
from geoseg.core.machine import keep_memory
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(4 << 20, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
before = faults()
assert keep_memory()
faults()
print(before, faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these settings")
def test_pages_are_reused() -> None:
    before, after = subprocess.check_output([sys.executable, "-c", FAULTS], text=True).split()
    assert int(after) < int(before) / 10
