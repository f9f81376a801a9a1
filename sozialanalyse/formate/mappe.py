"""An Excel workbook as an archive: what is needed of it, checked before anything is unpacked."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from sozialanalyse.base import PruefFehler, spaltennummer
from sozialanalyse.formate.form import MEGABYTE, unlesbar

MEISTE_ZELLEN = 1_000_000
"""So many cells of one sheet are read; more would need more than a gigabyte."""
MEISTE_BLAETTER = 1_000
"""So many sheets a workbook may have."""
MEISTE_VERBUNDENE = 50_000
"""So many merged ranges of one sheet are read; more would take minutes."""
GROESSTER_TEIL = 200 * MEGABYTE
GROESSTE_TEXTE = 60 * MEGABYTE
_NEU_SPEICHERN = "Bitte in Excel öffnen und als Excel-Arbeitsmappe (.xlsx) neu speichern."
_STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    b"http://purl.oclc.org/ooxml/drawingml/main": b"http://schemas.openxmlformats.org/drawingml/2006/main",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL = re.compile(rb"<(?:\w+:)?c[ >]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_END = re.compile(rb"</((?:\w+:)?)sheetData>|<((?:\w+:)?)sheetData ?/>")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCells[ >].*?</(?:\w+:)?mergeCells>", re.DOTALL)
_RANGE = re.compile(rb"ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_LONG_FORMAT = re.compile(
    rb"""(<(?:\w+:)?numFmt\b[^<>]{0,200}?\bformatCode=)(?:"[^"]{2000,}"|'[^']{2000,}')"""
)
"""Excel takes 255 characters for a number format; longer ones would keep whoever reads them for hours."""
_FULL = re.compile(rb"fullCalcOnLoad=[\"'](?:1|true)[\"']")


@dataclass(frozen=True)
class Blattangabe:
    """A sheet as the workbook lists it."""

    name: str
    teil: str
    """Name of its part in the archive."""
    sichtbar: bool


class Mappe:
    """The parts of a workbook; nothing is unpacked before its size is known.

    Raises
    ------
    PruefFehler
        If the file is no workbook, protected, of an older format, damaged, too large or holds entities.
    """

    def __init__(self, pfad: Path) -> None:
        raw = pfad.read_bytes()
        if raw.startswith(_OLE):
            if "EncryptedPackage".encode("utf-16-le") in raw:
                raise unlesbar(
                    "Die Arbeitsmappe ist mit einem Kennwort geschützt.", "Bitte ohne Kennwort speichern."
                )
            raise unlesbar("Die Datei hat das alte Excel-Format (.xls).", _NEU_SPEICHERN)
        if not raw.startswith(b"PK"):
            raise unlesbar("Die Datei ist keine lesbare Excel-Arbeitsmappe.", _NEU_SPEICHERN)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
            self._names = {info.filename: info for info in self._zip.infolist()}
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
            raise self._damaged() from None
        if "xl/workbook.bin" in self._names:
            raise unlesbar("Die Datei hat das binäre Excel-Format (.xlsb).", _NEU_SPEICHERN)
        if "mimetype" in self._names and "content.xml" in self._names:
            raise unlesbar("Die Datei ist eine OpenDocument-Tabelle (.ods).", _NEU_SPEICHERN)
        main = self._main()
        self._main_part, book = main, self._part(main)
        self.strict = b"purl.oclc.org/ooxml" in book
        self.nie_berechnet = _FULL.search(book) is not None
        """Whether the program that wrote the file left the computing of formulas to Excel."""
        self.blaetter = self._sheets(book)
        if not self.blaetter:
            raise unlesbar(
                "Die Arbeitsmappe hat kein Tabellenblatt.", "Bitte beim Lieferanten neu anfordern."
            )

        if len({sheet.teil for sheet in self.blaetter}) < len(self.blaetter):
            raise self._damaged()  # every program writes a part for each sheet
        if len(self.blaetter) > MEISTE_BLAETTER:
            raise unlesbar(
                f"Die Arbeitsmappe hat {len(self.blaetter)} Blätter; gelesen werden höchstens {MEISTE_BLAETTER}.",
                "Bitte nur die gebrauchten Blätter in eine neue Arbeitsmappe kopieren.",
            )

    def auszug(self, blaetter: Iterable[Blattangabe]) -> tuple[io.BytesIO, set[str]]:
        """A workbook of some sheets without comments, pictures and links, and the names of sheets with formulas."""
        keep = {"[Content_Types].xml", "_rels/.rels", self._main_part, _rels(self._main_part)}
        keep |= {n for n in self._names if posixpath.basename(n) in {"styles.xml", "sharedStrings.xml"}}
        extract, computed = io.BytesIO(), set()
        with zipfile.ZipFile(extract, "w", zipfile.ZIP_STORED) as target:
            for name in sorted(keep & self._names.keys()):
                target.writestr(name, _LONG_FORMAT.sub(rb'\1"General"', self._part(name, GROESSTE_TEXTE)))
            for sheet in blaetter:
                content = _cells_only(self._part(sheet.teil))
                ranges, covered = _merged(content)
                cells = sum(1 for _ in _CELL.finditer(content)) + covered
                if cells > MEISTE_ZELLEN:
                    raise zu_gross(cells, sheet.name)
                if ranges > MEISTE_VERBUNDENE:
                    raise _zu_verbunden(ranges, sheet.name)
                if _FORMULA.search(content):
                    computed.add(sheet.name)
                target.writestr(sheet.teil, content)
        extract.seek(0)
        return extract, computed

    def _damaged(self) -> PruefFehler:
        return unlesbar(
            "Die Arbeitsmappe ist beschädigt.",
            "Bitte in Excel öffnen, als .xlsx neu speichern oder neu anfordern.",
        )

    def _part(self, name: str, limit: int | None = None) -> bytes:
        limit = limit or GROESSTER_TEIL
        info = self._names.get(name)
        if info is None:
            raise self._damaged()
        if info.file_size > limit:
            raise unlesbar(
                f"Ein Teil der Arbeitsmappe („{posixpath.basename(name)}“) ist ausgepackt {info.file_size // MEGABYTE} MB groß; "
                f"gelesen werden höchstens {limit // MEGABYTE} MB.",
                "Bitte nur die gebrauchte Tabelle in eine neue Arbeitsmappe kopieren oder als CSV-Datei liefern lassen.",
            )
        try:
            content = self._zip.read(info)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OSError,
            ValueError,
            zlib.error,
        ):
            raise self._damaged() from None
        if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
            raise unlesbar(
                "Die Arbeitsmappe enthält selbst erklärte XML-Bausteine (Entitäten); so etwas schreibt kein Tabellenprogramm.",
                "Bitte die Datei nicht verwenden und beim Lieferanten nachfragen.",
            )
        if b"purl.oclc.org/ooxml" in content:
            for strict, usual in _STRICT.items():
                content = content.replace(strict, usual)
        return content

    def _main(self) -> str:
        for relation in self._relations("_rels/.rels", ""):
            if relation[1].endswith("/officeDocument"):
                return relation[2]
        if "xl/workbook.xml" in self._names:
            return "xl/workbook.xml"
        raise unlesbar("Die Datei ist ein ZIP-Archiv, aber keine Excel-Arbeitsmappe.", _NEU_SPEICHERN)

    def _relations(self, name: str, folder: str) -> list[tuple[str, str, str]]:
        """Id, kind and target of what a part refers to."""
        if name not in self._names:
            return []
        found = []
        for node in self._tree(self._part(name)):
            target = node.get("Target", "")
            path = (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(posixpath.join(folder, target))
            )
            found.append((node.get("Id", ""), node.get("Type", ""), path))
        return found

    def _tree(self, content: bytes) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(content)
        except (ElementTree.ParseError, ValueError):
            raise self._damaged() from None

    def _sheets(self, book: bytes) -> list[Blattangabe]:
        relations = self._relations(_rels(self._main_part), posixpath.dirname(self._main_part))
        parts = {key: path for key, kind, path in relations if kind.endswith("/worksheet")}
        sheets = []
        for node in self._tree(book).iter():
            if not node.tag.endswith("}sheet"):
                continue
            key = next((value for name, value in node.items() if name.endswith("}id")), "")
            if key in parts:
                shown = node.get("state", "visible") == "visible"
                sheets.append(Blattangabe(node.get("name", ""), parts[key], shown))
        return sheets


def _rels(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _cells_only(content: bytes) -> bytes:
    """A sheet without what stands behind its cells, but for merged ranges."""
    end = _END.search(content)
    if end is None:
        return content
    merged = _MERGED.search(content, end.end())
    prefix = end[1] if end[1] is not None else end[2]
    return content[: end.end()] + (merged[0] if merged else b"") + b"</" + prefix + b"worksheet>"


def _merged(content: bytes) -> tuple[int, int]:
    """How many merged ranges there are, and how many cells they cover."""
    end = _END.search(content)
    ranges = total = 0
    for left, top, right, bottom in _RANGE.findall(content, end.end() if end else 0):
        wide = spaltennummer(right.decode()) - spaltennummer(left.decode()) + 1
        total += wide * (int(bottom) - int(top) + 1)
        ranges += 1
    return ranges, total


def _zu_verbunden(bereiche: int, blatt: str) -> PruefFehler:
    return unlesbar(
        f"Das Blatt hat {bereiche:,} verbundene Bereiche; gelesen werden höchstens {MEISTE_VERBUNDENE:,}.".replace(",", "."),
        "Bitte die Verbindungen aufheben oder als CSV-Datei liefern lassen.",
        blatt=blatt,
    )  # fmt: skip


def zu_gross(zellen: int, blatt: str) -> PruefFehler:
    """Fault of a sheet that would not fit into memory."""
    return unlesbar(
        f"Das Blatt hat {zellen:,} Zellen; gelesen werden höchstens {MEISTE_ZELLEN:,}.".replace(",", "."),
        "Bitte leere Zeilen und Spalten am Rand löschen oder als CSV-Datei liefern lassen.",
        blatt=blatt,
    )
