"""What words in headings and legends tell, from the list that everybody may extend."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from sozialanalyse import yamlio
from sozialanalyse.woerter import glatt


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


def einheit(text: str) -> tuple[str, bool, str] | None:
    """Unit a heading speaks of, whether it is a mean or rate, and the word that says so."""
    for entry in _list()["einheiten"]:
        if found := _pattern(entry["muster"]).search(glatt(text).replace("_", " _")):
            return entry["einheit"], bool(entry.get("mittel")) or entry["einheit"] == "%", found[0]
    return None


def thema(texts: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, str]:
    """Topic of the region that texts speak of, and the word that says so; ("", "") if none."""
    for text in texts:
        for name, pattern in _list()["themen"].items():
            found = _pattern(pattern).search(glatt(text))
            if found and name in known:
                return name, found[0]
    return "", ""


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
