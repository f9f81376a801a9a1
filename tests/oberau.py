"""An invented county of two Kommunen and five areas, filled into the skeleton as a planner would."""

from __future__ import annotations

from pathlib import Path

import openpyxl

GEBIETE = """ags;name;kuerzel;aliase;flaeche_qkm;sondereffekt
09999001;Oberstadt;O;Stadt Oberstadt|Oberstadt, St.;12,5;
09999002;Unterdorf;U;;8,25;Kaserne
"""
SOZIALRAEUME = """id;name;kommune;aliase;flaeche_qkm;sondereffekt
O 1;Altstadt;09999001;;;
O 2;Nordhang;09999001;;;
O 3;;09999001;;;
U 1;Dorfkern;09999002;;;
U 2;Siedlung;09999002;Sozialraum U2;;
"""
EINWOHNER = """Einwohner am 31.12.2023

Gebiet;Einwohner;unter 18
O 1;1.250;200
O 2;2.310;462
O3;980;*
U 1;1.840;276
Sozialraum U2;1.120;252
Summe;7.500;1.300
Quelle: Einwohnermeldeamt
"""
JOBCENTER = [
    ["Jobcenter, Leistungen nach SGB II"],
    ["Stand: 31.12.2023"],
    [],
    ["Sozialraum", "Regelleistungsberechtigte"],
    ["O 1", 125],
    ["O 2", 462],
    ["O 3", 49],
    ["U 1", 92],
    ["U 2", 168],
    ["Summe", 896],
]
SEITE_JOBCENTER = """id: jobcenter
name: Leistungen nach SGB II
zeile_ist: ein Sozialraum am Stichtag
quelle: {anbieter: Jobcenter, lizenz: nur für die Sozialplanung}
dateien: jobcenter/*.xlsx
symbolprofil: standard
sperrprofil: ba_sgb
tabelle:
  format: excel
  kopf: {erkennbar_an: Sozialraum}
  schluessel: {spalten: [Sozialraum], summen: '^Summe'}
  stichtag: {aus: zelle, muster: 'Stand: (\\S+)'}
felder:
  rlb: {spalte: Regelleistungsberechtigte}
indikatoren:
  SGB2:
    name: Anteil mit Leistungen nach SGB II
    kurz: SGB II
    thema: soziooekonomie
    zaehler: rlb
    nenner: einwohner.ew
    polaritaet: "+"
    mindestnenner: 30
"""


def ersetze(pfad: Path, *paare: tuple[str, str]) -> None:
    """Replace lines by how they begin; a beginning that does not occur is an error of the test."""
    lines = pfad.read_text(encoding="utf-8").splitlines()
    for beginning, line in paare:
        places = [i for i, old in enumerate(lines) if old.strip().startswith(beginning)]
        assert len(places) == 1, (beginning, places)
        indent = len(lines[places[0]]) - len(lines[places[0]].lstrip())
        lines[places[0]] = " " * indent + line
    pfad.write_text("\n".join(lines) + "\n", encoding="utf-8")


def region(ordner: Path) -> None:
    """Step 1: the region page."""
    ersetze(
        ordner / "region.yml",
        ("name: <", "name: Kreis Oberau"),
        ("herausgeber: <", "herausgeber: Kreis Oberau, Sozialplanung"),
        ("schluessel_region: <", 'schluessel_region: "09999"'),
    )


def gebiete(ordner: Path) -> None:
    """Step 2: the list of Kommunen."""
    (ordner / "gebiete.csv").write_text(GEBIETE, encoding="utf-8")


def sozialraeume(ordner: Path) -> None:
    """Step 3: the list of small areas, saved as Excel does."""
    (ordner / "sozialraeume.csv").write_bytes(SOZIALRAEUME.replace("\n", "\r\n").encode("cp1252"))


def seite(ordner: Path) -> None:
    """Step 4: the example page."""
    ersetze(
        ordner / "indikatoren" / "beispiel.yml",
        ("anbieter: <", "anbieter: Melderegister"),
        ("lizenz: <", "lizenz: nur für die Sozialplanung"),
        ("# ende:", "ende: '^Quelle'"),
        ("# summen:", "summen: '^Summe'"),
    )


def lieferung(ordner: Path) -> None:
    """Step 5: the first delivery, a text file of Windows."""
    target = ordner / "lieferungen" / "einwohner" / "Einwohner_2023-12-31.csv"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(EINWOHNER.replace("\n", "\r\n").encode("cp1252"))


def zweite_lieferung(ordner: Path) -> None:
    """Another dataset with its page, a workbook."""
    (ordner / "indikatoren" / "jobcenter.yml").write_text(SEITE_JOBCENTER, encoding="utf-8")
    book = openpyxl.Workbook()
    for row in JOBCENTER:
        book.active.append(row)
    target = ordner / "lieferungen" / "jobcenter" / "SGB2_2023.xlsx"
    target.parent.mkdir(exist_ok=True)
    book.save(target)


SCHRITTE = (region, gebiete, sozialraeume, seite, lieferung)


def fuelle(ordner: Path) -> None:
    """All steps at once."""
    for schritt in (*SCHRITTE, zweite_lieferung):
        schritt(ordner)
