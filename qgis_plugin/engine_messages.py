"""Collect what the engine can say from its source: errors, notes and warnings, as templates with
named values.

A message's identifier is its template: the text as the source has it, with a name for each value,
as in gettext. The engine's events hold the finished text, in which geoseg_qgis/messages.py finds
the template and the values again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "geoseg"
NEVER_IN_QGIS = re.compile(
    r"^api\.py$|^prediction/(result|scores|trial)\.py$|^raster/memory\.py$|batches|cli/batch|bench|seams|completion"
    r"|^models/(sources/|library)|^cli/models_add|^view/|^cli/view"
    r"|^datasets/(?!(coco_file|paint|runs|told)\.py$)|^cli/dataset"
)  # of commands that the plugin does not run, and of the Python API
SAID_BY = {
    "GeosegError",
    "InputError",
    "NotListedError",
    "ModelError",
    "OutputError",
    "RunError",
    "Noted",
    "Warned",
    "UsageError",
    "BadParameter",
    "ClickException",
}
# what holds a message, or a part of one, on its way to one of those
PARTS = re.compile(
    r"^_?(found|expected|do|advice|hint|note|notes|said|why|problem|problems|line|text|warning|wrong|"
    r"reason|refusal|written|EXPECTED|COLUMNS|how)$"
)
MAKERS = re.compile(
    r"(found|expected|advice|hint|note|said|why|problem|warn|wrong|reason|refus|tell|describe|says|"
    r"complain|say)"
)


def templates() -> list[str]:
    """Return the templates of all messages, each once, in order of the files."""
    found: dict[str, None] = {}
    for path in sorted(ENGINE.rglob("*.py")):
        if not NEVER_IN_QGIS.search(path.relative_to(ENGINE).as_posix()):
            for template in _of_module(ast.parse(path.read_text(encoding="utf-8"))):
                found[template] = None
    return [template for template in found if _is_language(template)]


def _is_language(template: str) -> bool:
    """Whether there is a word to translate between the values, or an option's name."""
    words = re.sub(r"{[^}]*}", " ", template)
    other = "<" in words or "SELECT" in words or "__" in words or words.strip() in ("or", "and")
    # no markup, SQL, attribute, or what joins
    return bool(re.search(r"[A-Za-z]{2}|^--", words)) and not other


def _of_module(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in SAID_BY:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from _texts(argument)
        elif isinstance(node, ast.keyword) and PARTS.match(node.arg or ""):
            yield from _sentences(node.value)
        elif (
            isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None
        ):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(PARTS.match(_name(target)) for target in targets):
                yield from _sentences(node.value)
        elif isinstance(node, ast.FunctionDef) and MAKERS.search(node.name):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Return, ast.Yield)) and inner.value is not None:
                    yield from _sentences(inner.value)


def _sentences(node: ast.expr) -> Iterator[str]:
    """Texts that are language for certain: of what may as well be a name or a key."""
    return (text for text in _texts(node) if " " in text.strip())


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _texts(node: ast.expr) -> Iterator[str]:
    """The templates that an expression can give: of literals, sums, choices, and lists of them."""
    whole = _template(node)
    if whole is not None:
        yield whole
        for inner in ast.walk(node):  # a choice within a value: f"{'one' if a else 'two'} things"
            if isinstance(inner, ast.FormattedValue):
                yield from _sentences(inner.value)
        return
    for part in _inside(node):
        yield from _texts(part)


def _inside(node: ast.expr) -> list[ast.expr]:
    """The expressions of which one, or all, become the text of an expression."""
    if isinstance(node, ast.Call):  # "; ".join(...), text.format(...)
        return [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
    fields = {
        ast.IfExp: ("body", "orelse"),
        ast.BinOp: ("left", "right"),
        ast.BoolOp: ("values",),
        ast.List: ("elts",),
        ast.Tuple: ("elts",),
        ast.Set: ("elts",),
        ast.Dict: ("values",),
        ast.Subscript: ("value",),
        ast.ListComp: ("elt",),
        ast.GeneratorExp: ("elt",),
    }
    parts = [getattr(node, name) for name in fields.get(type(node), ())]
    return [one for part in parts for one in (part if isinstance(part, list) else [part])]


def _template(node: ast.expr) -> str | None:
    """An expression's one template; None where it is not made of literals and values alone."""
    if isinstance(node, ast.Constant):
        return _escaped(node.value) if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        names: dict[str, int] = {}
        return "".join(
            _escaped(part.value) if isinstance(part, ast.Constant) else _value(part, names)
            for part in node.values
        )
    return None


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _value(part: ast.FormattedValue, names: dict[str, int]) -> str:
    """A value's name in braces: the last word of the expression, told apart where it comes
    twice.
    """
    words = re.findall(r"[a-z_]+", ast.unparse(part.value).lower())
    name = words[-1].strip("_") if words and words[-1].strip("_") else "value"
    names[name] = names.get(name, 0) + 1
    return f"{{{name}{names[name] if names[name] > 1 else ''}}}"
