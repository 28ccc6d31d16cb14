"""Collect the plugin's texts for translation: `python qgis_plugin/translate.py` (needs Qt's
lrelease).

Each `tr("...")` becomes an entry of i18n/geoseg_LANGUAGE.ts, and so does each message of the
engine, in a context of its own; translations that are there stay, those of texts that are gone go.
Then the .qm files are made that QGIS reads.
"""

from __future__ import annotations

import ast
import json
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from engine_messages import templates

PLUGIN = Path(__file__).resolve().parent / "geoseg_qgis"
I18N = PLUGIN / "i18n"
LANGUAGES = ("ko",)
CONTEXT = "geoseg"
ENGINE = "geoseg engine"
CONTEXTS = (CONTEXT, ENGINE)


def main() -> None:
    """Bring all languages up to date."""
    lines = "".join(json.dumps(template, ensure_ascii=False) + "\n" for template in templates())
    (I18N / "engine.txt").write_text(lines, encoding="utf-8")
    for language in LANGUAGES:
        path = I18N / f"{CONTEXT}_{language}.ts"
        known = {context: translations(path, context) for context in CONTEXTS}
        write(path, language, {CONTEXT: texts(), ENGINE: templates()}, known)
        subprocess.run(["lrelease", "-silent", str(path)], check=True)  # noqa: S607 - Qt's, from PATH


def texts() -> list[str]:
    """Return every literal that tr() is called with, in order of the files, each once."""
    found: dict[str, None] = {}
    for path in sorted(PLUGIN.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "tr"
            ):
                (argument,) = node.args
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    raise SystemExit(f"{path}:{node.lineno}: tr() takes a literal")
                found[argument.value] = None
    return list(found)


def translations(path: Path, context: str = CONTEXT) -> dict[str, str]:
    """Return the translations of a context of a .ts file, by text; those not made yet are left
    out.
    """
    if not path.is_file():
        return {}
    found = {}
    root = ET.parse(path).getroot()  # noqa: S314 - a file of this repository
    here = [part for part in root.iter("context") if part.findtext("name") == context]
    for message in (message for part in here for message in part.iter("message")):
        translation = message.find("translation")
        if translation is not None and translation.get("type") is None:
            found[message.findtext("source", "")] = translation.text or ""
    return found


def write(
    path: Path, language: str, sources: dict[str, list[str]], known: dict[str, dict[str, str]]
) -> None:
    """Write a .ts file: of each context its texts, with the translations that are known."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for name, texts_of_it in sources.items():
        context = ET.SubElement(root, "context")
        ET.SubElement(context, "name").text = name
        for source in texts_of_it:
            message = ET.SubElement(context, "message")
            ET.SubElement(message, "source").text = source
            translation = ET.SubElement(message, "translation")
            if source in known[name]:
                translation.text = known[name][source]
            else:
                translation.set("type", "unfinished")
    ET.indent(root, " ")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ET.tostring(root, encoding="unicode") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
