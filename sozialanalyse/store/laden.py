"""Which snapshot to read, for whom."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from sozialanalyse import vereinbarung
from sozialanalyse.base import BestandFehler, DatenFehler, settings
from sozialanalyse.region import LEVELS, Region, lade_region
from sozialanalyse.store.bestand import Audience, aktueller
from sozialanalyse.store.daten import Daten


def load(
    region: str | Path | Region | None = None, audience: Audience = "oeffentlich", bestand: str | None = None
) -> Daten:
    """Load the harmonised data of a region.

    Parameters
    ----------
    region
        Region folder; default as in :func:`sozialanalyse.base.settings.regionsordner`.
    audience
        ``oeffentlich`` (protected data, the default: what is made with them may be shown), ``intern``
        (everything, only if asked for) or ``kommune:<id>`` (own areas as its rules allow, the others as
        public).
    bestand
        Name of a snapshot; default that of the environment variable ``SOZIALANALYSE_BESTAND``, else the
        current one.

    Returns
    -------
    Daten

    Raises
    ------
    BestandFehler
        If there is no snapshot, or it is damaged or of another version.
    """
    place = region if isinstance(region, Region) else lade_region(settings.regionsordner(region))
    try:
        place.pruefe_audience(audience)
    except ValueError as error:
        raise DatenFehler(str(error)) from None
    ordner = settings.bestandsordner(place.ordner, place.id)
    name = bestand or os.environ.get("SOZIALANALYSE_BESTAND") or aktueller(ordner)
    if name is None:
        raise BestandFehler(
            f"Für {place.name} gibt es noch keinen Datenbestand. Bitte zuerst „sozialanalyse build“ ausführen."
        )
    found = Daten(place, audience, ordner / name)
    _pruefe_vereinbarung(found)
    return found


def _pruefe_vereinbarung(daten: Daten) -> None:
    """Refuse numbers that the agreement does not open to the audience today; rights that ran out close what they opened.

    Raises
    ------
    BestandFehler
        If the snapshot, made on another day, still shows any.
    """
    agreed = vereinbarung.lade(daten.region)
    if (
        agreed.seite is None
        or daten.audience == "intern"
        or agreed.stand() == daten.bestand.get("vereinbarung")
    ):
        return
    shown = daten.werte(level=None).dropna(subset="wert")
    levels = pd.concat([daten.verzeichnis(level)["level"] for level in LEVELS])
    gone = agreed.verdeckt(shown, daten.audience, levels, daten.woraus())
    if (gone != "").any():
        row = shown[gone != ""].iloc[0]
        raise BestandFehler(
            f"Der Datenbestand zeigt mehr, als die Vereinbarung heute erlaubt (zum Beispiel {row['indikator_id']} zum Stichtag "
            f"{row['stichtag']}). Bitte „sozialanalyse build“ ausführen; vorher wird nichts gezeigt."
        )
