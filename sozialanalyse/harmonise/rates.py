"""Counts become indicators, on every level, always from counts and never by averaging rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sozialanalyse.catalogue import FLAECHE, Indikator, Katalog, Summe

SPALTEN = [
    "gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner", "status", "umgerechnet", "datenstand", "quelle_id",
]  # fmt: skip

RANG = ("geheim", "unbekannt", "folgt", "nicht_sinnvoll", "unsicher", "unvollstaendig", "geschaetzt", "vorlaeufig",
        "korrigiert", "nahe_null", "wert")  # fmt: skip
"""Of several statuses the one named first speaks for the result."""

MIT_ZAHL = {"wert", "geschaetzt", "vorlaeufig", "korrigiert", "nahe_null", "unvollstaendig"}


def berechne(merkmale: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Compute every indicator for every area, level and reference date.

    Parameters
    ----------
    merkmale
        Long table of counts (see :mod:`sozialanalyse.harmonise.merkmale`).
    gebiete
        Areas indexed by ``gebiet_id`` with level, oberhalb and flaeche_qkm.

    Returns
    -------
    DataFrame
        Columns of ``SPALTEN``; one row per area, indicator and reference date for which the dataset
        was delivered. ``wert`` is NaN where it cannot be computed or must not be shown, and
        ``status`` tells why. Kommune and region: the delivered total, else the sum over areas; where
        counts are missing, rates come from the areas that have both counts (``unvollstaendig``) and
        plain counts stay a gap.
    """
    parts = [
        _date(str(day), frame, gebiete, katalog) for day, frame in merkmale.groupby("stichtag", sort=True)
    ]
    return pd.concat(parts, ignore_index=True)[SPALTEN] if parts else pd.DataFrame(columns=SPALTEN)


def _date(day: str, merkmale: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    fields = _Felder(merkmale, gebiete, katalog)
    frames = []
    for indikator in katalog.indikatoren.values():
        own = merkmale[merkmale["feld"].isin(indikator.zaehler.felder)]
        if own.empty:
            continue
        frame = fields.indikator(indikator)
        frame["stichtag"] = day
        frame["datenstand"] = own["datenstand"].iloc[0]
        frame["quelle_id"] = "; ".join(sorted(set(own["quelle_id"])))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


class _Felder:
    """Counts of one reference date as wide tables: value and rank of status, areas x fields."""

    def __init__(self, merkmale: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog) -> None:
        self.gebiete = gebiete
        self.level = gebiete["level"]
        names = [f"{name}.{feld}" for name, page in katalog.datensaetze.items() for feld in page.felder]
        present = [name for name in names if name in set(merkmale["feld"])]
        self.wert = merkmale.pivot(index="gebiet_id", columns="feld", values="wert").reindex(
            index=gebiete.index, columns=present
        )
        rank = merkmale["status"].map({status: position for position, status in enumerate(RANG)})
        self.rang = (
            merkmale.assign(rang=rank)
            .pivot(index="gebiet_id", columns="feld", values="rang")
            .reindex(index=gebiete.index, columns=present)
            .fillna(RANG.index("unbekannt"))
            .astype(int)
        )
        self.wert[FLAECHE] = gebiete["flaeche_qkm"].astype(float)
        self.rang[FLAECHE] = np.where(self.wert[FLAECHE].notna(), RANG.index("wert"), RANG.index("unbekannt"))
        self.summierbar = {
            f"{name}.{feld}": page.felder[feld].summierbar
            for name, page in katalog.datensaetze.items()
            for feld in page.felder
        }

    def summe(self, summe: Summe) -> tuple[pd.Series, pd.Series]:
        """Value and rank of a signed sum of fields per area; a missing field makes a gap."""
        columns = list(summe.felder)
        wert = self.wert.reindex(columns=columns)
        rang = self.rang.reindex(columns=columns).fillna(RANG.index("unbekannt")).astype(int)
        signs = np.array([sign for sign, _ in summe.glieder], dtype=float)
        total = pd.Series(wert.to_numpy() @ signs, index=wert.index)
        return total, rang.min(axis=1)

    def indikator(self, indikator: Indikator) -> pd.DataFrame:
        page = indikator.seite
        zaehler, rang = self.summe(indikator.zaehler)
        if indikator.nenner is None:
            nenner = pd.Series(np.nan, index=zaehler.index)
            rang_nenner = pd.Series(RANG.index("wert"), index=zaehler.index)
        else:
            nenner, rang_nenner = self.summe(indikator.nenner)
        if page.art == "wert" and indikator.nenner is not None:
            zaehler = zaehler * nenner / page.faktor
        rang = pd.concat([rang, rang_nenner], axis=1).min(axis=1)
        summierbar = all(self.summierbar.get(name, True) for name in indikator.zaehler.felder)
        if summierbar or (page.art == "wert" and indikator.nenner is not None):
            for level in ("kommune", "region"):
                self._upwards(level, zaehler, nenner, rang, counted=indikator.nenner is not None)
        wert = zaehler.copy()
        if indikator.nenner is not None:
            wert = page.faktor * zaehler / nenner.where(nenner > 0)
        elif page.art == "wert":
            zaehler = pd.Series(np.nan, index=zaehler.index)
        status = pd.Series(np.array(RANG, dtype=object)[rang.to_numpy()], index=rang.index)
        if indikator.nenner is not None:
            shown = status.isin(MIT_ZAHL)
            status = status.mask(shown & (nenner == 0), "nicht_sinnvoll")
            status = status.mask(shown & (nenner > 0) & (nenner < page.mindestnenner), "unsicher")
        has_number = status.isin(MIT_ZAHL) & wert.notna()
        return pd.DataFrame(
            {
                "gebiet_id": wert.index,
                "indikator_id": indikator.id,
                "wert": wert.where(has_number).to_numpy(),
                "zaehler": zaehler.to_numpy(),
                "nenner": nenner.to_numpy(),
                "status": status.where(has_number | ~status.isin(MIT_ZAHL), "unbekannt").to_numpy(),
                "umgerechnet": False,
            }
        )

    def _upwards(
        self, level: str, zaehler: pd.Series, nenner: pd.Series, rang: pd.Series, *, counted: bool
    ) -> None:
        """Fill gaps of a higher level from the level below, in place."""
        below = "sozialraum" if level == "kommune" else "kommune"
        mine = self.gebiete.index[self.level == level]
        parts = self.gebiete.index[self.level == below]
        owner = self.gebiete.loc[parts, "oberhalb"]
        known = zaehler[parts].notna() & (nenner[parts].notna() if counted else True)
        whole = known.groupby(owner).all().reindex(mine, fill_value=False)
        sums = _sum(zaehler[parts].where(known), owner, mine), _sum(nenner[parts].where(known), owner, mine)
        gaps = zaehler[mine].isna() | (nenner[mine].isna() if counted else False)
        usable = gaps & sums[0].notna() & (whole | counted)
        fill = usable.index[usable]
        zaehler[fill], nenner[fill] = sums[0][fill], sums[1][fill]
        worst = rang[parts].where(known, RANG.index("unvollstaendig")).groupby(owner).min().reindex(mine)
        rang[fill] = worst[fill].astype(int)


def _sum(values: pd.Series, owner: pd.Series, index: Sequence[str] | pd.Index) -> pd.Series:
    return values.groupby(owner).sum(min_count=1).reindex(index)
