"""Keys: every spelling of an area's id or name leads to one id, or to nothing.

Nothing is guessed: a spelling that could mean two areas leads nowhere.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pandas as pd

from sozialanalyse.woerter import glatt, vergleichsform

_KIND = re.compile(r"^(sozialraum|sozialraumnr|sr|gebiet|bezirk|planungsraum|wijk|nr)(?=\d)")
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
        for gebiet in gebiete.itertuples():
            aliases = [alias for alias in str(gebiet.aliase or "").split("|") if alias.strip()]
            names = [gebiet.name, gebiet.kuerzel] if gebiet.level != "sozialraum" else []
            for spelling in [gebiet.Index, *aliases, *names]:
                for form in _forms(spelling):
                    spellings[form].add(str(gebiet.Index))
        self._book = {form: next(iter(ids)) for form, ids in spellings.items() if len(ids) == 1}
        self._kommunen = [str(i) for i in gebiete.index if self._level[i] == "kommune"]

    def finde(self, text: object, *, kommune: str | None = None) -> str | None:
        """Return the id an entry means, None if it means none.

        ``kommune`` is the id of the Kommune the file or row speaks of; then a part alone is enough.
        """
        written = _as_text(text)
        if not written:
            return None
        if written in self._exact:
            return written
        form = vergleichsform(written)
        if kommune is not None:
            prefix = vergleichsform(self._prefix.get(kommune) or "")
            local = _KIND.sub("", form)
            for candidate in (prefix + local, form):
                found = self._book.get(candidate)
                if found and (self._parent.get(found) == kommune or found == kommune):
                    return found
            return None
        for candidate in [*_forms(written), _KIND.sub("", form)]:
            if candidate in self._book:
                return self._book[candidate]
        return self._official(written)

    def level(self, gebiet: str) -> str:
        return str(self._level[gebiet])

    def _official(self, written: str) -> str | None:
        """German official keys in their shortened forms: lost zero, without Land, with Verband."""
        digits = written.replace(" ", "")
        if not digits.isdigit():
            return None
        if len(digits) == 12:
            digits = digits[:5] + digits[9:]
        if len(digits) not in {6, 7, 8}:
            return None
        fits = [ags for ags in self._kommunen if len(ags) == 8 and ags.isdigit() and ags.endswith(digits)]
        return fits[0] if len(fits) == 1 else None


def _as_text(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return glatt(value)


def _forms(spelling: object) -> list[str]:
    """Comparable forms: as written, without brackets, without office words, before the comma."""
    text = _as_text(spelling)
    without = re.sub(r"\([^)]*\)", " ", text)
    before = without.split(",")[0]
    variants = [text, without, before, _OFFICE.sub("", before.strip())]
    return list(dict.fromkeys(form for form in map(vergleichsform, variants) if form))
