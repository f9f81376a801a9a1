"""Snapshots of whole regions, built once in a run of the tests, whichever worker comes first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from sozialanalyse import build, store

DEMO = Path(__file__).parents[1] / "data" / "staedteregion-aachen"
REGIONEN = Path(__file__).parent / "regionen"


def datenordner(factory: pytest.TempPathFactory, region: Path) -> Path:
    """Data folder that holds the snapshot of a region and the analyses kept of it; common to all workers.

    Nobody changes its deliveries, builds another snapshot or publishes there; who does takes a :func:`kopie`.
    """
    base = factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "bestaende"
    root.mkdir(exist_ok=True)
    place = root / region.name
    with FileLock(root / f"{region.name}.lock"):
        if not (root / f"{region.name}.fertig").exists():
            with umgebung(place, region):
                result = build.build(region)
            assert not [one for one in result.befunde if one.schwere == "fehler"]
            (root / f"{region.name}.fertig").touch()
    return place


def kopie(daten: Path, ziel: Path) -> None:
    """The snapshots of a data folder in another one, to do there what one likes; nothing else comes along."""
    shutil.copytree(daten / "bestand", ziel / "bestand", dirs_exist_ok=True)


@contextmanager
def umgebung(daten: Path, region: Path) -> Iterator[None]:
    """Environment in which the product finds a region and its data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(daten))
        patch.setenv("SOZIALANALYSE_REGION", str(region))
        yield


def geladen(factory: pytest.TempPathFactory, region: Path, audience: store.Audience) -> store.Daten:
    """The data of a region for an audience."""
    with umgebung(datenordner(factory, region), region):
        return store.load(region, audience)
