"""The drafted page as commented YAML: every entry with the place it was decided from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_SCHLICHT = re.compile(r"[A-Za-zÄÖÜäöüß](?:[\w äöüÄÖÜß.€²()+/-]*[\w²€).])?")
_VERWECHSELBAR = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
BREITE = 118


@dataclass(frozen=True)
class Feldangabe:
    """A field of the page: its name, what the page says of it, where it stands and why."""

    name: str
    angaben: dict[str, Any]
    ort: str
    beleg: str


@dataclass(frozen=True)
class Indikatorangabe:
    """An indicator of the page; ``aktiv`` says whether it stands ready or behind a #."""

    id: str
    angaben: dict[str, Any]
    beleg: str
    aktiv: bool


@dataclass(frozen=True)
class Vorlage:
    """Everything a drafted page says."""

    id: str
    name: str
    zeile_ist: str
    quelle: dict[str, str]
    dateien: str
    symbolprofil: tuple[str, str, tuple[str, ...]]
    sperrprofil: tuple[str, str]
    gebietsstand: tuple[str, ...]
    tabelle: dict[str, Any]
    belege: Mapping[str, str]
    zeilen_belege: Mapping[str, str]
    felder: tuple[Feldangabe, ...]
    summen: dict[str, list[str]]
    indikatoren: tuple[Indikatorangabe, ...]
    ausgelassen: Mapping[str, tuple[str, ...]]
    gerundet_auf: int = 0
    vollstaendig: bool = True
    kopfzeilen: tuple[str, ...] = field(default=())


def schreibe(vorlage: Vorlage) -> str:
    """The page as text."""
    lines = [*_comment(vorlage.kopfzeilen), ""]
    lines += [f"id: {vorlage.id}", f"name: {skalar(vorlage.name)}", f"zeile_ist: {skalar(vorlage.zeile_ist)}"]
    lines += ["quelle:", *(f"  {key}: {skalar(value)}" for key, value in vorlage.quelle.items())]
    lines.append(f"dateien: {skalar(vorlage.dateien)}")
    name, reason, added = vorlage.symbolprofil
    lines += ["", *_comment([reason]), f"symbolprofil: {skalar(name)}"]
    lines += [f"#   in region.yml ergänzen: {line}" for line in added]
    name, reason = vorlage.sperrprofil
    lines += [f"sperrprofil: {skalar(name)}   # {reason}"]
    if not vorlage.vollstaendig:
        lines.append("vollstaendig: false   # nicht jedes Gebiet wird geliefert")
    if vorlage.gerundet_auf:
        lines.append(f"gerundet_auf: {vorlage.gerundet_auf}   # jede gezählte Zahl ist ein Vielfaches davon")
    if vorlage.gebietsstand:
        cuts = (
            skalar(vorlage.gebietsstand[0])
            if len(vorlage.gebietsstand) == 1
            else fluss(list(vorlage.gebietsstand))
        )
        lines.append(f"gebietsstand: {cuts}   # einige Zeilen nennen Gebiete dieses Zuschnitts")
    lines += ["", *_table(vorlage)]
    lines += ["", "felder:", *_fields(vorlage.felder)]
    if vorlage.ausgelassen:
        lines += _comment(
            f"Nicht aufgenommen ({why}): {', '.join(names[:12])}{' …' if len(names) > 12 else ''}"
            for why, names in vorlage.ausgelassen.items()
        )
    if vorlage.summen:
        lines += ["", "# In jeder Zeile der Lieferung nachgerechnet:", "pruefungen:", "  summen:"]
        for whole, parts in vorlage.summen.items():
            lines += _long(f"    {whole}: ", " + ".join(parts))
    lines += ["", *_indicators(vorlage.indikatoren)]
    return "\n".join(line.rstrip() for line in lines).lstrip("\n") + "\n"


def _table(vorlage: Vorlage) -> list[str]:
    lines = ["tabelle:"]
    for key, value in vorlage.tabelle.items():
        if reason := vorlage.belege.get(key):
            lines += [f"  {line}" for line in _comment([reason])]
        if key == "schluessel":
            lines.append("  schluessel:")
            for name, entry in value.items():
                if reason := vorlage.zeilen_belege.get(name):
                    lines += [f"    {line}" for line in _comment([reason])]
                lines.append(f"    {name}: {fluss(entry)}")
        else:
            lines.append(f"  {key}: {fluss(value)}")
    return lines


def _fields(felder: Iterable[Feldangabe]) -> list[str]:
    lines = []
    for feld in felder:
        note = "; ".join(
            filter(None, [re.sub(r" „.*", "", feld.ort), feld.beleg and f"Einheit: {feld.beleg}"])
        )
        lines.append(f"  {feld.name}: {fluss(feld.angaben)}" + (f"   # {note}" if note else ""))
    return lines


def _indicators(entries: Sequence[Indikatorangabe]) -> list[str]:
    ready = [entry for entry in entries if entry.aktiv]
    lines = [
        '# Vorschläge. polaritaet: "+" heißt, höher bedeutet mehr Bedarf, "-" weniger, "0" keins von beiden.',
        "indikatoren:" if ready else "indikatoren: {}",
    ]
    lines += [
        f"  {entry.id}: {fluss(entry.angaben)}" + (f"   # {entry.beleg}" if entry.beleg else "")
        for entry in ready
    ]
    waiting = [entry for entry in entries if not entry.aktiv]
    if waiting:
        lines.append("  # Zum Einschalten das Zeichen # entfernen, wo nötig das Thema eintragen:")
        lines += [f"  # {entry.id}: {fluss(entry.angaben)}" for entry in waiting]
    return lines


def _comment(texts: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for text in texts:
        indent = " " * (len(text) - len(text.lstrip()))
        line = "#"
        for word in text.split():
            if len(line) + 1 + len(word) > BREITE and line.strip("# "):
                lines.append(line)
                line = f"#{indent}{'   ' if indent else ''}"
            line += f" {indent if line == '#' else ''}{word}"
        lines.append(line)
    return lines


def _long(head: str, text: str) -> list[str]:
    """A long formula, folded."""
    if len(head) + len(text) <= BREITE:
        return [head + text]
    lines, line = [f"{head}>-"], "      "
    for word in text.split(" "):
        if len(line) + len(word) > BREITE:
            lines.append(line.rstrip())
            line = "      "
        line += f"{word} "
    return [*lines, line.rstrip()]


def fluss(value: Any) -> str:
    """A value in flow style, in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {fluss(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(fluss(entry) for entry in value) + "]"
    return skalar(value)


def skalar(value: Any) -> str:
    """A single value as the strict YAML of the pages reads it back.

    >>> skalar("05999002"), skalar("Haushalte insgesamt"), skalar("a: b")
    ("'05999002'", 'Haushalte insgesamt', "'a: b'")
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}"
    text = str(value)
    if "\t" in text or "\n" in text:
        return (
            '"'
            + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
            + '"'
        )
    if _SCHLICHT.fullmatch(text) and text.casefold() not in _VERWECHSELBAR:
        return text
    return "'" + text.replace("'", "''") + "'"
