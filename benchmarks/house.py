"""How the house stands: files and functions by length, lines by width, circles of imports, words,
docstrings.
"""

from __future__ import annotations

import argparse
import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Names that meant several things, or were no word of the field, by the module or room below
# geoseg/ in which they were: elsewhere they may be good words. NAME.py is the module alone. None
# of them is to be there any more.
FORMER_NAMES = {
    "": "lattice feeding run_ahead write_behind find_pieces pinched load_checked Computed Gather "
    "Spool Relay Keeper STEEPEST take_sample",
    "core.card": "built",
    "core": "flow.py whole staged Holder read_holder",
    "core.threads": "Feed passing taken leave Left",
    "core.options": "policy largest readers",
    "raster": "columns.py sample.py stretch most",
    "vector": "ground.py pieces.py advance.py kernel.py Ground Metric sure turn",
    "prediction": "parts.py Part Step Border Sums chain maps",
    "prediction.stitch": "below beside then shared",
    "prediction.agreement": "look spread",
    "evaluation": "sides.py Side",
    "training": "pairs.py World",
    "training.learner": "_follow share decay",
    "training.finish": "assess page complete",
    "batches": "items.py assets.py choice.py units.py facts Facts orders Orders holder gone",
}


def code_lines(text: str) -> list[str]:
    """Return the lines that hold code or comments, without their indentation."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def public(body: list[ast.stmt]) -> Iterator[Function]:
    """Yield the functions of a module and the methods of its classes that have no underscore before
    their names, nor before their class's.
    """
    for node in body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node.body)


def has_fields(node: ast.ClassDef) -> bool:
    """Return whether a class is a dataclass or one of those that typing makes."""
    bases = {ast.unparse(base) for base in node.bases}
    return "dataclass" in decorators(node) or bool(bases & {"NamedTuple", "TypedDict"})


def fields(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield each public field of such classes, and whether a docstring stands under it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or not has_fields(node):
            continue
        for entry, below in zip(node.body, [*node.body[1:], ast.Pass()], strict=True):
            if not isinstance(entry, ast.AnnAssign) or "ClassVar" in ast.unparse(entry.annotation):
                continue
            name = ast.unparse(entry.target)
            if not name.startswith("_"):
                yield f"{node.name}.{name}, line {entry.lineno}", is_text(below)


def is_text(node: ast.stmt) -> bool:
    """Return whether a statement is nothing but a text."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def decorators(node: Function | ast.ClassDef) -> str:
    """Return what stands before a function or class."""
    return " ".join(map(ast.unparse, node.decorator_list))


def parallel(tree: ast.AST) -> int:
    """Count assignments such as `a, b = x, y`."""
    return sum(
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Tuple)
        and isinstance(node.value, ast.Tuple)
        for node in ast.walk(tree)
    )


def takes_something(node: Function) -> bool:
    """Return whether a function has parameters beside self and cls."""
    given = node.args
    found = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return any(argument and argument.arg not in ("self", "cls") for argument in found)


def gives_something(node: Function) -> bool:
    """Return whether a function returns or yields anything; properties are said by their name."""
    result = ast.unparse(node.returns) if node.returns else "None"
    return result not in ("None", "NoReturn", "Iterator[None]") and "property" not in decorators(
        node
    )


def names(path: Path, tree: ast.AST) -> set[str]:
    """Return all names that a module gives or uses, its own among them."""
    found = {path.name}
    for node in ast.walk(tree):
        for name in ("id", "attr", "arg", "name"):
            value = getattr(node, name, None)
            found |= {value} if isinstance(value, str) else set()
    return found


def former_names(package: Path, trees: dict[Path, ast.Module]) -> list[str]:
    """Return which names of FORMER_NAMES are still there, with their room."""
    found: set[str] = set()
    for path, tree in trees.items():
        module = ".".join(path.relative_to(package).with_suffix("").parts)
        here = names(path, tree)
        for room, words in FORMER_NAMES.items():
            if not room or module == room or module.startswith(f"{room}."):
                found |= {f"{room or module}: {word}" for word in here & set(words.split())}
    return sorted(found)


def raises(node: Function) -> bool:
    """Return whether a function itself raises an error of the project."""
    inner = {part for nested in functions(node) if nested is not node for part in ast.walk(nested)}
    return any(
        isinstance(part, ast.Raise)
        and isinstance(part.exc, ast.Call)
        and ast.unparse(part.exc.func).endswith("Error")
        for part in ast.walk(node)
        if part not in inner
    )


def is_command(node: Function) -> bool:
    """Return whether a function is a command, whose docstring is the text of --help."""
    return any(name in decorators(node) for name in ("click.command", "click.group", ".command("))


def share(found: list[bool]) -> str:
    """Return how many of them hold, as text."""
    return f"{sum(found)} of {len(found)} ({sum(found) / max(1, len(found)):.0%})"


def p90(numbers: list[int]) -> int:
    """Return the 90th percentile."""
    return sorted(numbers)[int(0.9 * len(numbers))]


def imported(name: str, tree: ast.AST, modules: set[str]) -> set[str]:
    """Return the modules of the package that a module imports at run time, inside functions too."""
    here = name.split(".")
    checking = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for part in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or id(node) in checking or not node.level:
            continue
        base = here[: len(here) - node.level + (f"{name}.__init__" in modules)]
        target = ".".join([*base, *(node.module or "").split(".")]).strip(".")
        for alias in node.names:
            inner = f"{target}.{alias.name}".strip(".")
            found.add(inner if inner in modules else target)
    return found & modules


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return groups of modules that import one another (strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph[node]:
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            group = []
            while not group or group[-1] != node:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def main(folder: Path) -> None:
    """Print the figures of one checkout."""
    package = folder / "geoseg"
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in texts.items()}
    lengths = [len(text.splitlines()) for text in texts.values()]
    lines = [line for text in texts.values() for line in code_lines(text)]
    every = [node for tree in trees.values() for node in functions(tree)]
    sizes = [(node.end_lineno or node.lineno) - node.lineno + 1 for node in every]
    shown = [node for tree in trees.values() for node in public(tree.body)]
    texted = [(node, ast.get_docstring(node) or "") for node in shown if not is_command(node)]

    dotted = {
        path: ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__")
        for path in texts
    }
    modules = set(dotted.values())
    modules |= {f"{name}.__init__" for path, name in dotted.items() if path.name == "__init__.py"}
    graph = {name: imported(name, trees[path], modules) - {name} for path, name in dotted.items()}

    widest = max(len(line) for text in texts.values() for line in text.splitlines())
    parallels = 1000 * sum(map(parallel, trees.values())) / len(lines)
    former = former_names(package, trees)
    rows = {
        "files": f"{len(texts)}, lines {sum(lengths)}",
        "lines a file": f"median {statistics.median(lengths):.0f}, p90 {p90(lengths)}",
        "lines a function": f"median {statistics.median(sizes):.0f}, p90 {p90(sizes)}",
        "characters a code line": f"{statistics.mean(map(len, lines)):.1f}, widest {widest}",
        "files at the top level": f"{sum(path.parent == package for path in texts)}",
        "parallel assignments": f"{parallels:.1f} in 1,000 lines",
        "circles of imports": f"{len(circles(graph))} {circles(graph) or ''}",
        "former names in use": f"{len(former)} {', '.join(former)}",
        "public functions explained": share([bool(text) for _, text in texted]),
    }
    due = {
        "Parameters": takes_something,
        "Returns": gives_something,
        "Raises": raises,
    }
    for section, wants in due.items():
        have = [has_section(text, section) for node, text in texted if wants(node)]
        rows[f"docstrings: {section}"] = share(have)
    rows["docstrings: fields"] = share(
        [found for tree in trees.values() for _, found in fields(tree)]
    )
    for name, text in rows.items():
        print(f"{name:28} {text.strip()}")


def has_section(text: str, section: str) -> bool:
    """Return whether a docstring has a section; what is yielded is returned, too."""
    asked = ("Returns", "Yields") if section == "Returns" else (section,)
    return any(f"{name}\n{'-' * len(name)}" in text for name in asked)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(__file__).parents[1],
        help="a checkout; default: this one",
    )
    main(parser.parse_args().folder)
