"""Deliveries that nobody has to send: fetched where their page says, kept untouched, with hash, time and source.

Fetching is the only time the network is asked for data; building reads what lies there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sozialanalyse.fetch import adresse, datenbank, kommonitorquelle
from sozialanalyse.fetch.eingang import HERKUNFT, Geholt, lege_ab
from sozialanalyse.kommonitor import Verbindung
from sozialanalyse.region import DatensatzSeite, KommonitorAbruf, PostgisAbruf, UrlAbruf

__all__ = ["HERKUNFT", "Geholt", "hole", "lege_ab"]


def hole(
    seiten: Mapping[str, DatensatzSeite],
    lieferungen: Path,
    server: Callable[[], Verbindung],
    *,
    pruefe: Callable[[Path, DatensatzSeite], None] = lambda *_: None,
    melder: Callable[[str, int, int], None] = lambda *_: None,
) -> list[Geholt]:
    """Fetch the deliveries of some pages; a page's files are kept only when all of them are there.

    Parameters
    ----------
    seiten
        Dataset pages by id; those without ``abruf`` are left out.
    server
        Makes the connection to KomMonitor when it is needed.
    pruefe
        Asked about each file and its page before it takes its place.

    Raises
    ------
    SozialanalyseFehler
        With the reason; pages fetched before it keep what they got.
    """
    found: list[Geholt] = []
    views = {name: page.abruf for name, page in seiten.items() if isinstance(page.abruf, PostgisAbruf)}
    tables = dict(zip(views, datenbank.hole(list(views.values())), strict=True)) if views else {}
    connection: Verbindung | None = None
    try:
        for name, page in seiten.items():
            files: Sequence[kommonitorquelle.Datei] = ()
            if isinstance(page.abruf, KommonitorAbruf):
                connection = connection or server()
                files = kommonitorquelle.hole(page.abruf, connection, melder)
            elif isinstance(page.abruf, UrlAbruf):
                files = [adresse.hole(page.abruf)]
            elif name in tables:
                files = [tables[name]]
            for position, (place, content, origin) in enumerate(files):

                def look(path: Path, page: DatensatzSeite = page, first: bool = position == 0) -> None:
                    if first:  # the others are shapes
                        pruefe(path, page)

                found.append(lege_ab(name, lieferungen / place, content, origin, look))
    finally:
        if connection is not None:
            connection.__exit__()
    return found
