"""Reference dates in all their spellings, as ISO text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sozialanalyse.woerter import zelltext

_EXCEL_EPOCH = date(1899, 12, 30)


def lies_datum(angabe: object) -> date | None:
    """Read a date as suppliers write it; None if it is none.

    ``31.12.2023``, ``2023-12-31``, a spreadsheet date or serial number, ``202312`` (month of report,
    taken at its end), ``2023`` (taken at its end), ``2021/22`` (school year, taken at its reference date
    15 October). The first of January stands for the day before: both describe the same state.
    """
    if isinstance(angabe, datetime):
        found: date | None = angabe.date()
    elif isinstance(angabe, date):
        found = angabe
    else:
        found = _from_text(zelltext(angabe))
    if found and (found.month, found.day) == (1, 1):
        return found - timedelta(days=1)
    return found


def _from_text(text: str) -> date | None:
    try:
        if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        if match := re.search(r"(?:^|\D)(\d{4})(?:/(\d{2})|[/-](\d{4}))$", text):
            return _school_year(int(match[1]), int(match[2] or match[3]))
        if match := re.fullmatch(r"((?:19|20)\d{2})(0[1-9]|1[0-2])", text):
            return _end_of_month(int(match[1]), int(match[2]))
        if match := re.fullmatch(r"(?:19|20)\d{2}", text):
            return date(int(text), 12, 31)
        if match := re.fullmatch(r"[34]\d{4}", text):
            return _EXCEL_EPOCH + timedelta(days=int(text))
    except ValueError:
        return None
    return None


def _school_year(first: int, last: int) -> date | None:
    return date(first, 10, 15) if last in {first + 1, (first + 1) % 100} else None


def _end_of_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def berichtsstichtag(datum: date, stichtage: Sequence[str], hoechstens_tage: int) -> str | None:
    """Reference date of the reporting a delivered date counts for; None if none is near enough."""
    near = min(stichtage, key=lambda day: (abs((date.fromisoformat(day) - datum).days), day))
    return near if abs((date.fromisoformat(near) - datum).days) <= hoechstens_tage else None
