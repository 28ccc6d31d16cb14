"""What the engine says, in QGIS's language: its texts are known by their templates.

The templates are the messages' identifiers. They are collected from the engine's source when the
plugin is translated (../engine_messages.py) and lie in i18n/engine.txt, one a line; a message of a
newer engine that none of them fits stays in English.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .text import tr, tr_engine

TEMPLATES = Path(__file__).parent / "i18n" / "engine.txt"
FIELD = re.compile(r"{{|}}|{([^{}]*)}")
DEEPEST = 4  # messages within messages
LEAST = 10
ERROR = "geoseg: error: "  # what a line on stderr begins with that tells one
EXPECTED = "expected "


@dataclass(frozen=True)
class Template:
    """A message's identifier, what finds it in a text, and the names of its values."""

    text: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]

    @property
    def letters(self) -> int:
        """How much of a text is the message's own, and no value."""
        return len(FIELD.sub("", self.text))


def translated(text: str, deep: int = 0) -> str:
    """Return what the engine said in QGIS's language, its values as they are, or themselves
    translated.
    """
    found = identify(text, LEAST if deep else 0) if deep < DEEPEST else None
    if found is None:
        return text
    template, values = found
    here = tr_engine(template)
    if here == template:  # not in this language, or QGIS is in English
        return text
    return here.format(**{name: translated(value, deep + 1) for name, value in values.items()})


def spoken(line: str) -> str:
    """Return an error of one line, as the engine tells people, in QGIS's language."""
    return "; ".join(_part(part) for part in line.split("; "))


def _part(text: str) -> str:
    if not text.startswith(EXPECTED):
        return translated(text)
    return tr("expected {what}").format(what=translated(text[len(EXPECTED) :]))


def identify(text: str, least: int = 0) -> tuple[str, dict[str, str]] | None:
    """Return a text's template and the values in it; None where it is no message that is known.

    `least` is how many letters of its own a template with values must have: a value is a message
    in itself only where that is sure.
    """
    for template in templates():
        match = template.pattern.fullmatch(text)
        if match and (template.letters >= least or not template.names):
            return template.text, dict(zip(template.names, match.groups()))
    return None


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """Return all templates, those with the most words of their own first: they say the most."""
    lines = TEMPLATES.read_text(encoding="utf-8").splitlines()
    made = [parsed(json.loads(line)) for line in lines]
    return tuple(sorted(made, key=lambda template: -template.letters))


def parsed(text: str) -> Template:
    """Return a template with the pattern of its texts."""
    names, pattern, end = [], "", 0
    for match in FIELD.finditer(text):
        pattern += re.escape(text[end : match.start()])
        end = match.end()
        if match[1] is None:
            pattern += re.escape(match[0][0])
        else:
            names.append(match[1])
            pattern += "(.*?)"
    return Template(text, re.compile(pattern + re.escape(text[end:]), re.DOTALL), tuple(names))
