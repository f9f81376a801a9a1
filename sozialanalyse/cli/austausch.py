"""Commands that ask other machines: fetching deliveries, writing results to KomMonitor."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from sozialanalyse.base import settings
from sozialanalyse.cli.ausgabe import Fortschritt, aufruf, kurz, viele

Neu = Callable[[str, Any, str], argparse.ArgumentParser]


def melde_an(command: Neu, region: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the commands of this module to the parser."""
    sub = command(
        "holen", holen, "Lieferungen abrufen, deren Datensatzseite sagt, woher: KomMonitor, PostGIS, Adressen"
    )
    sub.add_argument("datensatz", nargs="*", metavar="DATENSATZ", help="nur diese Datensätze")
    region(sub)
    _nachts(sub)
    sub = command(
        "vereinbarung",
        vereinbarung,
        "Vereinbarung zur gemeinsamen Nutzung prüfen und als Anhang schreiben, auch in Einfacher Sprache",
    )
    region(sub)
    sub.add_argument("--out", metavar="ORDNER", help="Seiten hierhin schreiben")
    sub = command(
        "kommonitor", kommonitor, "Ergebnisse nach KomMonitor geben: planen, ausführen, zurücknehmen"
    )
    sub.add_argument(
        "schritt",
        choices=["plan", "apply", "zurueck"],
        metavar="SCHRITT",
        help="plan zeigt, was sich ändern würde; apply führt genau diesen Plan aus; zurueck stellt wieder her, was davor dastand",
    )
    sub.add_argument(
        "schluessel",
        nargs="?",
        metavar="SCHLUESSEL",
        help="Schlüssel des Plans, wie „plan“ ihn nennt; zu apply und zurueck",
    )
    region(sub)
    _nachts(sub)


def _nachts(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--nachts", action="store_true", help="mit dem Dienstkonto statt mit einer Anmeldung im Browser"
    )


def _sage(satz: str) -> None:
    print(satz, file=sys.stderr, flush=True)


def holen(arguments: argparse.Namespace) -> int:
    from sozialanalyse import austausch
    from sozialanalyse.region import lade_region

    place = lade_region(settings.regionsordner(arguments.region))
    bar = Fortschritt("Abruf")
    try:
        found = austausch.hole(
            place, arguments.datensatz, nachts=arguments.nachts, sage=_sage, melder=bar.set
        )
    finally:
        bar.close()
    for one in found:
        print(
            f"{one.datensatz}: {kurz(one.pfad)} {'neu' if one.neu else 'unverändert'} (sha256 {one.sha256[:12]}…)"
        )
    print(
        f"{viele(sum(one.neu for one in found), 'Lieferung', 'Lieferungen')} neu, {sum(not one.neu for one in found)} unverändert."
    )
    return 0


def vereinbarung(arguments: argparse.Namespace) -> int:
    from sozialanalyse import austausch
    from sozialanalyse.region import lade_region

    place = lade_region(settings.regionsordner(arguments.region))
    for address in austausch.schreibe_anhang(place, arguments.out):
        print(address)
    return 0


def kommonitor(arguments: argparse.Namespace) -> int:
    from sozialanalyse import austausch
    from sozialanalyse.region import lade_region

    place = lade_region(settings.regionsordner(arguments.region))
    bar = Fortschritt("KomMonitor")
    options = {"nachts": arguments.nachts, "sage": _sage, "melder": bar.set}
    try:
        if arguments.schritt == "plan":
            plan, page = austausch.plane(place, **options)
            lines = [*austausch.plansaetze(plan), f"Als Seite: {kurz(page)}"]
            if plan.zu_tun:
                lines.append(f"Ausführen mit: {aufruf()} kommonitor apply {plan.schluessel[:16]}")
        else:
            step = austausch.wende_an if arguments.schritt == "apply" else austausch.nimm_zurueck
            lines = step(place, arguments.schluessel or "", **options)
    finally:
        bar.close()
    print("\n".join(lines))
    return 0


def gruende(arguments: argparse.Namespace) -> int:
    """``init --kommonitor``."""
    from sozialanalyse import austausch

    bar = Fortschritt("Abruf")
    try:
        found = austausch.gruende(arguments.kommonitor, arguments.ordner, melder=bar.set)
    finally:
        bar.close()
    areas, towns = viele(found.gebiete, "Gebiet", "Gebiete"), viele(found.kommunen, "Kommune", "Kommunen")
    print(
        f"Der Regionsordner liegt in {arguments.ordner}: {areas} in {towns}, {viele(len(found.seiten), 'Seite', 'Seiten')}."
    )
    print("Bitte bestätigen:", file=sys.stderr)
    for number, sentence in enumerate(found.bestaetigen, start=1):
        print(f"  {number}. {sentence}", file=sys.stderr)
    print(f"Was noch offen ist, sagt: {aufruf()} check --region {arguments.ordner}")
    return 0
