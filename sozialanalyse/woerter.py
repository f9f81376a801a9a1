"""Spelling: one comparable form for words that suppliers write in many ways."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SPACE = re.compile(r"\s+")


def glatt(text: object) -> str:
    """Readable form: composed umlauts, plain spaces, nothing invisible, doubly encoded text mended."""
    plain = unicodedata.normalize("NFC", str(text).translate(_INVISIBLE))
    if "Ã" in plain:
        with suppress(UnicodeError):
            plain = plain.encode("cp1252").decode("utf-8")
    return _SPACE.sub(" ", plain).strip()


def vergleichsform(text: object) -> str:
    """Form for comparing: lower case, umlauts and ß written out, letters and digits only.

    >>> vergleichsform("Würselen ") == vergleichsform("WUERSELEN")
    True
    >>> vergleichsform("A 01a")
    'a1a'
    """
    plain = glatt(text).casefold().translate(_UMLAUTS)
    only = "".join(sign for sign in plain if sign.isalnum())
    return re.sub(r"(?<!\d)0+(?=\d)", "", only)
