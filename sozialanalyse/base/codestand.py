"""The state of the code a result depends on: own modules and the versions of the libraries they use.

Nothing is listed by hand: modules are found by following imports, libraries by asking the environment.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

from sozialanalyse.base.settings import VERSION

PAKET = Path(__file__).parents[1]
ENDUNGEN = {".py", ".yml", ".json", ".csv", ".css", ".js", ".j2", ".html", ".typ", ".ttf", ".woff2"}
"""Kinds of files of the package that results depend on; guides and licences are none."""


@cache
def of_package() -> str:
    """Hash of the whole package as installed: code, texts, styles, templates."""
    digest = hashlib.sha256(VERSION.encode())
    for path in sorted(path for path in PAKET.rglob("*") if path.suffix in ENDUNGEN):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def of_environment() -> str:
    """Hash of the interpreter and of all installed distributions with their versions."""
    folders = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    found = {path.name for folder in folders for path in Path(folder).glob("*.dist-info")}
    own = f"sozialanalyse-{VERSION}.dist-info"  # its content counts as the package
    return _hash("\n".join([platform.python_version(), *sorted(found - {own})]))


@cache
def of_module(name: str) -> str:
    """Hash of a module, of all modules of the package it imports, directly or not, and of their libraries.

    Parameters
    ----------
    name
        Full name, such as ``sozialanalyse.build``.
    """
    digest = hashlib.sha256(f"{VERSION}|{'.'.join(platform.python_version_tuple()[:2])}".encode())
    found = modules(name)
    for path in sorted(found):
        digest.update(path.relative_to(PAKET).as_posix().encode() + path.read_bytes())
    for library, version in libraries(found):
        digest.update(f"|{library}=={version}".encode())
    return digest.hexdigest()[:16]


def modules(name: str) -> frozenset[Path]:
    """Files of a module and of all modules of the package it imports, directly or not.

    Imports within functions count, and those for type checkers where a module is used as a whole: what
    its ``__getattr__`` hands on later stands there.
    """
    found: set[Path] = set()
    known: set[tuple[Path, bool]] = set()
    waiting = [(name, True)]
    while waiting:
        one, whole = waiting.pop()
        path = _file(one)
        if path is None or (path, whole) in known:
            continue
        known.add((path, whole))
        found.add(path)
        parent = one.rpartition(".")[0]
        if parent:
            waiting.append((parent, False))
        for module, names, typing in _imports(path):
            if module.partition(".")[0] != PAKET.name or (typing and not whole):
                continue
            parts = [f"{module}.{part}" for part in names if _file(f"{module}.{part}")]
            waiting += [(part, True) for part in parts]
            waiting.append((module, len(parts) < max(1, len(names))))
    return frozenset(found)


def libraries(paths: frozenset[Path]) -> list[tuple[str, str]]:
    """Installed distributions that modules import, with their versions, by name."""
    tops = {module.partition(".")[0] for path in paths for module, _, _ in _imports(path)}
    offered = metadata.packages_distributions()
    names = {
        distribution
        for top in tops - {PAKET.name} - sys.stdlib_module_names
        for distribution in offered.get(top, [])
    }
    return sorted((name, metadata.version(name)) for name in names)


@cache
def _imports(path: Path) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    """Imports of a file: module, names taken from it, whether only for type checkers."""
    return tuple(_walk(ast.parse(path.read_bytes()), path, typing=False))


def _walk(node: ast.AST, path: Path, *, typing: bool) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield alias.name, (), typing
        elif isinstance(child, ast.ImportFrom):
            base = [PAKET.name, *path.relative_to(PAKET).parent.parts]
            above = base[: len(base) - child.level + 1] if child.level else []
            yield ".".join(filter(None, [*above, child.module])), tuple(a.name for a in child.names), typing
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for part in child.body:
                yield from _walk(ast.Module([part], []), path, typing=True)
            for part in child.orelse:
                yield from _walk(ast.Module([part], []), path, typing=typing)
        else:
            yield from _walk(child, path, typing=typing)


def _file(name: str) -> Path | None:
    """File of a module of the package; None if there is none of that name."""
    first, *rest = name.split(".")
    if first != PAKET.name:
        return None
    place = PAKET.joinpath(*rest)
    for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
        if path.is_file():
            return path
    return None


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:16]
