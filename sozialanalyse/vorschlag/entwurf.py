"""From a delivered file to the draft of its dataset page, tried by the real reading before anybody sees it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sozialanalyse import build
from sozialanalyse.base import settings, yamlio
from sozialanalyse.region import DatensatzSeite, Region, lade_region
from sozialanalyse.vorschlag.angaben import Angaben
from sozialanalyse.vorschlag.lesart import Lesart
from sozialanalyse.vorschlag.seitenentwurf import Vorlage, schreibe


@dataclass(frozen=True)
class Entwurf:
    """A drafted page, what is open in it, and what it reads."""

    text: str = field(repr=False)
    seite: DatensatzSeite = field(repr=False)
    """The page with placeholders filled for the trial."""
    offen: tuple[str, ...]
    """What the file does not tell."""
    bestaetigen: tuple[str, ...]
    """What was decided but should be confirmed."""
    probe: build.Probe = field(repr=False)
    dateien: tuple[Path, ...]
    ablage: str
    """Where the files are looked for below the deliveries."""

    def bilanz(self) -> str:
        """What the page reads, as a German sentence."""
        frame = self.probe.merkmale
        known = int(frame["wert"].notna().sum())
        days = sorted(set(frame["stichtag"].astype(str)))
        areas = frame["gebiet_id"].astype(str).nunique()
        if not len(frame):
            return "Mit dieser Seite wird noch keine Zahl gelesen."
        fields = frame["feld"].astype(str).nunique()
        return (
            f"Gelesen wurden {_viele(known, 'Zahl', 'Zahlen')} und {_viele(len(frame) - known, 'Lücke', 'Lücken')} aus "
            f"{_viele(len(self.dateien), 'Datei', 'Dateien')}: {_viele(areas, 'Gebiet', 'Gebiete')}, "
            f"{_viele(fields, 'Feld', 'Felder')}, {_viele(len(days), 'Stichtag', 'Stichtage')} ({', '.join(days)})."
        )


def _viele(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}".replace(",", ".")


def entwirf(datei: Path, region: str | Path | Region | None = None) -> Entwurf:
    """Draft the page of a delivered file for a region.

    Parameters
    ----------
    datei
        A workbook or a delimited text. Files of the same form and a similar name beside it belong to it.
    region
        Region folder; default as everywhere.

    Returns
    -------
    Entwurf
        The page as commented YAML, tried on the files by the reading of a build.

    Raises
    ------
    PruefFehler
        If the file is no table, or none of its columns names areas of the region.
    """
    place = region if isinstance(region, Region) else lade_region(settings.regionsordner(region))
    lesart = Lesart(datei, place, build.lies_gebiete(place))
    return _tried(lesart, Angaben(lesart).vorlage())


def _tried(lesart: Lesart, page: Vorlage) -> Entwurf:
    """Read the files with the drafted page, as it will stand in the file; what fails is open."""
    days = _reporting(lesart)
    region = Region(lesart.region.ordner, lesart.region.seite.model_copy(update={"stichtage": days}))
    offen, bestaetigen = list(lesart.offen), list(lesart.bestaetigen)

    def read(draft: Vorlage) -> tuple[DatensatzSeite, build.Probe]:
        seite = probeseite(schreibe(draft), days[-1])
        return seite, build.probe(region, seite, lesart.lieferung.pfade, lesart.gebiete)

    seite, probe = read(page)
    missing = [
        found for found in probe.befunde if found.regel == "vollstaendig" and found.schwere == "fehler"
    ]
    if missing:
        page = replace(page, vollstaendig=False)
        bestaetigen.append(f"{missing[0].text} Deshalb „vollstaendig: false“; bitte bestätigen.")
        seite, probe = read(page)
    named = " ".join(offen)
    faults = [found for found in probe.befunde if found.schwere == "fehler" and found.regel != "gebiet"]
    offen += [str(found) for found in faults[:8] if found.text not in named]
    asked = [
        f"quelle → {key}: {value.strip('<>')}" for key, value in page.quelle.items() if value.startswith("<")
    ]
    paths = lesart.lieferung.pfade
    entwurf = Entwurf("", seite, (*asked, *offen), tuple(bestaetigen), probe, paths, page.dateien)
    return replace(entwurf, text=schreibe(replace(page, kopfzeilen=_preface(lesart, entwurf))))


def _reporting(lesart: Lesart) -> list[date]:
    """Dates of the reporting; where none of those delivered is among them, these too, to try the page."""
    own = {date.fromisoformat(day) for day in lesart.region.stichtage}
    return sorted(own | lesart.zeit.tage if lesart.zeit.unbekannt else own)


def probeseite(text: str, tag: date) -> DatensatzSeite:
    """A drafted page with a date in place of one that is open, so that it can be tried.

    Raises
    ------
    PruefFehler
        If the text is no page; that would be a defect of the draft.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "entwurf.yml"
        path.write_text(text, encoding="utf-8")
        document = yamlio.lesen(path)
    rule = document.inhalt["tabelle"]["stichtag"]
    if str(rule.get("wert", "")).startswith("<"):
        rule["wert"] = tag.isoformat()
    return yamlio.pruefen(DatensatzSeite, document)


def _preface(lesart: Lesart, entwurf: Entwurf) -> tuple[str, ...]:
    lines = [f"Entwurf einer Datensatzseite, aus {lesart.datei.name}. {entwurf.bilanz()}"]
    if not entwurf.dateien[0].is_relative_to(lesart.region.lieferungen):
        lines.append(
            "Die Datei liegt noch nicht unter den Lieferungen; „dateien“ gilt, sobald sie dort liegt."
        )
    for title, entries in (("Noch offen:", entwurf.offen), ("Bitte bestätigen:", entwurf.bestaetigen)):
        if entries:
            lines += ["", title, *(f"  {number}. {entry}" for number, entry in enumerate(entries, start=1))]
    return tuple(lines)
