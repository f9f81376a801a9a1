"""The shipped region, built once for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bestaende import DEMO, datenordner, umgebung

from sozialanalyse import store


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of the shipped region with a snapshot; environment set as the batch sets it."""
    with umgebung(datenordner(tmp_path_factory, DEMO), DEMO):
        yield DEMO


@pytest.fixture(autouse=True)
def _as_batch(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOZIALANALYSE_STATISCH", "1")


@pytest.fixture(scope="session")
def intern(demo: Path) -> store.Daten:
    return store.load(demo, "intern")
