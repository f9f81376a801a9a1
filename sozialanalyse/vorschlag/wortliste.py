"""What words in headings and legends tell, from the list that everybody may extend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from sozialanalyse.base import glatt, yamlio


@cache
def _list() -> dict[str, Any]:
    with as_file(files("sozialanalyse.vorschlag") / "stichwoerter.yml") as path:
        return dict(yamlio.lesen(path).inhalt)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def trifft(name: str, text: str) -> str:
    """The word of a list (``summe``, ``teil``, ``ohne``, ``zeit``, ``namen``) found in a text, "" if none."""
    found = _pattern(_list()[name]).search(glatt(text))
    return found[0] if found else ""


def _worte(text: str) -> str:
    """A heading in words: ``vacancy_rate`` and ``VacancyRate`` are two."""
    return re.sub(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])", " ", glatt(text).replace("_", " "))


@dataclass(frozen=True)
class Einheit:
    """Unit a text speaks of, and the word that says so."""

    name: str
    mittel: bool
    """Whether it is a mean or rate, so that areas do not add up."""
    wort: str
    schwach: bool
    """Whether the title of the table knows better."""


def einheit(text: str, *, zuerst: bool = False) -> Einheit | None:
    """Unit by the first entry of the list that fits; with ``zuerst`` by the word that comes first in the text."""
    plain = _MIT.sub(" ", _worte(text))
    hits = [
        (found, entry) for entry in _list()["einheiten"] if (found := _pattern(entry["muster"]).search(plain))
    ]
    if not hits:
        return None
    found, entry = min(hits, key=lambda hit: hit[0].start()) if zuerst else hits[0]
    mean = bool(entry.get("mittel")) or entry["einheit"] == "%"
    return Einheit(entry["einheit"], mean, found[0].strip(), bool(entry.get("schwach")))


_MIT = re.compile(r"\b(?:mit|ohne) [^\W\d]+", re.IGNORECASE)
"""What belongs to the thing that is counted: households "mit Kindern" are no children."""
TITEL = 6
"""So many letters a word in the title is worth beside those in the heading."""


def thema(kopf: str, titel: Sequence[str], bekannt: Sequence[str]) -> tuple[str, str]:
    """Topic of the region that a heading and its titles speak of, and the word; ("", "") if none."""
    best, word, score = "", "", 0
    for name, pattern in _list()["themen"].items():
        if name not in bekannt:
            continue
        said = _pattern(pattern).search(_worte(kopf))
        told = next((hit for text in titel if (hit := _pattern(pattern).search(_worte(text)))), None)
        value = (len(said[0]) if said else 0) + (TITEL if told else 0)
        if value > score:
            found = said or told
            best, word, score = name, found[0] if found else "", value
    return best, word.strip()


_LEGENDE = re.compile(
    r"(?:^|[,;:]\s|\s)([^\w\s„“]{1,3}|[xX]|k\. ?A\.)\s*[=:]\s*([^=]+?)(?=,\s*\S{1,4}\s*=|;\s*\S{1,4}\s*=|$)"
)


def legende(text: str) -> dict[str, tuple[str, str]]:
    """Signs that a line explains: sign -> (status, words); status "" if the words are not understood."""
    result = {}
    for sign, words in _LEGENDE.findall(glatt(text)):
        status = next((e["status"] for e in _list()["zeichen"] if _pattern(e["muster"]).search(words)), "")
        result[sign] = (status, words.strip())
    return result
