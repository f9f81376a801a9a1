"""Cells become a number or nothing, always with the reason.

What a sign means is chosen per supplier by a symbol profile; a cell that could be read in two ways
is a fault, never a guess.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sozialanalyse.base import Formel, Gestrichen, Gezeigt, Prozent, Unsichtbar, glatt, hindernis
from sozialanalyse.region import Symbol

LAENGSTE = 200
"""No number is longer; what is tried on texts takes the longer the more they hold."""
_RAISED = "¹²³⁰⁴-⁹ᵃ-ᶻ"
_FOOTNOTE = re.compile(rf"(?:[{_RAISED}]+[)⁾]?(?:[,; ]+[{_RAISED}]+[)⁾]?)*|\*\))$")
_FLAG = re.compile(r"\s*\(([prse])\)$")
_FLAGS = {"p": "vorlaeufig", "r": "korrigiert", "s": "geschaetzt", "e": "geschaetzt"}
_UNIT = re.compile(
    r"\s*(%|€/m²|€|EUR|Euro|Pers\.|Personen|(?<=[\s\d])(?:v\.?\s?H\.?|(?:Proz|Pct|pct)\.|Prozent|Percent|percent))$"
)
_WORD = re.compile(r"^[+-]?\d[\d.,' ]*?\s*((?:[^\W\d_]|[‰‱°])[^\d]*)$")
_EXPONENT = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$")
_BELOW = re.compile(r"^(?:<|unter)\s*(\d+)$", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:ca\.|rd\.|etwa|rund)\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"^\((.+)\)$")
_NOTE = re.compile(
    r"\d\s*%?\s*(\d{1,2}[)⁾]|\[\d{1,2}\]|[a-z][)⁾]|\([a-z]\)|\*{1,3}|†|[₀-₉]+)$|^(?=\*|\([a-z]\))(\*+|\([a-z]\))\s*\d",
    re.IGNORECASE,
)
_LINES = re.compile(r"(?<=\d)\s*[\t\n\v\f\r\x85\u2028\u2029]\s*(?=\d)")
_HYPHEN = re.compile(r"\s*\xad\s*\d")
_DASHES = str.maketrans(dict.fromkeys("−–‐‑﹣－", "-"))
_APOSTROPHE = "'’‘`´ʼ"
_SIGN = re.compile(r"^([+-])\s(?=\d)")
_FORMS = {
    sign: (
        re.compile(
            rf"^[+-]?[1-9]\d{{0,2}}(?:(?P<t>[{re.escape(other)} {_APOSTROPHE}])\d{{3}})(?:(?P=t)\d{{3}})*(?:{re.escape(sign)}\d+)?$"
        ),
        re.compile(rf"^[+-]?\d+(?:{re.escape(sign)}\d+)?$"),
    )
    for sign, other in ((",", "."), (".", ","))
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
    prozent: bool = False
    """Whether the cell itself says that it is a percentage."""
    abhilfe: str = "Bitte beim Lieferanten klären."


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
    if (
        type(zelle) is str
        and len(zelle) <= 15
        and zelle.isascii()
        and zelle.isdigit()
        and zelle not in profil
    ):
        return Zahl(float(zelle), "wert")  # nearly every cell
    if isinstance(zelle, bool):
        return Zahl(math.nan, "fehler", "ein Wahrheitswert steht, wo eine Zahl erwartet wird")
    if isinstance(zelle, int | float):
        percent = isinstance(zelle, Prozent)
        if profil and not percent and (gap := _numeric_sign(float(zelle), profil)):
            return _meaning(gap)
        return (
            Zahl(float(zelle), "wert", prozent=percent)
            if math.isfinite(zelle)
            else Zahl(math.nan, "unbekannt")
        )
    written = "" if zelle is None else glatt(zelle)
    if not isinstance(zelle, str | None) or isinstance(zelle, Formel | Gestrichen | Gezeigt | Unsichtbar):
        written = ""
    elif written in profil:
        return _meaning(profil[written])
    else:
        for sign, symbol in profil.items():
            if sign.casefold() == written.casefold():
                return _meaning(symbol)
    if len(written) > LAENGSTE:
        return Zahl(
            math.nan,
            "fehler",
            f"Hier steht ein Text von {len(written)} Zeichen („{written[:40]} …“), wo eine Zahl erwartet wird",
        )
    if against := hindernis(zelle, "."):
        return Zahl(math.nan, "fehler", against[0], abhilfe=against[1])
    if not written:
        return Zahl(math.nan, "unbekannt")
    if isinstance(zelle, str) and _HYPHEN.match(zelle):
        return Zahl(
            math.nan,
            "fehler",
            f"Vor „{written}“ steht ein weicher Trennstrich; ob er ein Minus sein soll, lässt sich nicht erkennen",
            abhilfe="Bitte das Minuszeichen neu eintragen lassen.",
        )
    if isinstance(zelle, str) and (lines := _LINES.search(zelle)):
        return Zahl(
            math.nan,
            "fehler",
            f"In der Zelle stehen zwei Zahlen {'nebeneinander' if lines[0].strip(' ') == chr(9) else 'untereinander'} („{written}“)",
            abhilfe="Bitte für jede Zahl eine eigene Zelle liefern lassen.",
        )
    if below := _BELOW.match(written):
        return Zahl(math.nan, "geheim", unten=0, oben=max(int(below[1]) - 1, 0))
    found = _number(written, dezimal)
    gap = None if found.fehler or found.prozent or not profil else _numeric_sign(found.wert, profil)
    return _meaning(gap) if gap else found


def _numeric_sign(value: float, profil: Mapping[str, Symbol]) -> Symbol | None:
    """The sign of the profile that a number is, such as 999 for a gap, however it is written ("999,0")."""
    sign = profil.get(f"{value:.0f}") if value.is_integer() else None
    return sign if sign and sign.wert is None and sign.status != "null_exakt" else None


def _meaning(symbol: Symbol) -> Zahl:
    if symbol.wert is not None:
        return Zahl(symbol.wert, "wert" if symbol.status == "null_exakt" else symbol.status)
    if symbol.status == "null_exakt":
        return Zahl(0.0, "wert")
    low, high = (math.nan if bound is None else bound for bound in (symbol.von, symbol.bis))
    return Zahl(math.nan, symbol.status, unten=low, oben=high)


def _number(written: str, dezimal: Literal[",", "."]) -> Zahl:
    text, status, percent = _bare(written)
    grouped, plain = _FORMS[dezimal]
    if group := grouped.match(text):
        text = text.replace(group["t"], "")
    elif not plain.match(text):
        return _no_number(written, dezimal)
    return Zahl(float(text.replace(",", ".")), status, prozent=percent)


def _no_number(written: str, dezimal: str) -> Zahl:
    if broken := _control(written):
        return Zahl(
            math.nan,
            "fehler",
            f"In „{broken[0]}“ steht ein Steuerzeichen ({broken[1]}); vermutlich ist die Datei beschädigt",
            abhilfe="Bitte neu anfordern.",
        )
    if _EXPONENT.match(written):
        return Zahl(
            math.nan,
            "fehler",
            f"„{written}“ ist in Exponentialschreibweise gekürzt; ob Ziffern fehlen, lässt sich nicht erkennen",
            abhilfe="Bitte die Spalte als Zahl mit allen Ziffern ausgeben lassen.",
        )
    if note := _NOTE.search(written):
        return Zahl(
            math.nan,
            "fehler",
            f"An der Zahl in „{written}“ steht vermutlich eine Fußnote („{note[1] or note[2]}“), die sich nicht sicher abtrennen lässt",
            abhilfe="Bitte Fußnoten hochgestellt oder in einer eigenen Spalte liefern lassen.",
        )
    if not re.search(r"\d", written):
        return Zahl(
            math.nan,
            "fehler",
            f"„{written}“ ist keine Zahl",
            abhilfe="Steht es für eine Lücke, bitte im Symbolprofil in region.yml eintragen; sonst beim Lieferanten klären.",
        )
    if word := _WORD.match(_bare(written)[0]):
        return Zahl(
            math.nan,
            "fehler",
            f"In „{written}“ steht hinter der Zahl noch „{word[1].strip()}“",
            abhilfe="Ist es die Einheit, bitte in die Überschrift setzen lassen oder genau so als „einheit“ ans Feld schreiben.",
        )
    sign = f" mit dem Dezimalzeichen „{dezimal}“" if re.search("[.,]", written) else ""
    return Zahl(math.nan, "fehler", f"„{written}“ ist keine Zahl{sign}")


def _control(written: str) -> tuple[str, str] | None:
    """The text with its control characters made visible, and the first of them; None if it has none."""
    found = [sign for sign in written if unicodedata.category(sign) in ("Cc", "Co", "Cn") or sign == "\ufffd"]
    if not found:
        return None
    return "".join("␣" if sign in found else sign for sign in written), f"U+{ord(found[0]):04X}"


def _bare(written: str) -> tuple[str, str, bool]:
    """Digits of a number without what stands around them, the status that says, and whether it is a percentage."""
    text, status, percent, before = written, "wert", False, ""
    while before != text:  # flags, footnotes, units and brackets stand in any order
        before = text
        if flag := _FLAG.search(text):
            status, text = _FLAGS[flag[1]], text[: flag.start()]
        if bracketed := _BRACKETS.match(text):
            status, text = "unsicher", bracketed[1].strip()
        if _ABOUT.match(text):
            status, text = "geschaetzt", _ABOUT.sub("", text)
        text = _FOOTNOTE.sub("", text).strip()
        if unit := _UNIT.search(text):
            percent, text = percent or (unit[1][0] in "%vVpP" and unit[1][:4] != "Pers"), text[: unit.start()]
    return _SIGN.sub(r"\1", text.translate(_DASHES)), status, percent


def dezimalzeichen(zelle: str) -> Literal[",", ".", "?", ""]:
    """What a number written as text tells about its decimal sign.

    "," or "." if only one reading is possible, "?" if the sign in it may separate thousands or decimals,
    "" if it has no such sign or is no number.

    >>> [dezimalzeichen(text) for text in ("12,5", "1.234,5", "1.234.567", "0.125", "1'250.125", "8.750", "980")]
    [',', ',', ',', '.', '.', '?', '']
    """
    if len(zelle) > LAENGSTE or ("," not in zelle and "." not in zelle):
        return ""
    text, _, _ = _bare(glatt(zelle))
    digits = re.sub(rf"(?<=\d)[ {_APOSTROPHE}](?=\d{{3}}(?!\d))", "", text)
    signs = re.findall("[.,]", digits)
    if not signs or not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)+", digits):
        return ""
    first, last = signs[0], signs[-1]
    if len(signs) > 1:  # the only one of its kind stands before decimals, repeated ones between thousands
        return _other(last) if first == last else last
    whole, decimals = re.split("[.,]", digits.lstrip("+-"))
    unclear = len(decimals) == 3 and len(whole) <= 3 and not whole.startswith("0") and digits == text
    return "?" if unclear else last


def _other(sign: str) -> Literal[",", "."]:
    return "." if sign == "," else ","
