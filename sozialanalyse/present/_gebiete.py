"""Areas of a map in natural order, with their names and the columns of the table below."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from sozialanalyse.base import Kontext, text, woerter
from sozialanalyse.present import formats
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present.tafel import Spalte


def ordnen(gebiete: gpd.GeoDataFrame, wanted: pd.Index) -> gpd.GeoDataFrame:
    """Areas by municipality and id; wanted ids without an area are added without geometry."""
    missing = [key for key in wanted if key not in gebiete.index]
    columns = {"name": gebiete["name"], "kommune_id": gebiete["kommune_id"]}
    places = gpd.GeoDataFrame(columns, geometry=gebiete.geometry).reindex([*gebiete.index, *missing])
    home = dict(zip(places.index, map(str, places["kommune_id"]), strict=True))
    return places.loc[sorted(places.index, key=lambda k: (home[k], formats.natuerlich(k)))]


def gebietsname(gebiet: Kennung, name: Kennung) -> str:
    """Id and name of an area, the id once if there is no name."""
    return woerter.gebietsname(str(gebiet), "" if pd.isna(name) else str(name))


def kommunenname(kommunen: pd.DataFrame | None, key: Kennung) -> str:
    """Name of a municipality, its id without a frame of names."""
    return str(kommunen.at[key, "name"]) if kommunen is not None and key in kommunen.index else str(key)


def gebietstafel(places: pd.DataFrame, kommunen: pd.DataFrame | None) -> pd.DataFrame:
    """Table of the areas, to which a map adds its values."""
    names = places["kommune_id"].map(lambda key: kommunenname(kommunen, key), na_action="ignore")
    frame = pd.DataFrame({"name": places["name"], "kommune": names}, index=places.index)
    frame.index.name = "gebiet_id"
    return frame


def tafelspalten(kontext: Kontext) -> dict[Kennung, Spalte]:
    """Headings of :func:`gebietstafel` in the words of the region."""
    return {
        "gebiet_id": Spalte(text("present.karte.kennung")),
        "name": Spalte(kontext.sozialraum.einzahl),
        "kommune": Spalte(kontext.kommune.einzahl),
    }


def lueckensaetze(shown: pd.Series, states: pd.Series) -> list[str]:
    """How many values are missing for which reason, one sentence each."""
    return [
        text("present.karte.luecken", anzahl=formats.zahl(n), grund=formats.status_wort(state))
        for state, n in formats.luecken(shown, states).items()
    ]


def spannensaetze(shown: pd.Series, names: pd.Series, einheit: str, places: int) -> list[str]:
    """Highest and lowest value with their areas; nothing if there are no values."""
    if not shown.notna().any():
        return []
    ends: dict[str, Kennung] = {"hoechster": shown.idxmax(), "niedrigster": shown.idxmin()}
    return [
        text(
            f"present.karte.{key}",
            gebiet=gebietsname(where, names[where]),
            wert=formats.wert(shown[where], einheit, places),
        )
        for key, where in ends.items()
    ]
