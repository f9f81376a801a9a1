"""The frame around every drawing: title, legend, foot, and the table one key press away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, tables, theme
from sozialanalyse.present import tafel as tafeln
from sozialanalyse.present._markup import esc, fragment_id, fuss, listing, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import leinwand
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte, Tafel

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
    zusatz: str = "",
    breite: float | None = None,
    stellen: Sequence[int] | None = None,
    tafel: str | None = None,
    lage: str | None = None,
    tafelwort: str = "",
    umfang: str = "",
    stumm: bool = False,
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
    zusatz
        One more class of the drawing.
    breite
        One drawing of this width for all screens; otherwise one for desks and one for phones.
    tafel
        Id of a table of the same page that lists the numbers of several figures; the figure then links
        to it instead of bringing its own.
    tafelwort
        Words of the link to it.
    umfang
        How many areas the drawing shows, in words for its foot.
    stumm
        Whether the drawing holds links that a list of the page repeats; then only its description is read aloud.
    """
    name = id or fragment_id(art, titel, untertitel, kontext.stichtag, beschreibung)
    common = {"titel": titel, "beschreibung": beschreibung, "marke": kontext.marke}

    def draw(width: float, suffix: str, klasse: str) -> str:
        prefix = f"{name}{suffix}"
        inner, height = zeichne(prefix, width)
        return leinwand(
            inner,
            width,
            height,
            id=prefix,
            klasse=" ".join(part for part in (f"sa-{art}", zusatz, klasse) if part),
            versteckt=bool(suffix),
            lage=lage,
            **common,
        )

    svg = draw(breite or theme.BREIT, "", "sa-eine" if breite else "sa-breit")
    small = "" if breite else draw(theme.SCHMAL, "s", "sa-schmal")
    found = tafeln.tafel(frame, titel=titel, kontext=kontext, spalten=spalten, status=status, stellen=stellen)
    fields = tuple(legende(name)) if legende else ()
    picture = tag("div", svg, small, klasse="sa-bild", aria_hidden="true" if stumm else None)
    if stumm:
        picture += tag("p", esc(beschreibung), klasse="sa-vorlesen")
    html = rahmen(
        picture,
        found,
        name=name,
        untertitel=untertitel,
        legende=fields,
        nachsatz=nachsatz,
        tafel=tafel,
        tafelwort=tafelwort,
        umfang=umfang,
    )
    return Anzeige(
        titel=titel,
        html=html,
        svg=svg,
        beschreibung=beschreibung,
        tabelle=found.sichtbar,
        tafel=found,
        legende=fields,
    )


def rahmen(
    bild: str,
    found: Tafel,
    *,
    name: str,
    untertitel: str,
    legende: Legende,
    nachsatz: str,
    tafel: str | None = None,
    tafelwort: str = "",
    umfang: str = "",
) -> str:
    """Finished ``<figure>``; ``bild`` is finished markup, ``found`` the numbers behind it."""
    caption = tag(
        "figcaption",
        tag("span", esc(found.titel), klasse="sa-titel"),
        tag("span", esc(untertitel), klasse="sa-untertitel") if untertitel else "",
    )
    foot = " · ".join(part for part in (umfang, found.kontext.fusszeile) if part)
    fields = listing((field + tag("span", esc(words)) for field, words in legende), "sa-legende")
    if tafel:
        words = tafelwort or text("present.abbildung.gemeinsam")
        table = tag("p", tag("a", esc(words), href=f"#{tafel}"), klasse="sa-zurtafel")
    else:
        one = len(found.werte) == 1
        rows = (
            text("present.abbildung.tabelle_eine")
            if one
            else text("present.abbildung.tabelle", zeilen=formats.zahl(len(found.werte)))
        )
        table = tag("details", tag("summary", esc(rows)), tables.einbetten(found))
    return tag(
        "figure",
        caption,
        bild,
        fields,
        nachsatz,
        fuss(foot, found.kontext.ueberall),
        table,
        klasse="sa sa-abb",
        id=name,
        data_tafel=tafel,
    )
