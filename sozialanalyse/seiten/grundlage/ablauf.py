"""What stands on a page in which order, as its notebook says: headings, and the findings below them."""

from __future__ import annotations

import ast
import json
from pathlib import Path

NICHT_AUF_PAPIER = frozenset({"auswahl", "kopf", "anhang"})
"""What only a screen can use, or a file says in its own way."""


def ablauf(notebook: Path) -> list[tuple[str, list[str]]]:
    """Headings of a notebook and the findings each stands over, in order.

    Returns
    -------
    list
        Pairs of heading and names of methods; what stands before the first heading has "".
    """
    found: list[tuple[str, list[str]]] = [("", [])]
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            found += [
                (line.lstrip("#").strip(), []) for line in source.splitlines() if line.startswith("## ")
            ]
        elif cell["cell_type"] == "code":
            found[-1][1].extend(name for name in _befunde(source) if name not in NICHT_AUF_PAPIER)
    return found


def _befunde(source: str) -> list[str]:
    """Methods of the page that a cell shows."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    return [
        line.value.func.attr
        for line in body
        if isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and isinstance(line.value.func, ast.Attribute)
        and isinstance(line.value.func.value, ast.Name)
        and not (line.value.args or line.value.keywords)
    ]
