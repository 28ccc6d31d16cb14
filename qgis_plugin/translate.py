"""Collect the plugin's texts for translation: `python qgis_plugin/translate.py` (needs Qt's lrelease).

Each `tr("...")` becomes an entry of i18n/geoseg_LANGUAGE.ts; translations that are there stay, those of texts that are
gone go. Then the .qm files are made that QGIS reads.
"""

from __future__ import annotations

import ast
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

PLUGIN = Path(__file__).resolve().parent / "geoseg_qgis"
I18N = PLUGIN / "i18n"
LANGUAGES = ("ko",)
CONTEXT = "geoseg"


def main() -> None:
    """Bring all languages up to date."""
    for language in LANGUAGES:
        path = I18N / f"{CONTEXT}_{language}.ts"
        write(path, language, texts(), translations(path))
        subprocess.run(["lrelease", "-silent", str(path)], check=True)  # noqa: S607 - Qt's, from PATH


def texts() -> list[str]:
    """Return every literal that tr() is called with, in order of the files, each once."""
    found: dict[str, None] = {}
    for path in sorted(PLUGIN.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                (argument,) = node.args
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    raise SystemExit(f"{path}:{node.lineno}: tr() takes a literal")
                found[argument.value] = None
    return list(found)


def translations(path: Path) -> dict[str, str]:
    """Return the translations of a .ts file, by text; those not made yet are left out."""
    if not path.is_file():
        return {}
    found = {}
    for message in ET.parse(path).getroot().iter("message"):  # noqa: S314 - a file of this repository
        translation = message.find("translation")
        if translation is not None and translation.get("type") is None:
            found[message.findtext("source", "")] = translation.text or ""
    return found


def write(path: Path, language: str, sources: list[str], known: dict[str, str]) -> None:
    """Write a .ts file."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source in sources:
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = source
        translation = ET.SubElement(message, "translation")
        if source in known:
            translation.text = known[source]
        else:
            translation.set("type", "unfinished")
    ET.indent(root, " ")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ET.tostring(root, encoding="unicode") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
