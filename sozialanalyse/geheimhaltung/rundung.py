"""What rounding all counts would show and hide, as an alternative to hiding single cells.

A count printed as a multiple of a step leaves an interval: 10 in tens is 5 to 15, 0 is 0 to 5. A secret count may
stand as such a number if this interval is as wide as it must be; all other secret counts stay hidden. The rounded
numbers together are attacked as the exact ones are, because sums of rounded numbers narrow what is hidden. What
comes out too narrow then takes with it every sum it stands in, of its own area first, then of its Kommune, then of the
region: a plain rule, so that the number of hidden values is an upper bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from sozialanalyse.geheimhaltung.angriff import angriff
from sozialanalyse.geheimhaltung.regeln import OEFFENTLICH, Regeln
from sozialanalyse.geheimhaltung.system import System, system
from sozialanalyse.geheimhaltung.wissen import Wissen, Zaehlfelder
from sozialanalyse.geheimhaltung.zelltafel import Zelltafel
from sozialanalyse.region import Katalog, Sperrprofil, Summe


def gerundet(values: pd.Series, step: float) -> pd.Series:
    """Nearest multiple of a step, halves away from zero as everybody rounds by hand: 25 to tens is 30."""
    return np.sign(values) * np.floor(values.abs() / step + 0.5 + 1e-9) * step


def schritte(katalog: Katalog, profile: Mapping[str, Sperrprofil]) -> pd.DataFrame:
    """Multiples in which counts are shown, per indicator for zaehler and nenner; 0 as they are.

    A field is rounded wherever it is counted, by the profile of its delivery or of an indicator that shows it alone:
    exact as the denominator of another indicator it would undo its rounding.
    """
    steps = {
        f"{name}.{feld}": profile[page.sperrprofil].rundung_zahl
        for name, page in katalog.datensaetze.items()
        for feld in page.felder
    }
    for one in katalog.indikatoren.values():
        if one.seite.art != "wert" and len(one.zaehler.felder) == 1:
            (feld,) = one.zaehler.felder
            steps[feld] = max(steps.get(feld, 0), profile[one.sperrprofil].rundung_zahl)

    def step(terms: Summe | None) -> int:
        return max((steps.get(feld, 0) for feld in terms.felder), default=0) if terms is not None else 0

    rows = {
        key: (max(step(one.zaehler), profile[one.sperrprofil].rundung_zahl), step(one.nenner))
        if one.seite.art != "wert"
        else (0, 0)
        for key, one in katalog.indikatoren.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["zaehler", "nenner"])


def bilanz(
    werte: pd.DataFrame,
    gebiete: pd.DataFrame,
    katalog: Katalog,
    profile: Mapping[str, Sperrprofil],
    merkmale: pd.DataFrame,
    known: Wissen,
    schritt: int,
) -> pd.DataFrame:
    """Per indicator: zellen (values there are), gesperrt (hidden although all counts are rounded).

    Parameters
    ----------
    werte
        Unprotected values of all dates.
    merkmale
        Delivered counts of all dates.
    schritt
        Persons; every count is printed as a multiple of it.
    """
    gebiete = gebiete.sort_index()
    regeln = Regeln(profile, katalog, OEFFENTLICH, np.zeros(len(gebiete), dtype=bool))
    tables = []
    for day, part in werte.groupby("stichtag"):
        part = part.reset_index(drop=True)
        built = system(part, gebiete, regeln, Zaehlfelder.aus(merkmale, str(day)), (), known)
        gone = np.zeros(len(part), dtype=bool)
        gone[built.gesperrt(verdeckt(built, part, gebiete, schritt, regeln))] = True
        gone[built.sofort] = True
        there = part["wert"].notna().to_numpy()
        tables.append(
            pd.DataFrame({"indikator_id": part["indikator_id"], "zellen": there, "gesperrt": there & gone})
        )
    return pd.concat(tables).groupby("indikator_id")[["zellen", "gesperrt"]].sum()


def verdeckt(
    built: System, part: pd.DataFrame, gebiete: pd.DataFrame, schritt: int, regeln: Regeln
) -> np.ndarray:
    """Decisions to hide so that no target is too narrow beside rounded numbers."""
    tafel = built.tafel
    hidden = built.verdeckt & ~_gerundet_zeigbar(built, part, gebiete, schritt, regeln)
    cells = abs(tafel.zellen).tocsr()
    own, level = tafel.eigene(), gebiete["level"].to_numpy()
    for one in ("sozialraum", "kommune", "region"):
        open_ = _zu_eng(tafel, hidden, schritt)
        if not len(open_):
            break
        touched = own[np.flatnonzero(cells @ abs(tafel.ziele[open_]).sum(axis=0) > 0)]
        touched = touched[(touched >= 0) & (touched < tafel.entscheidungen - 1)]
        hidden[touched[level[touched % len(gebiete)] == one]] = True
    return hidden


def _gerundet_zeigbar(
    built: System, part: pd.DataFrame, gebiete: pd.DataFrame, schritt: int, regeln: Regeln
) -> np.ndarray:
    """Decisions that are hidden for nothing but a small count, and whose rounded count leaves room enough."""
    tafel = built.tafel
    row, first, _ = built.zeilen.T
    areas = gebiete.index.get_indexer(part["gebiet_id"])
    keys = pd.MultiIndex.from_arrays([areas[row], part["indikator_id"].to_numpy()[row]])
    goals = pd.MultiIndex.from_frame(built.ziel[["gebiet", "indikator"]].astype({"gebiet": int}))
    place = pd.Series(first, index=keys).reindex(goals).to_numpy(dtype=float)
    decision = np.where(np.isnan(place), -1, place).astype(int)
    count = np.where(decision >= 0, tafel.werte[decision], np.nan)
    printed = gerundet(pd.Series(count), schritt).to_numpy()
    room = printed + schritt / 2 - np.maximum(printed - schritt / 2, 0)
    enough = (built.ziel["art"] == "zahl").to_numpy() & (room >= tafel.breite)
    result = np.zeros(len(built.verdeckt), dtype=bool)
    result[decision[enough]] = True
    result[decision[~enough & (decision >= 0)]] = False
    rules = [regeln.profil(regeln.katalog.indikatoren[key]) for key in part["indikator_id"]]
    few = np.array([rule.dominanz is not None or rule.p_prozent is not None for rule in rules])
    least = np.array([rule.mindestnenner for rule in rules])
    base = part["nenner"].to_numpy(dtype=float)  # of a count without base nothing is asked
    result[first[(few | (base < least))[row]]] = False
    return result


def _zu_eng(tafel: Zelltafel, hidden: np.ndarray, schritt: int) -> np.ndarray:
    """Targets narrowed too far by the rounded numbers that are shown."""
    always = np.zeros(len(tafel.werte), dtype=bool)
    always[tafel.nutzung[tafel.nutzung[:, 1] == tafel.entscheidungen - 1, 0]] = True
    visible = tafel.sichtbar(hidden)
    shown = np.flatnonzero(visible & ~always)
    printed = gerundet(pd.Series(tafel.werte[shown]), schritt).to_numpy()
    cells = tafel.zellen[shown]
    bound = tafel.ziel_hoechstens
    limit = np.where((bound >= 0) & visible[bound], tafel.werte[bound] + schritt / 2, np.inf)
    none = np.full(tafel.ungleich.shape[0] + 2 * len(shown), -1)
    rounded = replace(
        tafel,
        nutzung=tafel.nutzung[always[tafel.nutzung[:, 0]]],
        ungleich=sparse.vstack([tafel.ungleich, cells, -cells], format="csr"),
        ungleich_zelle=none,
        ungleich_wert=np.concatenate([tafel.ungleich_wert, printed - schritt / 2, -printed - schritt / 2]),
        summen=np.zeros(0, dtype=int),
        teile=np.zeros(0, dtype=int),
        ziel_zelle=np.full(len(tafel.breite), -1),
        ziel_hoechstens=np.full(len(tafel.breite), -1),
        breite=np.minimum(tafel.breite, np.where(np.isnan(limit), np.inf, limit)),
    )
    return angriff(rounded, always & ~np.isnan(tafel.werte)).offen
