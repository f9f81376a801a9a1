"""Known errors of suppliers, mended by records: where, what, why, since when, and the delivered text as guard.

A record is applied to the delivered table, before anything is interpreted. If the cell no longer holds
the text the record was written for, the supplier has mended it (or changed it), and the record is a
fault until somebody takes it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, StrictFloat, StrictInt, model_validator

from sozialanalyse.base import (
    Befund,
    Kennung,
    Prozent,
    PruefFehler,
    Rohtabelle,
    YamlSeite,
    dateiname_passt,
    yamlio,
    zelle_in_worten,
    zelltext,
)
from sozialanalyse.harmonise.symbols import dezimalzeichen, lies_zahl

_ADRESSE = r"^([A-Z]{1,3}[1-9]\d*|Zeile [1-9]\d*, Spalte [1-9]\d*|[^\[\]]+\[\d+\].*)$"


class Korrektur(YamlSeite):
    """One known error of a delivery."""

    id: Kennung
    datei: str
    """File below the deliveries; * stands for any characters."""
    blatt: str | None = None
    zelle: str = Field(pattern=_ADRESSE)
    """Address of the cell as the spreadsheet or a finding shows it."""
    geliefert: str | StrictInt | StrictFloat
    """What stands there, as the sheet shows it; the guard: if anything else stands there, the record is out of date."""
    richtig: str | StrictInt | StrictFloat | None = None
    """What should stand there; left out, the cell becomes a gap."""
    warum: str = Field(min_length=10)
    seit: date
    quelle: str = ""
    """Who confirmed it, and how."""

    @model_validator(mode="after")
    def _changes(self) -> Korrektur:
        if self.richtig is not None and self.richtig == self.geliefert:
            raise ValueError("„richtig“ ist dasselbe wie „geliefert“; diese Korrektur bewirkt nichts.")
        return self


class Korrekturseite(YamlSeite):
    """One file of the folder ``korrekturen``."""

    korrekturen: list[Korrektur] = Field(min_length=1)


@dataclass
class Korrekturbuch:
    """All records of a region, and which of them have been applied."""

    eintraege: tuple[tuple[Korrektur, str, int | None], ...]
    """Record, file and line it stands in."""
    _angewandt: dict[tuple[str, str, int, int], str] = field(default_factory=dict)
    _benutzt: set[str] = field(default_factory=set)

    @classmethod
    def leer(cls) -> Korrekturbuch:
        return cls(())

    def berichtige(self, tabelle: Rohtabelle, befunde: list[Befund]) -> Rohtabelle:
        """The table with its records applied; what was done, and guards that fail, go to ``befunde``."""
        own = [entry for entry in self.eintraege if _meint(entry[0], tabelle)]
        if not own:
            return tabelle
        rows: list[list[Any]] = [list(row) for row in tabelle.zeilen]
        for record, page, page_line in own:
            self._benutzt.add(record.id)
            place = tabelle.finde_zelle(record.zelle)
            if place is None:
                befunde.append(_stale(record, page, page_line, ""))
                continue
            position, column = place
            cell = rows[position][column] if column < len(rows[position]) else None
            if not _stands(cell, record.geliefert):
                befunde.append(_stale(record, page, page_line, _as_shown(cell)))
                continue
            rows[position] += [None] * (column + 1 - len(rows[position]))
            rows[position][column] = _mended(record.richtig, cell)
            self._angewandt[tabelle.datei, tabelle.blatt, position, column] = record.id
            befunde.append(tabelle.befund(
                "hinweis", f"Korrektur „{record.id}“ seit {record.seit:%d.%m.%Y}: „{_as_shown(record.geliefert)}“ gilt als "
                f"{_shown(record.richtig)}. {record.warum}", "Bitte in der nächsten Lieferung berichtigen.",
                zeile=position, spalte=column, regel="korrektur"))  # fmt: skip
        return replace(tabelle, zeilen=rows)

    def spalte(self, tabelle: Rohtabelle, column: int) -> dict[int, str]:
        """Records applied in one column: position of the row -> id."""
        return {
            row: record
            for (datei, blatt, row, spalte), record in self._angewandt.items()
            if (datei, blatt, spalte) == (tabelle.datei, tabelle.blatt, column)
        }

    def geliefert(self, kennung: str) -> str:
        """Text that was delivered where a record was applied."""
        return next(_as_shown(record.geliefert) for record, _, _ in self.eintraege if record.id == kennung)

    def angewandt(self) -> tuple[Korrektur, ...]:
        """Records that have been applied, in the order of their pages."""
        done = set(self._angewandt.values())
        return tuple(record for record, _, _ in self.eintraege if record.id in done)

    def unbenutzt(self) -> Iterable[Befund]:
        """Records whose file was not delivered; they mend nothing."""
        for record, page, line in self.eintraege:
            if record.id not in self._benutzt:
                yield Befund("warnung", f"Korrektur „{record.id}“: Zu „{record.datei}“ gibt es keine Lieferung.",
                             "Bitte den Dateinamen prüfen oder die Korrektur entfernen.", datei=page, zeile=line,
                             regel="korrektur")  # fmt: skip


def lade_korrekturen(ordner: Path) -> Korrekturbuch:
    """Read every page in a region's folder ``korrekturen``; none is needed.

    Raises
    ------
    PruefFehler
        With everything that is wrong on any page, at once.
    """
    entries: dict[str, tuple[Korrektur, str, int | None]] = {}
    pages, problems = yamlio.lies_seiten(ordner / "korrekturen", Korrekturseite)
    for document, page in pages:
        path = document.pfad
        for number, record in enumerate(page.korrekturen):
            line = document.zeile(("korrekturen", number))
            if record.id in entries:
                problems.append(Befund("fehler", f"Die Korrektur „{record.id}“ gibt es zweimal.", "Bitte eine andere Kennung wählen.",
                                       datei=str(path), zeile=line))  # fmt: skip
            entries[record.id] = (record, str(path), line)
    if problems:
        raise PruefFehler(problems)
    return Korrekturbuch(tuple(entries.values()))


def _meint(record: Korrektur, tabelle: Rohtabelle) -> bool:
    return dateiname_passt(tabelle.datei, record.datei) and record.blatt in {None, tabelle.blatt}


def _stands(cell: object, told: str | float) -> bool:
    """Whether a cell holds what a record tells: the same text, or the number as a sheet may show it."""
    if zelltext(cell) == zelltext(told):
        return True
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return False
    for sign in _SIGNS:
        number = lies_zahl(told, {}, dezimal=sign)
        digits = re.search(rf"{re.escape(sign)}(\d+)", str(told))
        shown = 0.5000001 * 10 ** -len(digits[1]) if digits else 0.0
        if not number.fehler and abs(number.wert - cell) <= max(shown, 1e-12 * abs(cell)):
            return True
    return False


_SIGNS: tuple[Literal[","], Literal["."]] = (",", ".")


def _mended(right: str | float | None, cell: object) -> object:
    """What takes the place of a cell; where a number stood, an unmistakable number is one."""
    if not isinstance(right, str) or isinstance(cell, str) or cell is None:
        return right
    sign = dezimalzeichen(right)
    if sign not in _SIGNS:
        return right
    found = lies_zahl(right, {}, dezimal=sign)  # type: ignore[arg-type]
    if found.fehler or found.status != "wert":
        return right
    return Prozent(found.wert) if found.prozent else found.wert


def _as_shown(value: object) -> str:
    """A number as it is written in German, anything else as it is."""
    if isinstance(value, float) and not isinstance(value, Prozent):
        return zelltext(value).replace(".", ",")
    return zelltext(value)


def _shown(value: str | float | None) -> str:
    return "Lücke" if value is None else f"„{_as_shown(value)}“"


def _stale(record: Korrektur, page: str, line: int | None, found: str) -> Befund:
    return Befund("fehler", f"Korrektur „{record.id}“: In {record.datei}, {zelle_in_worten(record.zelle)}, steht nicht mehr "
                  f"„{_as_shown(record.geliefert)}“, sondern „{found}“.",
                  "Die Lieferung ist offenbar berichtigt; bitte prüfen und die Korrektur entfernen oder anpassen.",
                  datei=page, zeile=line, regel="korrektur")  # fmt: skip
