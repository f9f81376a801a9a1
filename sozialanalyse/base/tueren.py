"""A front door that opens a room only when something of it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def tuer(paket: str, orte: Mapping[str, str]) -> Callable[[str], Any]:
    """``__getattr__`` of a package: name -> module within it that holds it; a module itself is named by "".

    Raises
    ------
    AttributeError
        For every other name.
    """

    def oeffne(name: str) -> Any:
        if name not in orte:
            raise AttributeError(f"module {paket!r} has no attribute {name!r}")
        if not orte[name]:
            return import_module(f"{paket}.{name}")
        return getattr(import_module(f"{paket}.{orte[name]}"), name)

    return oeffne
