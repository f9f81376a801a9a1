"""The layers: the table, the code held against it, and the section of the architecture page made from it.

``python tests/schichten.py`` writes the section anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

PACKAGE = Path(__file__).parents[1] / "sozialanalyse"
TABLE = PACKAGE / "anleitung" / "schichten.yml"
PAGE = PACKAGE / "anleitung" / "architektur.md"
BEGIN, END = "<!-- schichten.yml -->\n", "<!-- Ende -->\n"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def floors() -> dict[str, int]:
    """Room -> its floor, counted from the top."""
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {room: number for number, entry in enumerate(table) for room in entry["rooms"]}


def room(path: Path) -> str:
    """First part of a module's name within the package; empty for the package itself."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py").removeprefix("__init__")


def taken(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything a file imports from the package, at whatever place; name empty for a module."""
    package = ["sozialanalyse", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (
                (alias.name, "") for alias in node.names if alias.name.split(".")[0] == "sozialanalyse"
            )
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join(filter(None, [*above, node.module]))
            for alias in node.names:
                if module == "sozialanalyse":
                    known = alias.name in floors()
                    yield (f"{module}.{alias.name}", "") if known else (module, alias.name)
                elif module.split(".")[0] == "sozialanalyse":
                    yield module, alias.name


def imported(path: Path) -> set[str]:
    """Rooms a file imports, its own left out."""
    found = {[*module.split("."), ""][1] for module, _ in taken(path)}
    return found - {room(path)}


@cache
def handed_on(name: str) -> frozenset[str]:
    """Names that the front door of a room offers."""
    door = PACKAGE / name / "__init__.py"
    for node in tree(door).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return frozenset(ast.literal_eval(node.value))
        if isinstance(node, ast.ImportFrom) and any(alias.asname == "__all__" for alias in node.names):
            return handed_on("/".join(str(node.module).split(".")[1:]))
    return frozenset()


def past_the_door(path: Path) -> list[str]:
    """Imports that reach into another room, or take what its door does not offer."""
    out = []
    for module, name in taken(path):
        parts = module.split(".")[1:]
        if not parts or parts[0] == room(path) or not (PACKAGE / parts[0]).is_dir():
            continue
        offered = handed_on(parts[0])
        inside = parts[1:] and not (parts[0] == "analyse" and parts[1:2] != [] and parts[1] in offered)
        if inside or (name and len(parts) == 1 and name not in offered):
            out.append(f"{module} -> {name}")
    return out


def section() -> str:
    """The table as readers see it."""
    lines = ["| floor | room | what it does |", "|---|---|---|"]
    for entry in yaml.safe_load(TABLE.read_text(encoding="utf-8")):
        rooms = entry["rooms"].items()
        lines += [
            f"| {entry['floor'] if not n else ''} | `{name}` | {what} |"
            for n, (name, what) in enumerate(rooms)
        ]
    return BEGIN + "\n" + "\n".join(lines) + "\n\n" + END


def page() -> str:
    """The architecture page with the section of today."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    return before + section() + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
