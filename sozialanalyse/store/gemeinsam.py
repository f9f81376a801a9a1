"""The coarsest cut of areas that holds for all dates: what a boundary change divided stays together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sozialanalyse.base import MIT_ZAHL, POSITION, RANG

ZEICHEN = " + "


def gruppen(gebiete: pd.Index, umstiege: pd.DataFrame, seit: str) -> pd.Series:
    """Group of every area for series that begin on a date.

    Areas belong together if an old area valid at or after ``seit`` was divided between them; then only
    their sum is counted on every date. A group is called by its areas ("A 1a + A 1b"), an area alone by
    its own id.

    Parameters
    ----------
    umstiege
        Old areas and those of today they have a share in.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = umstiege[umstiege["gueltig_bis"] >= seit].drop_duplicates(["alt", "neu"])
    places = gebiete.get_indexer(links["neu"])
    links, places = links[places >= 0], places[places >= 0]
    old = pd.factorize(links["alt"])[0] + len(gebiete)
    size = len(gebiete) + (int(old.max()) + 1 - len(gebiete) if len(old) else 0)
    divided = links.groupby("alt")["neu"].transform("size").to_numpy() > 1
    graph = coo_array((np.ones(divided.sum()), (places[divided], old[divided])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    ids = pd.Series(gebiete, index=gebiete, dtype="str")
    return ids.groupby(label[: len(gebiete)]).transform(ZEICHEN.join).rename("gruppe")


def zusammengefasst(werte: pd.DataFrame, gruppe: pd.Series, katalog: pd.DataFrame) -> pd.DataFrame:
    """Values of groups, from counts; medians and delivered rates only where an area is alone.

    Returns
    -------
    DataFrame
        Columns gebiet_id (the group), indikator_id, stichtag, wert, zaehler, nenner, status, umgerechnet
        and gebiete (how many areas).
    """
    own = katalog.reindex(werte["indikator_id"]).set_index(werte.index)
    too_few = (werte["status"] == "nicht_sinnvoll") & (werte["nenner"] == 0)
    too_few |= (werte["status"] == "unsicher") & (werte["nenner"] < own["mindestnenner"])
    judged_anew = too_few & (own["art"] == "quote") & werte["zaehler"].notna()
    rows = werte.assign(
        gebiet_id=werte["gebiet_id"].map(gruppe),
        rang=werte["status"].mask(judged_anew, "wert").map(POSITION).fillna(0).astype(int),
    )
    keys = ["gebiet_id", "indikator_id", "stichtag"]
    grouped = rows.groupby(keys, sort=True)
    numbers = ["wert", "zaehler", "nenner"]
    complete = grouped[numbers].count().eq(grouped.size(), axis=0)
    found = grouped[numbers].sum().where(complete)
    found["rang"] = grouped["rang"].min()
    found["gebiete"] = grouped.size()
    found["umgerechnet"] = grouped["umgerechnet"].any()
    found = found.reset_index()
    page = katalog.reindex(found["indikator_id"]).reset_index(drop=True)
    several = found["gebiete"] > 1
    rate = several & (page["art"] == "quote")
    base = found["nenner"].where(found["nenner"] > 0)
    found.loc[rate, "wert"] = (page["faktor"] * found["zaehler"] / base)[rate]
    found["umgerechnet"] &= ~several  # a divided area is whole again
    found["status"] = np.array(RANG, dtype=object)[found["rang"]]
    found.loc[several & (page["art"] == "wert"), ["wert", "status"]] = [np.nan, "nicht_sinnvoll"]
    quote, known = page["art"] == "quote", found["status"].isin(MIT_ZAHL)
    found.loc[quote & known & (found["nenner"] < page["mindestnenner"]), "status"] = "unsicher"
    found.loc[quote & known & (found["nenner"] == 0), "status"] = "nicht_sinnvoll"
    found.loc[~found["status"].isin(MIT_ZAHL), "wert"] = np.nan
    lost = found["wert"].isna() & found["status"].isin(MIT_ZAHL)
    found.loc[lost, "status"] = "unbekannt"
    return found[[*keys, *numbers, "status", "umgerechnet", "gebiete"]]
