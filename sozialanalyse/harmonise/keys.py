"""Keys: every spelling of an area's id or name leads to one id, or to nothing.

Nothing is guessed: a spelling that could mean two areas leads nowhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from sozialanalyse.woerter import vergleichsform, zelltext

_KIND = re.compile(r"^(sozialraum|sozialraumnr|sr|gebiet|bezirk|nr)(?=\d)")
_OFFICE = re.compile(
    r"^(kreisfreie stadt|krfr\. stadt|stadt|gemeinde|marktgemeinde|kommune)\s+", re.IGNORECASE
)


class Schluesselbuch:
    """Spellings of the areas of one region.

    Parameters
    ----------
    gebiete
        Areas indexed by ``gebiet_id`` with the columns level, name, oberhalb, kuerzel, aliase.
    kuerzel_im_schluessel
        Whether ids of small areas begin with the short form of their Kommune.
    """

    def __init__(self, gebiete: pd.DataFrame, *, kuerzel_im_schluessel: bool = False) -> None:
        self._exact = set(gebiete.index)
        self._level = gebiete["level"].to_dict()
        self._prefix = gebiete["kuerzel"].to_dict() if kuerzel_im_schluessel else {}
        self._parent = gebiete["oberhalb"].to_dict()
        spellings: dict[str, set[str]] = defaultdict(set)
        names: dict[str, set[str]] = defaultdict(set)
        for gebiet in gebiete.itertuples():
            key, small = str(gebiet.Index), gebiet.level == "sozialraum"
            called = [alias for alias in str(gebiet.aliase or "").split("|") if alias.strip()]
            called += [] if small else [gebiet.name]
            for spelling in [key, *called, "" if small else gebiet.kuerzel]:
                spellings[vergleichsform(spelling)].add(key)
            for spelling in [] if small else called:
                for form in _short_forms(spelling):
                    names[form].add(key)
        self._book, self._names = _unambiguous(spellings), _unambiguous(names)
        self._endings = _endings(str(i) for i in gebiete.index if self._level[i] == "kommune")
        self._found: dict[tuple[str, str | None], str | None] = {}

    def finde(self, text: object, *, kommune: str | None = None) -> str | None:
        """Return the id an entry means, None if it means none.

        ``kommune`` is the id of the Kommune the file or row speaks of; then a part alone is enough.
        """
        written = zelltext(text)
        known = (written, kommune)
        if known not in self._found:
            self._found[known] = self._look_up(written, kommune)
        return self._found[known]

    def _look_up(self, written: str, kommune: str | None) -> str | None:
        form = vergleichsform(written)
        if not form:
            return None
        exact = written if written in self._exact else self._book.get(form)
        local = _KIND.sub("", form)
        if kommune is not None:
            part = self._book.get(vergleichsform(f"{self._prefix.get(kommune) or ''} {local}"))
            own = (found for found in (part, exact) if found and kommune in (found, self._parent[found]))
            return next(own, None)
        short = (self._names[name] for name in _short_forms(written) if name in self._names)
        return exact or self._book.get(local) or next(short, None) or self._official(written)

    def level(self, gebiet: str) -> str:
        return str(self._level[gebiet])

    def _official(self, written: str) -> str | None:
        """German official keys in their shortened forms: lost zero, without Land, with Verband."""
        digits = written.replace(" ", "")
        if not digits.isdigit():
            return None
        if len(digits) in {11, 12}:
            digits = digits[:-7] + digits[-3:]
        fits = self._endings.get(digits, set())
        return next(iter(fits)) if len(fits) == 1 else None


def _endings(kommunen: Iterable[str]) -> dict[str, set[str]]:
    """Last six, seven and eight digits of official keys -> the keys that end so."""
    found: dict[str, set[str]] = defaultdict(set)
    for ags in kommunen:
        if len(ags) == 8 and ags.isdigit():
            for length in (6, 7, 8):
                found[ags[-length:]].add(ags)
    return found


def _unambiguous(spellings: dict[str, set[str]]) -> dict[str, str]:
    return {form: next(iter(ids)) for form, ids in spellings.items() if form and len(ids) == 1}


def _short_forms(name: object) -> list[str]:
    """Forms of a Kommune's name: without brackets, before the comma, without the word for its office."""
    without = re.sub(r"\([^)]*\)", " ", zelltext(name))
    before = without.split(",")[0]
    variants = [without, before, _OFFICE.sub("", before.strip())]
    return list(dict.fromkeys(form for form in map(vergleichsform, variants) if form))
