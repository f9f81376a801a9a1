"""What a publication needs: nothing hidden follows from it, it is in the register, the attack report says so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from sozialanalyse import geheimhaltung, store
from sozialanalyse.base import LaufFehler, SozialanalyseFehler, settings, text, vorschlag
from sozialanalyse.present import theme
from sozialanalyse.publish import runs, schutzbericht
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.einband import rahmen
from sozialanalyse.publish.html import ganze_seite
from sozialanalyse.region import Region, Sperrprofil, lade_katalog

SCHUTZBERICHT = f"{runs.bereich('intern')}geheimhaltung.html"
"""Name of the attack report among the results."""


def regelstand(region: Region, inside: store.Daten) -> geheimhaltung.regelstand.Regelstand:
    """Whether the rules in the region folder are still those the snapshot was built with."""
    now = {key: found.sperrprofil for key, found in lade_katalog(region).indikatoren.items()}
    before = inside.indikatoren()["sperrprofil"]
    profile = {key: Sperrprofil(**values) for key, values in inside.bestand["sperrprofile"].items()}
    return geheimhaltung.regelstand.vergleiche(
        {str(key): profile[name] for key, name in before.items()},
        {key: region.seite.sperrprofile[name] for key, name in now.items()},
    )


def pruefe_veroeffentlichung(region: Region) -> str:
    """Refuse to publish a snapshot from which hidden values follow or whose rules are looser than the region's.

    Returns
    -------
    str
        What the public sees under other rules than those of the region folder, and what earlier publications have
        told already; empty if there is neither.

    Raises
    ------
    LaufFehler
        With the reasons, the first ten of them.
    """
    inside = store.load(region, "intern")
    rules = regelstand(region, inside)
    if rules.strenger:
        raise LaufFehler(
            f"{rules.satz()} So darf er nicht veröffentlicht werden. Bitte zuerst „sozialanalyse build“ ausführen."
        )
    narrow = _ziele(inside).query("~geschuetzt")
    told = narrow["schon_bekannt"]
    if not told.all():
        raise LaufFehler(
            "Dieser Datenbestand darf so nicht veröffentlicht werden; gesperrte Werte ließen sich eingrenzen:\n"
            + _gruende(region, inside, narrow[~told])
            + "\nBitte den Stichtag oder einen der Indikatoren nicht veröffentlichen; was ein Profil verlangt, steht in region.yml."
        )
    if not len(narrow):
        return rules.satz()
    subject = "Eine Größe ist" if len(narrow) == 1 else f"{len(narrow)} Größen sind"
    verb = "lässt" if len(narrow) == 1 else "lassen"
    return (
        f"{rules.satz()}\n{subject} schon öffentlich und {verb} sich nicht mehr schützen; alles andere richtet sich nach "
        f"den Regeln:\n{_gruende(region, inside, narrow)}\nKonnte die frühere Fassung niemand sehen, nimmt „sozialanalyse "
        "schutz --zuruecknehmen“ sie zurück."
    ).lstrip()


def _ziele(inside: store.Daten) -> pd.DataFrame:
    """Protected quantities; a snapshot of an earlier version knows of none that was public before."""
    table = inside.schutz("ziele")
    return table if "schon_bekannt" in table else table.assign(schon_bekannt=False)


def _gruende(region: Region, inside: store.Daten, narrow: pd.DataFrame) -> str:
    """The first ten reasons."""
    seen = geheimhaltung.register.bekannt(settings.registerordner(region.ordner, region.id))
    former = geheimhaltung.register.nachfolger(inside.umstiege())
    reasons = geheimhaltung.register.gruende(narrow[:10], seen, former)
    more = [f"… und {len(narrow) - 10} weitere"] if len(narrow) > 10 else []
    return "\n".join([*reasons, *more])


def pruefe_schutz(region: Region, out: str | Path | None = None) -> tuple[int, int, int, str, str]:
    """Write the attack report.

    Returns
    -------
    tuple
        How many quantities are too narrow, how many are public already, of how many, the address, and whether the
        rules have changed since.
    """
    inside, public = store.load(region, "intern"), store.load(region, "oeffentlich")
    targets = _ziele(inside)
    place = Ablage(out or settings.ergebnisordner(region.ordner, region.id))
    address = _bericht(region, inside, public, place, vergleich=True)
    changed = regelstand(region, inside).satz()
    told = int(targets["schon_bekannt"].sum())
    return int((~targets["geschuetzt"]).sum()) - told, told, len(targets), address, changed


def verzeichne(region: Region, public: store.Daten) -> None:
    """Enter a publication in the register; done before the public can see anything of it.

    Raises
    ------
    LaufFehler
        If it cannot be entered; then nothing may be shown.
    """
    folder = settings.registerordner(region.ordner, region.id)
    if geheimhaltung.register.eintrag(folder, public.ordner.name, public.audience):
        return
    try:
        geheimhaltung.register.verzeichne(
            folder,
            public.werte(level=None),
            bestand=public.ordner.name,
            audience=public.audience,
            am=date.today(),
        )
    except OSError as error:
        raise LaufFehler(
            f"Die Veröffentlichung lässt sich nicht verzeichnen ({folder}: {error.strerror or error}). Ohne Eintrag "
            "wird nichts veröffentlicht; bitte freien Platz und Schreibrechte prüfen."
        ) from None


def schreibe_bericht(region: Region, ablage: Ablage) -> str:
    """Write the attack report of the current snapshot; returns its address."""
    return _bericht(region, store.load(region, "intern"), store.load(region, "oeffentlich"), ablage)


def nimm_zurueck(
    region: Region, bestand: str, *, grund: str, name: str, out: str | Path | None = None
) -> int:
    """Take back the publication of a snapshot that nobody outside could see; returns how many files went.

    Its finished pages go first, so that nothing is shown that is in no register.

    Raises
    ------
    LaufFehler
        If no publication of that snapshot is entered, or files cannot be removed or moved.
    """
    folder = settings.registerordner(region.ordner, region.id)
    entries = geheimhaltung.register.eintraege(folder).query("audience == 'oeffentlich'")
    fits = entries[entries["bestand"].str.startswith(bestand)]
    if len(fits) != 1 or not bestand:
        known = vorschlag(bestand, entries["bestand"])
        raise LaufFehler(f"Zu „{bestand}“ ist keine eindeutige Veröffentlichung verzeichnet. {known}")
    results = Ablage(out or settings.ergebnisordner(region.ordner, region.id))
    place = results.unter(runs.bereich("oeffentlich"))
    names = place.namen()
    records = sorted(one for one in names if one.count("/") == 1 and one.endswith(".json"))
    gone = {"index.html"} & names
    for record, content in place.lies_alle(records).items():
        if json.loads(content).get("fingerabdruck", {}).get("bestand") == fits["bestand"].iloc[0]:
            gone |= {one for one in names if one.startswith(record.removesuffix("json"))}
    try:
        for one in sorted(gone):
            place.loesche(one)
        kept = settings.nachfrageordner(region.ordner, region.id, "oeffentlich").parent
        for path in kept.glob("*/*/*"):  # pages of other snapshots are made again when somebody asks
            path.unlink(missing_ok=True)
        geheimhaltung.register.nimm_zurueck(
            folder, folder / fits["datei"].iloc[0], grund=grund, name=name, am=date.today()
        )
    except OSError as error:
        raise LaufFehler(f"Das lässt sich nicht zurücknehmen ({error.strerror or error}).") from None
    return len(gone)


def _alternativen(region: Region, inside: store.Daten) -> pd.DataFrame:
    areas = pd.concat([inside.verzeichnis(level) for level in ("region", "kommune", "sozialraum")])
    return geheimhaltung.alternativen(
        inside.werte(level=None), areas, lade_katalog(region), region.seite.sperrprofile, inside.merkmale()
    )


def _bericht(
    region: Region, inside: store.Daten, public: store.Daten, ablage: Ablage, *, vergleich: bool = False
) -> str:
    """Write the attack report of the current snapshot, with what could be done instead; returns its address."""
    content = schutzbericht.inhalt(
        region,
        inside.indikatoren(),
        {name: seite.name for name, seite in lade_katalog(region).datensaetze.items()},
        inside.ordner.name,
        inside.schutz("bilanz"),
        _ziele(inside),
        _without_value(inside, public),
        geheimhaltung.register.eintraege(settings.registerordner(region.ordner, region.id)),
        inside.schutz("identitaeten"),
        _alternativen(region, inside) if vergleich else pd.DataFrame(),
    )
    frame = replace(
        rahmen(region, inside), titel=text("geheimhaltung.titel"), wurzel=f"../{runs.bereich('oeffentlich')}", navigation=(),
        stil=theme.stylesheet(), stil_datei="", skripte=(),
    )  # fmt: skip
    ablage.verschliesse(runs.bereich("intern"))
    ablage.schreibe(SCHUTZBERICHT, ganze_seite(content, frame))
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
