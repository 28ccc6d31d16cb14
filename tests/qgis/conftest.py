"""The plugin's modules that know no QGIS are tested here; those that do, in `inside`, by QGIS's
own Python.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "qgis_plugin"))

collect_ignore = ["inside"]
