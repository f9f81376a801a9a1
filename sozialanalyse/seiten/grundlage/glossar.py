"""The words of the pages and what they mean."""

from __future__ import annotations

from sozialanalyse.base import text
from sozialanalyse.store import Daten


def glossarwoerter(daten: Daten, *, mit_typen: bool = True) -> dict[str, str]:
    """Word -> meaning, as far as the region has what the word names.

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
    return {
        text(f"berichte.profil.glossar.{key}.wort", **words): text(
            f"berichte.profil.glossar.{key}.sinn", **words
        )
        for key in keys
    }
