"""The frame around every drawing: title, legend, foot, and the table one key press away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from sozialanalyse.kontext import Kontext
from sozialanalyse.present import formats, tables, theme
from sozialanalyse.present._markup import esc, fragment_id, listing, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import leinwand
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tables import Spalte
from sozialanalyse.texts import text

Legende = Sequence[tuple[str, str]]
"""Pairs of a finished legend field and its words."""


def abbildung(
    zeichne: Callable[[str, float], tuple[str, float]],
    *,
    titel: str,
    beschreibung: str,
    kontext: Kontext,
    frame: pd.DataFrame,
    spalten: Mapping[Kennung, Spalte],
    status: pd.DataFrame | None = None,
    untertitel: str = "",
    legende: Callable[[str], Legende] | None = None,
    nachsatz: str = "",
    art: str = "diagramm",
    breite: float | None = None,
    stellen: Sequence[int] | None = None,
    id: str | None = None,
) -> Anzeige:
    """Put a drawing, its legend and its table into one figure.

    Parameters
    ----------
    zeichne
        Called with a prefix for ids and a width; returns inner markup and its height.
    legende
        Called with the same prefix, so that its fields can refer to the patterns of the drawing.
    nachsatz
        Finished markup below the legend.
    breite
        One drawing of this width for all screens; otherwise one for desks and one for phones.
    """
    name = id or fragment_id(art, titel, untertitel, kontext.stichtag, beschreibung)
    common = {"titel": titel, "beschreibung": beschreibung, "marke": kontext.marke}

    def draw(width: float, suffix: str, klasse: str) -> str:
        prefix = f"{name}{suffix}"
        inner, height = zeichne(prefix, width)
        return leinwand(
            inner, width, height, id=prefix, klasse=f"sa-{art} {klasse}", versteckt=bool(suffix), **common
        )

    svg = draw(breite or theme.BREIT, "", "sa-eine" if breite else "sa-breit")
    small = "" if breite else draw(theme.SCHMAL, "s", "sa-schmal")
    html = rahmen(
        tag("div", svg, small, klasse="sa-bild"),
        name=name,
        titel=titel,
        untertitel=untertitel,
        legende=legende(name) if legende else (),
        nachsatz=nachsatz,
        kontext=kontext,
        frame=frame,
        spalten=spalten,
        status=status,
        stellen=stellen,
    )
    shown = tables.tabelle(frame, titel=titel, kontext=kontext, spalten=spalten, status=status).tabelle
    return Anzeige(titel=titel, html=html, svg=svg, beschreibung=beschreibung, tabelle=shown)


def rahmen(
    bild: str,
    *,
    name: str,
    titel: str,
    untertitel: str,
    legende: Legende,
    nachsatz: str,
    kontext: Kontext,
    frame: pd.DataFrame,
    spalten: Mapping[Kennung, Spalte],
    status: pd.DataFrame | None,
    stellen: Sequence[int] | None = None,
) -> str:
    """Finished ``<figure>``; ``bild`` is finished markup."""
    caption = tag(
        "figcaption",
        tag("span", esc(titel), klasse="sa-titel"),
        tag("span", esc(untertitel), klasse="sa-untertitel") if untertitel else "",
    )
    fields = listing((field + tag("span", esc(words)) for field, words in legende), "sa-legende")
    rows = text("present.abbildung.tabelle", zeilen=formats.zahl(len(frame)))
    table = tables.einbetten(
        frame, titel=titel, kontext=kontext, spalten=spalten, status=status, stellen=stellen, id=name
    )
    return tag(
        "figure",
        caption,
        bild,
        fields,
        nachsatz,
        tag("p", esc(kontext.fusszeile), klasse="sa-fuss"),
        tag("details", tag("summary", esc(rows)), table),
        klasse="sa sa-abb",
        id=name,
    )
