"""The Python of the planners' guide, typed as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sozialanalyse

GUIDE = Path(sozialanalyse.__file__).parent / "anleitung" / "planung.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("block", BLOCKS)
def test_python_of_the_guide_is_whole_and_shows_something(block, demo, capsys):
    exec(compile(block, GUIDE.name, "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) > 5


def test_there_are_blocks():
    assert len(BLOCKS) >= 2
