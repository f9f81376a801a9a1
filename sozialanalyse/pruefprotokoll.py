"""What a supplier is told about a delivery: a polite letter with every place, as HTML and XLSX.

One protocol per dataset or list of projects, and per Kommune where each delivers files of its own. It names files, sheets and cells but repeats no number of a small area, so it
can be mailed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import openpyxl
from jinja2 import Environment, StrictUndefined, Template
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sozialanalyse.base import Befund, LaufFehler, runden, settings, text, zahl_knapp
from sozialanalyse.region import DatensatzSeite, Feld, Region

_RANG = {"fehler": 0, "warnung": 1, "hinweis": 2}
_BITTEN = {
    "fehler": "pruefprotokoll.bitte_berichtigen",
    "warnung": "pruefprotokoll.bitte_pruefen",
    "hinweis": "pruefprotokoll.zur_kenntnis",
}


@dataclass(frozen=True)
class Lieferstelle:
    """Who delivers a list."""

    anbieter: str
    vertraulich: bool = True
    hinweis: str = ""


@dataclass(frozen=True)
class Listenseite:
    """What a letter needs to know of a delivery that is no dataset, such as a list of projects."""

    id: str
    name: str
    zeile_ist: str
    quelle: Lieferstelle
    dokumentation: str = ""
    felder: Mapping[str, Feld] = field(default_factory=dict)


Briefseite = DatensatzSeite | Listenseite


@dataclass(frozen=True)
class Summenzeile:
    """A delivered total that is not the sum of its parts."""

    datei: str
    blatt: str
    zelle: str
    stichtag: str
    feld: str
    gebiet: str
    ausdruck: str
    """Sum of fields the page declares; empty for a sum over areas."""
    zahlen: tuple[float, float, float, float] | None
    """Delivered, sum, difference, percent of the delivered; None for a small area."""
    fehlend: str
    vermutung: str


@dataclass(frozen=True)
class Pruefung:
    """What was read of one dataset and what was found."""

    seite: Briefseite
    befunde: tuple[Befund, ...]
    dateien: tuple[tuple[str, int, str], ...]
    """Name, size in bytes and SHA-256 of every file read."""
    summen: tuple[Summenzeile, ...] = ()
    stelle: str = ""
    """Which of several suppliers of the dataset it came from, such as a Kommune; empty if there is one."""

    @property
    def name(self) -> str:
        """What the files of the protocol are called."""
        own = re.sub(r"[\W_]+", "-", self.stelle.lower()).strip("-")
        return f"{self.seite.id}-{own}" if own else self.seite.id


@dataclass(frozen=True)
class Protokolltabelle:
    """One table of a protocol."""

    titel: str
    spalten: Sequence[str]
    klassen: Sequence[str]
    zeilen: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Pruefprotokoll:
    """The letter and its tables, as both formats show them."""

    titel: str
    marke: str
    kopf: Sequence[str]
    brief: Sequence[str]
    tabellen: Sequence[Protokolltabelle]


def protokoll(pruefung: Pruefung, region: Region, tag: date) -> Pruefprotokoll:
    """Put a protocol into words."""
    found = sorted(pruefung.befunde, key=lambda befund: _RANG[befund.schwere])
    seite = pruefung.seite
    rows = [
        (
            *(number, text(f"pruefprotokoll.art.{b.schwere}"), b.datei, b.blatt, _zelle(b)),
            gelesen(b.text, seite),
            gelesen(_bitte(b), seite),
        )
        for number, b in enumerate(found, start=1)
    ]
    return Pruefprotokoll(
        titel=text("pruefprotokoll.titel", datensatz=", ".join(filter(None, [seite.name, pruefung.stelle]))),
        marke=region.marke,
        kopf=[
            text(
                "pruefprotokoll.an",
                anbieter=", ".join(filter(None, [seite.quelle.anbieter, pruefung.stelle])),
            ),
            text("pruefprotokoll.von", herausgeber=region.seite.herausgeber),
            *([text("pruefprotokoll.vertraulich")] if seite.quelle.vertraulich else []),
        ],
        brief=_letter(found, seite, region, tag),
        tabellen=[
            _table("befunde", ["nummer", "art", "datei", "blatt", "zelle", "text", "abhilfe"], rows),
            _table("summen", _SUMMEN, [_summe(row, seite) for row in pruefung.summen]),
            _table("aufbau", ["ueberschrift", "bedeutung", "einheit"], _fields(seite)),
            _table("dateien", ["datei", "bytes", "sha256"], pruefung.dateien),
        ],
    )


_SUMMEN = ["gebiet", "stichtag", "feld", "ausdruck", "geliefert", "summe", "unterschied", "anteil", "datei", "blatt", "zelle",
           "erklaerung"]  # fmt: skip


def _summe(row: Summenzeile, seite: Briefseite) -> Sequence[object]:
    """A difference as the supplier reads it; numbers stay numbers, so that a workbook can compute with them."""
    numbers = [round(number, 2) for number in row.zahlen] if row.zahlen else [""] * 4
    why = [text("pruefprotokoll.nicht_geliefert", gebiete=row.fehlend)] if row.fehlend else []
    why += [text("pruefprotokoll.dreher", wo=gelesen(row.vermutung, seite))] if row.vermutung else []
    feld, parts = (gelesen(words, seite) for words in (row.feld, _mit_datensatz(row.ausdruck, seite)))
    parts = parts or text("pruefprotokoll.gebiete")
    return [
        row.gebiet,
        gelesen(row.stichtag, seite),
        feld,
        parts,
        *numbers,
        row.datei,
        row.blatt,
        row.zelle,
        " ".join(why),
    ]


def _mit_datensatz(ausdruck: str, seite: Briefseite) -> str:
    """A sum of fields with every field named in full."""
    names = (rf"(?<![\w.]){re.escape(key)}(?![\w.])" for key in sorted(seite.felder, key=len, reverse=True))
    return re.sub("|".join(names), lambda found: f"{seite.id}.{found[0]}", ausdruck)


def _fields(seite: Briefseite) -> list[tuple[str, str, str]]:
    """Heading, meaning and unit of the fields whose meaning the page tells."""
    return [
        (feld.spalten[0] or key, feld.beschreibung, feld.einheit)
        for key, feld in seite.felder.items()
        if feld.beschreibung
    ]


def _gelesen_als(seite: Briefseite) -> str:
    """What a row is taken for, and what else the page tells about the delivery."""
    more = (seite.quelle.hinweis, seite.dokumentation)
    told = [
        words if words.endswith((".", "!", "?")) else f"{words}." for part in more if (words := part.strip())
    ]
    return " ".join([text("pruefprotokoll.gelesen", zeile=seite.zeile_ist), *told])


def _letter(found: Sequence[Befund], seite: Briefseite, region: Region, tag: date) -> list[str]:
    counts = {grade: sum(befund.schwere == grade for befund in found) for grade in _RANG}
    parts = [
        text("pruefprotokoll.anrede"),
        text("pruefprotokoll.dank", datensatz=seite.name, datum=f"{tag:%d.%m.%Y}"),
        _gelesen_als(seite),
    ]
    for grade, key in _BITTEN.items():
        if counts[grade]:
            parts.append(
                text(key, stellen=_stellen(counts[grade], "akkusativ" if grade == "hinweis" else "dativ"))
            )
    if found:
        parts += [text("pruefprotokoll.stellen_unten"), text("pruefprotokoll.ruecklauf")]
    else:
        parts.append(text("pruefprotokoll.in_ordnung"))
    return [*parts, text("pruefprotokoll.gruss"), region.seite.herausgeber]


def _stellen(number: int, fall: str) -> str:
    if number == 1:
        return text(f"pruefprotokoll.stelle.{fall}")
    words = text(f"saetze.zahl.z{number}") if number <= 12 else str(number)
    return text("pruefprotokoll.stellen", zahl=words)


_TAG = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


def gelesen(words: str, seite: Briefseite) -> str:
    """What was found as the supplier reads it: days in German, fields under the headings of the delivery."""
    for key in sorted(seite.felder, key=len, reverse=True):
        heading = seite.felder[key].spalten[0] or key
        words = re.sub(rf"\b{re.escape(f'{seite.id}.{key}')}\b", lambda _, h=heading: f"„{h}“", words)  # type: ignore[misc]
    return _TAG.sub(r"\3.\2.\1", words)


_EIGENES = re.compile(
    r"Datensatzseite|\.yml|Gebietsliste|profil\b|auf der Seite|beim Lieferanten|„[a-z_]+(?:: [^“]*)?“"
)
"""Words of remedies that only who runs the workbench can follow."""


def _bitte(befund: Befund) -> str:
    """What the supplier is asked for: the remedy without what only a planner can do."""
    sentences = re.split(r"(?<=[.!?;]) +", befund.abhilfe)
    own = [part for part in sentences if not _EIGENES.search(part)]
    words = (
        " ".join(own)
        .replace(" liefern lassen", " liefern")
        .replace("nachliefern lassen", "nachliefern")
        .strip(" ;")
    )
    if not words:
        return text(f"pruefprotokoll.bitte.{befund.schwere}")
    return words[:1].upper() + words[1:]


def _zelle(befund: Befund) -> str:
    """Address as a spreadsheet shows it, in the words of another format, or row or column alone."""
    if befund.stelle:
        return befund.stelle
    if befund.spalte[:1].isdigit() and befund.zeile is not None:
        return f"Zeile {befund.zeile}, Spalte {befund.spalte.split(' „')[0]}"
    letters = re.match(r"[A-Z]{1,3}(?=$| „)", befund.spalte)
    if letters and befund.zeile is not None:
        return f"{letters[0]}{befund.zeile}"
    return befund.spalte or ("" if befund.zeile is None else f"{befund.zeile}")


def _table(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Protokolltabelle:
    return Protokolltabelle(
        text(f"pruefprotokoll.{name}"),
        [text(f"pruefprotokoll.spalte.{column}") for column in columns],
        columns,
        list(rows),
    )


@cache
def _template() -> Template:
    source = files("sozialanalyse").joinpath("pruefprotokoll.html.j2").read_text(encoding="utf-8")
    rooms = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    rooms.filters["lesbar"] = _lesbar
    return rooms.from_string(source)


def _lesbar(cell: object) -> object:
    """Numbers as they are written in German."""
    if not isinstance(cell, float):
        return cell
    return zahl_knapp(runden(cell, 2), 15, fehlt="")


def schreibe(pruefungen: Iterable[Pruefung], region: Region, ordner: Path, tag: date) -> list[Path]:
    """Write the protocol of every dataset and supplier as HTML and XLSX; those of earlier checks that hold no longer go.

    Which ones a region wrote stands in a hidden list beside them, so nothing else in the folder is touched.

    Raises
    ------
    LaufFehler
        If nothing can be written there.
    """
    written = []
    try:
        settings.eigener_ordner(ordner)
        for pruefung in pruefungen:
            page = protokoll(pruefung, region, tag)
            target = ordner / f"{pruefung.name}.html"
            beside = target.with_name(f".{target.name}.neu")
            beside.write_text(_template().render(p=page), encoding="utf-8")
            beside.replace(target)
            written += [target, _workbook(page, ordner / f"{pruefung.name}.xlsx")]
        if written:  # where nothing could be checked, the old ones are all there is
            _raeume(ordner, ordner / f".protokolle-{region.id}", {path.name for path in written})
    except OSError as error:
        raise LaufFehler(
            f"Die Prüfprotokolle lassen sich nicht nach „{ordner}“ schreiben ({error.strerror or error}). "
            "Bitte Pfad, freien Platz und Schreibrechte prüfen."
        ) from None
    return written


def _raeume(ordner: Path, liste: Path, gilt: set[str]) -> None:
    """Remove protocols on the list that were not written anew, and write the list."""
    before = set(liste.read_text(encoding="utf-8").splitlines()) if liste.exists() else set()
    for name in before - gilt:
        if name == Path(name).name:
            (ordner / name).unlink(missing_ok=True)
    liste.write_text("".join(f"{name}\n" for name in sorted(gilt)), encoding="utf-8")


def _workbook(page: Pruefprotokoll, target: Path) -> Path:
    book = openpyxl.Workbook()
    letter = book.active
    assert isinstance(letter, Worksheet)
    letter.title = text("pruefprotokoll.blatt.anschreiben")
    letter.column_dimensions["A"].width = BRIEF
    for line in [page.titel, *filter(None, [page.marke]), *page.kopf, *page.brief]:
        letter.append([line])
    for (cell,) in letter.iter_rows():
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    _fit(letter, {1: BRIEF}, "portrait")
    letter.row_dimensions[1].height = 2 * ZEILE
    letter["A1"].font = Font(bold=True, size=14)
    for name, table in zip(("befunde", "summen", "aufbau", "dateien"), page.tabellen, strict=True):
        if name in ("summen", "aufbau") and not table.zeilen:
            continue
        _sheet(book.create_sheet(text(f"pruefprotokoll.blatt.{name}")), table)
    book.properties.title, book.properties.creator = page.titel, ""
    beside = target.with_name(f".{target.name}.neu")
    book.save(beside)
    beside.replace(target)
    return target


BRIEF = 72
"""Width of the letter in characters, as wide as a sheet of paper."""
ZEILE = 15
"""Height of a line in points."""
_WIDTHS = {
    "nummer": 6,
    "art": 18,
    "datei": 40,
    "blatt": 18,
    "zelle": 12,
    "text": 70,
    "abhilfe": 50,
    "gebiet": 30,
    "stichtag": 12,
    "feld": 30,
    "ausdruck": 30,
    "geliefert": 14,
    "summe": 14,
    "unterschied": 14,
    "anteil": 10,
    "erklaerung": 50,
    "sha256": 70,
    "bytes": 14,
    "ueberschrift": 50,
    "bedeutung": 70,
    "einheit": 18,
}


def _sheet(sheet: Worksheet, table: Protokolltabelle) -> None:
    sheet.append([str(name) for name in table.spalten])
    for row in table.zeilen:
        sheet.append([_harmless(cell) for cell in row])
    for column, name in enumerate(table.klassen, start=1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = _WIDTHS[name]
        sheet.cell(1, column).font = Font(bold=True)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    _fit(sheet, {column: _WIDTHS[name] for column, name in enumerate(table.klassen, start=1)}, "landscape")
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.auto_filter.ref = sheet.dimensions


def _fit(sheet: Worksheet, widths: Mapping[int, int], richtung: Literal["portrait", "landscape"]) -> None:
    """Rows as high as their longest text needs, and in print a sheet as wide as the paper."""
    for row, cells in enumerate(sheet.iter_rows(), start=1):
        needed = (len(str(cell.value or "")) / widths[int(cell.column or 1)] for cell in cells)
        sheet.row_dimensions[row].height = ZEILE * (1 + int(1.15 * max(needed)))
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = richtung, sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0


def _harmless(cell: object) -> object:
    """Text that a spreadsheet does not take for a formula, without signs it cannot hold."""
    if not isinstance(cell, str):
        return cell
    plain = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", cell)
    return f"'{plain}" if plain.startswith(("=", "+", "-", "@")) else plain
