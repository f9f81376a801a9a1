"""What the law allows instead of hiding single cells: the same numbers coarser, protected by the same rules.

*Several years together*: counts and bases of all reference dates are added up, so that fewer are small. *Larger areas*:
only Kommunen and region are published. Both are protected and attacked as the values of today are. *Rounding*: every count is printed as a
multiple of 5 or 10 (:mod:`.rundung`), on the last date, because every attack on rounded numbers takes long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from sozialanalyse.geheimhaltung import rundung
from sozialanalyse.geheimhaltung.regeln import OEFFENTLICH
from sozialanalyse.geheimhaltung.sperren import schuetze
from sozialanalyse.geheimhaltung.wissen import Wissen
from sozialanalyse.region import Katalog, Sperrprofil

SCHRITTE = (5, 10)
ARTEN = ("zusammen", "kommunen", *(f"rundung_{step}" for step in SCHRITTE))
SPALTEN = [f"{art}_{what}" for art in ARTEN for what in ("zellen", "gesperrt")]


def alternativen(
    werte: pd.DataFrame,
    gebiete: pd.DataFrame,
    katalog: Katalog,
    profile: Mapping[str, Sperrprofil],
    merkmale: pd.DataFrame,
) -> pd.DataFrame:
    """Per indicator: how many values each alternative would have, and how many of them it would hide.

    Parameters
    ----------
    werte
        Unprotected values of all dates.
    merkmale
        Delivered counts of all dates.

    Returns
    -------
    DataFrame
        Indexed by indikator_id, columns of ``SPALTEN``; NaN where an alternative makes no sense (delivered
        values such as medians cannot be added up).
    """
    known = Wissen.aus_merkmalen(merkmale, gebiete, katalog)
    counted = [key for key in werte["indikator_id"].unique() if katalog.indikatoren[key].seite.art != "wert"]
    own = werte[werte["indikator_id"].isin(counted)]
    together = schuetze(
        zusammen(own, katalog), gebiete, katalog, profile, OEFFENTLICH, merkmale=_summen(merkmale), known=known
    ).bilanz  # fmt: skip
    last = own[own["stichtag"] == own["stichtag"].max()]
    large = gebiete[gebiete["level"] != "sozialraum"].assign(
        level=lambda frame: frame["level"].replace("kommune", "sozialraum")
    )
    fewer = own[own["gebiet_id"].isin(large.index)]
    rough = replace(known, ungleichungen=(), umstiege=pd.DataFrame())
    coarse = schuetze(fewer, large, katalog, profile, OEFFENTLICH, known=rough).bilanz
    result = pd.DataFrame(index=pd.Index(sorted(werte["indikator_id"].unique()), name="indikator_id"))
    tables = [
        found.assign(gesperrt=found["primaer"] + found["sekundaer"])
        .groupby("indikator_id")[["zellen", "gesperrt"]]
        .sum()
        for found in (together, coarse)
    ]
    tables += [rundung.bilanz(last, gebiete, katalog, profile, merkmale, known, step) for step in SCHRITTE]
    for name, table in zip(ARTEN, tables, strict=True):
        result[[f"{name}_zellen", f"{name}_gesperrt"]] = table.reindex(result.index)
    return result[SPALTEN]


def zusammen(werte: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Counts and bases of all dates of an indicator added up; a gap on one date is a gap, a hidden number stays hidden."""
    last = werte["stichtag"].max()
    dates = werte.groupby("indikator_id")["stichtag"].transform("nunique")
    keys = ["gebiet_id", "indikator_id"]
    rows = werte.assign(geheim=werte["status"] == "geheim", luecke=werte["wert"].isna(), tage=dates)
    grouped = rows.groupby(keys)
    sums = grouped[["zaehler", "nenner"]].sum(min_count=1)
    gap = grouped["luecke"].any() | (grouped.size() < grouped["tage"].max())
    found = sums.reset_index()
    factor = found["indikator_id"].map(lambda key: katalog.indikatoren[key].seite.faktor)
    base = found["indikator_id"].map(lambda key: katalog.indikatoren[key].nenner is not None)
    rate = factor * found["zaehler"] / found["nenner"].where(found["nenner"] > 0)
    found["wert"] = rate.where(base, found["zaehler"])
    found["status"] = grouped["geheim"].any().map({True: "geheim", False: "wert"}).to_numpy()
    gone = gap.to_numpy()
    found.loc[gone & (found["status"] == "wert"), "status"] = "unbekannt"
    found.loc[gone, ["wert", "zaehler", "nenner"]] = float("nan")
    return found.assign(stichtag=last)


def _summen(merkmale: pd.DataFrame) -> pd.DataFrame:
    """Delivered counts of all dates added up, as of the last one."""
    plain = merkmale.assign(
        gebiet_id=merkmale["gebiet_id"].astype("str"), feld=merkmale["feld"].astype("str"),
        geheim=merkmale["status"].astype("str") == "geheim", luecke=merkmale["wert"].isna(),
    )  # fmt: skip
    grouped = plain.groupby(["gebiet_id", "feld"])
    found = grouped.agg(wert=("wert", "sum"), geheim=("geheim", "any"), luecke=("luecke", "any"), umgerechnet=("umgerechnet", "max"))  # fmt: skip
    found["wert"] = found["wert"].where(~found["luecke"])
    found["status"] = found["geheim"].map({True: "geheim", False: "wert"})
    return found.reset_index().assign(stichtag=str(merkmale["stichtag"].astype("str").max()))
