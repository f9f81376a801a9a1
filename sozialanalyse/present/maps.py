"""Maps as inline SVG with legend and table: types of areas, and classed values."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import geopandas as gpd
import pandas as pd

from sozialanalyse.kontext import Kontext
from sozialanalyse.present import _flaechen, formats, theme
from sozialanalyse.present._flaechen import BREITE, Flaechen
from sozialanalyse.present._markup import esc, label, number, shape, tag, text_width
from sozialanalyse.present._zeichnung import muster, sign, swatch
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.klassen import Klassen, Methode, einteilen
from sozialanalyse.present.tables import Spalte
from sozialanalyse.texts import text

_NAMEN = 17


def typenkarte(
    gebiete: gpd.GeoDataFrame,
    typen: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    unsicher: pd.Series | None = None,
    namen: Mapping[Hashable, str] | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Hashable | None = None,
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
    hervorheben
        Area with a thick outline.
    """
    places = _gebiete(gebiete, typen.index)
    kinds = typen.reindex(places.index)
    unsure = pd.Series(False, index=places.index)
    if unsicher is not None:
        unsure = unsicher.reindex(places.index).fillna(False).astype(bool) & kinds.notna()
    order = sorted(kinds.dropna().unique(), key=formats.natuerlich)
    codes = {kind: _code(kind) for kind in order}
    fills = theme.typfarben([codes[kind] for kind in order])
    words = {kind: (namen or {}).get(kind) or text("present.typ.name", typ=codes[kind]) for kind in order}
    areas = pd.DataFrame(
        {
            "fill": kinds.map({kind: fills[codes[kind]] for kind in order}).fillna("missing"),
            "code": kinds.map(codes).fillna(""),
            "words": kinds.map(words).fillna(text("present.typ.ohne")),
            "unsure": unsure,
        }
    )
    areas["words"] = areas["words"].where(
        ~unsure, areas["words"].map(lambda w: text("present.typ.unsicher", typ=w))
    )

    def legende(prefix: str) -> Legende:
        counts = kinds.value_counts()
        fields = [
            (swatch(fills[codes[k]], code=codes[k]), text("present.typ.legende", typ=words[k], anzahl=formats.zahl(counts[k])))
            for k in order
        ]
        if unsure.any():
            field = swatch(theme.PAPIER, overlay=f"url(#{prefix}-u)")
            fields.append((field, text("present.typ.legende_unsicher", anzahl=formats.zahl(unsure.sum()))))
        if kinds.isna().any():
            fields.append((swatch(f"url(#{prefix}-f)"), text("present.typ.legende_ohne", anzahl=formats.zahl(kinds.isna().sum()))))
        return [*fields, *_hervorgehoben(places, hervorheben)]

    table = _frame(places, kommunen).assign(typ=areas["words"].where(kinds.notna()))
    return _karte(
        places,
        areas,
        legende,
        frame=table,
        spalten={**_spalten(kontext), "typ": Spalte(text("present.typ.spalte"))},
        status=None,
        kommunen=kommunen,
        kontext=kontext,
        titel=titel,
        untertitel="",
        beschreibung=_typen_text(kinds, words, unsure, kontext),
        hervorheben=hervorheben,
        id=id,
    )


def _code(kind: Hashable) -> str:
    return str(int(kind)) if isinstance(kind, float) and kind.is_integer() else str(kind)


def _typen_text(kinds: pd.Series, words: Mapping[Hashable, str], unsure: pd.Series, kontext: Kontext) -> str:
    counts = kinds.value_counts()
    parts = [text("present.typ.teil", typ=words[k], anzahl=formats.zahl(counts[k])) for k in words]
    out = [text("present.karte.typen", anzahl=formats.zahl(len(kinds)), gebiete=kontext.sozialraum.mehrzahl, teile=formats.aufzaehlung(parts))]
    if unsure.any():
        out.append(text("present.karte.unsicher", anzahl=formats.zahl(unsure.sum())))
    if kinds.isna().any():
        out.append(text("present.karte.ohne_typ", anzahl=formats.zahl(kinds.isna().sum())))
    return " ".join(out)


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
    skala: str = "sequenziell",
    kommunen: pd.DataFrame | None = None,
    hervorheben: Hashable | None = None,
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
        ``sequenziell`` or ``divergierend``.
    """
    places = _gebiete(gebiete, werte.index)
    states = formats.status_von(werte.reindex(places.index), status)
    shown = formats.sichtbar(werte.reindex(places.index), states)
    classes = klassen or einteilen(shown, methode, anzahl, nachkommastellen=nachkommastellen)
    found = classes.zuordnen(shown)
    ramp = theme.divergierend if skala == "divergierend" else theme.sequenziell
    colours = ramp(classes.anzahl)
    hidden = states.isin({"geheim"})
    fill = found.map(dict(enumerate(colours))).astype(object)
    fill = fill.where(found.notna(), "missing").mask(hidden, "hidden")
    words = [
        formats.wert(value, einheit, classes.nachkommastellen)
        if pd.notna(value)
        else formats.status_wort(state)
        for value, state in zip(shown, states, strict=True)
    ]
    areas = pd.DataFrame({"fill": fill, "code": "", "words": words, "unsure": False}, index=places.index)

    def legende(prefix: str) -> Legende:
        counts = found.value_counts()
        names = zip(colours, classes.beschriftung(einheit), strict=True)
        fields = [
            (swatch(colour), text("present.karte.klasse", klasse=name, anzahl=formats.zahl(counts.get(i, 0))))
            for i, (colour, name) in enumerate(names)
        ]
        gaps = states[shown.isna()].value_counts()
        for state, n in gaps.items():
            field = swatch(f"url(#{prefix}-{'g' if state == 'geheim' else 'f'})")
            fields.append((field, text("present.karte.klasse", klasse=formats.status_wort(state), anzahl=formats.zahl(n))))
        return [*fields, *_hervorgehoben(places, hervorheben)]

    value = Spalte(label_wert or titel, einheit, classes.nachkommastellen)
    return _karte(
        places,
        areas,
        legende,
        frame=_frame(places, kommunen).assign(wert=shown),
        spalten={**_spalten(kontext), "wert": value},
        status=states.to_frame("wert"),
        kommunen=kommunen,
        kontext=kontext,
        titel=titel,
        untertitel=text("present.karte.einheit", einheit=einheit) if einheit else "",
        beschreibung=_werte_text(shown, states, places, classes, einheit, kontext),
        hervorheben=hervorheben,
        id=id,
    )


def _werte_text(
    shown: pd.Series, states: pd.Series, places: pd.DataFrame, classes: Klassen, einheit: str, kontext: Kontext
) -> str:
    out = [
        text(
            "present.karte.werte",
            anzahl=formats.zahl(len(shown)),
            gebiete=kontext.sozialraum.mehrzahl,
            klassen=formats.zahl(classes.anzahl),
        )
    ]
    if shown.notna().any():
        for key, where in (("hoechster", shown.idxmax()), ("niedrigster", shown.idxmin())):
            value = formats.wert(shown[where], einheit, classes.nachkommastellen)
            out.append(text(f"present.karte.{key}", gebiet=gebietsname(places, where), wert=value))
    gaps = states[shown.isna()].value_counts()
    out += [
        text("present.karte.luecken", anzahl=formats.zahl(n), grund=formats.status_wort(state)) for state, n in gaps.items()
    ]
    return " ".join(out)


def gebietsname(places: pd.DataFrame, gebiet: Hashable) -> str:
    """Id and name of an area, the id once if there is no name."""
    name = places.at[gebiet, "name"]
    return str(gebiet) if pd.isna(name) or str(name) == str(gebiet) else f"{gebiet} {name}"


def _gebiete(gebiete: gpd.GeoDataFrame, wanted: pd.Index) -> gpd.GeoDataFrame:
    """Areas in natural order; ids without an area are added without geometry, never dropped."""
    missing = [key for key in wanted if key not in gebiete.index]
    columns = {"name": gebiete["name"], "kommune_id": gebiete["kommune_id"]}
    places = gpd.GeoDataFrame(columns, geometry=gebiete.geometry).reindex([*gebiete.index, *missing])
    order = sorted(places.index, key=lambda k: (str(places.at[k, "kommune_id"]), formats.natuerlich(k)))
    return places.loc[order]


def _kommunenamen(kommunen: pd.DataFrame | None, ids: pd.Series) -> pd.Series:
    if kommunen is None:
        return ids
    return ids.map(kommunen["name"]).where(ids.isin(kommunen.index), ids)


def _frame(places: gpd.GeoDataFrame, kommunen: pd.DataFrame | None) -> pd.DataFrame:
    names = _kommunenamen(kommunen, places["kommune_id"])
    frame = pd.DataFrame({"name": places["name"], "kommune": names}, index=places.index)
    frame.index.name = "gebiet_id"
    return frame


def _spalten(kontext: Kontext) -> dict[Hashable, Spalte]:
    return {
        "gebiet_id": Spalte(text("present.karte.kennung")),
        "name": Spalte(kontext.sozialraum.einzahl),
        "kommune": Spalte(kontext.kommune.einzahl),
    }


def _hervorgehoben(places: pd.DataFrame, gebiet: Hashable | None) -> Legende:
    if gebiet is None or gebiet not in places.index:
        return []
    thick = shape("rect", x=3, y=3, width=22, height=12, fill="none", stroke=theme.TINTE, stroke_width=4)
    return [(sign(thick), text("present.karte.hervorgehoben", gebiet=gebietsname(places, gebiet)))]


def _karte(
    places: gpd.GeoDataFrame,
    areas: pd.DataFrame,
    legende,
    *,
    kommunen: pd.DataFrame | None,
    hervorheben: Hashable | None,
    beschreibung: str,
    **rest,
) -> Anzeige:
    drawn = _flaechen.flaechen(places)
    if hervorheben is not None and hervorheben in places.index:
        beschreibung += " " + text("present.karte.hervorgehoben", gebiet=gebietsname(places, hervorheben)) + "."

    def zeichne(prefix: str, width: float) -> tuple[str, float]:
        return _zeichne(drawn, places, areas, kommunen, hervorheben, prefix)

    below = ""
    if drawn.ohne:
        names = formats.aufzaehlung(gebietsname(places, key) for key in drawn.ohne)
        below = tag("p", esc(text("present.karte.ohne_flaeche", gebiete=names)), klasse="sa-ohne-flaeche")
    return abbildung(
        zeichne, beschreibung=beschreibung, legende=legende, nachsatz=below, art="karte", breite=BREITE, **rest
    )


def _zeichne(
    drawn: Flaechen,
    places: gpd.GeoDataFrame,
    areas: pd.DataFrame,
    kommunen: pd.DataFrame | None,
    hervorheben: Hashable | None,
    prefix: str,
) -> tuple[str, float]:
    pattern = {"missing": f"url(#{prefix}-f)", "hidden": f"url(#{prefix}-g)"}
    paths = drawn.umriss.map(_flaechen.pfad)
    groups = drawn.gruppen(places["kommune_id"])
    out = [muster(prefix)]
    loose = paths.index[~places.loc[paths.index, "kommune_id"].isin(groups)]
    members = {key: paths.index[places.loc[paths.index, "kommune_id"] == key] for key in groups}
    for key, ids in [*members.items(), ("", loose)]:
        inner = []
        for gebiet in ids:
            area = areas.loc[gebiet]
            fill = pattern.get(area["fill"], area["fill"])
            tip = tag("title", esc(f"{gebietsname(places, gebiet)}: {area['words']}"))
            inner.append(tag("path", tip, d=paths[gebiet], fill=fill, data_gebiet=gebiet))
            if area["unsure"]:
                inner.append(shape("path", d=paths[gebiet], fill=f"url(#{prefix}-u)", pointer_events="none"))
        out.append(tag("g", *inner, data_kommune=key or None, stroke=theme.TINTE, stroke_width=0.8) if inner else "")
    borders = "".join(shape("path", d=_flaechen.pfad(outline)) for outline in groups.values())
    out.append(tag("g", borders, fill="none", stroke=theme.TINTE, stroke_width=2.6, stroke_linejoin="round"))
    if hervorheben in paths.index:
        thick = {"d": paths[hervorheben], "fill": "none", "stroke_linejoin": "round"}
        out.append(shape("path", **thick, stroke=theme.PAPIER, stroke_width=9))
        out.append(shape("path", **thick, stroke=theme.TINTE, stroke_width=5))
    codes, boxes = _codes(drawn, areas)
    out += [codes, _ortsnamen(groups, kommunen, boxes)]
    scale, height = _massstab(drawn)
    return "".join([*out, scale]), drawn.hoehe + height


def _codes(drawn: Flaechen, areas: pd.DataFrame) -> tuple[str, list[_flaechen.Kasten]]:
    """Code of its type in each area that has room for it, with a halo in the colour below."""
    out, boxes = [], []
    for gebiet, outline in drawn.umriss.items():
        code = areas.at[gebiet, "code"]
        if not code:
            continue
        x, y, radius = _flaechen.mitte(outline)
        size = min(max(1.15 * radius, 10), 20)
        if radius >= 5:
            halo = {"stroke": areas.at[gebiet, "fill"], "stroke_width": 4} if areas.at[gebiet, "unsure"] else {}
            out.append(label(round(x), round(y + 0.36 * size), code, font_size=round(size), **halo))
            boxes.append((x - size / 2, y - size / 2, x + size / 2, y + size / 2))
    style = {"text_anchor": "middle", "font_weight": 650, "fill": theme.SCHRIFT_AUF_FLAECHE}
    return (tag("g", *out, **style, paint_order="stroke", pointer_events="none") if out else ""), boxes


def _ortsnamen(groups: dict, kommunen: pd.DataFrame | None, boxes: list[_flaechen.Kasten]) -> str:
    """Names of the municipalities, placed so that they cover as little as possible."""
    names = {key: str(_kommunenamen(kommunen, pd.Series([key])).iloc[0]) for key in groups}
    size = {key: (text_width(name, _NAMEN) + 6, 1.3 * _NAMEN) for key, name in names.items()}
    spots = _flaechen.beschriftungen(groups, size, boxes)
    out = [label(round(x), round(y + 0.36 * _NAMEN), names[key]) for key, (x, y) in spots.items()]
    halo = {"stroke": theme.PAPIER, "stroke_width": 5, "paint_order": "stroke", "stroke_linejoin": "round"}
    style = {"text_anchor": "middle", "font_size": _NAMEN, "font_weight": 650, "fill": theme.TINTE}
    return tag("g", *out, **style, **halo, klasse="sa-ortsnamen", pointer_events="none") if out else ""


def _massstab(drawn: Flaechen) -> tuple[str, float]:
    """Scale bar and north arrow below the map, if the unit of the coordinates is known."""
    if drawn.meter is None:
        return "", 0.0
    longest = 0.2 * BREITE * drawn.meter
    metres = max(step * 10**power for power in range(7) for step in (1, 2, 5) if step * 10**power <= longest or (step, power) == (1, 0))
    length = metres / drawn.meter
    words = formats.wert(metres / 1000, "km", 0 if metres >= 1000 else 1)
    y = drawn.hoehe + 30
    bar = shape("path", d=f"M10 {number(y - 7)}v7h{number(length)}v-7", fill="none", stroke=theme.TINTE, stroke_width=2)
    x = 10 + length + 130
    north = shape("path", d=f"M{number(x)} {number(y + 2)}v-24m-6 8l6-10 6 10", fill="none", stroke=theme.TINTE, stroke_width=2)
    style = {"font_size": 15, "fill": theme.TEXT, "klasse": "sa-massstab"}
    texts = label(18 + length, y, words) + label(x + 12, y, text("present.karte.nord"))
    return bar + north + tag("g", texts, **style), 44.0
