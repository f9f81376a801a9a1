"""A delivered file as it may be meant: its sheets, or a text in the encoding and with the delimiter that fit it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sozialanalyse import sources
from sozialanalyse.base import Blatt, PruefFehler, glatt
from sozialanalyse.formate import FORMATE

_TRENNZEICHEN = ";\t,|"
_MARKEN = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_UMLAUTE = re.compile(r"[a-zäöüß][äöüßéèàçâêëïô][a-zäöüß]|[ÄÖÜ][a-zäöüß]", re.IGNORECASE)
_VERLESEN = re.compile(r"[A-Za-z][„”™šŽ¤‡†ƒ•–œ¸¢£¥¦§¨©ª«¬®¯°±²³´µ¶·¹º»¼½¾¿\u2500-\u259f]+[a-z]|Ã.|â€")


def leer(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not glatt(cell))


@dataclass(frozen=True)
class Ansicht:
    """One way to read a file: rows that hold something, with their numbers."""

    format: str
    """As pages name it."""
    blatt: Blatt = field(repr=False)
    blaetter: int = 1
    """How many visible sheets the file has."""
    kodierung: str = ""
    trennzeichen: str = ""
    belege: tuple[str, ...] = ()
    """Why encoding and delimiter are thought to be these."""

    @property
    def zeilen(self) -> list[tuple[int, Sequence[Any]]]:
        return [(number, row) for number, row in self.blatt.zeilen if not all(map(leer, row))]


def ansichten(pfad: Path) -> list[Ansicht]:
    """Every sheet of a workbook; of a text the likely encoding with each delimiter that makes columns.

    Raises
    ------
    PruefFehler
        If the file cannot be read at all.
    """
    kinds = [name for name, kind in FORMATE.items() if pfad.suffix.lower() in kind.ENDUNGEN] or ["csv"]
    if "csv" not in kinds:
        sheets = sources.lies_blaetter(pfad)
        if len(kinds) > 1:  # one ending for several formats: the content tells
            with pfad.open("rb") as file:
                start = file.read(4096)
            kinds.sort(key=lambda name: not FORMATE[name].erkennt(start))
        return [Ansicht(kinds[0], sheet, len(sheets)) for sheet in sheets]
    encoding, reason = kodierung(pfad)
    flat = _flat(pfad, encoding)
    if flat is not None:
        return [Ansicht("ffcsv", flat, 1, encoding, ";", (reason,))]
    found, fault = [], None
    for sign in _TRENNZEICHEN:
        try:
            sheet = sources.lies_blaetter(pfad, kodierung=encoding, trennzeichen=sign)[0]
        except PruefFehler as error:
            fault = error
            continue
        widths = Counter(len(row) for _, row in sheet.zeilen if not all(map(leer, row)))
        wide = {width: count for width, count in widths.items() if width > 1}
        if wide:
            width, count = max(wide.items(), key=lambda item: item[1])
            why = f"{count} von {sum(widths.values())} Zeilen haben damit {width} Zellen"
            found.append(Ansicht("csv", sheet, 1, encoding, sign, (reason, why)))
    if not found and fault is not None:
        raise fault
    return found


def _flat(pfad: Path, encoding: str) -> Blatt | None:
    """The file as a flat file of GENESIS, None if it is none."""
    kind = FORMATE["ffcsv"]
    try:
        with pfad.open("rb") as file:
            if b"_variable_code" not in (start := file.read(4096)) and b"_Merkmal_Code" not in start:
                return None
        return kind.lies(pfad, kind.Form.model_validate({"kodierung": encoding}))[0]
    except (OSError, PruefFehler):
        return None


def kodierung(pfad: Path) -> tuple[str, str]:
    """Likely encoding of a text file, and the reason in a few German words."""
    try:
        raw = pfad.read_bytes()[: 2**22]
    except OSError:
        return "utf-8", ""  # the reader tells what is wrong with the file
    for mark, name in _MARKEN.items():
        if raw.startswith(mark):
            return name, "die Datei beginnt mit dem Kennzeichen dieser Kodierung"
    zeros = raw[:4000]
    if zeros.count(0) > len(zeros) / 8:
        return ("utf-16-le" if zeros[1::2].count(0) > zeros[::2].count(0) else "utf-16-be"), (
            "jedes zweite Byte ist null"
        )
    text = raw.decode("utf-8", "ignore")
    if text.encode("utf-8") == raw or _cut_short(raw):
        plain = text.isascii()
        return "utf-8", "nur Zeichen ohne Umlaute" if plain else "die Umlaute sind in UTF-8 geschrieben"
    scores = {name: _plausible(raw, name) for name in ("cp1252", "cp850")}
    best = max(scores, key=lambda name: scores[name])
    words = _UMLAUTE.findall(raw.decode(best, "replace"))[:2]
    shown = f", zum Beispiel in „…{words[0]}…“" if words else ""
    return best, f"kein UTF-8; so ergeben die Umlaute Wörter{shown}"


def _cut_short(raw: bytes) -> bool:
    """Whether only the last character of a very large file was cut by looking at its beginning."""
    for cut in range(1, 4):
        try:
            raw[:-cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return len(raw) == 2**22
    return False


def _plausible(raw: bytes, name: str) -> float:
    text = raw.decode(name, "replace")
    return len(_UMLAUTE.findall(text)) - 2 * len(_VERLESEN.findall(text)) - 5 * text.count("\ufffd")
