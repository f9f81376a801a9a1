"""Delivery of the Bundesagentur für Arbeit: small-area workbook with pseudo keys and secret cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from dateien import Blatt, Zelle, schreibe_xlsx
from schreibweisen import MARKE, Region

BA_MERKMALE = {
    "ALO_INSG": "alo", "ALO_SGB3": "alo_sgb3", "ALO_SGB2": "alo_sgb2", "ALO_15U25": "alo_15_24", "ALO_LANGZEIT": "alo_lang",
    "ALO_AUSL": "alo_ausl", "SVB_WO_15U65": "svb", "SVB_WO_15U65_W": "svb_frauen", "AGB_WO_15U65": "agb",
    "BG_INSG": "bg", "BG_ALLEINERZ": "bg_alleinerz", "BG_KDU": "bg_kdu", "BG_KDU_UEBER": "bg_kdu_ueber",
    "RLB_INSG": "rlb", "RLB_AUSL": "rlb_ausl", "NEF_U15": "nef_u15", "ELB_INSG": "elb", "ELB_15U25": "elb_15_24",
    "ELB_ERWERBST": "elb_erwerbstaetig", "ELB_LZB": "elb_lang",
}  # fmt: skip


def ba_akg(region: Region, stichtag: str, ziel: Path) -> None:
    rng = np.random.default_rng([region.saat, 7, int(stichtag[:4])])
    month = int(stichtag[:4] + stichtag[5:7])
    rows: list[list[Zelle]] = [["Berichtsmonat", "AGS", "Gliederung", "Name", *BA_MERKMALE]]

    def secret(count: int) -> Zelle:
        return "-" if count == 0 else "*" if count < 10 else count

    for _, part in region.kommunen:
        ags = part["kommune"].iloc[0]
        counts = (
            region.zahlen[stichtag].loc[part.index, [f"ba_akg.{f}" for f in BA_MERKMALE.values()]].astype(int)
        )
        keys = [ba.split("/")[1] for ba in part["ba"]]
        base = pd.Series([key[:3] for key in keys], index=part.index)
        rest = counts.sum().map(lambda c: int(rng.binomial(int(c), 0.012)))
        for gebiet, key in zip(part.index, keys, strict=True):
            cells = [secret(c) for c in counts.loc[gebiet]]
            rows.append([month, ags, key, part.at[gebiet, "name"] or None, *cells])
            rows.append([month, ags, key[:6] + "SUM", None, *cells])
            if gebiet == base[base == base[gebiet]].index[-1]:
                rows.append(
                    [
                        month,
                        ags,
                        key[:3] + "SUMSUM",
                        None,
                        *[secret(c) for c in counts[base == base[gebiet]].sum()],
                    ]
                )
        rows.append([month, ags, "999999999", "keine Angabe", *[secret(c) for c in rest]])
        rows.append(
            [month, ags, "SUMSUMSUM", part["kommune_name"].iloc[0], *[secret(c) for c in counts.sum() + rest]]
        )
    notes: list[list[Zelle]] = [
        ["Auswertung nach kleinräumiger Gliederung"], [MARKE], [],
        ["* = Werte kleiner 10 und größer 0, statistische Geheimhaltung"],
        ["SUM = Summe über die jeweilige Gliederungsstufe"],
        ["keine Angabe = nicht zugeordnet (Anschrift unbekannt oder fehlerhaft)"],
    ]  # fmt: skip
    log: list[list[Zelle]] = [
        ["Straße (Kategorie)", "Anzahl nicht zugeordneter Fälle"],
        ["Schreibweise unbekannt", 61],
        ["ohne festen Wohnsitz", 38],
    ]
    schreibe_xlsx(
        ziel / "ba_akg" / f"AkG_StaedteRegion_{month}.xlsx",
        Blatt("Hinweise", notes), Blatt("AkG", rows), Blatt("Fehlerprotokoll", log),
    )  # fmt: skip
