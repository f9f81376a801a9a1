"""Keys: every spelling of an area's id or name leads to one id, or to the areas it could mean.

Nothing is guessed: a spelling that could mean two areas names both, and none is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sozialanalyse.base import vergleichsform, zelltext

_OFFICE = re.compile(
    r"^(kreisfreie stadt|krfr\. stadt|stadt|gemeinde|marktgemeinde|kommune)\s+", re.IGNORECASE
)
_LEVELS = ("region", "kommune", "sozialraum")
_NEUTRAL = r"(?:gebiet|nr|nummer)"
"""Words before a number that say nothing about the level."""
_NUMBER = r"(?:[\s-]*(?:nr|nummer)\b\.?)?"
GATTUNGEN = {"sozialraum": "Sozialraum", "kommune": "Kommune"}
"""Words for the levels that every region may use beside its own."""


@dataclass(frozen=True)
class Mehrdeutig:
    """One spelling that leads to several areas of the lists."""

    schreibweise: str
    gebiete: tuple[str, ...]
    art: str
    """"kennung": ids that differ in leading zeros only; "alias": announced for two; "name": names alone."""


class Schluesselbuch:
    """Spellings of the areas of one region.

    Parameters
    ----------
    gebiete
        Areas indexed by ``gebiet_id`` with the columns level, name, oberhalb, kuerzel, aliase.
    kuerzel_im_schluessel
        Whether ids of small areas begin with the short form of their Kommune.
    gattungen
        Level -> what one area of it is called; such a word may stand before an id or name of its level.
    """

    def __init__(
        self,
        gebiete: pd.DataFrame,
        *,
        kuerzel_im_schluessel: bool = False,
        gattungen: Mapping[str, str] | None = None,
    ) -> None:
        self._exact = set(map(str, gebiete.index))
        self._level = {str(key): str(level) for key, level in gebiete["level"].items()}
        self._prefix = gebiete["kuerzel"].to_dict() if kuerzel_im_schluessel else {}
        self._parent = gebiete["oberhalb"].to_dict()
        self._name = {str(key): str(name or "") for key, name in gebiete["name"].items()}
        self._words = dict(gattungen or GATTUNGEN)
        self._kinds = tuple(_kinds({*GATTUNGEN.items(), *self._words.items()}))
        self._written: dict[str, str] = {}
        spellings: dict[str, dict[str, str]] = defaultdict(dict)
        names: dict[str, set[str]] = defaultdict(set)
        for gebiet in gebiete.itertuples():
            key, small = str(gebiet.Index), gebiet.level == "sozialraum"
            aliases = [alias for alias in str(gebiet.aliase or "").split("|") if alias.strip()]
            aliases += [] if small or not gebiet.kuerzel else [str(gebiet.kuerzel)]
            for kind, words in (("kennung", [key]), ("alias", aliases), ("name", [self._name[key]])):
                for word in words:
                    form = vergleichsform(word)
                    spellings[form].setdefault(key, kind)
                    self._written.setdefault(form, word)
            for spelling in [] if small else [*aliases, self._name[key]]:
                for form in _short_forms(spelling):
                    names[form].add(key)
        spellings.pop("", None)
        self._spellings = spellings
        self._book = {form: self._sorted(ids) for form, ids in spellings.items()}
        self._names = {form: self._sorted(ids) for form, ids in names.items()}
        self._endings = _endings(str(i) for i in gebiete.index if self._level[str(i)] == "kommune")
        self._found: dict[tuple[str, bool, str | None, str | None], tuple[str, ...]] = {}

    def finde(self, text: object, *, kommune: str | None = None, ebene: str | None = None) -> str | None:
        """Return the id an entry means, None if it means none or could mean several.

        ``kommune`` is the id of the Kommune the file or row speaks of; then a part alone is enough.
        ``ebene`` is the level it must have.
        """
        found = self.kandidaten(text, kommune=kommune, ebene=ebene)
        return found[0] if len(found) == 1 else None

    def kandidaten(
        self,
        text: object,
        *,
        kommune: str | None = None,
        ebene: str | None = None,
        nullen_erhalten: bool = True,
    ) -> tuple[str, ...]:
        """Ids of all areas an entry could mean, Kommunen first.

        Parameters
        ----------
        nullen_erhalten
            Whether leading zeros stand as they were written. A spreadsheet's number has lost them, so
            ``0`` may be the ids ``0`` and ``00``, as ``1.1`` may be ``1.1`` and ``1.10``.
        """
        written = zelltext(text)
        number = isinstance(text, int | float)
        lossy = written.isdigit() or (number and _DEZIMAL.fullmatch(written) is not None)
        exact = (nullen_erhalten and not number) or not lossy
        known = (written, exact, kommune, ebene)
        if known not in self._found:
            if len(self._found) >= _GEMERKT:
                self._found.clear()
            self._found[known] = self._look_up(written, exact, kommune, ebene)
        return self._found[known]

    def _look_up(self, written: str, exact: bool, kommune: str | None, ebene: str | None) -> tuple[str, ...]:
        form = vergleichsform(written) if len(written) <= _LAENGSTE else ""
        if not form:
            return ()

        def fit(ids: Iterable[str], levels: Collection[str] = _LEVELS) -> tuple[str, ...]:
            return tuple(
                one for one in ids
                if self._level[one] in levels and ebene in (None, self._level[one])
                and (kommune is None or kommune in (one, self._parent[one]))
            )  # fmt: skip

        for found in self._tiers(written, form, exact, kommune):
            if fitting := fit(*found):
                return fitting
        return ()

    def _tiers(
        self, written: str, form: str, exact: bool, kommune: str | None
    ) -> Iterator[tuple[Sequence[str], Collection[str]]]:
        """Areas a spelling could mean and levels it may mean, the surest first."""
        if exact and written in self._exact:
            yield (written,), _LEVELS
        if not exact and _DEZIMAL.fullmatch(written):
            alike = [key for key in self._exact if _DEZIMAL.fullmatch(key) and float(key) == float(written)]
            yield self._sorted(alike), _LEVELS
        prefix = self._prefix.get(kommune) if kommune is not None else None
        plain = [(form, _LEVELS), *self._without_kind(written)]
        for local, levels in plain if prefix else ():
            yield self._book.get(vergleichsform(f"{prefix} {local}"), ()), levels
        for local, levels in plain:
            yield self._book.get(local, ()), levels
        if kommune is None:
            for short in _short_forms(written):
                yield self._names.get(short, ()), _LEVELS
            yield self._official(written), _LEVELS

    def _without_kind(self, written: str) -> Iterator[tuple[str, Collection[str]]]:
        """The entry without the word for its kind, and the levels that word stands for."""
        for pattern, levels in self._kinds:
            if match := pattern.match(written):
                yield vergleichsform(written[match.end() :]), levels

    def __contains__(self, gebiet: object) -> bool:
        return gebiet in self._exact

    def level(self, gebiet: str) -> str:
        return self._level[gebiet]

    def kommune(self, gebiet: str) -> str:
        """Id of the area above."""
        return str(self._parent[gebiet])

    def benannt(self, gebiet: str) -> str:
        """An area in words: kind, id, and the Kommune it lies in."""
        level = self._level[gebiet]
        parent = str(self._parent[gebiet])
        town = self._name.get(parent) or parent
        name = self._name[gebiet] if level != "sozialraum" else ""
        words = f"{self._words.get(level, '')} {gebiet}".strip()
        if name and vergleichsform(name) != vergleichsform(gebiet):
            words += f" „{name}“"
        return f"{words} in {town}" if level == "sozialraum" else words

    def mehrdeutige(self) -> list[Mehrdeutig]:
        """Spellings of the lists that lead to more than one area."""
        found = []
        for form, kinds in self._spellings.items():
            ids = self._book[form]
            if len(ids) < 2:
                continue
            told = set(kinds.values())
            kind = "kennung" if told == {"kennung"} else "name" if told == {"name"} else "alias"
            found.append(Mehrdeutig(self._written[form], ids, kind))
        return found

    def verwandelt(self, zelle: object) -> tuple[str, str] | None:
        """What a spreadsheet made of an id, and the id: a date of ``1-3``, a number of ``1E5``."""
        if isinstance(zelle, bool) or zelle is None:
            return None
        if isinstance(zelle, float | int):
            fits = [key for key in self._exact if re.fullmatch(r"\d+[eE]\d+", key) and float(key) == zelle]
            return ("eine Zahl", fits[0]) if fits else None
        if _EXPONENT.fullmatch(zelltext(zelle)):
            return ("eine Zahl mit Exponent, in der Ziffern fehlen können", "")
        pairs = _day_parts(zelle)
        if pairs is None:
            return None
        forms = [f"{a}{sign}{b}" for a, b in pairs for sign in "-/. "]
        forms += [f"{a:02d}{sign}{b:02d}" for a, b in pairs for sign in "-/."]
        known = (form for form in forms if form in self._exact)
        return ("ein Datum", next(known, forms[0]))

    def _sorted(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(ids, key=lambda key: (_LEVELS.index(self._level[key]), key)))

    def _official(self, written: str) -> Sequence[str]:
        """German official keys in their shortened forms: lost zero, without Land, with Verband."""
        digits = written.replace(" ", "")
        if not digits.isdigit():
            return ()
        if len(digits) in {11, 12}:
            digits = digits[:-7] + digits[-3:]
        return self._sorted(self._endings.get(digits, set()))


def _kinds(words: Iterable[tuple[str, str]]) -> Iterator[tuple[re.Pattern[str], Collection[str]]]:
    """What may stand before an id or name, and the levels it says."""
    by_word: dict[str, set[str]] = defaultdict(set)
    for level, word in words:
        if len(word) > 1:
            by_word[word].add(level)
    for word, levels in by_word.items():
        rest = r"(?:(?=\d)|(?<=[\s.:-])(?=\S))"
        yield re.compile(rf"{re.escape(word)}{_NUMBER}[\s.:-]*{rest}", re.IGNORECASE), frozenset(levels)
    yield re.compile(rf"{_NEUTRAL}{_NUMBER}[\s.:-]*(?=\d)", re.IGNORECASE), _LEVELS
    yield re.compile(rf"sr{_NUMBER}[\s.:-]*(?=\d)", re.IGNORECASE), frozenset({"sozialraum"})


_GEMERKT = 200_000
"""So many answers are remembered; a delivery of a million names would fill the memory with them."""
_LAENGSTE = 500
"""No name of an area is longer."""
_DEZIMAL = re.compile(r"\d+\.\d+")
"""Ids a spreadsheet takes for numbers with decimals."""
_EXPONENT = re.compile(r"\d+[.,]\d+[eE][+-]?\d+|\d+[eE][+-]\d+")
_MONTHS = ("jan", "feb", "mrz", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez")


def _day_parts(cell: object) -> list[tuple[int, int]] | None:
    """Pairs of numbers a spreadsheet may have made a date of, the likeliest first; None if it is no date."""
    if isinstance(cell, date):
        return [(cell.day, cell.month), (cell.month, cell.day), (cell.month, cell.year % 100)]
    text = zelltext(cell)
    if match := re.fullmatch(r"(\d{1,2})\.\s?([A-Za-zä]{3})\w*\.?", text):
        return [(int(match[1]), month)] if (month := _month(match[2])) else None
    if match := re.fullmatch(r"([A-Za-zä]{3})\w*\.?[ -](\d\d)", text):
        return [(month, int(match[2]))] if (month := _month(match[1])) else None
    if match := re.fullmatch(
        r"\d{4}-(?P<m>\d\d)-(?P<d>\d\d)(?: 00:00:00)?|(?P<d2>\d\d)\.(?P<m2>\d\d)\.\d{4}", text
    ):
        day, month = int(match["d"] or match["d2"]), int(match["m"] or match["m2"])
        return [(day, month), (month, day)]
    return None


def _month(word: str) -> int | None:
    short = word.casefold().replace("mär", "mrz")
    return _MONTHS.index(short) + 1 if short in _MONTHS else None


def _endings(kommunen: Iterable[str]) -> dict[str, set[str]]:
    """Last six, seven and eight digits of official keys -> the keys that end so."""
    found: dict[str, set[str]] = defaultdict(set)
    for ags in kommunen:
        if len(ags) == 8 and ags.isdigit():
            for length in (6, 7, 8):
                found[ags[-length:]].add(ags)
    return found


def _short_forms(name: object) -> list[str]:
    """Forms of a Kommune's name: without brackets, before the comma, without the word for its office."""
    without = re.sub(r"\([^)]*\)", " ", zelltext(name))
    before = without.split(",")[0]
    variants = [without, before, _OFFICE.sub("", before.strip())]
    return list(dict.fromkeys(form for form in map(vergleichsform, variants) if form))
