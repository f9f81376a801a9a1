"""Write the synthetic deliveries and the planted truth of the demonstration region.

    python data/staedteregion-aachen/erzeuger [--ziel FOLDER]

The same seed gives the same content. Nothing written describes real people or real areas.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

import geometrie
import lieferungen
import plan
import schreibweisen
import vorhaben
import wahrheit
import zaehlungen

from sozialanalyse.region.catalogue import FLAECHE, Katalog, Summe, lade_katalog
from sozialanalyse.region.region import lade_region

ORDNER = Path(__file__).resolve().parent.parent


def lies_gebiete(ordner: Path) -> pd.DataFrame:
    """Areas as listed in the region folder, with their planted type."""
    areas = pd.read_csv(
        ordner / "sozialraeume.csv", sep=";", decimal=",", dtype={"kommune": str}, keep_default_na=False
    ).set_index("id")
    municipalities = pd.read_csv(ordner / "gebiete.csv", sep=";", decimal=",", dtype=str).set_index("ags")
    areas["flaeche_qkm"] = pd.to_numeric(areas["flaeche_qkm"])
    areas["kuerzel"] = areas["kommune"].map(municipalities["kuerzel"])
    areas["kommune_name"] = areas["kommune"].map(municipalities["name"])
    areas["ba"] = areas["aliase"].str.split("|").str[0]
    areas["typ"] = [t for kuerzel in plan.TYPENFOLGE for t in plan.TYPENFOLGE[kuerzel]]
    return areas


def wahre_werte(gebiete: pd.DataFrame, erwartet: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Indicators of the catalogue computed from expected counts: areas x indicators."""
    fields = erwartet.assign(**{FLAECHE: gebiete["flaeche_qkm"]})

    def total(summe: Summe) -> pd.Series:
        return sum(sign * fields[name] for sign, name in summe.glieder)

    values = {}
    for key, indikator in katalog.indikatoren.items():
        if indikator.seite.art == "anzahl":
            continue
        whole = total(indikator.nenner) / indikator.seite.faktor if indikator.nenner else 1.0
        values[key] = (total(indikator.zaehler) / whole).round(5)
    return pd.DataFrame(values)


def schreibe_wahrheit(gebiete: pd.DataFrame, werte: dict[str, pd.DataFrame], ziel: Path) -> None:
    """Types, shares and true values as CSV."""
    types = pd.DataFrame({"typ": gebiete["typ"], "typ_name": gebiete["typ"].map(plan.TYPEN)})
    types.to_csv(ziel / "wahrheit.csv", sep=";", lineterminator="\n")
    gruppe = pd.factorize(gebiete["kuerzel"])[0]
    planned = {rate.id: rate for rate in plan.RATEN}
    rows = []
    for step, (stichtag, table) in zip((-1, 0, 1), werte.items(), strict=True):
        for key in table:
            share = wahrheit.struktureller_anteil(table[key].to_numpy(), gruppe)
            rate = planned.get(key)
            goal = "" if rate is None else f"{rate.anteil + step * rate.wandel:.2f}"
            rows.append((key, stichtag, goal, f"{share:.4f}", len(table)))
    header = ["indikator_id", "stichtag", "anteil_geplant", "anteil_wahr", "gebiete"]
    pd.DataFrame(rows, columns=header).to_csv(
        ziel / "wahrheit_anteile.csv", sep=";", index=False, lineterminator="\n"
    )
    long = pd.concat(werte, names=["stichtag"])
    with (
        (ziel / "wahrheit_werte.csv.gz").open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
    ):
        packed.write(long.to_csv(sep=";", lineterminator="\n").encode())


def erzeuge(ziel: Path) -> None:
    """Write ``lieferungen/`` and the truth below ``ziel``."""
    gebiete = lies_gebiete(ORDNER)
    katalog = lade_katalog(lade_region(ORDNER))
    einwohner, raten = wahrheit.einwohner(gebiete), wahrheit.raten(gebiete)
    zahlen, werte = {}, {}
    for stichtag in plan.STICHTAGE:
        rng = np.random.default_rng([plan.SAAT, 5, int(stichtag[:4])])
        inputs = (gebiete, einwohner[stichtag], raten[stichtag])
        zahlen[stichtag] = zaehlungen.zaehle(*inputs, zaehlungen.Ziehung(rng))
        werte[stichtag] = wahre_werte(gebiete, zaehlungen.zaehle(*inputs, zaehlungen.Erwartung()), katalog)
    shutil.rmtree(ziel / "lieferungen", ignore_errors=True)
    ziel.mkdir(parents=True, exist_ok=True)
    lieferungen.alle(
        schreibweisen.Region(gebiete, zahlen, plan.SAAT), geometrie.formen(gebiete), ziel / "lieferungen"
    )
    schreibe_wahrheit(gebiete, werte, ziel)
    planted = vorhaben.alle(dict(gebiete["kommune"]), plan.SAAT, ziel / "lieferungen")
    vorhaben.schreibe_wahrheit(planted, ziel)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Schreibt die Demodaten neu (fester Startwert).")
    parser.add_argument("--ziel", type=Path, default=ORDNER, help="Ordner, sonst der Regionsordner selbst")
    erzeuge(parser.parse_args().ziel)
