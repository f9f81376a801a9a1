"""Spelling: one comparable form for words that suppliers write in many ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SPACE = re.compile(r"\s+")
_TWICE_ENCODED = re.compile(r"[ÃÂâ]")
_SEPARATE = re.compile(r"[\W_]")
_SIGNS = {"<=": "≤", ">=": "≥", "+/-": "±", "+-": "±"}
_MEANING = "%‰"
"""Signs that tell headings apart, besides those of mathematics and currencies."""
_PLAIN = "°©®™"
"""Other symbols count: ♀ and ♂ may be all that tells two headings apart."""
_MINUS = re.compile(r"\w[^\w]*[\s(][-–−]\)?$")
_RAISED = re.compile(r"[\u00b2\u00b3\u00b9\u02b0-\u02b8\u02e1-\u02e3\u1d2c-\u1dbf\u2070-\u209c]+")
_KURZE_KENNUNG = re.compile(r"(?=.*[^\W\d_]).{1,6}")
"""Ids a reader can speak: with a letter and short, such as "A 11a"."""


def glatt(text: object) -> str:
    """Readable form: composed umlauts, plain spaces, nothing invisible, doubly encoded text mended."""
    plain = str(text)
    if plain.isascii():  # most cells are numbers: nothing but spaces can be rough in them
        return " ".join(plain.split())
    plain = unicodedata.normalize("NFC", plain.translate(_INVISIBLE))
    if _TWICE_ENCODED.search(plain):
        for misread in ("cp1252", "latin-1"):
            with suppress(UnicodeError):
                plain = unicodedata.normalize("NFC", plain.encode(misread).decode("utf-8"))
                break
    return _SPACE.sub(" ", plain).strip()


def zelltext(wert: object) -> str:
    """Text of a cell: whole numbers without decimals, days as written in German, "" for an empty one."""
    if wert is None or (isinstance(wert, float) and wert != wert):
        return ""
    if isinstance(wert, datetime) and (wert.hour or wert.minute):
        return f"{wert:%d.%m.%Y %H:%M}"
    if isinstance(wert, date):
        return f"{wert:%d.%m.%Y}"
    if isinstance(wert, float) and wert.is_integer() and abs(wert) < 1e15:
        return str(int(wert))
    return glatt(wert)


def vergleichsform(text: object) -> str:
    """Form for comparing: lower case, umlauts and ß written out, letters, digits and meaningful signs only.

    What separates two numbers stays visible: "1-5" is not "15". So do signs that make another quantity of
    the same words: percent, comparison, plus, currency.

    >>> vergleichsform("Größe ") == vergleichsform("GROESSE")
    True
    >>> vergleichsform("A 01a")
    'a1a'
    >>> vergleichsform("10–14 Jahre")
    '10 14jahre'
    >>> vergleichsform("Ausländer %"), vergleichsform("65 +"), vergleichsform("18 >= Jahre")
    ('auslaender%', '65+', '18≥jahre')
    """
    return _form(glatt(text))


@lru_cache(maxsize=1 << 16)
def _form(text: str) -> str:
    """Comparable form of a readable text; the words of a delivery recur in every row and at every date."""
    plain = text.casefold().translate(_UMLAUTS).replace("−", "-")
    for written, sign in _SIGNS.items():
        plain = plain.replace(written, sign)
    plain = re.sub(r" +", " ", _SEPARATE.sub(_meaningful, plain))
    joined = re.sub(r"(?<!\d) | (?!\d)", "", plain)
    return re.sub(r"(?<!\d)0+(?=\d)", "", joined)


def _meaningful(match: re.Match[str]) -> str:
    sign = match[0]
    keeps = sign in _MEANING or (unicodedata.category(sign) in {"Sm", "Sc"} and sign != "|")
    keeps = keeps or (unicodedata.category(sign) == "So" and sign not in _PLAIN)
    return sign if keeps else " "


def ueberschriftsform(text: object) -> str:
    """Comparable form of a heading: a minus at its end belongs to it, as "Saldo -" beside "Saldo".

    >>> ueberschriftsform("Saldo –"), ueberschriftsform("Saldo (-)"), ueberschriftsform("- Saldo")
    ('saldo-', 'saldo-', 'saldo')
    """
    minus = "-" if _MINUS.search(glatt(text)) else ""
    return f"{vergleichsform(text)}{minus}"


def gemeint(gesucht: str, namen: Mapping[str, str]) -> list[str]:
    """Ids an entry could mean: the one written so, else those alike in spelling, else those of that name.

    Parameters
    ----------
    namen
        Id -> name; an empty name is none.

    >>> gemeint("a6", {"A 6": "Warden", "A 60": ""}), gemeint("WARDEN", {"A 6": "Warden"}), gemeint("x", {"A 6": ""})
    (['A 6'], ['A 6'], [])
    """
    if gesucht in namen:
        return [gesucht]
    form = vergleichsform(gesucht)
    alike = [key for key in namen if form and vergleichsform(key) == form]
    return alike or [key for key, name in namen.items() if form and vergleichsform(name) == form]


def ohne_hochgestelltes(text: object) -> str:
    """The same words without what stands above or below the line, such as the number of a footnote.

    >>> ohne_hochgestelltes("Einwohner¹⁾")
    'Einwohner'
    """
    return _RAISED.sub("", glatt(text)).strip()


def dateiname_passt(name: str, muster: str) -> bool:
    """Whether a file is called as a pattern says: * stands for any characters, everything else for itself.

    >>> dateiname_passt("e/Stand [neu].csv", "e/* [neu].csv")
    True
    """
    plain = re.sub(r"[?\[]", r"[\g<0>]", unicodedata.normalize("NFC", muster))
    return fnmatchcase(unicodedata.normalize("NFC", name), plain)  # never tries a text twice, however many *


def dateien_nach_muster(ordner: Path, muster: str) -> Iterator[Path]:
    """Files and folders below a folder that a page's pattern means, however their umlauts are composed.

    ``*`` stands for any characters of a name, ``**`` for any folders in between; brackets mean themselves.
    """
    yield from _nach_muster(ordner, muster, set())


def _nach_muster(ordner: Path, muster: str, gesucht: set[tuple[Path, str]]) -> Iterator[Path]:
    """The same, no folder twice with the same rest of the pattern."""
    first, _, rest = muster.lstrip("/").partition("/")
    if (ordner, muster) in gesucht or not ordner.is_dir():
        return
    gesucht.add((ordner, muster))
    if first in ("", "."):
        yield from _nach_muster(ordner, rest, gesucht) if rest else ()
        return
    entries = sorted(ordner.iterdir())
    if first == "**":
        yield from _nach_muster(ordner, rest or "*", gesucht)
        for entry in entries:
            if entry.is_dir() and not entry.is_symlink():
                yield from _nach_muster(entry, muster, gesucht)
        return
    wanted = unicodedata.normalize("NFC", first).replace("[", "[[]")
    for entry in entries:
        if fnmatchcase(unicodedata.normalize("NFC", entry.name), wanted):
            yield from _nach_muster(entry, rest, gesucht) if rest else [entry]


def gebietsname(kennung: str, name: str) -> str:
    """What a reader calls an area: short ids stand before its name, ids that read as numbers or codes behind.

    A name that holds the id already is left as it is.

    >>> gebietsname("A 6", "Warden")
    'A 6 Warden'
    >>> gebietsname("01044202", "Sparrplatz")
    'Sparrplatz (01044202)'
    >>> gebietsname("A 6", "A 6 Warden")
    'A 6 Warden'
    """
    if name in ("", kennung):
        return kennung
    if name.startswith(f"{kennung} ") or name.endswith(f" ({kennung})"):
        return name
    return f"{kennung} {name}" if _KURZE_KENNUNG.fullmatch(kennung) else f"{name} ({kennung})"
