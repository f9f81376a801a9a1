"""Snapshots: written beside, checked, made current by one rename; and reading them.

A snapshot is a folder named by its content that is never changed again::

    bestand/<region>/
        aktuell                     name of the current snapshot
        <snapshot>/bestand.json     format, origin of every delivery, row counts, checksums
        <snapshot>/gebiete.parquet, indikatoren.json
        <snapshot>/intern/...       everything, with the cell each count came from and the check report
        <snapshot>/oeffentlich/...  what the public may see, already protected
        <snapshot>/kommune-<id>/... what a Kommune may see, where the region names it
"""

from __future__ import annotations

from sozialanalyse.store import registerverlauf
from sozialanalyse.store.bestand import (
    AUDIENCES,
    FORMAT,
    GRENZEN,
    MERKMALE,
    Audience,
    Berichtigung,
    Inhalt,
    Quelldatei,
    aktueller,
    kennung,
    pruefsumme,
    summen,
    unversehrt,
    werte,
)
from sozialanalyse.store.bestandsvergleich import Bestandsvergleich, liste, vergleiche
from sozialanalyse.store.daten import Daten, Spalte
from sozialanalyse.store.freigabe import freigabe, freigabeordner
from sozialanalyse.store.laden import load
from sozialanalyse.store.schreiben import mache_aktuell, schreibe
from sozialanalyse.store.teile import Teile

__all__ = [
    "AUDIENCES",
    "FORMAT",
    "GRENZEN",
    "MERKMALE",
    "Audience",
    "Berichtigung",
    "Bestandsvergleich",
    "Daten",
    "Inhalt",
    "Quelldatei",
    "Spalte",
    "Teile",
    "aktueller",
    "freigabe",
    "freigabeordner",
    "kennung",
    "liste",
    "load",
    "mache_aktuell",
    "pruefsumme",
    "registerverlauf",
    "schreibe",
    "summen",
    "unversehrt",
    "vergleiche",
    "werte",
]
