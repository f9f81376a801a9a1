"""Deliveries of the register of projects: one table becomes one dated state of every project in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sozialanalyse import vorhaben
from sozialanalyse.base import (
    Befund,
    Formel,
    Rohtabelle,
    glatt,
    hindernis,
    lies_datum,
    muster,
    vergleichsform,
    vorschlag,
    zelltext,
)
from sozialanalyse.harmonise.keys import Schluesselbuch
from sozialanalyse.harmonise.symbols import lies_zahl
from sozialanalyse.vorhaben import Aktionsplan, Lebensbereich, Registerlieferung, Topf, VorhabenSeite

Stand = dict[str, Any]
"""State of one project on one day, of plain values: what JSON can hold."""

_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})|(\d{4})-(\d{2})-(\d{2})")
_PARTS = re.compile(r"[;|\n]+")
_ALLES = {"alle", "allegebiete", "ganzeregion", "region", "regionsweit"}
_ZAHLEN = ("betrag", "eigenanteil")
_GRUND = ("verworfen", "abgelehnt")
"""States that need a reason."""
_GENANNT = 6


@dataclass(frozen=True)
class Umgebung:
    """What words of a delivery may mean: areas, indicators, needs (id -> name)."""

    buch: Schluesselbuch
    region: str
    region_name: str
    indikatoren: frozenset[str]
    bedarfe: Mapping[str, str]


def lies_vorhaben(
    tabelle: Rohtabelle, name: str, seite: VorhabenSeite, umgebung: Umgebung
) -> tuple[list[Stand], list[Befund]]:
    """Read one table.

    Parameters
    ----------
    name
        Key of the delivery on the page.

    Returns
    -------
    list of dict, list of Befund
        One state per project, with ``stand`` in ISO form, areas and lists as lists, euro as numbers, gaps as
        None; nothing of a row that has a fault.
    """
    reader = _Leser(tabelle, name, seite, umgebung)
    reader.lies()
    return reader.staende, reader.befunde


class _Leser:
    def __init__(self, tabelle: Rohtabelle, name: str, seite: VorhabenSeite, umgebung: Umgebung) -> None:
        self.tabelle, self.name, self.seite, self.umgebung = tabelle, name, seite, umgebung
        self.page: Registerlieferung = seite.lieferungen[name]
        self.befunde: list[Befund] = []
        self.staende: list[Stand] = []
        self.faulty = False
        """Whether the row at hand has a fault."""

    def lies(self) -> None:
        fields = {key: self._column(heads) for key, heads in self.page.spalten.items()}
        points = {key: self._column(heads) for key, heads in self.page.punkte.items()}
        numbers = {key: self._column(heads) for key, heads in self.page.zahlen.items()}
        days = self._days()
        if any(befund.schwere == "fehler" for befund in self.befunde):
            return
        seen: dict[tuple[str, str], int] = {}
        for row in range(len(self.tabelle.zeilen)):
            cells = {key: self._cell(row, column) for key, column in fields.items()}
            if not zelltext(cells.get("kennung")) and "kennung" in fields:
                if sum(bool(zelltext(cell)) for cell in cells.values()) > 1:
                    self._fault("Die Kennung fehlt.", "Bitte ergänzen lassen.", row, fields["kennung"])
                continue
            self.faulty = False
            if reason := self.tabelle.maengel.get(row):
                self._fault(f"{reason[0]}.", reason[1], row)
                continue
            state = self._state(row, cells, fields) | {
                "punkte": self._numbers(row, points, self.seite.punkte_bis),
                "zahlen": self._numbers(row, numbers),
                "stand": days[row],
                "lieferung": self.name,
                "datei": self.tabelle.datei,
            }
            if days[row] is None:
                self._fault("Der Stand dieser Zeile ist kein Tag.", "Bitte als TT.MM.JJJJ schreiben.", row)
            key = (state["kennung"], str(days[row]))
            if key in seen:
                first = self.tabelle.nummern[seen[key]]
                self._fault(f"Die Kennung „{state['kennung']}“ steht auch in Zeile {first}.",
                            "Jedes Vorhaben braucht eine eigene Kennung; bitte berichtigen lassen.", row, fields.get("kennung"))  # fmt: skip
            seen.setdefault(key, row)
            if not self.faulty:
                self.staende.append(state)

    # --- where things stand -------------------------------------------------------------------

    def _column(self, heads: str | list[str]) -> int | None:
        names = [heads] if isinstance(heads, str) else heads
        for head in names:
            found = self.tabelle.finde(head)
            if len(found) == 1:
                return found[0]
        unclear = self.tabelle.spalte_unklar(names[0])
        if unclear:
            self.befunde.append(unclear)
        return None

    def _cell(self, row: int, column: int | None) -> Any:
        cells = self.tabelle.zeilen[row]
        return cells[column] if column is not None and column < len(cells) else None

    def _days(self) -> list[str | None]:
        rule, table = self.page.stand, self.tabelle
        if rule.aus == "spalte":
            column = self._column(rule.spalte)
            return [_iso(_tag(self._cell(row, column))) for row in range(len(table.zeilen))]
        found = rule.wert
        places = [table.datei] if rule.aus == "dateiname" else [*table.vorspann, table.blatt]
        for place in places if rule.aus != "fest" else ():
            match = muster.suche(rule.muster, glatt(place))
            if match and (found := _tag(match[1]) or lies_datum(match[1])):
                break
        if found is None:
            where = "im Dateinamen" if rule.aus == "dateiname" else "über der Tabelle"
            self.befunde.append(
                table.befund("fehler", f"Der Stand steht nicht {where}.", "Bitte Datei oder „stand“ in vorhaben.yml anpassen.")
            )  # fmt: skip
        return [_iso(found)] * len(table.zeilen)

    def _fault(
        self, text: str, abhilfe: str, row: int, column: int | None = None, schwere: Any = "fehler"
    ) -> None:
        self.faulty |= schwere == "fehler"
        self.befunde.append(
            self.tabelle.befund(schwere, text, abhilfe, zeile=row, spalte=column, regel="vorhaben")
        )

    # --- what cells mean ----------------------------------------------------------------------

    def _state(self, row: int, cells: dict[str, Any], fields: dict[str, int | None]) -> Stand:
        page, seite = self.page, self.seite
        state: Stand = dict.fromkeys(vorhaben.FELDER)
        state |= {key: [] for key in ("bedarfe", "gebiete", *vorhaben.ROLLEN)}
        cells = {**cells, **page.fest}
        for field, cell in cells.items():
            column = fields.get(field)
            if isinstance(cell, Formel) and (why := hindernis(cell)):
                self._fault(f"{why[0]}.", why[1], row, column)
                continue
            written = zelltext(cell)
            written = self._translated(field, written)
            if not written:
                continue
            if field in vorhaben.WORTFELDER:
                state[field] = self._word(
                    written, {one: one for one in vorhaben.WORTFELDER[field]}, field, row, column
                )
            elif field in ("plan", "lebensbereich", "topf"):
                tables: dict[str, Mapping[str, Aktionsplan | Lebensbereich | Topf]] = {
                    "plan": seite.plaene, "lebensbereich": seite.lebensbereiche, "topf": seite.toepfe,
                }  # fmt: skip
                state[field] = self._word(
                    written, {key: one.name for key, one in tables[field].items()}, field, row, column
                )
            elif field == "bedarfe":
                parts = [self._translated(field, one) for one in _split(written)]
                found = [self._word(one, self.umgebung.bedarfe, field, row, column) for one in parts]
                state[field] = list(dict.fromkeys(one for one in found if one))
            elif field == "gebiete":
                state[field] = self._areas(written, row, column)
            elif field in vorhaben.ROLLEN:
                state[field] = self._indicators(written, field, row, column)
            elif field in vorhaben.TAGE:
                state[field] = self._day(cell if field in fields else written, field, row, column)
            elif field in _ZAHLEN:
                state[field] = self._number(
                    cell if field in fields else written, row, column, 100 if field == "eigenanteil" else None
                )
            else:
                state[field] = written
        self._whole(state, row, fields)
        return state

    def _translated(self, field: str, written: str) -> str:
        """A word of the supplier in that of the register, however it is spelled."""
        words = {vergleichsform(theirs): ours for theirs, ours in self.page.worte.get(field, {}).items()}
        return words.get(vergleichsform(written), written)

    def _whole(self, state: Stand, row: int, fields: dict[str, int | None]) -> None:
        """What must hold between the fields of a row."""
        for field in ("titel", "status", "art"):
            if state[field] is None and not self.faulty:
                self._fault(f"Die Angabe „{field}“ fehlt.", "Bitte ergänzen lassen.", row, fields.get(field))
        if state["beginn"] and state["ende"] and state["beginn"] > state["ende"]:
            self._fault(
                "Das Ende liegt vor dem Beginn.", "Bitte berichtigen lassen.", row, fields.get("ende")
            )
        if state["status"] in _GRUND and not state["text"]:
            self._fault(f"Zum Status „{state['status']}“ fehlt der Grund.", "Bitte ergänzen lassen.", row,
                        fields.get("text"), "warnung")  # fmt: skip
        if state["antragsteller"] and not state["traeger"]:
            self._fault("Ob hier eine Privatperson steht, sagt die Lieferung nicht; behandelt wird der Name wie einer.",
                        "Bitte eine Spalte „traeger“ liefern lassen.", row, fields.get("antragsteller"), "warnung")  # fmt: skip

    def _word(
        self, written: str, known: Mapping[str, str], field: str, row: int, column: int | None
    ) -> str | None:
        form = vergleichsform(written)
        for key, name in known.items():
            if form in (vergleichsform(key), vergleichsform(name)):
                return key
        self._fault(f"{_FRAGEN.get(field, 'Das Wort')} „{written}“ gibt es nicht.",
                    vorschlag(written, known) + " Andere Schreibweisen gehören unter „worte“ in vorhaben.yml.", row, column)  # fmt: skip
        return None

    def _areas(self, written: str, row: int, column: int | None) -> list[str]:
        found: list[str] = []
        for part in filter(None, map(glatt, _PARTS.split(written))):
            pieces = [part] if self._area(part) else list(filter(None, map(glatt, part.split(","))))
            for piece in pieces:
                ids = self._area(piece)
                if len(ids) == 1:
                    found += ids
                elif ids:
                    self._fault(f"„{piece}“ kann mehrere Gebiete meinen: {', '.join(ids)}.",
                                "Bitte die Kennung eintragen lassen.", row, column)  # fmt: skip
                else:
                    self._fault(f"Das Gebiet „{piece}“ gibt es nicht.",
                                "Bitte die Schreibweise berichtigen oder in der Gebietsliste als Alias eintragen.", row, column)  # fmt: skip
        return list(dict.fromkeys(found))

    def _area(self, written: str) -> list[str]:
        place = self.umgebung
        form = vergleichsform(written)
        if form in _ALLES or form in (vergleichsform(place.region), vergleichsform(place.region_name)):
            return [place.region]
        return list(place.buch.kandidaten(written))

    def _indicators(self, written: str, field: str, row: int, column: int | None) -> list[str]:
        known = {key: key for key in sorted(self.umgebung.indikatoren)}
        if field == "umsetzung":
            known |= {key: one.name for key, one in self.seite.zahlen.items()}
        found = []
        for part in _split(written):
            hit = next(
                (
                    k
                    for k, n in known.items()
                    if vergleichsform(part) in (vergleichsform(k), vergleichsform(n))
                ),
                None,
            )
            if hit is None:
                self._fault(f"Den Indikator „{part}“ gibt es nicht.", vorschlag(part, known), row, column)
            else:
                found.append(hit)
        return list(dict.fromkeys(found))

    def _day(self, cell: Any, field: str, row: int, column: int | None) -> str | None:
        day = _tag(cell)
        if day is None and re.fullmatch(r"(19|20)\d\d", zelltext(cell)):
            year = int(zelltext(cell))
            day = date(year, 12, 31) if field in ("ende", "loeschen_am") else date(year, 1, 1)
        if day is None:
            self._fault(
                f"„{zelltext(cell)}“ ist kein Tag.", "Bitte als TT.MM.JJJJ schreiben lassen.", row, column
            )
        return _iso(day)

    def _number(self, cell: Any, row: int, column: int | None, most: float | None = None) -> float | None:
        found = lies_zahl(cell, {})
        if found.fehler:
            self._fault(f"Das ist keine Zahl: {found.fehler}.", found.abhilfe, row, column)
        elif found.wert < 0:
            self._fault("Hier steht eine Zahl unter 0.", "Bitte berichtigen lassen.", row, column)
        elif most is not None and found.wert > most:
            self._fault(f"Hier sind höchstens {most:g} möglich.", "Bitte berichtigen lassen.", row, column)
        elif found.wert == found.wert:
            return found.wert
        return None

    def _numbers(
        self, row: int, columns: Mapping[str, int | None], most: float | None = None
    ) -> dict[str, float]:
        found = {
            key: self._number(self._cell(row, column), row, column, most) for key, column in columns.items()
        }
        return {key: value for key, value in found.items() if value is not None}


_FRAGEN = {
    "art": "Die Art", "status": "Den Status", "traeger": "Den Träger", "pflicht": "Die Berichtspflicht",
    "plan": "Den Plan", "lebensbereich": "Den Lebensbereich", "topf": "Den Topf", "bedarfe": "Den Bedarf",
}  # fmt: skip


def _split(written: str) -> list[str]:
    return [part for part in map(glatt, re.split(r"[,;|\n]+", written)) if part]


def _tag(cell: Any) -> date | None:
    """A day as it stands there, the first of January too; None if it is none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    match = _DAY.fullmatch(zelltext(cell))
    if match is None:
        return None
    parts = [int(part) for part in match.groups() if part]
    day, month, year = parts if match[1] else parts[::-1]
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def pruefe_vorhaben(staende: Iterable[Stand]) -> list[Befund]:
    """What must hold between deliveries: no two states of one day, nothing that disappears without a word."""
    befunde: list[Befund] = []
    found: dict[tuple[str, str], Stand] = {}
    files: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    names: dict[tuple[str, str], str] = {}
    for state in staende:
        files[state["lieferung"]][state["stand"]].add(state["kennung"])
        names[state["lieferung"], state["stand"]] = state["datei"]
        other = found.setdefault((state["kennung"], state["stand"]), state)
        if other is not state and other["datei"] != state["datei"]:
            befunde.append(Befund("fehler", f"Die Kennung „{state['kennung']}“ steht zum selben Stand auch in {other['datei']}.",
                                  "Bitte eine der beiden Dateien berichtigen lassen oder entfernen.", datei=state["datei"],
                                  regel="vorhaben", dateien=(other["datei"], state["datei"])))  # fmt: skip
    for delivery, days in files.items():
        known: set[str] = set()
        for day in sorted(days):
            gone = sorted(known - days[day])
            if gone:
                more = f" und {len(gone) - _GENANNT} weitere" if len(gone) > _GENANNT else ""
                befunde.append(Befund("hinweis", f"Nicht mehr genannt: {_named(gone)}{more}. Der letzte bekannte Stand bleibt.",
                                      "Ist ein Vorhaben zu Ende, gehört sein Status in die Lieferung.",
                                      datei=names[delivery, day], regel="vorhaben_fehlt"))  # fmt: skip
            known |= days[day]
    return befunde


def _named(keys: Sequence[str]) -> str:
    return ", ".join(f"„{key}“" for key in keys[:_GENANNT])
