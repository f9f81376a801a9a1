"""Cells become a number or nothing, always with the reason.

What a sign means is chosen per supplier by a symbol profile; a cell that could be read in two ways
is a fault, never a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sozialanalyse.region import Symbol
from sozialanalyse.woerter import glatt

_FOOTNOTE = re.compile(r"(?:[¹²³⁴-⁹⁰]+[)⁾]?|\*\))$")
_FLAG = re.compile(r"\s*\(([prse])\)$")
_FLAGS = {"p": "vorlaeufig", "r": "korrigiert", "s": "geschaetzt", "e": "geschaetzt"}
_UNIT = re.compile(r"\s*(?:%|€|€/m²|Pers\.|Personen)$")
_BELOW = re.compile(r"^(?:<|unter)\s*(\d+)$", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:ca\.|rd\.|etwa|rund)\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"^\((.+)\)$")
_FORMS = {
    ",": (re.compile(r"^[+-]?[1-9]\d{0,2}(?:[. ]\d{3})+(?:,\d+)?$"), re.compile(r"^[+-]?\d+(?:,\d+)?$")),
    ".": (re.compile(r"^[+-]?[1-9]\d{0,2}(?:[, ]\d{3})+(?:\.\d+)?$"), re.compile(r"^[+-]?\d+(?:\.\d+)?$")),
}


@dataclass(frozen=True)
class Zahl:
    """What a cell says.

    ``wert`` is NaN where there is no number; ``fehler`` tells why it is unreadable. ``unten`` and
    ``oben`` are the bounds of a hidden number, NaN where the supplier does not say.
    """

    wert: float
    status: str
    fehler: str = ""
    unten: float = math.nan
    oben: float = math.nan


def lies_zahl(zelle: object, profil: Mapping[str, Symbol], *, dezimal: Literal[",", "."] = ",") -> Zahl:
    """Read one cell.

    Parameters
    ----------
    zelle
        Cell as delivered: number, text or None.
    profil
        Sign -> meaning. The sign ``""`` stands for an empty cell; without it an empty cell is a gap
        with the status ``unbekannt``.
    dezimal
        Decimal sign of numbers written as text.

    Returns
    -------
    Zahl
        Status ``wert`` for a number, else the reason; ``fehler`` with a German sentence if unreadable.
    """
    if isinstance(zelle, bool):
        return Zahl(math.nan, "fehler", "ein Wahrheitswert steht, wo eine Zahl erwartet wird")
    if isinstance(zelle, int | float):
        return Zahl(float(zelle), "wert") if math.isfinite(zelle) else Zahl(math.nan, "unbekannt")
    written = "" if zelle is None else glatt(zelle)
    if written in profil:
        return _meaning(profil[written])
    for sign, symbol in profil.items():
        if sign.casefold() == written.casefold():
            return _meaning(symbol)
    if not written:
        return Zahl(math.nan, "unbekannt")
    if below := _BELOW.match(written):
        return Zahl(math.nan, "geheim", unten=0, oben=max(int(below[1]) - 1, 0))
    return _number(written, dezimal)


def _meaning(symbol: Symbol) -> Zahl:
    if symbol.wert is not None:
        return Zahl(symbol.wert, "wert" if symbol.status == "null_exakt" else symbol.status)
    if symbol.status == "null_exakt":
        return Zahl(0.0, "wert")
    bounds = (math.nan if bound is None else bound for bound in (symbol.von, symbol.bis))
    return Zahl(math.nan, symbol.status, "", *bounds)


def _number(written: str, dezimal: Literal[",", "."]) -> Zahl:
    status, text = "wert", written
    if bracketed := _BRACKETS.match(text):
        status, text = "unsicher", bracketed[1]
    if _ABOUT.match(text):
        status, text = "geschaetzt", _ABOUT.sub("", text)
    if flag := _FLAG.search(text):
        status, text = _FLAGS[flag[1]], text[: flag.start()]
    text = _UNIT.sub("", _FOOTNOTE.sub("", text)).strip().replace("−", "-").replace("–", "-")
    grouped, plain = _FORMS[dezimal]
    if grouped.match(text):
        text = re.sub(r"[. ]" if dezimal == "," else r"[, ]", "", text)
    elif not plain.match(text):
        return Zahl(math.nan, "fehler", f"„{written}“ ist keine Zahl mit dem Dezimalzeichen „{dezimal}“")
    value = float(text.replace(",", "."))
    return Zahl(value, status)
