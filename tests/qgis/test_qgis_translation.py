"""The plugin's texts in other languages: all are translated, with the same fields in them."""

from __future__ import annotations

import re

import pytest
import translate


@pytest.mark.parametrize("language", translate.LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    known = translate.translations(translate.I18N / f"{translate.CONTEXT}_{language}.ts")
    assert set(translate.texts()) == set(known), "run python qgis_plugin/translate.py, and translate what is unfinished"
    for text, translation in known.items():
        assert fields(text) == fields(translation)
        assert translation.strip()


def fields(text: str) -> list[str]:
    return sorted(re.findall(r"{[^}]*}", text))
