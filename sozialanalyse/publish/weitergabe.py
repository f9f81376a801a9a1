"""Finished pages for a stick or a web server: what everybody may read, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sozialanalyse import store, vereinbarung
from sozialanalyse.base import LaufFehler, settings
from sozialanalyse.publish import runs
from sozialanalyse.publish.ablage import FUER_LESENDE, Ablage
from sozialanalyse.region import Region, lade_region

_INTERAKTIV = re.compile(r'<li class="sa-interaktiv">.*?</li>\n?', re.DOTALL)
_LEER = re.compile(r'<ul class="sa sa-dateien"[^>]*>\s*</ul>\n?')


def exportiere(region: str | Path | None, ordner: Path, *, out: str | Path | None = None) -> int:
    """Copy the finished public pages with their files into an empty folder; returns how many pages.

    Links to live pages are left out, since nobody answers them there. Notebooks, records, internal pages
    and hidden files stay behind.

    Parameters
    ----------
    ordner
        New or empty folder.
    out
        Where the results lie, if not in the usual place.

    Raises
    ------
    LaufFehler
        If there are no pages, the folder holds something, or cannot be written.
    """
    place = lade_region(settings.regionsordner(region))
    results = Ablage(out or settings.ergebnisordner(place.ordner, place.id))
    source = results.unter(runs.bereich("oeffentlich"))
    names = sorted(name for name in source.namen() if name.endswith(FUER_LESENDE))
    if "index.html" not in names:
        raise LaufFehler(
            f"Unter {source} gibt es noch keine fertigen Seiten. Bitte zuerst „sozialanalyse run“ ausführen."
        )
    _pruefe_vereinbarung(place, source)
    try:
        if ordner.exists() and any(ordner.iterdir()):
            raise LaufFehler(f"Der Ordner {ordner} ist nicht leer. Bitte einen neuen nennen.")
        target = Ablage(ordner)
        for name in names:
            target.schreibe(name, _for_elsewhere(name, source.lies_datei(name)))
    except OSError as error:
        raise LaufFehler(
            f"Nach {ordner} lässt sich nicht schreiben ({error.strerror or error}). "
            "Bitte Platz und Schreibrechte prüfen; der Ordner ist unvollständig."
        ) from None
    return sum(name.endswith(".html") for name in names)


def _pruefe_vereinbarung(region: Region, source: Ablage) -> None:
    """Refuse pages of another snapshot than today's where an agreement says what may be handed out.

    Raises
    ------
    LaufFehler, BestandFehler
        If pages or snapshot are of a day on which more was open.
    """
    if not (region.ordner / vereinbarung.DATEI).exists():
        return
    current = store.load(region, "oeffentlich").ordner.name
    records = sorted(name for name in source.namen() if name.count("/") == 1 and name.endswith(".json"))
    for content in source.lies_alle(records).values():
        made = json.loads(content).get("fingerabdruck", {}).get("bestand", current)
        if made != current:
            raise LaufFehler(
                f"Die fertigen Seiten stammen aus dem Datenbestand {made}; heute gilt {current}. Bitte zuerst „sozialanalyse run“ "
                "ausführen, damit nichts hinausgeht, was die Vereinbarung nicht mehr erlaubt."
            )


def _for_elsewhere(name: str, content: bytes) -> bytes:
    """A page without its link to the live one."""
    if not name.endswith(".html"):
        return content
    return _LEER.sub("", _INTERAKTIV.sub("", content.decode())).encode()
