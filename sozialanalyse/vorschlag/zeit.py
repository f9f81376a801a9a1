"""Where a delivery tells its reference date: a column, a cell above the table, the sheet, the file's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from sozialanalyse import harmonise
from sozialanalyse.base import Rohtabelle, glatt, lies_datum_aus_teilen, spaltenbuchstabe, zelltext
from sozialanalyse.region import Region
from sozialanalyse.vorschlag import wortliste
from sozialanalyse.vorschlag.ansicht import leer
from sozialanalyse.vorschlag.musterbau import woertlich

_MONAT = "(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)"
FORMEN = (
    r"\d{4}-\d{2}-\d{2}",
    r"\d{1,2}\. ?\d{1,2}\. ?\d{4}",
    r"\d{1,2}-\d{1,2}-\d{4}",
    rf"\d{{1,2}}\. ?{_MONAT} \d{{4}}",
    rf"{_MONAT} \d{{4}}",
    r"[1-4]\. ?Quartal \d{4}",
    r"Q[1-4][ /-]?\d{4}",
    r"\d{4}[ /-]?Q[1-4]",
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])",
    r"(?:0?[1-9]|1[0-2])/\d{4}",
    r"(?:19|20)\d{2}/\d{2}",
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])",
    r"\d{1,2}\.\d{1,2}\.\d{2}",
    r"(?:19|20)\d{2}",
)
"""Ways to write a date, the longest and surest first; which of them is a date the reader of dates decides."""
_NAH = 183
"""Further away than half a year a date counts for no reference date."""
_ENDE = re.compile(r"(?:bis|–|-|/)\s*$")


@dataclass(frozen=True)
class Datum:
    """A date found in a text."""

    tag: date
    text: str
    form: str
    davor: str
    """The word before it, with what stands between."""
    zuletzt: bool
    """Whether it ends a span."""


def daten_in(text: str) -> list[Datum]:
    """All dates in a text, in their order."""
    plain, taken = glatt(text), set[int]()
    found: dict[int, Datum] = {}
    for form in FORMEN:
        for match in re.finditer(rf"(?<!\d)(?:{form})(?!\d)", plain):
            if taken & set(range(match.start(), match.end())):
                continue
            day = harmonise.lies_datum(match[0])
            if day is None or not 1950 <= day.year <= 2100:
                continue
            taken |= set(range(match.start(), match.end()))
            before = re.search(r"(\w+[:.]?\s*|[_(]\s*)$", plain[: match.start()])
            found[match.start()] = Datum(
                day, match[0], form, before[1] if before else "", bool(_ENDE.search(plain[: match.start()]))
            )
    return [found[place] for place in sorted(found)]


@dataclass(frozen=True)
class Zeit:
    """How the reference date is told, as the page says it, with the reason and what is open."""

    regel: dict[str, Any]
    beleg: str
    tage: frozenset[date] = frozenset()
    """Dates delivered."""
    spalten: tuple[int, ...] = ()
    """Columns it stands in."""
    fragen: tuple[str, ...] = ()
    """What is to be confirmed."""
    offen: str = ""
    """What could not be decided."""
    unbekannt: bool = False
    """Whether none of the dates belongs to a reference date of the region."""


def zeitspalten(table: Rohtabelle, rows: Sequence[int], keys: Sequence[int]) -> dict[int, set[date]]:
    """Columns whose cells are dates in every row: column -> dates."""
    found: dict[int, set[date]] = {}
    for column, heading in enumerate(table.kopf):
        if column in keys or not heading:
            continue
        counts = Counter((type(cell), cell) for cell in (_cell(table, row, column) for row in rows))
        cells = [cell for _, cell in counts if not leer(cell)]
        filled = sum(count for (_, cell), count in counts.items() if not leer(cell))
        if filled < len(rows) * 0.98 or not cells:
            continue
        kinds = {zelltext(cell) for cell in cells}
        plain = all(re.fullmatch(r"\d{4}", kind) for kind in kinds)
        said = bool(wortliste.trifft("zeit", heading))
        if (plain or all(kind.isdigit() for kind in kinds)) and not said:
            continue  # numbers of people may look like years
        if len(kinds) > max(len(rows) / 2, 1):
            continue
        days = {harmonise.lies_datum(cell) for cell in dict.fromkeys(cells)}
        if None not in days and all(1950 <= day.year <= 2100 for day in days if day):
            found[column] = {day for day in days if day}
    return found


def _cell(table: Rohtabelle, row: int, column: int) -> Any:
    cells = table.zeilen[row]
    return cells[column] if column < len(cells) else None


def finde_zeit(
    tables: Sequence[Rohtabelle], rows: Sequence[Sequence[int]], keys: Sequence[int], region: Region
) -> Zeit:
    """Where all of some tables tell their date.

    Parameters
    ----------
    tables
        The table to be described, then those of the files beside it.
    rows
        Rows of each table that name an area.
    """
    columns = zeitspalten(tables[0], rows[0], keys)
    parts = _by_parts(tables[0], rows[0], keys)
    if parts is not None:
        return mit_abstand(parts, region)
    if columns:
        return mit_abstand(_by_column(tables[0], columns, region), region)
    if len({table.datei for table in tables}) < len(tables):  # several sheets of a file
        sheet = _by_text(tables, region, "blatt")
        if sheet is not None and len(sheet.tage) > 1:
            return mit_abstand(sheet, region)
    cell = _by_text(tables, region, "zelle")
    name = _by_text(tables, region, "dateiname")
    if cell is not None and name is not None and not _agree(cell, name, region):
        note = (
            f"Über der Tabelle steht {_days(cell.tage)}, im Dateinamen {_days(name.tage)}; genommen ist, was über der "
            "Tabelle steht."
        )
        cell = Zeit(cell.regel, cell.beleg, cell.tage, fragen=(*cell.fragen, note))
    best = cell or name
    if best is not None:
        return mit_abstand(best, region)
    timely = [
        c
        for c, name in enumerate(tables[0].kopf)
        if wortliste.trifft("zeit", name) and c not in keys and rows[0]
    ]
    shown = [f"„{zelltext(_cell(tables[0], rows[0][0], c))}“ in Spalte „{tables[0].kopf[c]}“" for c in timely]
    unread = f" {shown[0]} ist nicht als Tag zu lesen." if shown else ""
    return Zeit(
        {"aus": "fest", "wert": "<Stichtag der Zahlen, zum Beispiel 31.12.2023>"},
        "weder in einer Spalte noch über der Tabelle, im Blatt- oder Dateinamen steht ein Datum",
        offen=f"Von welchem Tag sind die Zahlen? Die Datei sagt es nicht.{unread}",
    )


def _days(days: frozenset[date]) -> str:
    return ", ".join(f"{day:%d.%m.%Y}" for day in sorted(days)[:4]) + (" …" if len(days) > 4 else "")


def _agree(one: Zeit, other: Zeit, region: Region) -> bool:
    """Whether two ways tell the same days, or days of the same reference dates."""
    counted = [
        {harmonise.berichtsstichtag(day, region.stichtage, _NAH) for day in way.tage} for way in (one, other)
    ]
    return one.tage == other.tage or (counted[0] == counted[1] and None not in counted[0])


def _by_column(table: Rohtabelle, columns: dict[int, set[date]], region: Region) -> Zeit:
    wanted = {date.fromisoformat(day) for day in region.stichtage}
    ranked = sorted(columns, key=lambda c: (-len(columns[c] & wanted), len(columns[c]), c))
    best, *others = ranked
    days = columns[best]
    shown = f"Spalte {spaltenbuchstabe(best)} „{table.kopf[best]}“ enthält nur Tage: {_days(frozenset(days))}"
    notes = []
    if others:
        names = ", ".join(f"„{table.kopf[c]}“ ({_days(frozenset(columns[c]))})" for c in others[:3])
        notes.append(f"Auch {names} enthält Tage oder Jahre; genommen ist „{table.kopf[best]}“.")
    return Zeit({"aus": "spalte", "spalte": table.kopf[best]}, shown, frozenset(days), (best,), tuple(notes))


_JAHR = re.compile(r"jahr|year", re.IGNORECASE)
_TEIL = re.compile(r"^(quartal|quarter|monat|month|halbjahr)$", re.IGNORECASE)


def _by_parts(table: Rohtabelle, rows: Sequence[int], keys: Sequence[int]) -> Zeit | None:
    """A year in one column and its quarter or month in another."""
    free = [(column, glatt(name)) for column, name in enumerate(table.kopf) if column not in keys]
    years = [column for column, name in free if _JAHR.search(name) and not _TEIL.search(name)]
    for year in years:
        for part in (column for column, name in free if _TEIL.search(name)):
            pair = (year, part)
            kinds = {tuple(zelltext(_cell(table, row, c)) for c in pair) for row in rows}
            days = {
                lies_datum_aus_teilen(zip((table.kopf[c] for c in pair), kind, strict=True)) for kind in kinds
            }
            known = {day for day in days if day is not None}
            if known and len(known) == len(days):
                names = [table.kopf[c] for c in pair]
                shown = f"die Spalten „{names[0]}“ und „{names[1]}“ ergeben {_days(frozenset(known))}"
                return Zeit({"aus": "spalte", "spalte": names}, shown, frozenset(known), pair)
    return None


def _texts(table: Rohtabelle, aus: str) -> list[str]:
    """What the reader of the page looks through, in its order."""
    if aus == "dateiname":
        return [PurePath(table.datei).as_posix()]
    return [table.blatt] if aus == "blatt" else [*table.vorspann, table.blatt]


def _by_text(tables: Sequence[Rohtabelle], region: Region, aus: str) -> Zeit | None:
    wanted = []
    for table in tables:
        texts = _texts(table, aus)
        found = [
            day for text in texts for day in daten_in(PurePath(text).name if aus == "dateiname" else text)
        ]
        if not found:
            return None
        wanted.append(_choose(found, region, aus))
    if None in wanted:
        return None
    chosen = [day for day in wanted if day is not None]
    for pattern in _patterns(chosen):
        if all(_read(table, aus, pattern) == day.tag for table, day in zip(tables, chosen, strict=True)):
            others = {d.tag for text in _texts(tables[0], aus) for d in daten_in(text)} - {chosen[0].tag}
            place = {"dateiname": "Dateiname", "blatt": "Name des Blatts"}.get(
                aus, "über der Tabelle oder im Blattnamen"
            )
            notes: tuple[str, ...] = ()
            if others:
                also = _days(frozenset(others))
                notes = (
                    f"Dort steht auch {also}; genommen ist {chosen[0].tag:%d.%m.%Y} („{chosen[0].davor}{chosen[0].text}“).",
                )
            if re.fullmatch(r"(?:19|20)\d{2}", chosen[0].text):
                notes += (
                    f"Genannt ist nur das Jahr {chosen[0].text}; es gilt als der {chosen[0].tag:%d.%m.%Y}.",
                )
            return Zeit(
                {"aus": aus, "muster": pattern},
                f"{place}: „{chosen[0].davor}{chosen[0].text}“",
                frozenset(day.tag for day in chosen),
                fragen=notes,
            )
    return None


def _choose(found: list[Datum], region: Region, aus: str) -> Datum | None:
    """The date meant among several: the reference date itself, the end of a span, one that is called so."""
    days = {day.tag for day in found}
    if len(days) == 1:
        return found[0]
    called = [d for d in found if re.search(r"stichtag|stand|zum|am", d.davor, re.IGNORECASE)]
    ends = [d for d in found if d.zuletzt or re.search(r"bis", d.davor)]
    if aus == "dateiname" and not ends and not called:
        return None  # "2013_2019": a span of years, not a date
    exact = [d for d in found if d.tag.isoformat() in region.stichtage]
    for group in (called, ends, exact):
        if len({d.tag for d in group}) == 1:
            return group[0]
    return None


def _patterns(chosen: Sequence[Datum]) -> list[str]:
    """Patterns from plain to those that name the word before the date."""
    forms = list(dict.fromkeys(day.form for day in chosen))
    form = forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"
    words = list(dict.fromkeys(woertlich(day.davor.strip()) for day in chosen if day.davor.strip()))
    said = words[0] if len(words) == 1 else f"(?:{'|'.join(words)})" if words else ""
    bare = rf"(?<!\d)({form})(?!\d)" if form.count("d") < 6 or "|" in form else f"({form})"
    return [f"({form})", bare, rf"{said}\s*({form})", rf"{said}\s*({form})(?!\d)"]


def _read(table: Rohtabelle, aus: str, pattern: str) -> date | None:
    """The date that the reader of the page would find."""
    matches = (re.search(pattern, glatt(text)) for text in _texts(table, aus))
    found = next((match[1] for match in matches if match), None)
    return harmonise.lies_datum(found)


def mit_abstand(zeit: Zeit, region: Region) -> Zeit:
    """Add how far the delivered dates are from those of the reporting."""
    distances = {
        day: min(abs((date.fromisoformat(known) - day).days) for known in region.stichtage)
        for day in zeit.tage
    }
    nearest: dict[str, date] = {}
    """Reference date -> the delivered date that counts for it."""
    for day in sorted(distances, key=lambda day: (distances[day], day)):
        known = harmonise.berichtsstichtag(day, region.stichtage, _NAH)
        if known is not None:
            nearest.setdefault(known, day)
    if any(
        distances[day] <= 1 for day in nearest.values()
    ):  # days of the reporting: the others are between them
        nearest = {known: day for known, day in nearest.items() if distances[day] <= 1}
    near = [distances[day] for day in nearest.values()]
    notes, rule, offen = list(zeit.fragen), dict(zeit.regel), zeit.offen
    if near and max(near) > 0:
        rule["hoechstens_tage"] = max(near)
        far = max(nearest.values(), key=lambda day: distances[day])
        known = harmonise.berichtsstichtag(far, region.stichtage, _NAH)
        if max(near) > 1:
            notes.append(
                f"Geliefert ist der {far:%d.%m.%Y}; er zählt für den Stichtag {_german(known)} ({distances[far]} Tage "
                "entfernt). Bitte bestätigen."
            )
    missing = frozenset(distances) - frozenset(nearest.values())
    if missing and not near:
        offen = f"{_days(missing)} steht nicht unter „stichtage“ in region.yml; bitte dort ergänzen."
    elif missing:
        notes.append(
            f"{_days(missing)} zählt für keinen Stichtag in region.yml; diese Zahlen bleiben außen vor."
        )
    return Zeit(rule, zeit.beleg, zeit.tage, zeit.spalten, tuple(notes), offen, bool(missing and not near))


def _german(day: str | None) -> str:
    return f"{date.fromisoformat(day):%d.%m.%Y}" if day else "unbekannt"
