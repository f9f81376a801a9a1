"""Reference dates in all the spellings of suppliers.

Read is what means one day to everybody in an office: ``31.12.2023``, ``20231231``, ``Dezember 2023``,
``12/2023``, ``4. Quartal 2023``, ``IV/2023``, ``2023``. What could mean two days (``03/04/2023``, ``2011-12``) is
none, and :func:`warum_kein_datum` says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from sozialanalyse.base.woerter import glatt, vergleichsform, zelltext

_LAENGSTES = 1000
"""In longer texts no date is looked for; it would take minutes."""
_EXCEL_EPOCH = date(1899, 12, 30)

_MONATE = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner january jan jän", "februar feber february feb", "märz maerz march mrz mär mar",
            "april apr", "mai may", "juni june jun", "juli july jul", "august aug", "september sept sep",
            "oktober october okt oct", "november nov", "dezember december dez dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
MONATSNAMEN = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
          "Dezember")  # fmt: skip
_ROEMISCH = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

_JAHR = r"(?P<jahr>(?:19|20)\d\d)"
_KURZES = r"(?P<jahr>(?:19|20)\d\d|\d\d)"
_NAME = rf"(?P<name>{'|'.join(sorted(_MONATE, key=len, reverse=True))})\.?"
_UHR = r"(?:[T ,]*\d{1,2}[:.]\d\d(?:[:.]\d\d(?:\.\d+)?)?(?:\s*Uhr|Z|[+-]\d\d:?\d\d)?)?"
_VIERTEL = r"(?:quartal|quart|quarter|qu|vierteljahr|vj|q)\.?"
_HALB = r"(?:halbjahr|hj)\.?"
_TEIL = r"[\s/.,_-]*"
_STRICHE = str.maketrans(dict.fromkeys("‐‑‒–—", "-"))


def _tag(found: re.Match[str]) -> date:
    return date(_year(found["jahr"]), int(found["monat"]), int(found["tag"]))


def _either(found: re.Match[str]) -> date | None:
    """Two numbers and a year between slashes or dashes: read if only one of the numbers can be the month."""
    first, second, year = int(found["a"]), int(found["b"]), _year(found["jahr"])
    if first > 12 or first == second:
        return date(year, second, first)
    return date(year, first, second) if second > 12 else None


def _named_day(found: re.Match[str]) -> date:
    return date(_year(found["jahr"]), _MONATE[found["name"].casefold()], int(found["tag"]))


def _month(found: re.Match[str]) -> date:
    written = found.groupdict()
    month = _MONATE[written["name"].casefold()] if "name" in written else int(written["monat"])
    return _end_of_month(_year(written["jahr"]), month)


def _iso_month(found: re.Match[str]) -> date | None:
    """2021-06 is a month; 2011-12 could be a school year."""
    year, month = int(found["jahr"]), int(found["monat"])
    return None if month == (year + 1) % 100 else _end_of_month(year, month)


def _quarter(found: re.Match[str]) -> date:
    number = found["q"].casefold()
    return _end_of_month(_year(found["jahr"]), 3 * (_ROEMISCH.get(number) or int(number)))


def _half(found: re.Match[str]) -> date:
    number = found["h"].casefold()
    return _end_of_month(_year(found["jahr"]), 6 * (_ROEMISCH.get(number) or int(number)))


def _slashed_month(found: re.Match[str]) -> date | None:
    """2023/12 is a month where it can be no school year."""
    return None if _school_year(found) else _iso_month(found)


def _school_year(found: re.Match[str]) -> date | None:
    first, last = int(found["jahr"]), int(found.groupdict().get("bis") or found["monat"])
    return date(first, 10, 15) if last in {first + 1, (first + 1) % 100} else None


def _year_end(found: re.Match[str]) -> date:
    return date(int(found["jahr"]), 12, 31)


_FORMEN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], date | None]], ...] = tuple(
    (re.compile(rf"(?:{pattern})", re.IGNORECASE), build)
    for pattern, build in (
        (rf"{_JAHR}([-/.])(?P<monat>\d\d?)\2(?P<tag>\d\d?){_UHR}", _tag),
        (rf"(?P<tag>\d\d?)\.\s?(?P<monat>\d\d?)\.\s?{_KURZES}{_UHR}", _tag),
        (rf"(?P<a>\d\d?)([/-])(?P<b>\d\d?)\2{_JAHR}", _either),
        (rf"{_JAHR}(?P<monat>[01]\d)(?P<tag>[0-3]\d)", _tag),
        (rf"(?P<tag>\d\d?)(?:\.|st|nd|rd|th)?[\s-]*{_NAME}[\s,-]*{_KURZES}", _named_day),
        (rf"{_NAME}\s*(?P<tag>\d\d?)(?:\.|st|nd|rd|th)?,?\s+{_JAHR}", _named_day),
        (rf"{_JAHR}-{_NAME}-(?P<tag>\d\d?)", _named_day),
        (rf"{_NAME}{_TEIL}'?{_KURZES}", _month),
        (rf"{_JAHR}{_TEIL}{_NAME}", _month),
        (rf"(?P<q>[1-4]|iv|i{{1,3}})\.?\s*{_VIERTEL}{_TEIL}{_JAHR}", _quarter),
        (rf"{_VIERTEL}\s*(?P<q>[1-4]|iv|i{{1,3}}){_TEIL}{_JAHR}", _quarter),
        (rf"{_JAHR}{_TEIL}{_VIERTEL}\s*(?P<q>[1-4]|iv|i{{1,3}})", _quarter),
        (rf"{_JAHR}{_TEIL}(?P<q>[1-4]|iv|i{{1,3}})\.?\s*{_VIERTEL}", _quarter),
        (rf"(?P<h>[12]|ii?)\.?\s*{_HALB}{_TEIL}{_JAHR}", _half),
        (rf"(?:{_HALB}\s*|h)(?P<h>[12]){_TEIL}{_JAHR}", _half),
        (rf"{_JAHR}{_TEIL}(?:(?:{_HALB}|h)\s*(?P<h>[12]))", _half),
        (rf"{_JAHR}{_TEIL}(?P<h>[12]|ii?)\.?\s*{_HALB}", _half),
        (rf"{_JAHR}-?s(?P<h>[12])", _half),
        (rf"{_JAHR}-?m(?P<monat>0?[1-9]|1[0-2])", _month),
        (rf"(?P<monat>0?[1-9]|1[0-2])[/.-]{_JAHR}", _month),
        (rf"{_JAHR}-(?P<monat>0[1-9]|1[0-2])", _iso_month),
        (rf"{_JAHR}/(?P<monat>0[1-9]|1[0-2])", _slashed_month),
        (rf"{_JAHR}(?:/(?P<bis>\d\d))", _school_year),
        (rf"{_JAHR}[/-](?P<bis>(?:19|20)\d\d)", _school_year),
        (rf"{_JAHR}(?P<monat>0[1-9]|1[0-2])", _month),
        (_JAHR, _year_end),
    )
)  # fmt: skip
"""Spellings, the more exact first."""

_ALLEIN = tuple(
    (re.compile(rf"(?:{pattern})", re.IGNORECASE), build)
    for pattern, build in (
        (r"(?P<a>\d\d?)([/-])(?P<b>\d\d?)\2(?P<jahr>\d\d)", _either),
        (r"(?P<tag>\d\d?)([ _])(?P<monat>\d\d?)\2(?P<jahr>(?:19|20)\d\d)", _tag),
        (rf"(?P<tag>[0-3]\d)(?P<monat>[01]\d){_JAHR}", _tag),
        (rf"(?P<q>iv|i{{1,3}})[\s/.-]*{_JAHR}", _quarter),
        (rf"{_JAHR}[\s/.-]*(?P<q>iv|i{{1,3}})", _quarter),
        (rf"(?P<q>[1-4]|iv|i{{1,3}})\.?\s*{_VIERTEL}{_TEIL}'?(?P<jahr>\d\d)", _quarter),
        (rf"{_VIERTEL}\s*(?P<q>[1-4]|iv|i{{1,3}}){_TEIL}'?(?P<jahr>\d\d)", _quarter),
        (rf"{_JAHR}[.,]0", _year_end),
    )
)  # fmt: skip
"""Spellings that mean a day only where nothing stands beside them: "IV/2023", but "SGB II/2023"."""

_ROEMISCHES = re.compile(r"(?<![^\W_])(?:iv|v?i{1,3}|i?[vx]|xi{1,2})[/-](?:19|20)\d\d(?!\d)", re.IGNORECASE)
"""Within a text it may be a quarter, or the number of what stands before."""

_IM_TEXT = tuple(
    (re.compile(r"(?<![0-9])(?<![0-9][.,/-])" + (r"(?<![^\W\d_])" if "<name>" in pattern.pattern else
                r"(?:(?<![^\W\d_])|(?=\d))") + rf"{pattern.pattern}(?![0-9])(?![.,/-][0-9])", re.IGNORECASE), build)
    for pattern, build in _FORMEN
)  # fmt: skip
"""The same within a longer text; behind a letter a number may be an age: "u18 Mai 2023"."""

_WORTE = (
    r"(?:\b(?:stand|stichtag|datum|zum|am|per|vom|ende|im|in|jahr|kalenderjahr|berichtsjahr|haushaltsjahr|monat|berichtsmonat)"
    r"\b[:.]?\s*)+"
)
"""Words that may stand before a date."""
_VORSPANN = re.compile(_WORTE, re.IGNORECASE)
_ENDE = re.compile(rf"{_WORTE}$", re.IGNORECASE)


def lies_datum(angabe: object) -> date | None:
    """Read a date as suppliers write it; None if it is none or could be two.

    Parameters
    ----------
    angabe
        A day (``31.12.2023``, ``31.12.23``, ``2023-12-31``, ``20231231``, ``31. Dezember 2023``, with or
        without time; a spreadsheet date or serial number), a month (``Dezember 2023``, ``12/2023``,
        ``202312``, ``2023-12``), a quarter or half-year (``Q4 2023``, ``4. Quartal 2023``, ``2023-Q4``,
        ``2. Halbjahr 2023``), a year, each taken at its end; a school year (``2021/22``), taken at its
        reference date 15 October. Words such as ``Stand:`` may stand before it.

    Returns
    -------
    date or None
        The first of January stands for the day before: both describe the same state.
    """
    if isinstance(angabe, datetime):
        found: date | None = angabe.date()
    elif isinstance(angabe, date):
        found = angabe
    elif isinstance(angabe, bool):
        found = None
    else:
        found = _from_text(zelltext(angabe).translate(_STRICHE))
    return stichtag(found) if found else None


def stichtag(tag: date) -> date:
    """The day that stands for the state of a day: for 1 January the last day of the year before."""
    return tag - timedelta(days=1) if (tag.month, tag.day) == (1, 1) else tag


def lies_datum_aus_teilen(teile: Iterable[tuple[str, object]]) -> date | None:
    """Read a date whose parts stand in several columns, such as year and quarter.

    Parameters
    ----------
    teile
        Heading and cell of every part. A bare number is what its heading says: year, half-year, quarter,
        month or day.
    """
    numbers: dict[str, str] = {}
    words: list[str] = []
    for heading, cell in teile:
        text = zelltext(cell)
        if not text:
            return None
        unit = next((unit for unit, form in _EINHEITEN if form.search(vergleichsform(heading))), "")
        if unit and text.isdigit() and unit not in numbers:
            numbers[unit] = text
        else:
            words.append(text)
    year = numbers.pop("jahr", "")
    match sorted(numbers):
        case []:
            spelled = (
                [" ".join([*words, year]), " ".join([year, *words])]
                if year
                else [" ".join(words), " ".join(words[::-1])]
            )
        case ["quartal"] if not words:
            spelled = [f"Q{numbers['quartal']} {year}"]
        case ["halbjahr"] if not words:
            spelled = [f"H{numbers['halbjahr']} {year}"]
        case ["monat"] if not words:
            spelled = [f"{numbers['monat']}/{year}"]
        case ["monat", "tag"] if not words:
            spelled = [f"{numbers['tag']}.{numbers['monat']}.{year}"]
        case _:
            spelled = []
    found = (lies_datum(text.strip()) for text in spelled)
    return next((day for day in found if day is not None), None)  # fmt: skip


_EINHEITEN = tuple(
    (unit, re.compile(pattern))
    for unit, pattern in (
        ("halbjahr", r"halbjahr|^hj$"),
        ("quartal", r"quart|vierteljahr|^q$|^vj$"),
        ("monat", r"monat|month"),
        ("tag", r"^(tag|day)$"),
        ("jahr", r"jahr|year|^j$"),
    )
)
"""What headings of columns with a part of a date say, in the comparable form of words."""


def suche_datum(text: str) -> tuple[date, str] | None:
    """The one day a longer text names, and the rest of the text; None if there is none, or more than one."""
    if len(text) > _LAENGSTES:
        return None
    if alone := _spelled(glatt(text).translate(_STRICHE)):
        return stichtag(alone), ""
    if _ROEMISCHES.search(text):
        return None
    rest, found = text, []
    for pattern, build in _IM_TEXT:
        start = 0
        while match := pattern.search(rest, start):
            start = match.end()
            day = _built(build, match)
            if day is not None:
                found.append(day)
                before = ohne_vorspann(rest[: match.start()])
                rest, start = f"{before}\0{rest[match.end() :]}", len(before) + 1
    if len(set(found)) != 1:
        return None
    return stichtag(found[0]), rest.replace("\0", "")


def ohne_vorspann(text: str) -> str:
    """What stands before a date, without words such as ``Stand:`` or ``am`` at its end."""
    return _ENDE.sub("", text)


def _from_text(text: str) -> date | None:
    if len(text) > _LAENGSTES:
        return None
    plain = _bare(text)
    if (day := _spelled(text)) is not None:
        return day
    if re.fullmatch(r"[34]\d{4}", plain):
        return _EXCEL_EPOCH + timedelta(days=int(plain))
    if match := re.search(r"(?:^|\D)(\d{4}/\d\d|\d{4}[/-]\d{4})$", text):
        return _from_text(match[1]) if match[1] != text else None
    return None


def _bare(text: str) -> str:
    return _VORSPANN.sub("", text, count=1) if _VORSPANN.match(text) else text


def _spelled(text: str) -> date | None:
    """The day of a text that is nothing but its spelling."""
    plain = _bare(text)
    for pattern, build in (*_FORMEN, *_ALLEIN):
        match = pattern.fullmatch(plain)
        if match and (day := _built(build, match)) is not None:
            return day
    return None


def warum_kein_datum(angabe: object) -> str:
    """Why an entry that looks like a date is none; "" if nothing is known against it.

    >>> warum_kein_datum("01/12/2023")
    'kann der 1. Dezember 2023 oder der 12. Januar 2023 sein'
    """
    plain = _bare(zelltext(angabe).translate(_STRICHE))
    if match := re.fullmatch(r"(\d\d?)([/-])(\d\d?)\2((?:19|20)?\d\d)", plain):
        first, second, year = int(match[1]), int(match[3]), _year(match[4])
        if min(first, second) >= 1 and max(first, second) <= 12:
            days = [
                f"der {day}. {MONATSNAMEN[month - 1]} {year}"
                for day, month in ((first, second), (second, first))
            ]
            return f"kann {' oder '.join(days)} sein"
        return "ist ein Tag, den es nicht gibt"
    if match := re.fullmatch(r"((?:19|20)\d\d)([/-])(\d\d?)", plain):
        year, number = int(match[1]), int(match[3])
        if number == (year + 1) % 100:
            return (
                f"kann {MONATSNAMEN[number - 1]} {year} oder das Schuljahr {year}/{number:02d} sein"
                if number <= 12
                else ""
            )
        if 1 <= number <= 4:
            return f"kann {MONATSNAMEN[number - 1]} {year} oder das {number}. Quartal {year} sein"
    if re.fullmatch(r"\d\d?\.\s?\d\d?\.\s?(?:19|20)\d\d|(?:19|20)\d\d([-/.])\d\d\1\d\d", plain):
        return "ist ein Tag, den es nicht gibt"
    return ""


def _built(build: Callable[[re.Match[str]], date | None], match: re.Match[str]) -> date | None:
    try:
        return build(match)
    except ValueError:
        return None


def _year(text: str) -> int:
    """A year of two digits lies between 1970 and 2069."""
    number = int(text)
    return number if number > 99 else number + (2000 if number < 70 else 1900)


def _end_of_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def berichtsstichtage(datum: date, stichtage: Sequence[str], hoechstens_tage: int) -> list[str]:
    """Reference dates of the reporting a delivered date may count for: the nearest; two if both are equally near."""
    far = {day: abs((date.fromisoformat(day) - datum).days) for day in stichtage}
    nearest = min(far.values(), default=hoechstens_tage + 1)
    return [day for day in stichtage if far[day] == nearest] if nearest <= hoechstens_tage else []


def berichtsstichtag(datum: date, stichtage: Sequence[str], hoechstens_tage: int) -> str | None:
    """Reference date of the reporting a delivered date counts for; None if none is near enough, or two are."""
    found = berichtsstichtage(datum, stichtage, hoechstens_tage)
    return found[0] if len(found) == 1 else None


def lies_datum_im_muster(angabe: object) -> date | None:
    """Read what a page's pattern took for a date: there two digits alone are a year, as in "ew21"."""
    text = zelltext(angabe)
    return date(_year(text), 12, 31) if re.fullmatch(r"\d\d", text) else lies_datum(angabe)
