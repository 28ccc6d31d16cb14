"""Docstrings say what is returned and raised, and each public field of a dataclass what it is."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

PACKAGE = Path(__file__).parents[2] / "geoseg"
FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.fixture(scope="module")
def house() -> ModuleType:
    """Give the script that counts, whose rules hold here as well."""
    path = PACKAGE.parent / "benchmarks" / "house.py"
    spec = importlib.util.spec_from_file_location("house", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_is_returned_and_raised_is_said(path: Path, house: ModuleType) -> None:
    lacking = []
    for node in house.public(ast.parse(path.read_text(encoding="utf-8")).body):
        text = ast.get_docstring(node) or ""
        for section, is_due in {"Returns": house.gives_something, "Raises": house.raises}.items():
            due = is_due(node) and not house.is_command(node)
            if due and not house.has_section(text, section):
                lacking.append(f"{node.name}, line {node.lineno}: {section}")
    assert lacking == []


def without_docstring(house: ModuleType, text: str) -> list[str]:
    return [name for name, documented in house.fields(ast.parse(text)) if not documented]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_field_has_its_docstring(path: Path, house: ModuleType) -> None:
    assert without_docstring(house, path.read_text(encoding="utf-8")) == []


def test_a_field_without_one_is_found(house: ModuleType) -> None:
    text = '@dataclass\nclass A:\n    """A."""\n    a: int\n    """A."""\n    b: int\n    _c: int\n'
    assert without_docstring(house, text) == ["A.b, line 6"]
