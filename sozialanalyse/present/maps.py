"""Maps as inline SVG with legend and table: types of areas, and classed values."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from sozialanalyse.kontext import Kontext
from sozialanalyse.present import formats, theme
from sozialanalyse.present._einstufung import Skala, einstufen
from sozialanalyse.present._gebiete import gebietsname, kommunenname, ordnen, tafel, tafelspalten
from sozialanalyse.present._kartenbild import karte
from sozialanalyse.present._typen import Kennung, typcode, typname
from sozialanalyse.present._zeichnung import swatch
from sozialanalyse.present.abbildung import Legende
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.hintergrund import hintergrundkarte
from sozialanalyse.present.klassen import Klassen, Methode
from sozialanalyse.present.tables import Spalte
from sozialanalyse.texts import text

__all__ = ["choropleth", "hintergrundkarte", "lagekarte", "typenkarte"]


def typenkarte(
    gebiete: gpd.GeoDataFrame,
    typen: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    unsicher: pd.Series | None = None,
    namen: Mapping[Kennung, str] | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    id: str | None = None,
) -> Anzeige:
    """Map of the type of each area; a type is shown by colour and by its code.

    Parameters
    ----------
    gebiete
        Indexed by gebiet_id with columns name, kommune_id and geometry; areas without geometry
        are listed below the map.
    typen
        Type per area (1, 2, ...); missing where an area has none.
    unsicher
        True where the assignment is not sure; these areas are hatched.
    namen
        Words per type.
    kommunen
        Indexed by kommune_id with column name, for labels and table; the ids are used without it.
        Thick outlines are made of the areas themselves, so that they fit.
    hervorheben
        Area with a thick outline.
    """
    places = ordnen(gebiete, typen.index)
    kinds = typen.reindex(places.index)
    unsure = pd.Series(False, index=places.index)
    if unsicher is not None:
        unsure = unsicher.reindex(places.index, fill_value=False).eq(True) & kinds.notna()
    order = sorted(kinds.dropna().unique(), key=formats.natuerlich)
    codes = {kind: typcode(kind) for kind in order}
    fills = theme.typfarben(list(codes.values()))
    words = {kind: typname(kind, namen) for kind in order}
    short = {kind: typname(kind, None) for kind in order}
    areas = pd.DataFrame(
        {
            "fill": kinds.map({kind: fills[codes[kind]] for kind in order}).where(kinds.notna(), "missing"),
            "code": kinds.map(codes).where(kinds.notna(), ""),
            "words": _gesagt(kinds.map(short), unsure),
            "unsure": unsure,
        }
    )
    counts = {kind: formats.zahl(n) for kind, n in kinds.value_counts().items()}
    n_unsure, n_without = int(unsure.sum()), int(kinds.isna().sum())

    def legende(prefix: str) -> Legende:
        fields = [
            (
                swatch(fills[codes[k]], code=codes[k]),
                text("present.typ.legende", typ=words[k], anzahl=counts[k]),
            )
            for k in order
        ]
        if n_unsure:
            field = swatch(theme.PAPIER, overlay=f"url(#{prefix}-u)")
            fields.append((field, text("present.typ.legende_unsicher", anzahl=formats.zahl(n_unsure))))
        if n_without:
            field = swatch(f"url(#{prefix}-f)")
            fields.append((field, text("present.typ.legende_ohne", anzahl=formats.zahl(n_without))))
        return fields

    parts = formats.aufzaehlung(text("present.typ.teil", typ=words[k], anzahl=counts[k]) for k in order)
    sentences = [
        text(
            "present.karte.typen",
            anzahl=formats.zahl(len(kinds)),
            gebiete=kontext.sozialraum.mehrzahl,
            teile=parts,
        )
    ]
    if n_unsure:
        sentences.append(text("present.karte.unsicher", anzahl=formats.zahl(n_unsure)))
    if n_without:
        sentences.append(text("present.karte.ohne_typ", anzahl=formats.zahl(n_without)))
    return karte(
        places,
        areas,
        legende,
        beschreibung=" ".join(sentences),
        kommunen=kommunen,
        hervorheben=hervorheben,
        frame=tafel(places, kommunen).assign(typ=_gesagt(kinds.map(words), unsure).where(kinds.notna())),
        spalten={**tafelspalten(kontext), "typ": Spalte(text("present.typ.spalte"))},
        kontext=kontext,
        titel=titel,
        id=id,
    )


def _gesagt(words: pd.Series, unsure: pd.Series) -> pd.Series:
    """Type in words, with a remark where there is none or it is not sure."""
    known = words.where(words.notna(), text("present.typ.ohne"))
    return known.where(~unsure, known.map(lambda name: text("present.typ.unsicher", typ=name)))


def lagekarte(
    gebiete: gpd.GeoDataFrame,
    eigene: pd.Index,
    *,
    kontext: Kontext,
    titel: str,
    codes: pd.Series,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    id: str | None = None,
) -> Anzeige:
    """Map that shows where areas lie: those of one municipality coloured and numbered.

    Parameters
    ----------
    eigene
        Areas to colour and number; the map is cut to their municipality.
    codes
        Short id per area, drawn inside.
    """
    places = ordnen(gebiete.loc[eigene], pd.Index(eigene))
    areas = pd.DataFrame(
        {
            "fill": theme.AKZENT_FLAECHE,
            "code": codes.reindex(places.index).astype(str),
            "words": "",
            "unsure": False,
        },
        index=places.index,
    )
    areas["words"] = places["kommune_id"].map(lambda key: kommunenname(kommunen, key))
    names = formats.aufzaehlung(gebietsname(key, name) for key, name in places["name"].items())
    return karte(
        places,
        areas,
        lambda prefix: (),
        beschreibung=text(
            "present.karte.lage",
            anzahl=formats.zahl(len(places)),
            gebiete=kontext.sozialraum.dativ,
            namen=names,
        ),
        kommunen=kommunen,
        hervorheben=hervorheben,
        frame=tafel(places, kommunen),
        spalten=tafelspalten(kontext),
        kontext=kontext,
        titel=titel,
        id=id,
    )


def choropleth(
    gebiete: gpd.GeoDataFrame,
    werte: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    einheit: str = "",
    nachkommastellen: int = 1,
    status: pd.Series | None = None,
    label_wert: str = "",
    klassen: Klassen | None = None,
    methode: Methode = "quantil",
    anzahl: int = 5,
    skala: Skala = "sequenziell",
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    id: str | None = None,
) -> Anzeige:
    """Map of a rate or an index in classes; suppressed hatched, missing grey with dots.

    Parameters
    ----------
    gebiete, kommunen, hervorheben
        As in :func:`typenkarte`.
    werte
        Number per area in ``einheit``; missing where there is none. Counts belong in a table:
        large areas would look heavy.
    status
        Why a number is missing; a number whose status forbids showing it appears nowhere.
    label_wert
        Heading of the value column; the title when left out.
    klassen
        Fixed classes, for instance of all years; otherwise found by ``methode`` and ``anzahl``.
    skala
        ``sequenziell``, or ``divergierend`` for values around a middle.
    """
    places = ordnen(gebiete, werte.index)
    reason = None if status is None else status.reindex(places.index)
    found = einstufen(
        werte.reindex(places.index),
        reason,
        einheit=einheit,
        nachkommastellen=nachkommastellen,
        klassen=klassen,
        methode=methode,
        anzahl=anzahl,
        skala=skala,
    )
    areas = pd.DataFrame({"fill": found.fuellung, "code": "", "words": found.worte, "unsure": False})
    value = Spalte(label_wert or titel, einheit, found.klassen.nachkommastellen)
    return karte(
        places,
        areas,
        found.legende,
        beschreibung=found.beschreibung(places["name"], kontext),
        kommunen=kommunen,
        hervorheben=hervorheben,
        frame=tafel(places, kommunen).assign(wert=found.werte),
        spalten={**tafelspalten(kontext), "wert": value},
        status=found.status.to_frame("wert"),
        kontext=kontext,
        titel=titel,
        untertitel=text("present.karte.einheit", einheit=einheit) if einheit else "",
        id=id,
    )
