"""The words of the pages and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from sozialanalyse.base import text
from sozialanalyse.store import Daten


@dataclass(frozen=True)
class Glossareintrag:
    """A word of the pages: its place in the glossary, what it means, and the forms in which texts use it."""

    kennung: str
    wort: str
    sinn: str
    formen: tuple[str, ...]


def glossarwoerter(daten: Daten, *, mit_typen: bool = True) -> list[Glossareintrag]:
    """Words and what they mean, as far as the region has what the word names.

    Parameters
    ----------
    mit_typen
        Whether indices and types are explained.
    """
    several = mit_typen and daten.kommune().nunique() > 1
    indexed = mit_typen and daten.indikatoren()["index"].map(bool).any()
    keys = [
        "sozialraum",
        "stichtag",
        "indikator",
        *(("index",) if indexed else ()),
        *(("typ",) if mit_typen else ()),
        *(("zwilling", "erklaeren", "dauerhaft") if several else ()),
        "spanne",
        "geheim",
        "schwankung",
    ]
    words = daten.kontext().worte

    def entry(key: str) -> Glossareintrag:
        name, meaning, forms = (
            text(f"berichte.profil.glossar.{key}.{part}", **words) for part in ("wort", "sinn", "formen")
        )
        return Glossareintrag(key, name, meaning, tuple(forms.split("|")))

    return [entry(key) for key in keys]


def glossarziele(daten: Daten) -> dict[str, str]:
    """Form of a word -> its place in the glossary, for the links of the pages."""
    return {form: entry.kennung for entry in glossarwoerter(daten) for form in entry.formen}
