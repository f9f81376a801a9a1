"""The years of one place: core indicators as small lines and as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Linie, Spalte, formats
from sozialanalyse.seiten.teile.profil import Profil


def entwicklung(bericht: Profil[Any], gebiet: str, ort: str) -> Anzeige:
    """Core indicators of an area at every date: as small lines beside the region, and in a table."""
    keys = [k for k in bericht.kern if bericht.katalog.at[k, "art"] != "anzahl"]
    if not bericht.zahlen.frueher or not keys:
        return present.keine_daten(text("berichte.profil.ein_stichtag"))
    days = [day for day in bericht.daten.stichtage if day <= bericht.stichtag]
    table = _tafel(bericht, gebiet, ort, keys, days)
    folded = present.klappe([table], titel=text("berichte.profil.entwicklung_falte"), ebene=3)
    return present.folge([_bild(bericht, gebiet, ort, keys, days), folded])


def _bild(bericht: Profil[Any], gebiet: str, ort: str, keys: list[str], days: list[str]) -> Anzeige:
    z = bericht.zahlen
    values = {day: z.werte_am(day) for day in days}
    limits = {day: z.intervall_am(day) for day in days}
    lines = [
        Linie(
            bericht.spalten[key].label,
            pd.Series({day: values[day].at[gebiet, key] for day in days}),
            pd.Series({day: values[day].at[z.region, key] for day in days}),
            bericht.spalten[key].einheit,
            int(bericht.katalog.at[key, "nachkommastellen"]),
            pd.Series({day: limits[day][1].at[gebiet, key] for day in days}),
            pd.Series({day: limits[day][2].at[gebiet, key] for day in days}),
        )
        for key in keys
    ]
    changed = int(z.verlauf.loc[gebiet, keys].isin(("gestiegen", "gesunken")).sum())
    kind = {0: "_keiner", 1: "_eins"}.get(changed, "")
    numbers = {"geaendert": formats.zahl(changed), "anzahl": formats.zahl(len(keys))}
    title = text(f"berichte.profil.entwicklung_bild{kind}", ort=ort, seit=formats.datum(z.frueher), **numbers)
    return present.entwicklung(lines, kontext=bericht.kontext_zu(keys), titel=title, ort=ort)


def _tafel(bericht: Profil[Any], gebiet: str, ort: str, keys: list[str], days: list[str]) -> Anzeige:
    z = bericht.zahlen
    frame = pd.DataFrame(
        {
            **{day: z.werte_am(day).loc[gebiet, keys].to_numpy() for day in days},
            "urteil": [_verlaufswort(z.verlauf.at[gebiet, key]) for key in keys],
            "umgerechnet": _umgerechnet(bericht, gebiet, keys, days),
        },
        index=pd.Index([bericht.spalten[key].kopf for key in keys], name="merkmal"),
    )
    status = pd.DataFrame(
        {day: z.status_am(day).loc[gebiet, keys].to_numpy() for day in days}, index=frame.index
    )
    columns = {
        "merkmal": Spalte(text("berichte.indikator")),
        **{day: Spalte(formats.datum(day)) for day in days},
        "urteil": Spalte(text("berichte.profil.veraenderung")),
        "umgerechnet": Spalte(text("berichte.profil.spalte.umgerechnet")),
    }
    if not frame["umgerechnet"].any():
        del columns["umgerechnet"]
    return present.tabelle(
        frame,
        titel=text("berichte.profil.entwicklung", ort=ort),
        kontext=bericht.kontext_zu(keys).mit(tage=tuple(formats.datum(day) for day in days)),
        spalten=columns,
        status=status,
        stellen=[int(bericht.katalog.at[key, "nachkommastellen"]) for key in keys],
    )


def _umgerechnet(bericht: Profil[Any], gebiet: str, keys: list[str], tage: list[str]) -> list[str]:
    """Per indicator the dates whose value was converted from other boundaries."""
    rows = bericht.daten.werte(keys, level=None)
    rows = rows[(rows["gebiet_id"] == gebiet) & rows["umgerechnet"].eq(True) & rows["wert"].notna()]
    days = rows.groupby("indikator_id")["stichtag"].agg(set)
    return [
        formats.aufzaehlung(formats.datum(day) for day in tage if day in days.get(key, ())) for key in keys
    ]


def _verlaufswort(word: str) -> str:
    return text(f"berichte.profil.verlaufsworte.{word}") if word else ""
