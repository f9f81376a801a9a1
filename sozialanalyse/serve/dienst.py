"""The web service: reports of the batch, and pages with other parameters for those who want to choose.

One front door, :func:`starte`. The service neither reads deliveries nor knows how data are stored: its
caller hands it a function that loads them, and the stylesheet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from sozialanalyse.base import settings, text
from sozialanalyse.region import Region
from sozialanalyse.serve import logs
from sozialanalyse.serve.context import Audience, Bestand, Dienst
from sozialanalyse.serve.limits import Grenzen
from sozialanalyse.serve.server import ServerFehler, diene

__all__ = ["Bestand", "Grenzen", "ServerFehler", "starte"]


def starte(
    region: Region,
    *,
    port: int,
    audience: Audience,
    notebooks: Path,
    lade: Callable[[], Bestand],
    stil: str,
    ip: str = "127.0.0.1",
    browser: bool = False,
    grenzen: Grenzen | None = None,
    ergebnisse: Path | None = None,
    datenordner: Path | None = None,
    nachfrageordner: Path | None = None,
) -> None:
    """Serve the pages of a region until the process is asked to end.

    Parameters
    ----------
    region
        The region.
    port, ip
        Where to listen.
    audience
        ``oeffentlich``: everybody, protected data only. ``intern``: who holds the key, which is taken
        from ``JUPYTER_TOKEN`` or made anew and printed with the address.
    notebooks
        Folder with the notebooks.
    lade
        Loads the current data for this audience; asked again now and then to notice a new snapshot.
    stil
        Stylesheet of all pages.
    browser
        Whether to open a browser.
    grenzen
        Bounds other than the usual ones.
    ergebnisse
        Folder of the finished pages, if they are not where the region's data are.
    datenordner
        Folder the kernels find their data in, if it is not that of this process.
    nachfrageordner
        Folder of the pages that were asked for, if it is not beside the region's data.

    Raises
    ------
    ServerFehler
        If the port is taken or forbidden, or asked-for pages cannot be kept.
    SozialanalyseFehler
        If there are no data.
    """
    nachfrage = nachfrageordner or settings.nachfrageordner(region.ordner, region.id, audience)
    try:
        settings.eigener_ordner(nachfrage)
    except OSError as error:
        raise ServerFehler(
            text("serve.nachfrage_zu", ort=str(nachfrage), grund=error.strerror or str(error))
        ) from None
    dienst = Dienst(
        region=region,
        audience=audience,
        notebooks=notebooks.resolve(),
        ergebnisse=ergebnisse or settings.ergebnisordner(region.ordner, region.id),
        datenordner=datenordner or settings.datenordner(region.ordner),
        lade=lade,
        stil=stil,
        grenzen=grenzen or Grenzen(),
        nachfrageordner=nachfrage,
    )
    _ = dienst.daten.stichtage  # loads the data now, so that a fault shows here and no visitor waits
    logs.einrichten()
    asyncio.run(diene(dienst, port=port, ip=ip, browser=browser))
