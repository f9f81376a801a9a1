"""The kernel that pages are made with."""

from __future__ import annotations

from contextlib import suppress

from sozialanalyse import kernels, store
from sozialanalyse.base import settings
from sozialanalyse.region import Region


def bereite() -> str:
    """Name of the kernel the reports run with; installs its description and warms its parent first."""
    kernels.install(memory_limit=settings.speichergrenze())
    halte_warm()
    return kernels.NAME


def halte_warm() -> None:
    """Start or renew the warm parent of kernels, or tell it that it is still needed."""
    with suppress(kernels.CannotFork):  # then every kernel starts in the ordinary way, and the log says so
        kernels.warm(kernels.NAME)


def umgebung(region: Region, daten: store.Daten) -> dict[str, str]:
    """Kernels read the same region and the same snapshot as the batch that started them."""
    return {
        "SOZIALANALYSE_REGION": str(region.ordner.absolute()),
        "SOZIALANALYSE_DATEN": str(settings.datenordner(region.ordner).absolute()),
        "SOZIALANALYSE_BESTAND": daten.ordner.name,
        "SOZIALANALYSE_STATISCH": "1",
    }
