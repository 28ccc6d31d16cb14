"""A profile of QGIS that has the plugin."""

from __future__ import annotations

from pathlib import Path


def enable(environ: dict[str, str]) -> None:
    """Enable the plugin, by the setting that `qgis_process plugins enable` makes."""
    settings = Path(environ["QGIS_CUSTOM_CONFIG_PATH"]) / "profiles" / "default" / "QGIS"
    settings.mkdir()
    (settings / "QGIS3.ini").write_text("[PythonPlugins]\ngeoseg_qgis=true\n", encoding="utf-8")
