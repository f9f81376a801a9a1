"""How a file is to be cut: heading, end, and the other files of the same delivery."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sozialanalyse import sources
from sozialanalyse.base import PruefFehler, Rohtabelle, Stellen, glatt, vergleichsform, zelltext
from sozialanalyse.region import TABELLEN, Tabelle
from sozialanalyse.vorschlag.ansicht import leer
from sozialanalyse.vorschlag.lage import Finder, Lage, zahlig
from sozialanalyse.vorschlag.musterbau import anfang, muster, woertlich

_OFFEN = {"schluessel": {"spalten": ["?"]}, "stichtag": {"aus": "fest", "wert": "?"}}
"""Stands in until key and date are known; cutting a table asks for neither."""


@dataclass(frozen=True)
class Zuschnitt:
    """The part of ``tabelle`` that cuts the table, each entry with its reason."""

    angaben: dict[str, Any]
    belege: dict[str, str]
    fussnoten: tuple[str, ...] = ()
    """Notes below the table."""

    def modell(self) -> Tabelle:
        return TABELLEN[self.angaben["format"]].model_validate(self.angaben | _OFFEN)

    def lies(self, pfad: Path, name: str) -> list[Rohtabelle]:
        return list(sources.lies_tabellen(pfad, self.modell(), name=name))


def forme(lagen: Sequence[Lage], blaetter: Sequence[str]) -> Zuschnitt:
    """Format, sheets, encoding, delimiter, heading and end as the page names them.

    Parameters
    ----------
    lagen
        Sheets of the same form, usually one.
    blaetter
        Names of all visible sheets.
    """
    lage = lagen[0]
    view = lage.ansicht
    entries: dict[str, Any] = {"format": view.format}
    reasons: dict[str, str] = {}
    if view.format == "csv":
        entries |= {"kodierung": view.kodierung, "trennzeichen": view.trennzeichen}
        reasons |= dict(zip(("kodierung", "trennzeichen"), view.belege, strict=False))
    elif view.format == "ffcsv":
        entries["kodierung"] = view.kodierung
        reasons |= {"format": "Überschriften einer Flat-CSV-Datei aus GENESIS", "kodierung": view.belege[0]}
    elif view.blaetter > 1:
        names = [one.ansicht.blatt.name for one in lagen]
        pattern = muster(names, [name for name in blaetter if name not in names], ganz=True)
        whole = pattern.removeprefix("^").removesuffix("$")
        entries["blatt"] = woertlich(names[0]) if len(names) == 1 else {"muster": whole, "alle": True}
        reasons["blatt"] = (
            f"eines von {view.blaetter} Blättern; auf diesem stehen die meisten Gebiete"
            if len(names) == 1
            else f"{len(names)} Blätter mit denselben Überschriften: {', '.join(names[:4])}"
        )
    if view.blatt.stellen.zeile != Stellen.zeile:  # a format without lines: its names are the heading
        return Zuschnitt(entries, reasons)
    word, row = _landmark(lage)
    entries["kopf"] = {"erkennbar_an": word} | ({"hoehe": lage.hoehe} if lage.hoehe > 1 else {})
    last = f" bis {row + lage.hoehe - 1}" if lage.hoehe > 1 else ""
    reasons["kopf"] = f"Zeile {row}{last}; darunter beginnen die Zahlen"
    notes = _notes(lage)
    if notes:
        pattern = anfang(notes[0][1])
        body = [_first(cells) for _, cells in lage.datenzeilen]
        cut = body.index(notes[0][1])
        if not any(re.match(pattern, text) for text in body[:cut]):
            entries["ende"] = pattern
            reasons["ende"] = f"Zeile {notes[0][0]}: ab hier stehen nur Erläuterungen"
    return Zuschnitt(entries, reasons, tuple(text for _, text in notes))


def _first(cells: Sequence[Any]) -> str:
    return next((glatt(cell) for cell in cells if not leer(cell)), "")


def _landmark(lage: Lage) -> tuple[str, int]:
    """A text of the heading's first row that stands nowhere above it, best that of the key."""
    number, cells = lage.kopfzeilen[0]
    above = {vergleichsform(cell) for _, row in lage.vorspann for cell in row if not leer(cell)}
    order = [*lage.schluessel.spalten, *range(len(cells))]
    texts = [glatt(cells[column]) for column in order if column < len(cells) and not leer(cells[column])]
    return next((text for text in texts if vergleichsform(text) not in above | {""}), texts[0]), number


def _notes(lage: Lage) -> list[tuple[int, str]]:
    """Texts below the last row that holds numbers: (row number, first text)."""
    keys = set(lage.schluessel.spalten)
    rows = lage.datenzeilen
    backwards = range(len(rows) - 1, -1, -1)
    last = next(
        (i for i in backwards if any(zahlig(c) for k, c in enumerate(rows[i][1]) if k not in keys)),
        len(rows) - 1,
    )
    return [
        (number, text) for number, row in rows[last + 1 :] if (text := _first(row)) and not _signs(row, keys)
    ]


def _signs(row: Sequence[Any], keys: set[int]) -> bool:
    """Whether a row has entries beside its key: an area whose numbers are all hidden is no note."""
    return sum(not leer(cell) for column, cell in enumerate(row) if column not in keys) > 1


@dataclass(frozen=True)
class Lieferung:
    """The files of one dataset: the pattern that names them, their tables, and what else lies beside."""

    muster: str
    pfade: tuple[Path, ...]
    tabellen: tuple[Rohtabelle, ...]
    spalten: tuple[Mapping[int, int], ...]
    """Of each table: column of the first table -> column here."""
    andere: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Column of the first table -> other headings it has in some files."""
    abgewiesen: tuple[str, ...] = ()
    """Files of a similar name that do not fit, each with the reason."""


def sammle(pfad: Path, form: Zuschnitt, lage: Lage, wurzel: Path, finder: Finder) -> Lieferung:
    """The files beside one that the same page can read.

    Raises
    ------
    PruefFehler
        If the file itself cannot be read in this form.
    """
    full = pfad.resolve()
    inside = full.is_relative_to(wurzel)
    mine = form.lies(full, full.relative_to(wurzel).as_posix() if inside else full.name)
    first = mine[0]
    keys = lage.schluessel.benutzt
    stem = _common_stem(full, finder)
    pattern = f"{stem}*{full.suffix}" if stem else full.name
    own = {i: i for i in range(len(first.kopf))}
    tables, paths, maps = list(mine), [full], [own for _ in mine]
    others: dict[int, list[str]] = {}
    rejected = []
    beside = sorted(path for path in full.parent.glob(pattern) if path != full and path.is_file())
    for path in beside:
        try:
            found = form.lies(path, path.relative_to(wurzel).as_posix() if inside else path.name)
        except PruefFehler as error:
            rejected.append(f"{path.name}: {error.befunde[0].text}")
            continue
        columns = [_columns(first, table, keys) for table in found]
        if None in columns:
            there = {vergleichsform(name) for table in found for name in table.kopf}
            missing = [name for name in first.kopf if name and vergleichsform(name) not in there]
            rejected.append(f"{path.name}: Es fehlen Spalten wie „{(missing or ['?'])[0]}“.")
            continue
        paths.append(path)
        for table, fit in zip(found, columns, strict=True):
            assert fit is not None
            tables.append(table)
            maps.append(fit)
            for here, place in fit.items():
                name = table.kopf[place]
                if vergleichsform(name) != vergleichsform(first.kopf[here]) and name not in others.setdefault(
                    here, []
                ):
                    others[here].append(name)
    if rejected or not inside:
        pattern = pattern if not rejected else full.name
        if rejected:
            tables, paths, maps, others = mine, paths[:1], maps[: len(mine)], {}
    if form.angaben["format"] == "csv" and len(paths) > 1 and not any(map(_ends_whole, paths)):
        form.angaben["ohne_zeilenende"] = True
        form.belege["ohne_zeilenende"] = f"keine der {len(paths)} Dateien endet mit einem Zeilenende"
    folder = full.parent.relative_to(wurzel).as_posix() if inside else ""
    named = pattern if folder in ("", ".") else f"{folder}/{pattern}"
    return Lieferung(
        named, tuple(paths), tuple(tables), tuple(maps),
        {column: tuple(names) for column, names in others.items() if names}, tuple(rejected),
    )  # fmt: skip


def _ends_whole(path: Path) -> bool:
    """Whether a text file ends with the end of a line."""
    return path.read_bytes()[-4:].rstrip(b"\0\x1a").endswith((b"\n", b"\r"))


def _common_stem(pfad: Path, finder: Finder) -> str:
    """Beginning of a file's name before its date or Kommune, "" if too little would be left."""
    stem = pfad.stem
    places = [match.start() for match in re.finditer(r"\d", stem)][:1]
    if (spoken := finder.kommune_in(stem)) is not None:
        places.append(stem.find(spoken[1]))
    name = stem[: min(places)] if places else ""
    if not places and "_" in stem:
        return ""
    return _glob(name) if len(name.strip("_- ")) >= 2 else ""


def _glob(text: str) -> str:
    return re.sub(r"([\[\]?*])", "[\\1]", text)


def _columns(first: Rohtabelle, table: Rohtabelle, keys: Sequence[int]) -> dict[int, int] | None:
    """Where the columns of the first table stand in another; None if it has another form.

    Headings lead; where some differ, tables of the same width whose key columns agree are taken column by column.
    """
    there = {vergleichsform(name): i for i, name in reversed(list(enumerate(table.kopf))) if name}
    if any(vergleichsform(first.kopf[key]) not in there for key in keys if first.kopf[key]):
        return None
    named = {
        i: there[form]
        for i, name in enumerate(first.kopf)
        if name and (form := vergleichsform(name)) in there
    }
    wanted = [i for i, name in enumerate(first.kopf) if name]
    if len(named) == len(wanted):
        return named
    same_place = all(here == other for here, other in named.items())
    if same_place and len(table.kopf) == len(first.kopf) and all(table.kopf[i] for i in wanted):
        return {i: i for i in wanted}
    return None


def kommune_von(
    lage: Lage, tabellen: Sequence[Rohtabelle], finder: Finder
) -> tuple[list[str], dict[str, str], str]:
    """Kommune each table speaks of, the entries of the page that say where it stands, and the reason.

    Only where keys alone mean no area in some table.
    """
    keys = lage.schluessel
    none: tuple[list[str], dict[str, str], str] = ([""] * len(tabellen), {}, "")
    alone = [_share(table, keys.spalten[0], finder, "") for table in tabellen]
    if len(keys.spalten) > 1 or min(alone) > 0.8:
        return none
    for origin in ("dateiname", "blatt", "zelle"):
        named = [_spoken(table, origin, finder) for table in tabellen]
        if any(hit is None for hit in named):
            continue
        hits = [hit for hit in named if hit is not None]
        for pattern in _kommune_patterns(hits):
            read = [_kommune(table, origin, pattern, finder) for table in tabellen]
            helped = [
                _share(table, keys.spalten[0], finder, town)
                for table, town in zip(tabellen, read, strict=True)
            ]
            better = [h >= a and h > 0 for h, a in zip(helped, alone, strict=True)]
            if read == [hit[0] for hit in hits] and all(better) and sum(helped) > sum(alone) + 0.2:
                place = {"dateiname": "im Dateinamen", "zelle": "über der Tabelle", "blatt": "im Blattnamen"}[
                    origin
                ]
                reason = f"{place} steht die Kommune („{hits[0][1]}“), in den Zeilen nur ihr Teil"
                return (
                    [town or "" for town in read],
                    {"kommune_aus": origin, "kommune_muster": pattern},
                    reason,
                )
    return none


def _share(table: Rohtabelle, column: int, finder: Finder, kommune: str | None) -> float:
    cells = [cell for cell in table.spalte(column) if not leer(cell)]
    hits = [finder(cell, kommune or None) for cell in cells]
    return sum(hit is not None for hit in hits) / max(len(cells), 1)


def _spoken(table: Rohtabelle, origin: str, finder: Finder) -> tuple[str, str, str] | None:
    """Kommune, how it is written, and the text it stands in."""
    for text in _texts(table, origin):
        hit = finder.kommune_in(glatt(text))
        if hit is not None:
            return hit[0], hit[1], glatt(text)
    return None


def _texts(table: Rohtabelle, origin: str) -> list[str]:
    """What the reader of the page looks through for the Kommune."""
    if origin == "dateiname":
        return [Path(table.datei).stem]
    return [table.blatt] if origin == "blatt" else [*table.vorspann, table.blatt]


def _kommune_patterns(hits: Sequence[tuple[str, str, str]]) -> list[str]:
    found = []
    for _, written, text in hits[:1]:
        place = text.find(written)
        before, after = text[:place], text[place + len(written) :][:1]
        head = woertlich(before) if len(before) < 30 else woertlich(before[-20:])
        start = "^" if len(before) < 30 else ""
        found.append(
            f"{start}{head}([^{woertlich(after)}]+){woertlich(after)}" if after else f"{start}{head}(.+)$"
        )
    return found


def _kommune(table: Rohtabelle, origin: str, pattern: str, finder: Finder) -> str | None:
    """The Kommune that the reader of the page would find."""
    for text in _texts(table, origin):
        match = re.search(pattern, glatt(text))
        found = finder(zelltext(match[1])) if match else None
        if found is not None and found.level == "kommune":
            return found.gebiet
    return None
