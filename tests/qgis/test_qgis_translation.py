"""The plugin's texts in other languages: all are translated, with the same fields in them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import translate
from geoseg_qgis import messages
from geoseg_qgis.environment import child_environment

SOURCES = {translate.CONTEXT: translate.texts, translate.ENGINE: translate.templates}
ADVICE = "run python qgis_plugin/translate.py, and translate what is unfinished in the .ts"


@pytest.mark.parametrize("context", SOURCES)
@pytest.mark.parametrize("language", translate.LANGUAGES)
def test_every_text_is_translated(language: str, context: str) -> None:
    """The plugin's own texts, and every error, note and warning of the engine."""
    known = translate.translations(translate.I18N / f"{translate.CONTEXT}_{language}.ts", context)
    lacking = set(SOURCES[context]()) - set(known)
    assert not lacking, f"{ADVICE}: {sorted(lacking)}"
    for text, translation in known.items():
        assert fields(text) == fields(translation)
        assert translation.strip()


def test_the_engines_templates_are_shipped() -> None:
    shipped = [template.text for template in messages.templates()]
    assert sorted(shipped) == sorted(translate.templates()), ADVICE


@pytest.mark.parametrize("template", translate.templates())
def test_a_message_is_found_again_with_its_values(template: str) -> None:
    values = {name: f"<{name} 1.5 & 2>" for name in messages.parsed(template).names}
    said = template.format(**values)
    found = messages.identify(said)
    assert found is not None
    text, again = found
    assert text.format(**again) == said
    assert messages.parsed(text).letters >= messages.parsed(template).letters


SAID = [
    ["predict", "no-such-scene.tif", "--out", "a.gpkg"],
    ["predict", "no-such-scene.tif", "--out", "a.xyz"],
    ["predict", "{here}", "--out", "a.gpkg"],
    ["predict", "{text}", "--out", "a.gpkg"],
    ["predict", "{text}", "--out", "a.gpkg", "--tile", "-3"],
    ["predict", "{text}", "--out", "a.gpkg", "--bands", "1,x"],
    ["vectorize", "{text}", "--out", "a.gpkg", "--majority", "4"],
    ["vectorize", "{text}", "--out", "no/such/folder/a.gpkg"],
    ["change", "{text}", "{text}", "--out", "a.gpkg"],
    ["change", "{text}", "{text}", "--missing", "perhaps"],
    ["evaluate", "{text}", "{text}", "--json", "a.json", "--boundary", "soon"],
    ["sample", "{text}", "--out", "a.gpkg"],
    ["train", "--scenes", "{text}", "--labels", "{text}", "--classes", "a=1", "--out", "m"],
]


@pytest.mark.parametrize("command", SAID, ids=" ".join)
def test_what_the_engine_really_says_is_known(command: list[str], tmp_path: Path) -> None:
    text = tmp_path / "scene.tif"
    text.write_text("no raster")
    words = [word.format(here=tmp_path, text=text) for word in command]
    environment = child_environment(more={"PYTHONPATH": str(translate.PLUGIN.parents[1])})
    done = subprocess.run(
        [sys.executable, "-m", "geoseg", *words, "--events"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    failed = next((event for event in events if event["event"] == "failed"), None)
    if failed is None:  # the options themselves are wrong
        parts = done.stderr.splitlines()[-1].removeprefix(messages.ERROR).split("; ")
    else:
        parts = [failed[part] for part in ("found", "expected", "do")]
    for part in filter(None, parts):
        assert messages.identify(part.removeprefix(messages.EXPECTED)), part


def test_values_that_look_like_weak_messages_stay_values() -> None:
    assert messages.identify("the sea is blue", messages.LEAST) is None
    assert messages.translated("what no engine says") == "what no engine says"


def fields(text: str) -> list[str]:
    return sorted(re.findall(r"{[^}]*}", text.replace("{{", "").replace("}}", "")))
