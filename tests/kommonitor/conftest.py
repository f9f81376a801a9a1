"""A county inside a fake KomMonitor of any generation, and a login server whose tokens are real."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from kommonitor_fake import Fake
from kommonitor_kreis import Kreis, fuelle
from oidc_fake import Oidc

from sozialanalyse.base import netz
from sozialanalyse.kommonitor import anmeldung


@pytest.fixture(scope="session")
def _oidc() -> Iterator[Oidc]:
    server = Oidc()
    yield server
    server.close()


@pytest.fixture
def oidc(_oidc: Oidc, monkeypatch: pytest.MonkeyPatch) -> Oidc:
    """The login server with its accounts as they are at the beginning."""
    roles = ["Sozialplanung.client-resources-creator"]
    _oidc.dienste = {"nacht": ("geheim-7f3a", ["/Sozialplanung"], [*roles, "Sozialplanung-creator"])}
    _oidc.personen = {"planerin": (["/Kreis/Sozialplanung"], roles), "ahausen": (["/Stadt Ahausen"], [])}
    _oidc.dauer, _oidc.freigabe, _oidc.nachfragen = 300, None, 1
    monkeypatch.setenv(anmeldung.GEHEIMNIS, "geheim-7f3a")
    monkeypatch.setattr(netz, "PAUSE", 0.0)
    return _oidc


@pytest.fixture
def neuer_kreis(oidc: Oidc) -> Iterator[Callable[..., Kreis]]:
    """Make counties; their servers end with the test."""
    running: list[Fake] = []

    def make(generation: str = "5.2", kommunen: int = 3, je: int = 3) -> Kreis:
        fake = Fake(generation, oidc.pruefe).__enter__()
        running.append(fake)
        return fuelle(fake, kommunen, je)

    yield make
    for fake in running:
        fake.__exit__()
