"""Examples in docstrings do what they show."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import sozialanalyse

PAKET = Path(sozialanalyse.__file__).parent
MIT_BEISPIEL = sorted(
    path.relative_to(PAKET).as_posix() for path in PAKET.rglob("*.py") if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("file", MIT_BEISPIEL)
def test_examples_hold(file: str) -> None:
    name = ".".join(["sozialanalyse", *Path(file).with_suffix("").parts]).removesuffix(".__init__")
    tried = doctest.testmod(importlib.import_module(name))
    assert tried.attempted
    assert not tried.failed
