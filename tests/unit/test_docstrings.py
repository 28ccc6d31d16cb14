"""Docstrings say what is returned and raised, and each public field of a dataclass what it is."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from itertools import zip_longest
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


def has_fields(node: ast.ClassDef) -> bool:
    """Tell whether a class is a dataclass or one of those that typing makes."""
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    bases = {ast.unparse(base) for base in node.bases}
    return any("dataclass" in text for text in decorators) or bool(
        bases & {"NamedTuple", "TypedDict"}
    )


def without_docstring(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.ClassDef) and has_fields(node)):
            continue
        for field, below in zip_longest(node.body, node.body[1:]):
            if (
                isinstance(field, ast.AnnAssign)
                and not (name := ast.unparse(field.target)).startswith("_")
                and "ClassVar" not in ast.unparse(field.annotation)
                and not is_text(below)
            ):
                yield f"{node.name}.{name}, line {field.lineno}"


def is_text(node: ast.stmt | None) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_field_has_its_docstring(path: Path) -> None:
    assert list(without_docstring(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_a_field_without_one_is_found() -> None:
    text = '@dataclass\nclass A:\n    """A."""\n    a: int\n    """A."""\n    b: int\n    _c: int\n'
    assert list(without_docstring(ast.parse(text))) == ["A.b, line 6"]
