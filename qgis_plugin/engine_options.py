"""Write what the engine says of its options beside the plugin: `python
qgis_plugin/engine_options.py`.

The plugin goes by it until an engine is set up and has told itself; a test holds it equal to the
engine of this tree.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILE = HERE / "geoseg_qgis" / "options.json"


def told() -> str:
    """Return what the engine of this tree says."""
    command = [sys.executable, "-m", "geoseg", "options", "--json"]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


if __name__ == "__main__":
    FILE.write_text(told(), encoding="utf-8")
