"""What a publication needs: nothing hidden follows from it, it is in the register, the attack report says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from sozialanalyse import geheimhaltung, settings, store
from sozialanalyse.betrieb.seiten import rahmen
from sozialanalyse.catalogue import lade_katalog
from sozialanalyse.errors import LaufFehler, SozialanalyseFehler
from sozialanalyse.present import theme
from sozialanalyse.publish import runs, schutzbericht
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import seite
from sozialanalyse.region import Region
from sozialanalyse.texts import text

SCHUTZBERICHT = f"{runs.bereich('intern')}geheimhaltung.html"
"""Name of the attack report among the results."""


def pruefe_veroeffentlichung(region: Region) -> None:
    """Refuse to publish a snapshot from which hidden values follow.

    Raises
    ------
    LaufFehler
        With the reasons, the first ten of them.
    """
    inside = store.load(region, "intern")
    narrow = inside.schutz("ziele").query("~geschuetzt")
    if not len(narrow):
        return
    seen = geheimhaltung.register.bekannt(settings.registerordner(region.ordner, region.id))
    reasons = geheimhaltung.register.gruende(
        narrow, seen, geheimhaltung.register.nachfolger(inside.umstiege())
    )
    more = f"\n… und {len(reasons) - 10} weitere" if len(reasons) > 10 else ""
    raise LaufFehler(
        "Dieser Datenbestand darf so nicht veröffentlicht werden; gesperrte Werte ließen sich eingrenzen:\n"
        + "\n".join(reasons[:10]) + more
        + "\nBitte die Sperrprofile strenger fassen oder den Stichtag nicht veröffentlichen."
    )  # fmt: skip


def pruefe_schutz(region: Region, out: str | Path | None = None) -> tuple[int, int, str]:
    """Write the attack report; returns how many quantities are too narrow, of how many, and the address."""
    inside, public = store.load(region, "intern"), store.load(region, "oeffentlich")
    targets = inside.schutz("ziele")
    place = Ablage(out or settings.ergebnisordner(region.ordner, region.id))
    address = _bericht(region, inside, public, place)
    return int((~targets["geschuetzt"]).sum()), len(targets), address


def verzeichne(region: Region, ablage: Ablage) -> str:
    """Enter the publication in the register and write the attack report; returns its address."""
    public, inside = store.load(region, "oeffentlich"), store.load(region, "intern")
    folder = settings.registerordner(region.ordner, region.id)
    geheimhaltung.register.verzeichne(
        folder, public.werte(level=None), bestand=public.ordner.name, audience="oeffentlich", am=date.today()
    )
    return _bericht(region, inside, public, ablage)


def verzeichnet(region: Region, public: store.Daten, ablage: Ablage) -> bool:
    """Whether the publication of this snapshot is in the register and the attack report lies there."""
    folder = settings.registerordner(region.ordner, region.id)
    entry = geheimhaltung.register.eintrag(folder, public.ordner.name, "oeffentlich")
    return entry is not None and ablage.hat(SCHUTZBERICHT)


def _bericht(region: Region, inside: store.Daten, public: store.Daten, ablage: Ablage) -> str:
    """Write the attack report of the current snapshot; returns its address."""
    content = schutzbericht.inhalt(
        region,
        inside.indikatoren(),
        {name: seite.name for name, seite in lade_katalog(region).datensaetze.items()},
        inside.ordner.name,
        inside.schutz("bilanz"),
        inside.schutz("ziele"),
        _without_value(inside, public),
        geheimhaltung.register.eintraege(settings.registerordner(region.ordner, region.id)),
    )
    frame = replace(
        rahmen(region, inside), titel=text("geheimhaltung.titel"), wurzel=f"../{runs.bereich('oeffentlich')}", navigation=(),
        stil=theme.stylesheet(), stil_datei="", skripte=(),
    )  # fmt: skip
    ablage.schreibe(SCHUTZBERICHT, seite(content, frame))
    return ablage.adresse(SCHUTZBERICHT)


def _without_value(inside: store.Daten, public: store.Daten) -> pd.Series:
    """Per dataset: mean share of the population in small areas whose value is hidden."""
    try:
        people = inside.bevoelkerung()
    except SozialanalyseFehler:
        people = pd.Series(1.0, index=inside.verzeichnis().index)
    keys = ["gebiet_id", "indikator_id", "stichtag"]
    both = inside.werte().merge(public.werte()[[*keys, "wert"]], on=keys, suffixes=("", "_frei"))
    both = both[both["wert"].notna()].assign(einwohner=lambda f: f["gebiet_id"].map(people).fillna(0))
    both["verdeckt"] = both["einwohner"].where(both["wert_frei"].isna(), 0)
    both["datensatz"] = both["indikator_id"].map(inside.indikatoren()["datensatz"])
    sums = both.groupby("datensatz")[["verdeckt", "einwohner"]].sum()
    return sums["verdeckt"] / sums["einwohner"].clip(lower=1)
