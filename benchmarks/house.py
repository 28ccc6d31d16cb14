"""How the house stands: files and functions by length, lines by width, circles of imports, docstrings.

python benchmarks/house.py            # this tree
python benchmarks/house.py FOLDER     # another checkout of it
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
PARAMETERS = "Parameters\n---"
RAISES = "Raises\n---"


def code_lines(text: str) -> list[str]:
    """Return the lines that hold code or comments, without their indentation."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def is_public(node: Function) -> bool:
    """Return whether a function has no underscore before its name, and no other around it."""
    return not node.name.startswith("_")


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
    names = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
    return any(name not in ("self", "cls") for name in names)


def raises(node: Function) -> bool:
    """Return whether a function itself raises an error of the project."""
    return any(
        isinstance(part, ast.Raise)
        and isinstance(part.exc, ast.Call)
        and ast.unparse(part.exc.func).endswith("Error")
        for part in ast.walk(node)
    )


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
    public = [node for node in every if is_public(node)]
    texted = [(node, ast.get_docstring(node) or "") for node in public]

    dotted = {
        path: ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__")
        for path in texts
    }
    modules = set(dotted.values())
    modules |= {f"{name}.__init__" for path, name in dotted.items() if path.name == "__init__.py"}
    graph = {name: imported(name, trees[path], modules) - {name} for path, name in dotted.items()}

    widest = max((line for text in texts.values() for line in text.splitlines()), key=len)
    print(f"files                         {len(texts)}, lines {sum(lengths)}")
    print(
        f"lines a file                  median {statistics.median(lengths):.0f}, p90 {p90(lengths)}"
    )
    print(f"lines a function              median {statistics.median(sizes):.0f}, p90 {p90(sizes)}")
    print(
        f"characters a code line        {statistics.mean(map(len, lines)):.1f}, widest line {len(widest)}"
    )
    print(f"files at the top level        {sum(path.parent == package for path in texts)}")
    print(
        f"parallel assignments          {1000 * sum(map(parallel, trees.values())) / len(lines):.1f} in 1,000 lines"
    )
    print(f"circles of imports            {len(circles(graph))} {circles(graph) or ''}")
    takes = [(node, text) for node, text in texted if takes_something(node)]
    print(f"docstrings: any               {share([bool(text) for _, text in texted])}")
    print(f"docstrings: Parameters        {share([PARAMETERS in text for _, text in takes])}")
    raising = [(node, text) for node, text in texted if raises(node)]
    print(f"docstrings: Raises            {share([RAISES in text for _, text in raising])}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
