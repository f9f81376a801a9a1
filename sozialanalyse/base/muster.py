"""Search patterns of pages: regular expressions of planners, tried with a limit of time.

A pattern such as ``(a+)+$`` may need years for a text of thirty letters. The engine ``regex`` understands what
Python's own does and stops when asked; a pattern that needs too long is a fault of the page.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import lru_cache
from time import thread_time
from typing import Any

import regex  # type: ignore[import-untyped]

from sozialanalyse.base.errors import Befund, PruefFehler

JE_TEXT = 0.5
"""Seconds one text may take."""
INSGESAMT = 20.0
"""Seconds a pattern may take with all texts of a process together."""

_used: dict[str, float] = defaultdict(float)


@lru_cache(maxsize=1024)
def uebersetzt(muster: str) -> Any:
    """The pattern ready for use.

    Raises
    ------
    ValueError
        If it is no regular expression.
    """
    try:
        return regex.compile(unicodedata.normalize("NFC", muster))
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise ValueError(f"„{muster[:80]}“ ist kein gültiges Suchmuster ({error}).") from None


def suche(muster: str, text: str) -> Any:
    """First place in a text that fits, None for none."""
    return _tried(muster, "search", text)


def passt(muster: str, text: str) -> bool:
    """Whether the whole text fits."""
    return _tried(muster, "fullmatch", text) is not None


def beginnt(muster: str, text: str) -> bool:
    """Whether the text begins with what fits."""
    return _tried(muster, "match", text) is not None


def ohne(muster: str, text: str) -> str:
    """The text without all places that fit."""
    return str(_tried(muster, "sub", text))


def _tried(muster: str, how: str, text: str) -> Any:
    pattern = uebersetzt(muster)
    before = thread_time()
    try:
        if _used[muster] > INSGESAMT:
            raise TimeoutError
        arguments = ("", text) if how == "sub" else (text,)
        return getattr(pattern, how)(*arguments, timeout=JE_TEXT)
    except TimeoutError:
        raise PruefFehler(
            [Befund("fehler", f"Das Suchmuster „{muster[:80]}“ braucht zu lange, zum Beispiel für „{text[:40]}“.",
                    "Bitte einfacher schreiben: keine Wiederholung in einer Wiederholung wie (a+)+ oder (.*)*.",
                    regel="muster")]
        ) from None  # fmt: skip
    finally:
        _used[muster] += thread_time() - before
