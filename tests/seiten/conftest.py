"""The shipped region, built once for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sozialanalyse import build, store

DEMO = Path(__file__).parents[2] / "data" / "staedteregion-aachen"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of the shipped region with a snapshot; environment set as the batch sets it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(tmp_path_factory.mktemp("daten")))
        patch.setenv("SOZIALANALYSE_REGION", str(DEMO))
        build.build(DEMO)
        yield DEMO


@pytest.fixture(autouse=True)
def _as_batch(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOZIALANALYSE_STATISCH", "1")


@pytest.fixture(scope="session")
def intern(demo: Path) -> store.Daten:
    return store.load(demo, "intern")
