"""Types of areas as cards: name, where they lie, what marks them, how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from sozialanalyse.base import Kontext
from sozialanalyse.present import _flaechen, theme
from sozialanalyse.present._kachelbild import kacheln, sechseck
from sozialanalyse.present._markup import esc, fragment_id, number, shape, tag
from sozialanalyse.present._typen import Kennung, typcode
from sozialanalyse.present._zeichnung import swatch
from sozialanalyse.present.anzeige import Anzeige


@dataclass(frozen=True)
class Typkarte:
    """What one card says; ``umfang`` is how many areas and where, ``typisch`` the most typical area."""

    typ: Kennung
    name: str
    merkmale: Sequence[str]
    umfang: str
    typisch: str = ""


def typkarten(
    karten: Sequence[Typkarte],
    gebiete: gpd.GeoDataFrame,
    typen: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    hinweis: str = "",
    id: str | None = None,
) -> Anzeige:
    """Cards of all types with a small map each; colours and codes are those of :func:`maps.typenkarte`.

    Parameters
    ----------
    typen
        Type per area; missing where an area has none.
    hinweis
        Remark in small type below the cards, say where the names come from.
    """
    name = id or fragment_id("typkarten", titel, kontext.stichtag, *(card.name for card in karten))
    codes = [typcode(card.typ) for card in karten]
    fills = theme.typfarben(codes)
    width, height, ground, paths = _grundriss(gebiete)
    items = []
    for place, (card, code) in enumerate(zip(karten, codes, strict=True)):
        own = "".join(paths[key] for key in typen.index[typen == card.typ] if key in paths)
        base = (
            shape("path", d=ground, fill=theme.INNERHALB, id=f"{name}-r")
            if not place
            else shape("use", href=f"#{name}-r")
        )
        picture = tag(
            "svg",
            base,
            shape("path", d=own, fill=fills[code], stroke=theme.TINTE, stroke_width=number(width / 400)),
            viewbox=f"0 0 {number(width)} {number(height)}",
            aria_hidden="true",
            klasse="sa-typbild",
        )
        marks = tag("ul", *(tag("li", esc(mark)) for mark in card.merkmale))
        typical = tag("p", esc(card.typisch), klasse="sa-hilfe") if card.typisch else ""
        head = tag("h3", swatch(fills[code], code=code), tag("span", esc(card.name)))
        items.append(
            tag(
                "li",
                head,
                picture,
                tag("div", marks, tag("p", esc(card.umfang)), typical),
                klasse="sa-typkarte",
            )
        )
    note = tag("p", esc(hinweis), klasse="sa-zeichen") if hinweis else ""
    frame = pd.DataFrame(
        {
            "typ": codes,
            "name": [card.name for card in karten],
            "merkmale": ["; ".join(card.merkmale) for card in karten],
            "umfang": [card.umfang for card in karten],
        }
    )
    html = tag("section", tag("ul", *items), note, klasse="sa sa-typkarten", id=name, aria_label=titel)
    said = tuple(f"{card.name}: {card.umfang}. {'; '.join(card.merkmale)}." for card in karten)
    return Anzeige(titel=titel, html=html, tabelle=frame, saetze=said, punkte=True)


def _grundriss(gebiete: gpd.GeoDataFrame) -> tuple[float, float, str, dict[Kennung, str]]:
    """Width, height, the region as one path, and a path per area; tiles where no outline is known."""
    drawn = _flaechen.flaechen(gebiete)
    if drawn.umriss.empty:
        at, side, height = kacheln(gebiete).plaetze(theme.SCHMAL)
        paths = {key: sechseck((x, y), side) for key, x, y in at.itertuples()}
        return theme.SCHMAL, height, "".join(paths.values()), paths
    whole = "".join(_flaechen.pfad(part) for part in drawn.gruppen(gebiete["kommune_id"]).values())
    return drawn.breite, drawn.hoehe, whole, drawn.pfade
