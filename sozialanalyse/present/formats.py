"""German numbers, dates, gaps and order; the locale is explicit and never process state."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable

import pandas as pd
from babel.dates import format_date
from babel.lists import format_list

from sozialanalyse.base import UNBEKANNT, text
from sozialanalyse.base import runden as runden
from sozialanalyse.base import zahl as zahl

LOCALE = "de_DE"
NBSP = "\u00a0"

SYMBOLE = {
    "geheim": "·",
    "null_exakt": "–",
    "nicht_sinnvoll": "x",
    "unsicher": "/",
    "folgt": "…",
    "unbekannt": UNBEKANNT,
}
"""Sign printed instead of a number, by status."""

OHNE_WERT = frozenset({"geheim", "nicht_sinnvoll", "unsicher", "folgt", "unbekannt", "fehler"})
"""Statuses whose number must not be shown, whatever stands in the value column."""
_OHNE_ZAHL = OHNE_WERT | SYMBOLE.keys()


def prozent(value: float | None, nachkommastellen: int = 1) -> str:
    """Percentage from a value on the scale 0 to 100, with a non-breaking space."""
    return wert(value, "%", nachkommastellen)


def anteil(share: float | None, nachkommastellen: int = 0) -> str:
    """Percentage from a share on the scale 0 to 1."""
    return prozent(None if share is None else 100 * share, nachkommastellen)


def wert(value: float | None, einheit: str = "", nachkommastellen: int = 1, status: str = "wert") -> str:
    """Number with its unit, or the sign for its status.

    A value whose status is in :data:`OHNE_WERT` is never printed.
    """
    if status in SYMBOLE or status in OHNE_WERT:
        return symbol(status)
    if value is None or pd.isna(value):
        return SYMBOLE["unbekannt"]
    unit = einheit if einheit not in {"", "–", "-"} else ""
    return zahl(value, nachkommastellen) + (f"{NBSP}{unit}" if unit else "")


def spanne(low: float, high: float, einheit: str = "", nachkommastellen: int = 1) -> str:
    """Range in words, the unit named once."""
    return text(
        "present.format.spanne",
        von=zahl(low, nachkommastellen),
        bis=wert(high, einheit, nachkommastellen),
    )


def monate(von: str | dt.date, bis: str | dt.date) -> int:
    """Whole calendar months from one day to another; 31 January to 28 February is one."""
    first, last = _day(von), _day(bis)
    whole = 12 * (last.year - first.year) + last.month - first.month
    ends = (last + dt.timedelta(days=1)).month != last.month
    return whole - (last.day < first.day and not ends)


def datum(day: str | dt.date) -> str:
    """Date as 31.12.2023; an ISO text or a date."""
    return f"{_day(day):%d.%m.%Y}"


def datum_lang(day: str | dt.date) -> str:
    """Date as 31. Dezember 2023."""
    return format_date(_day(day), "d. MMMM yyyy", locale=LOCALE)


def _day(day: str | dt.date) -> dt.date:
    return dt.date.fromisoformat(day[:10]) if isinstance(day, str) else day


def aufzaehlung(words: Iterable[object]) -> str:
    """Words joined as "a, b und c"."""
    return format_list([str(word) for word in words], locale=LOCALE)


def symbol(status: str) -> str:
    """Sign for a status without a number; an unknown status counts as unknown."""
    return SYMBOLE.get(status, SYMBOLE["unbekannt"])


def status_wort(status: str) -> str:
    """What a status means, in words."""
    return text(f"present.status.{status if status in SYMBOLE else 'unbekannt'}")


def zeichenerklaerung(statuses: Iterable[str]) -> list[tuple[str, str]]:
    """Signs in use with their meaning, in fixed order, each once."""
    used = {status if status in SYMBOLE else "unbekannt" for status in statuses if status != "wert"}
    return [(SYMBOLE[key], status_wort(key)) for key in SYMBOLE if key in used]


def status_von(values: pd.Series, status: pd.Series | None = None) -> pd.Series:
    """Status per value: as given, "unbekannt" where a value is missing without a reason."""
    if status is None:
        given: list[object] = ["wert"] * len(values)
    else:
        given = (status if status.index.equals(values.index) else status.reindex(values.index)).tolist()
    states = [
        state if state in _OHNE_ZAHL else "unbekannt" if gone else "wert"
        for state, gone in zip(given, values.isna(), strict=True)
    ]
    return pd.Series(states, index=values.index, dtype=object)


def sichtbar(values: pd.Series, status: pd.Series | None = None) -> pd.Series:
    """Values that may be shown as floats; everything else is missing."""
    states = status_von(values, status)
    shown = values.astype(float).where(~states.isin(OHNE_WERT))
    return shown.where(states != "null_exakt", 0.0)


def luecken(shown: pd.Series, status: pd.Series) -> dict[str, int]:
    """How many values are missing for which reason, the most frequent first."""
    return {str(state): int(n) for state, n in status[shown.isna()].value_counts().items()}


_FOLD = str.maketrans({"ß": "ss", "ẞ": "SS", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})


def sortierschluessel(words: object) -> tuple[str, str]:
    """German dictionary order (DIN 5007-1): ä like a, ß like ss, then the spelling itself."""
    raw = str(words)
    parts = unicodedata.normalize("NFKD", raw.translate(_FOLD))
    plain = "".join(c for c in parts if not unicodedata.combining(c)).casefold()
    return plain, raw


def natuerlich(words: object) -> tuple[object, ...]:
    """Sort key that reads digits as numbers: AC 2 before AC 10, A 1a before A 1b."""
    plain, raw = sortierschluessel(words)
    pieces = re.findall(r"[0-9]+|[^0-9\s]+", plain)
    return (tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pieces), raw)
